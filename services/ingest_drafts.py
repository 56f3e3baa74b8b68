"""From the denials of a claim to drafts of work items: one for each category, with all that rules and people need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from denials.deadlines import NO_APPEAL, deadlines
from denials.model import Denial, JudgedClaim, JudgedLine, Kind, Remit, RemitClaim, Sensitive, StatusRejection
from denials.rules.model import RuleSet
from denials.triage import facts_of, triage
from denials.triage_types import Deadlines, Facts, Triage
from services.ingest_remits import RemitRow
from services.money import cents
from services.vault import quoted, written
from store.bulk import Row, Shared

_MOST_KEPT = 5_000
_MOST_REMITS = 500
_MOST_RESTS = 1_000


@dataclass(slots=True)
class Draft:
    """One claim's denied money in one category, as one remittance states it: a new item, or news of one there is."""

    number: Sensitive
    key: int
    remit: RemitRow
    kind: Kind
    triage: Triage
    facts: Facts  # of the largest denial
    rows: list[Row]  # as DENIAL has them, without the item
    amount: int
    billed: int
    filing_indicator: str = ""
    service_date: date | None = None
    location: Sensitive | None = None


@dataclass(slots=True, eq=False)
class Mold:
    """What items have alike whose denied amounts are alike: all that is not their claim's, remittance's or location's.

    `rows` are denied amounts from `line` to `hint`, `codes` the item's from `codes` to `first_code` (see
    `services.ingest_items`). `sort` says which molds lead to the same columns of an item in one remittance.
    """

    triage: Triage
    facts: Facts
    kind: Kind
    filing_indicator: str
    codes: Shared
    rows: tuple[Shared, ...]
    amount: int
    sort: tuple[object, ...]

    @property
    def first_code(self) -> str:
        """The code with the most dollars."""
        return str(self.codes[-1])

    @property
    def largest(self) -> int:
        """Cents of the largest of the denied amounts."""
        return max(int(row[3]) for row in self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One denied amount and where it belongs: all of it that does not depend on claim and remittance."""

    triage: Triage
    facts: Facts
    head: tuple[int, str, str, int]  # line, group, CARC, cents
    tail: tuple[str, str | None, str]  # remark codes, procedure, hint
    nth: int


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """What a service line that refuses money comes to: its denied amounts, and the items if it is the only one."""

    placed: tuple[Placed, ...]
    molds: tuple[Mold, ...]


_Lines = dict[tuple[JudgedLine, str, Sensitive | None], _Line]  # by line, filing indicator and location


class Drafter:
    """Finds out where denied amounts belong, once for each sort of line of a payer, and makes drafts of them."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._of_party: dict[tuple[object, ...], _Lines] = {}  # by who pays whom
        self._of_remit: dict[Remit, _Lines] = {}
        self._kept = 0
        self._decided: dict[Triage, Triage] = {}  # one object for equal ones, by which items are held together

    def placed(self, claim: RemitClaim, denials: Iterable[Denial]) -> list[Placed]:
        """The denials of a claim that was judged as a whole."""
        return [self._place(claim, denial) for denial in denials]

    def placed_by_line(self, claim: JudgedClaim) -> list[Placed]:
        """The denials of a claim that came with its lines judged."""
        return [placed for line in self._lines(claim) for placed in line.placed]

    def molds(self, claim: JudgedClaim) -> tuple[Mold, ...]:
        """The molds of the items that a claim becomes which came with its lines judged: one for each category."""
        lines = self._lines(claim)
        if len(lines) == 1:
            return lines[0].molds
        together: dict[str, list[Mold]] = {}
        for line in lines:
            for mold in line.molds:
                together.setdefault(mold.triage.category, []).append(mold)
        return tuple([molds[0] if len(molds) == 1 else _joined(molds) for molds in together.values()])

    def _lines(self, claim: JudgedClaim) -> list[_Line]:
        known = self._of_remit.get(claim.remit)
        if known is None:
            known = self._known_of(claim.remit)
        filing, location, found = claim.filing_indicator, claim.location, []
        for line in claim.judged:
            if line.denials:
                one = known.get((line, filing, location))
                found.append(one if one is not None else self._new_line(claim, line))
        return found

    def _known_of(self, remit: Remit) -> _Lines:
        if len(self._of_remit) >= _MOST_REMITS:
            self._of_remit.clear()
        payer = remit.payer
        party = (payer.name, payer.ids, payer.trusted, remit.payee_npi)
        known = self._of_remit[remit] = self._of_party.setdefault(party, {})
        return known

    def _new_line(self, claim: JudgedClaim, line: JudgedLine) -> _Line:
        if self._kept >= _MOST_KEPT:
            self._of_party.clear()
            self._of_remit.clear()
            self._kept = 0
        self._kept += 1
        placed = tuple(self.placed(claim.whole(), line.denials))
        together: dict[str, list[Placed]] = {}
        for one in placed:
            together.setdefault(one.triage.category, []).append(one)
        found = _Line(placed, tuple([_mold(alike, claim.filing_indicator) for alike in together.values()]))
        self._known_of(claim.remit)[line, claim.filing_indicator, claim.location] = found
        return found

    def _place(self, claim: RemitClaim, denial: Denial) -> Placed:
        facts = facts_of(claim, denial)
        head = (denial.line, denial.group, denial.carc, cents(denial.amount))
        tail = (",".join(denial.rarcs), denial.procedure, denial.hint)
        decided = triage(facts, self._rules)
        if len(self._decided) >= _MOST_KEPT:
            self._decided.clear()
        return Placed(self._decided.setdefault(decided, decided), facts, head, tail, denial.nth)


def _mold(placed: Sequence[Placed], filing_indicator: str) -> Mold:
    largest = max(placed, key=lambda one: one.head[3])  # the first of several
    rows = [(*one.head, one.nth, *one.tail) for one in placed]
    return mold_of(largest.triage, largest.facts, Kind.DENIAL, filing_indicator, rows, sum(row[3] for row in rows))


def _joined(molds: Sequence[Mold]) -> Mold:
    """The mold of an item for all that the molds are for."""
    largest = max(molds, key=lambda mold: mold.largest)
    rows = [row for mold in molds for row in mold.rows]
    amount = sum(mold.amount for mold in molds)
    return mold_of(largest.triage, largest.facts, largest.kind, largest.filing_indicator, rows, amount)


def mold_of(decided: Triage, facts: Facts, kind: Kind, filing_indicator: str, rows: Sequence[Row], amount: int) -> Mold:
    """A mold for denied amounts of one category, given from `line` to `hint`."""
    codes = dearest_first([(named(row[1], row[2]), row[3]) for row in rows])
    rarcs = ",".join(dict.fromkeys([code for row in rows if row[5] for code in row[5].split(",")]))
    columns = Shared((codes, rarcs, facts.procedure, amount, amount, codes.partition(",")[0]))
    sort = (id(decided), filing_indicator, kind, NO_APPEAL.isdisjoint(facts.rarcs))
    return Mold(decided, facts, kind, filing_indicator, columns, tuple(map(Shared, rows)), amount, sort)


def drafts_of(
    claim: RemitClaim | JudgedClaim, denials: Sequence[tuple[Placed, int]], key: int, remit: RemitRow, billed: int
) -> list[Draft]:
    """The claim's denials by category. Each comes with its `nth`, which an export's rows are counted for."""
    found: dict[str, Draft] = {}
    for placed, nth in denials:
        amount = placed.head[3]
        row = (key, remit.id, *placed.head, nth, *placed.tail)
        draft = found.get(placed.triage.category)
        if draft is None:
            found[placed.triage.category] = Draft(
                claim.claim_number,
                key,
                remit,
                Kind.DENIAL,
                placed.triage,
                placed.facts,
                [row],
                amount,
                billed,
                claim.filing_indicator,
                claim.service_date,
                claim.location,
            )
            continue
        if amount > max(known[5] for known in draft.rows):
            draft.triage, draft.facts = placed.triage, placed.facts
        draft.rows.append(row)
        draft.amount += amount
    return list(found.values())


def rejection_draft(rejection: StatusRejection, key: int, remit: RemitRow, rules: RuleSet) -> Draft:
    """A claim that was never taken in, as a work item of its own kind."""
    amount = cents(rejection.charge)
    facts = Facts(
        payer_name=rejection.payer.name,
        payer_ids=rejection.payer.ids,
        amount=rejection.charge,
        practice=rejection.payee_npi,
        status_codes=rejection.status_codes,
    )
    codes = " ".join(rejection.status_codes)
    row = (key, remit.id, 0, "", codes, amount, 1, "", None, "")
    return Draft(
        number=rejection.claim_number,
        key=key,
        remit=remit,
        kind=Kind.REJECTION,
        triage=triage(facts, rules),
        facts=facts,
        rows=[row],
        amount=amount,
        billed=amount,
        service_date=rejection.service_date,
    )


def codes_of(rows: Iterable[Row]) -> str:
    """The codes of denial rows ("CO-197,CO-16"), most dollars first. Claim statuses stay as they are."""
    return dearest_first((code_of(row), row[5]) for row in rows)


def dearest_first(refused: Iterable[tuple[str, int]]) -> str:
    """Codes with the cents that each was told for, as `codes_of` writes them."""
    sums: dict[str, int] = {}
    for code, amount in refused:
        if code:
            sums[code] = sums.get(code, 0) + amount
    if len(sums) == 1:
        return next(iter(sums))
    return ",".join(sorted(sums, key=lambda code: (-sums[code], code)))


def code_of(row: Row) -> str:
    """The code of one denial row: "CO-197"; "" where no code but the amounts tell."""
    return named(row[3], row[4])


def named(group: str, code: str) -> str:
    """A group and a code as one: "CO-197"."""
    return f"{group}-{code}" if group else code.replace(" ", ",")


def rarcs_of(rows: Iterable[Row]) -> str:
    """All remark codes of denial rows, each once."""
    return ",".join(dict.fromkeys(code for row in rows if row[7] for code in row[7].split(",")))


def sealed_facts(draft: Draft, filing_due: date | None) -> dict[str, str]:
    """What is kept of a claim for the people who work it, to be sealed: its number and what gives a date away."""
    return {"n": draft.number.reveal(), **_rest(draft.service_date, filing_due, draft.location)}


def _rest(served: date | None, filing_due: date | None, location: Sensitive | None) -> dict[str, str]:
    facts = {}
    if served:
        facts["s"] = served.isoformat()
    if filing_due:
        facts["f"] = filing_due.isoformat()
    if location:
        facts["l"] = location.reveal()
    return facts


class SealedFacts:
    """`sealed_facts` in writing for many claims: days and locations recur, so what they add is kept."""

    def __init__(self) -> None:
        self._rests: dict[tuple[date | None, timedelta | None, Sensitive | None], bytes] = {}

    def of(
        self, number: Sensitive, served: date | None, filing_limit: timedelta | None, location: Sensitive | None
    ) -> bytes:
        """The facts of one claim as JSON, to be sealed."""
        rest = self._rests.get((served, filing_limit, location))
        if rest is None:
            if len(self._rests) >= _MOST_RESTS:
                self._rests.clear()
            due = served + filing_limit if served and filing_limit is not None else None
            rest = written(_rest(served, due, location))
            rest = self._rests[served, filing_limit, location] = b"," + rest[1:] if len(rest) > len(b"{}") else b"}"
        return b'{"n":' + quoted(number) + rest


def limits_of(draft: Draft, rules: RuleSet) -> Deadlines:
    """The appeal and filing limits of an item."""
    return deadlines(draft.facts, rules, remit_date=draft.remit.day, service_date=draft.service_date)
