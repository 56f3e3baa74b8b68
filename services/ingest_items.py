"""New work items: their rows, first events, place in a digest and in the counts."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from denials.deadlines import NO_APPEAL, deadlines
from denials.model import Kind, Sensitive
from denials.triage_types import Triage
from services.ingest_context import Context
from services.ingest_drafts import DENIAL, Draft, code_of, codes_of, rarcs_of, sealed_facts
from services.sweep import first_escalation
from services.vault import new_refs, written
from store import claims
from store.bulk import Row, Shared, Target
from store.claims import Numbers
from store.tables import Item

_OWN = (
    "id",
    "ref",
    "number_key",
    "codes",
    "rarcs",
    "procedure",
    "amount_cents",
    "billed_cents",
    "first_cents",
    "first_code",
    "location_label",
    "sealed",
)
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
    "next_step",
    "preventable",
    "escalation",
    "decided_by",
    "why",
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
    "due_confidence",
    "due_source",
    "ingested_at",
    "opened_at",
    "last_activity_at",
    "next_escalation_at",
)
ITEM = Target("item", _OWN + _ALIKE)
EVENT = Target("event", ("item_id", "version", "at", "kind", "data"))
"""Only the item is a row's own, the rest is shared."""
_ANY_DAY = date(2000, 1, 1)
_MOST_KEPT = 1_000
_DRAWN_BITS = 22  # 512 KB; of a million references one in ten is passed over for nothing


@dataclass(frozen=True, slots=True)
class _Alike:
    """What items of one kind, decision and remittance have alike. `decided` is held because its id is in the key.

    `cells` counts what was made, by leading code and location label: how many and how many cents.
    """

    columns: Shared
    news: Shared
    day: date
    decided: Triage
    filing_limit: timedelta | None
    announced: array[int]
    cells: dict[tuple[str, str | None], list[int]] = field(default_factory=dict)


