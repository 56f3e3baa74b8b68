"""New work items: their rows, first events, place in a digest and in the counts."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from denials.deadlines import deadlines
from denials.model import JudgedClaim, Kind, Sensitive
from denials.triage_types import Deadline, Triage
from services.ingest_context import Context, Counts
from services.ingest_drafts import Draft, Mold, SealedFacts, mold_of
from services.ingest_remits import RemitRow
from services.sweep import first_escalation
from services.vault import new_refs
from store import claims
from store.bulk import Row, Shared, Target
from store.claims import Numbers
from store.guidance import Words, apart_key, guidance_id
from store.tables import Item

_OWN = ("id", "ref", "number_key", "sealed", "billed_cents", "location_label")
_CODES = ("codes", "rarcs", "procedure", "amount_cents", "first_cents", "first_code")
_ALIKE = (
    "batch_id",
    "kind",
    "history",
    "state",
    "version",
    "repeats",
    "category",
    "first_category",
    "owner",
    "handoff",
    "preventable",
    "escalation",
    "guidance_id",
    "apart_key",
    "payer_key",
    "payer_label",
    "practice",
    "practice_label",
    "filing_indicator",
    "remit_date",
    "remit_id",
    "first_remit_date",
    "payment",
    "measured_cents",
    "due",
    "ingested_at",
    "opened_at",
    "last_activity_at",
    "next_escalation_at",
)
ITEM = Target("item", _OWN + _CODES + _ALIKE)
DENIAL = Target(
    "denial_row",
    ("item_id", "claim_key", "remit_id", "line", "grp", "carc", "amount_cents", "nth", "rarcs", "procedure", "hint"),
)
EVENT = Target("event", ("item_id", "version", "at", "kind", "data"))
"""Only the item is a row's own, the rest is shared."""
_ANY_DAY = date(2000, 1, 1)
_NOTHING: dict[tuple[object, ...], Any] = {}
_MOST_KEPT = 2_000
_WRITE_AT = 2_000  # items
_WRITE_ROWS_AT = 4_000  # denied amounts
_DRAWN_BITS = 24  # 2 MB; of a million references one in thirty is passed over for nothing


@dataclass(slots=True, eq=False)
class _Alike:
    """What items of one kind, decision and remittance have alike. `decided` is held because its id is in the key.

    `cells` counts what was made, by leading code and location label: items, denied amounts and cents.
    """

    columns: Shared
    news: Shared
    day: date
    decided: Triage
    kind: Kind
    filing_limit: timedelta | None
    announced: array[int]
    cells: dict[tuple[str, str | None], list[int]] = field(default_factory=dict)


class _Made(NamedTuple):
    """A new item that is not written yet."""

    id: int
    key: int
    remit: int
    mold: Mold
    alike: _Alike
    number: Sensitive
    served: date | None
    location: Sensitive | None
    billed: int


