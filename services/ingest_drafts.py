"""From the denials of a claim to drafts of work items: one for each category, with all that rules and people need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from denials.deadlines import deadlines
from denials.model import Denial, JudgedLine, Kind, RemitClaim, Sensitive, StatusRejection
from denials.rules.model import RuleSet
from denials.triage import facts_of, triage
from denials.triage_types import Deadlines, Facts, Triage
from services.ingest_remits import RemitRow
from services.money import cents
from store.bulk import Row, Target

DENIAL = Target(
    "denial_row",
    ("claim_key", "remit_id", "line", "grp", "carc", "amount_cents", "nth", "rarcs", "procedure", "hint", "item_id"),
)

_MOST_KEPT = 5_000


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


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One denied amount and where it belongs: all of it that does not depend on claim and remittance."""

    triage: Triage
    facts: Facts
    head: tuple[int, str, str, int]  # line, group, CARC, cents
    tail: tuple[str, str | None, str]  # remark codes, procedure, hint
    nth: int


class Drafter:
    """Finds out where denied amounts belong, once for each sort of line of a payer, and makes drafts of them."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._known: dict[tuple[object, ...], tuple[Placed, ...]] = {}
        self._decided: dict[Triage, Triage] = {}  # one object for equal ones, by which items are held together

    def placed(self, claim: RemitClaim, denials: Iterable[Denial]) -> tuple[Placed, ...]:
        """The denials of a claim that was judged as a whole."""
        return tuple(self._place(claim, denial) for denial in denials)

    def placed_by_line(self, claim: RemitClaim) -> tuple[Placed, ...]:
        """The denials of a claim that came with its lines judged."""
        if len(claim.judged) == 1:
            return self._of_line(claim, claim.judged[0])
        return tuple(chain.from_iterable([self._of_line(claim, line) for line in claim.judged if line.denials]))

    def _of_line(self, claim: RemitClaim, line: JudgedLine) -> tuple[Placed, ...]:
        key = (line, claim.payer, claim.filing_indicator, claim.payee_npi, claim.location)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
                self._decided.clear()
            found = self._known[key] = self.placed(claim, line.denials)
        return found

    def _place(self, claim: RemitClaim, denial: Denial) -> Placed:
        facts = facts_of(claim, denial)
        head = (denial.line, denial.group, denial.carc, cents(denial.amount))
        tail = (",".join(denial.rarcs), denial.procedure, denial.hint)
        decided = triage(facts, self._rules)
        return Placed(self._decided.setdefault(decided, decided), facts, head, tail, denial.nth)


def drafts_of(
    claim: RemitClaim, denials: Sequence[tuple[Placed, int]], key: int, remit: RemitRow, billed: int
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
    sums: Counter[str] = Counter()
    for code, amount in refused:
        if code:
            sums[code] += amount
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
    facts = {"n": draft.number.reveal()}
    if draft.service_date:
        facts["s"] = draft.service_date.isoformat()
    if filing_due:
        facts["f"] = filing_due.isoformat()
    if draft.location:
        facts["l"] = draft.location.reveal()
    return facts


def limits_of(draft: Draft, rules: RuleSet) -> Deadlines:
    """The appeal and filing limits of an item."""
    return deadlines(draft.facts, rules, remit_date=draft.remit.day, service_date=draft.service_date)
