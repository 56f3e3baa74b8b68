"""A made-up practice's remittances, week by week for a year, and a ledger of what is true about them.

The ledger is kept while the files are written and knows nothing of the program: what `Year.denied` and `Year.claims`
say is counted here by plain sums. Each claim has one line and, where it is denied, one cause.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST_DAY = date(2025, 1, 6)  # a Monday
PAYERS = (("AETNA", "Aetna", 26), ("UNITED HEALTHCARE", "UnitedHealthcare", 30), ("MEDICARE PART B", "Medicare", 44))
CLINICS = (("1234567893", "North Clinic", 60), ("1987654328", "", 40))  # the second has no label that may be shown
_PROCEDURES = (("99213", 12_500), ("99214", 18_000), ("97110", 9_500), ("70450", 64_000), ("20610", 23_000))
_DENIED_SHARE = 0.12
_RESENT_SHARE, _OVERTURNED_SHARE = 0.04, 0.20  # of denials: refused a second time, or paid later
_RESENT_AFTER, _OVERTURNED_AFTER = 4, 5  # weeks
_BOTH_KINDS = _RESENT_SHARE + _OVERTURNED_SHARE


@dataclass(frozen=True)
class Cause:
    """Why a payer refuses: how the file says it, how the shipped code table sorts it, how often it is the reason."""

    carc: str
    remarks: tuple[str, ...]
    category: str
    weight: int

    @property
    def code(self) -> str:
        """As the program writes it."""
        return f"CO-{self.carc}"


CAUSES = (
    Cause("31", (), "registration", 12),
    Cause("27", (), "eligibility", 20),
    Cause("197", (), "authorization", 16),
    Cause("97", (), "coding", 16),
    Cause("252", ("N706",), "documentation", 12),
    Cause("18", (), "follow_up", 10),
    Cause("29", (), "follow_up", 8),
    Cause("50", (), "documentation", 6),
)


@dataclass(frozen=True)
class Shift:
    """From a day on, a cause is that many times as frequent, with one payer or (payer "") with all of them."""

    carc: str
    payer: str
    start: date
    times: float


@dataclass(frozen=True)
class Denied:
    """One denial as first remitted."""

    number: str
    day: date
    payer: str
    clinic: str
    cause: Cause
    cents: int


@dataclass
class Day:
    """What one day's remittances decided, corrections in the place of their originals."""

    adjudicated: int = 0
    denied: int = 0
    charged: int = 0
    denied_cents: int = 0


@dataclass
class Year:
    """A year of one practice; `files` writes it and fills the ledger as it goes."""

    seed: int
    claims_per_week: int
    shifts: tuple[Shift, ...] = ()
    weeks: int = 52
    denied: list[Denied] = field(default_factory=list)
    claims: dict[date, Day] = field(default_factory=lambda: defaultdict(Day))
    repeats: Counter[date] = field(default_factory=Counter)
    paid_later: dict[str, tuple[date, int]] = field(default_factory=dict)  # claim number → day, cents
    comes_again: set[str] = field(default_factory=set)  # claim numbers that a later file names once more

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._numbers = 0
        self._later: dict[int, list[tuple[Denied, bool]]] = defaultdict(list)  # week → denial, whether it is paid

    def files(self) -> Iterator[tuple[date, str]]:
        """One 835 for each week, with the Friday on which it arrives."""
        for week in range(self.weeks):
            monday = FIRST_DAY + timedelta(weeks=week)
            yield monday + timedelta(days=4), self._file(week, monday)

    def count(self, first: date, last: date, name: Callable[[Denied], str]) -> Counter[str]:
        """New denials with a remit date from `first` to `last`, both included, by what `name` says of each."""
        return Counter(name(one) for one in self.denied if first <= one.day <= last)

    def cents(self, first: date, last: date) -> int:
        """Their money."""
        return sum(one.cents for one in self.denied if first <= one.day <= last)

    def adjudicated(self, first: date, last: date) -> Day:
        """What was decided in those days."""
        days = [day for on, day in self.claims.items() if first <= on <= last]
        return Day(*(sum(getattr(day, name) for day in days) for name in Day.__dataclass_fields__))

    def _file(self, week: int, monday: date) -> str:
        bodies: dict[tuple[int, int, int], list[str]] = defaultdict(list)
        for _ in range(_poisson(self._draw, self.claims_per_week)):
            weekday = self._draw.randrange(5)
            payer = _weighted(self._draw, [weight for *_, weight in PAYERS])
            clinic = _weighted(self._draw, [weight for *_, weight in CLINICS])
            day = monday + timedelta(days=weekday)
            bodies[weekday, payer, clinic] += self._new_claim(week, day, payer, clinic)
        for denial, is_paid in self._later.pop(week, []):
            weekday = self._draw.randrange(5)
            payer = [label for _, label, _ in PAYERS].index(denial.payer)
            clinic = [label for _, label, _ in CLINICS].index(denial.clinic)
            again = self._pay if is_paid else self._refuse_again
            bodies[weekday, payer, clinic] += again(denial, monday + timedelta(days=weekday))
        parts = [
            _transaction(number, monday + timedelta(days=weekday), PAYERS[payer][0], CLINICS[clinic][0], body)
            for number, ((weekday, payer, clinic), body) in enumerate(sorted(bodies.items()), 1)
        ]
        return _envelope(week + 1, parts)

    def _new_claim(self, week: int, day: date, payer: int, clinic: int) -> list[str]:
        self._numbers += 1
        number = f"Y{self.seed}N{self._numbers:08d}"
        procedure, charge = self._draw.choice(_PROCEDURES)
        entry = self.claims[day]
        entry.adjudicated += 1
        entry.charged += charge
        cause = self._cause(day, PAYERS[payer][1])
        if cause is None:
            allowed = charge * 6 // 10
            return _claim(number, "1", charge, allowed, procedure, day, [f"CAS*CO*45*{_dollars(charge - allowed)}"])
        entry.denied += 1
        entry.denied_cents += charge
        denial = Denied(number, day, PAYERS[payer][1], CLINICS[clinic][1], cause, charge)
        self.denied.append(denial)
        fate = self._draw.random()
        if fate < _BOTH_KINDS:
            self.comes_again.add(number)
        if fate < _RESENT_SHARE:
            self._later[week + _RESENT_AFTER].append((denial, False))
        elif fate < _BOTH_KINDS:
            self._later[week + _OVERTURNED_AFTER].append((denial, True))
        return _claim(number, "1", charge, 0, procedure, day, _refusal(cause, charge))

    def _cause(self, day: date, payer: str) -> Cause | None:
        """Why this claim is refused, if it is: each cause has a rate of its own, which shifts change."""
        place = self._draw.random()
        whole = sum(cause.weight for cause in CAUSES)
        for cause in CAUSES:
            rate = _DENIED_SHARE * cause.weight / whole
            for shift in self.shifts:
                if shift.carc == cause.carc and shift.payer in ("", payer) and shift.start <= day:
                    rate *= shift.times
            if place < rate:
                return cause
            place -= rate
        return None

    def _refuse_again(self, denial: Denied, day: date) -> list[str]:
        """The practice sent it again without mending anything: a reversal, and the same refusal once more."""
        self.repeats[day] += 1
        self._replace(denial, day, denied=True)
        return [
            *_reversal(denial, day),
            *_claim(denial.number, "1", denial.cents, 0, "99213", day, _refusal(denial.cause, denial.cents)),
        ]

    def _pay(self, denial: Denied, day: date) -> list[str]:
        """The payer corrects itself: a reversal, and the claim paid."""
        allowed = denial.cents * 6 // 10
        self.paid_later[denial.number] = (day, allowed)
        self._replace(denial, day, denied=False)
        contract = [f"CAS*CO*45*{_dollars(denial.cents - allowed)}"]
        return [*_reversal(denial, day), *_claim(denial.number, "1", denial.cents, allowed, "99213", day, contract)]

    def _replace(self, denial: Denied, day: date, *, denied: bool) -> None:
        """The correction stands in the place of its original, on its own day."""
        for on, sign, refused in ((denial.day, -1, True), (day, 1, denied)):
            entry = self.claims[on]
            entry.adjudicated += sign
            entry.charged += sign * denial.cents
            entry.denied += sign * refused
            entry.denied_cents += sign * refused * denial.cents