class Items:
    """Makes new items and counts them. Their rows are handed to the loader by `write`, portion by portion."""

    def __init__(self, context: Context, counts: Counts) -> None:
        self._reader, self._loader, self._tally = context.reader, context.loader, context.tally
        self._rules, self._vault, self._counts = context.rules, context.desk.vault, counts
        self._batch, self._now, self._history = context.batch_id, context.now, context.history
        self._stored_now = context.loader.instant(context.now)
        self._ids = Numbers(context.reader, Item)
        self._refs_used = context.stored.items
        self._refs: list[str] = []
        self._drawn = bytearray(1 << (_DRAWN_BITS - 3))
        self._alike: dict[int, dict[tuple[object, ...], _Alike]] = {}  # by remittance and sort of mold
        self._kept = 0
        self._labels: dict[Sensitive, str | None] = {}
        self._moments: dict[tuple[str, date | None], Any] = {}
        self._facts = SealedFacts()
        self._made: list[_Made] = []
        self._rows: list[tuple[Row, ...]] = []  # denied amounts that are not written yet
        self.guidance: set[Words] = set()  # what the cards of new and changed items say, to be stored last
        self.by_channel: dict[tuple[str, str | None], array[int]] = {}  # new ones to be announced
        self.reopened: dict[tuple[str, str | None], list[int]] = {}  # older ones to be announced again

    def add(self, molds: Sequence[Mold], key: int, remit: RemitRow, claim: JudgedClaim) -> None:
        """The new items of a claim that is met for the first time."""
        number = remit.id
        known = self._alike.get(number, _NOTHING)
        for mold in molds:
            alike = known.get(mold.sort)
            if alike is None:
                alike = self._new_alike(mold, remit)
                known = self._alike[number]
            told = (claim.claim_number, claim.service_date, claim.location, claim.charge_cents)
            self._made.append(tuple.__new__(_Made, (self._ids.draw(), key, number, mold, alike, *told)))

    def create(self, draft: Draft) -> int:
        """A new item; its id."""
        rows = [row[2:] for row in draft.rows]
        mold = mold_of(draft.triage, draft.facts, draft.kind, draft.filing_indicator, rows, draft.amount)
        alike = self._alike.get(draft.remit.id, _NOTHING).get(mold.sort) or self._new_alike(mold, draft.remit)
        made = (draft.key, draft.remit.id, mold, alike, draft.number, draft.service_date, draft.location, draft.billed)
        self._made.append(_Made(self._ids.draw(), *made))
        return self._made[-1].id

    def add_rows(self, item_id: int, rows: Iterable[Row]) -> None:
        """Denied amounts of an item that is there."""
        self._rows += [((item_id, *row),) for row in rows]

    def write_if_many(self) -> None:
        """Hand what was made since the last time to the loader, once it is worth it."""
        if len(self._made) >= _WRITE_AT:
            self._write_items()
        if len(self._rows) >= _WRITE_ROWS_AT:
            self._write_rows()

    def write(self) -> None:
        """Hand what was made since the last time to the loader."""
        self._write_items()
        self._write_rows()

    def _write_rows(self) -> None:
        self._rows.sort(key=_claim_of)  # SQLite keeps them in that order, so neighbors are found at once
        self._loader.put_shared(DENIAL, self._rows)
        self._rows = []

    def _write_items(self) -> None:
        made, rows = self._made, self._rows
        self._made = []
        refs, facts = self._draw_refs(len(made)), self._facts.of
        told = [
            (facts(number, served, alike.filing_limit, location), ref.encode())
            for (_, _, _, _, alike, number, served, location, _), ref in zip(made, refs, strict=True)
        ]
        items: list[tuple[Row, ...]] = []
        events: list[tuple[Row, ...]] = []
        sealed = self._vault.seal_all(told)
        for (item_id, key, remit, mold, alike, _, _, location, billed), ref, fact in zip(
            made, refs, sealed, strict=True
        ):
            label = self._label(location) if location else None
            items.append(((item_id, ref, key, fact, billed, label), mold.codes, alike.columns))
            for row in mold.rows:
                rows.append(((item_id, key, remit), row))
            events.append(((item_id,), alike.news))
            alike.announced.append(item_id)
            code = mold.first_code
            cell = alike.cells.get((code, label))
            if cell is None:
                cell = alike.cells[code, label] = [0, 0, 0]
            cell[0] += 1
            cell[1] += len(mold.rows)
            cell[2] += mold.amount
        self._counts.new += len(made)
        self._loader.put_shared(ITEM, items)
        self._loader.put_shared(EVENT, events)

    def count(self) -> None:
        """Count what was written, in the file and in the rollups."""
        for alikes in self._alike.values():
            for alike in alikes.values():
                for (code, label), cell in alike.cells.items():
                    self._count(alike, code, label, *cell)
        self._alike.clear()
        self._kept = 0

    def _new_alike(self, mold: Mold, remit: RemitRow) -> _Alike:
        if self._kept >= _MOST_KEPT:
            self.write()
            self.count()
        self._kept += 1
        decided = mold.triage
        limits = deadlines(mold.facts, self._rules, remit_date=remit.day, service_date=_ANY_DAY)
        appeal, filing = limits.appeal, limits.filing
        due = appeal.due if appeal else None
        columns = Shared(
            (
                self._batch,
                str(mold.kind),
                self._history,
                "open",
                1,
                0,
                decided.category,
                decided.category,
                decided.owner,
                decided.handoff,
                str(decided.preventable),
                decided.escalation,
                self._guidance_of(decided, appeal),
                apart_key(remit.key.payer_key, remit.key.payee, decided.category, str(mold.kind)),
                remit.key.payer_key,
                remit.payer_label,
                remit.key.payee,
                remit.practice_label,
                mold.filing_indicator,
                remit.stored_day,
                remit.id,
                remit.stored_day,
                "none",
                0,
                self._loader.day(due),
                self._stored_now,
                self._stored_now,
                self._stored_now,
                self._first_look(decided.escalation, due),
            )
        )
        news = {"kind": str(mold.kind), "category": decided.category, "owner": decided.owner}
        place = (self._rules.channel_for(decided.owner), decided.owner)
        announced = array("q")
        if not self._history:
            announced = self.by_channel.setdefault(place, announced)
        limit = filing.due - _ANY_DAY if filing else None
        event = Shared((1, self._stored_now, "created", json.dumps(news)))
        alike = _Alike(columns, event, remit.day, decided, mold.kind, limit, announced)
        self._alike.setdefault(remit.id, {})[mold.sort] = alike
        return alike

    def _guidance_of(self, decided: Triage, appeal: Deadline | None) -> int:
        confidence, source = (appeal.confidence, appeal.source) if appeal else ("", "")
        words = Words(decided.next_step, decided.decided_by, decided.why, confidence, source)
        self.guidance.add(words)
        return guidance_id(words)

    def _label(self, location: Sensitive) -> str | None:
        """The label of a location; an export has few of them and thousands of rows."""
        if location not in self._labels:
            if len(self._labels) >= _MOST_KEPT:
                self._labels.clear()
            self._labels[location] = self._rules.location_label(location)
        return self._labels[location]

    def _first_look(self, escalation: str, due: date | None) -> Any:
        found = self._moments.get((escalation, due), ...)
        if found is ...:
            values = {"history": self._history, "escalation": escalation, "opened_at": self._now, "due": due}
            found = self._loader.instant(first_escalation(self._rules, values, self._now))
            self._moments[escalation, due] = found
        return found

    def _count(self, alike: _Alike, code: str, label: str | None, items: int, rows: int, amount: int) -> None:
        if rows:
            self._counts.count_rows(alike.decided.category, alike.kind, rows, amount)
        if alike.kind is Kind.REJECTION:
            self._tally.rejection(alike.day, items)
        elif alike.kind is Kind.DENIAL:
            values, decided = dict(zip(_ALIKE, alike.columns, strict=True)), alike.decided
            names = names_of(
                decided.category,
                values["payer_label"],
                decided.owner,
                decided.handoff,
                code,
                values["practice_label"],
                label,
            )
            self._tally.denial(names, alike.day, new=items, cents=amount)

    def _draw_refs(self, count: int) -> list[str]:
        """So many references nobody has, in their order: their index is written from left to right then."""
        while len(self._refs) < count:
            drawn = [ref for ref in new_refs(max(100, count - len(self._refs))) if self._first_drawn(ref)]
            if self._refs_used:
                used = claims.refs_among(self._reader, drawn)
                drawn = [ref for ref in drawn if ref not in used]
            self._refs += drawn
        refs, self._refs = sorted(self._refs[:count]), self._refs[count:]
        return refs

    def _first_drawn(self, ref: str) -> bool:
        """Whether a reference was surely not drawn for this file before; a few that were not are passed over too."""
        place = hash(ref) & ((1 << _DRAWN_BITS) - 1)
        flag = 1 << (place & 7)
        if self._drawn[place >> 3] & flag:
            return False
        self._drawn[place >> 3] |= flag
        return True


def _claim_of(row: tuple[Row, ...]) -> int:
    """The claim of a row of `DENIAL`, given in parts."""
    claim: int = row[0][1]
    return claim


def names_of(
    category: str,
    payer: str,
    owner: str | None,
    handoff: str,
    code: str,
    practice: str | None,
    location: str | None,
) -> dict[str, str]:
    """The name under each dimension that a denial is counted under; none where it has no label."""
    names = {
        "category": category,
        "payer": payer,
        "owner": owner or "unowned",
        "handoff": handoff,
        "code": code,
        "practice": practice,
        "location": location,
    }
    return {dimension: name for dimension, name in names.items() if name}