class Items:
    """Makes new items. Their rows are handed to the loader by `write`, portion by portion."""

    def __init__(self, context: Context) -> None:
        self._reader, self._loader, self._tally = context.reader, context.loader, context.tally
        self._rules, self._vault = context.rules, context.desk.vault
        self._batch, self._now, self._history = context.batch_id, context.now, context.history
        self._stored_now = context.loader.instant(context.now)
        self._ids = Numbers(context.reader, Item)
        self._refs: list[str] = []
        self._drawn = bytearray(1 << (_DRAWN_BITS - 3))
        self._alike: dict[tuple[object, ...], _Alike] = {}
        self._locations: dict[str, str | None] = {}
        self._moments: dict[tuple[str, date | None], Any] = {}
        self._items: list[tuple[Row, Shared]] = []
        self._rows: list[Row] = []
        self._events: list[tuple[Row, Shared]] = []
        self._facts: list[tuple[bytes, bytes]] = []  # of the items, to be sealed together
        self.by_channel: dict[tuple[str, str | None], array[int]] = {}  # new ones to be announced
        self.reopened: dict[tuple[str, str | None], list[int]] = {}  # older ones to be announced again
        self.count = 0

    def create(self, draft: Draft) -> int:
        """A new item; its id."""
        alike = self._alike_for(draft)
        rows = draft.rows
        if len(rows) == 1:
            codes = first_code = code_of(rows[0])
            rarcs = rows[0][7]
            if "," in codes:
                first_code = codes.partition(",")[0]
        else:
            codes, rarcs = codes_of(rows), rarcs_of(rows)
            first_code = codes.partition(",")[0]
        location = self._location(draft.location) if draft.location else None
        filing_due = None
        if alike.filing_limit is not None and draft.service_date is not None:
            filing_due = draft.service_date + alike.filing_limit
        item_id = self._ids.draw()
        ref = self._refs.pop() if self._refs else self._more_refs()
        self._facts.append((written(sealed_facts(draft, filing_due)), ref.encode()))
        amount = draft.amount
        own = (
            item_id,
            ref,
            draft.key,
            codes,
            rarcs,
            draft.facts.procedure,
            amount,
            draft.billed,
            amount,
            first_code,
            location,
        )
        self._items.append((own, alike.columns))
        self._rows += [(*row, item_id) for row in rows]
        self._events.append(((item_id,), alike.news))
        alike.announced.append(item_id)
        cell = alike.cells.get((first_code, location))
        if cell is None:
            cell = alike.cells[first_code, location] = [0, 0]
        cell[0] += 1
        cell[1] += amount
        self.count += 1
        return item_id

    def add_rows(self, item_id: int, rows: Iterable[Row]) -> None:
        """Denied amounts of an item that is there."""
        self._rows += [(*row, item_id) for row in rows]

    def write(self) -> None:
        """Hand what was made since the last time to the loader."""
        sealed = self._vault.seal_all(self._facts)
        items = [((*own, fact), shared) for (own, shared), fact in zip(self._items, sealed, strict=True)]
        self._loader.put_shared(ITEM, items)
        self._rows.sort(key=itemgetter(0))  # SQLite keeps them in that order, so neighbors are found at once
        self._loader.put(DENIAL, self._rows)
        self._loader.put_shared(EVENT, self._events)
        self._items, self._rows, self._events, self._facts = [], [], [], []

    def count_new(self) -> None:
        """Add what was made to the rollups."""
        for alike in self._alike.values():
            self._count(alike)

    def _alike_for(self, draft: Draft) -> _Alike:
        decided, remit, facts = draft.triage, draft.remit, draft.facts
        appealable = NO_APPEAL.isdisjoint(facts.rarcs)
        key = (id(decided), remit.id, draft.filing_indicator, draft.kind, appealable)
        found = self._alike.get(key)
        if found is None:
            if len(self._alike) >= _MOST_KEPT:
                self.count_new()
                self._alike.clear()
            found = self._alike[key] = self._new_alike(draft)
        return found

    def _new_alike(self, draft: Draft) -> _Alike:
        decided, remit = draft.triage, draft.remit
        limits = deadlines(draft.facts, self._rules, remit_date=remit.day, service_date=_ANY_DAY)
        appeal, filing = limits.appeal, limits.filing
        due = appeal.due if appeal else None
        columns = Shared(
            (
                self._batch,
                str(draft.kind),
                self._history,
                "open",
                1,
                0,
                decided.category,
                decided.category,
                decided.owner,
                decided.handoff,
                decided.next_step,
                str(decided.preventable),
                decided.escalation,
                decided.decided_by,
                decided.why,
                remit.key.payer_key,
                remit.payer_label,
                remit.key.payee,
                remit.practice_label,
                draft.filing_indicator,
                remit.stored_day,
                remit.id,
                remit.stored_day,
                "none",
                0,
                self._loader.day(due),
                appeal.confidence if appeal else "",
                appeal.source if appeal else "",
                self._stored_now,
                self._stored_now,
                self._stored_now,
                self._first_look(decided.escalation, due),
            )
        )
        news = {"kind": str(draft.kind), "category": decided.category, "owner": decided.owner}
        place = (self._rules.channel_for(decided.owner), decided.owner)
        announced = array("q")
        if not self._history:
            announced = self.by_channel.setdefault(place, announced)
        limit = filing.due - _ANY_DAY if filing else None
        event = Shared((1, self._stored_now, "created", json.dumps(news)))
        return _Alike(columns, event, remit.day, decided, limit, announced)

    def _location(self, name: Sensitive) -> str | None:
        """The label of a location; an export has few of them and thousands of rows."""
        text = name.reveal()
        if text not in self._locations:
            if len(self._locations) >= _MOST_KEPT:
                self._locations.clear()
            self._locations[text] = self._rules.location_label(name)
        return self._locations[text]

    def _first_look(self, escalation: str, due: date | None) -> Any:
        found = self._moments.get((escalation, due), ...)
        if found is ...:
            values = {"history": self._history, "escalation": escalation, "opened_at": self._now, "due": due}
            found = self._loader.instant(first_escalation(self._rules, values, self._now))
            self._moments[escalation, due] = found
        return found

    def _count(self, alike: _Alike) -> None:
        """Add what was made of one sort to the rollups, once."""
        values = dict(zip(_ALIKE, alike.columns.values, strict=True))
        for (code, location), (count, amount) in alike.cells.items():
            self._tally_one(values, alike.day, code, location, count, amount)
        alike.cells.clear()

    def _tally_one(
        self, values: dict[str, Any], day: date, code: str, location: str | None, count: int, amount: int
    ) -> None:
        if values["kind"] == Kind.REJECTION:
            self._tally.rejection(day, count)
        elif values["kind"] == Kind.DENIAL:
            names = names_of(
                values["category"],
                values["payer_label"],
                values["owner"],
                values["handoff"],
                code,
                values["practice_label"],
                location,
            )
            self._tally.denial(names, day, new=count, cents=amount)

    def _more_refs(self) -> str:
        """References nobody has; one of them."""
        while not self._refs:
            drawn = [ref for ref in new_refs(500) if self._first_drawn(ref)]
            used = claims.refs_among(self._reader, drawn)
            self._refs = [ref for ref in drawn if ref not in used]
        return self._refs.pop()

    def _first_drawn(self, ref: str) -> bool:
        """Whether a reference was surely not drawn for this file before; a few that were not are passed over too."""
        place = hash(ref) & ((1 << _DRAWN_BITS) - 1)
        flag = 1 << (place & 7)
        if self._drawn[place >> 3] & flag:
            return False
        self._drawn[place >> 3] |= flag
        return True


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