def _refusal(cause: Cause, cents: int) -> list[str]:
    return [f"CAS*CO*{cause.carc}*{_dollars(cents)}", *(f"LQ*HE*{remark}" for remark in cause.remarks)]


def _claim(
    number: str, status: str, charge: int, paid: int, procedure: str, day: date, reasons: list[str]
) -> list[str]:
    return [
        f"CLP*{number}*{status}*{_dollars(charge)}*{_dollars(paid)}*0*12*ICN{number}*11*1",
        "NM1*QC*1*TESTPATIENT*PAT****MI*W000000000",
        f"SVC*HC:{procedure}*{_dollars(charge)}*{_dollars(paid)}**1",
        f"DTM*472*{day - timedelta(days=21):%Y%m%d}",
        *reasons,
    ]


def _reversal(denial: Denied, day: date) -> list[str]:
    return _claim(denial.number, "22", -denial.cents, 0, "99213", day, _refusal(denial.cause, -denial.cents))


def _transaction(number: int, day: date, payer: str, npi: str, body: list[str]) -> list[str]:
    paid = sum(round(float(segment.split("*")[4]) * 100) for segment in body if segment.startswith("CLP*"))
    inner = [
        f"ST*835*{number:04d}",
        f"BPR*I*{_dollars(paid)}*C*ACH*CCP*01*111000025*DA*1*1512345678**01*111000025*DA*2*{day:%Y%m%d}",
        f"TRN*1*E{day:%Y%m%d}{payer[:3]}{npi}*1512345678",
        f"DTM*405*{day:%Y%m%d}",
        f"N1*PR*{payer}",
        f"N1*PE*CLINIC*XX*{npi}",
        "LX*1",
        *body,
    ]
    return [*inner, f"SE*{len(inner) + 1}*{number:04d}"]


def _envelope(number: int, parts: Iterable[list[str]]) -> str:
    transactions = list(parts)
    head = (
        f"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250106*1200*^*00501*{number:09d}*0*T*:"
    )
    body = [segment for transaction in transactions for segment in transaction]
    segments = [head, "GS*HP*S*R*20250106*1200*1*X*005010X221A1", *body, f"GE*{len(transactions)}*1"]
    return "~".join([*segments, f"IEA*1*{number:09d}", ""])


def _dollars(cents: int) -> str:
    sign, whole = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def _weighted(draw: random.Random, weights: list[int]) -> int:
    return draw.choices(range(len(weights)), weights)[0]


def _poisson(draw: random.Random, mean: float) -> int:
    """A count with that mean; for the hundreds and more of a week its normal approximation is near enough."""
    return max(0, round(draw.gauss(mean, math.sqrt(mean))))
