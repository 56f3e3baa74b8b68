"""Which remittance a claim came in, and who its payer is: resolved once per remittance of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from denials.model import Payer, Remit, Sensitive
from denials.rules.labels import UNLISTED_PAYER, plain
from services.ingest_context import Context
from store import claims
from store.bulk import Target
from store.claims import Numbers, RemitKey
from store.tables import Remit as RemitTable

CSV = "csv"
"""The remittance key of what no remittance names: the rows of an export, by payer and day."""

_MOST_KEPT = 500
REMIT = Target("remit", ("id", "remit_key", "payee", "payer_key", "payer_label", "remit_date", "batch_id", "sealed"))


@dataclass(slots=True, eq=False)
class RemitRow:
    """One remittance of the file. `known`: it was in the database before, so each of its claims may be too."""

    id: int
    key: RemitKey
    payer: Payer
    payer_label: str
    practice_label: str | None
    day: date
    stored_day: Any
    known: bool
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0, 0])  # as `Tally.claims` has them

    @property
    def csv(self) -> bool:
        """Whether rows of an export are meant, which say nothing of what was adjudicated."""
        return self.key.remit_key == CSV


@dataclass(slots=True)
class _Identity:
    key: str
    label: str


class Remits:
    """The remittances of one file, those that are new written on the way."""

    def __init__(self, context: Context) -> None:
        self._reader, self._loader, self._rules = context.reader, context.loader, context.rules
        self._vault, self._batch = context.desk.vault, context.batch_id
        self._ids = Numbers(context.reader, RemitTable)
        self._payers: dict[tuple[str, tuple[str, ...], bool], _Identity] = {}
        self._rows: dict[RemitKey, RemitRow] = {}
        self._payments: dict[tuple[object, ...], RemitRow] = {}  # the first of each trace number, payee and day
        self._shortcut: dict[tuple[object, ...], RemitRow] = {}
        self._told: dict[Remit, RemitRow] = {}
        self._any_stored = context.stored.remits
        self.unlisted: dict[str, Payer] = {}  # by name key: names of exports that no label matches

    def of_remit(self, remit: Remit) -> RemitRow:
        """The remittance of claims that come with it."""
        row = self._told.get(remit)
        if row is None:
            if len(self._told) >= _MOST_KEPT:
                self._told.clear()
            row = self._told[remit] = self.of(remit.payer, remit.remit_key, remit.payee_npi, remit.remit_date)
        return row

    def of(self, payer: Payer, remit_key: str, payee: str | None, day: date) -> RemitRow:
        """The remittance of a claim, by what the claim says of it."""
        shortcut = (remit_key, payer.name, payee, day, payer.ids, payer.trusted)
        row = self._shortcut.get(shortcut)
        if row is None:
            if len(self._shortcut) >= _MOST_KEPT:
                self._shortcut.clear()
            row = self._shortcut[shortcut] = self._resolve(payer, remit_key, payee, day)
        return row

    def each(self, visit: Callable[[RemitRow], None]) -> None:
        """Visit every remittance of the file."""
        for row in self._rows.values():
            visit(row)

    def _resolve(self, payer: Payer, remit_key: str, payee: str | None, day: date) -> RemitRow:
        identity = self._identity(payer)
        key = RemitKey(remit_key or CSV, payee or "", identity.key, day)
        row = self._rows.get(key) or self._of_this_file(key, payer) or self._of_before(key, payer, identity.label)
        if row is None:
            row = self._row(self._ids.draw(), key, payer, identity.label, known=False)
            facts = {
                "payer": payer.name.reveal(),
                "ids": " ".join(payer.ids),
                "trusted": "yes" if payer.trusted else "",
            }
            sealed = self._vault.seal(facts, key.payer_key.encode())
            columns = (row.id, key.remit_key, key.payee, key.payer_key, row.payer_label, row.stored_day)
            self._loader.put(REMIT, [(*columns, self._batch, sealed)])
        return row

    def _row(self, number: int, key: RemitKey, payer: Payer, label: str, *, known: bool) -> RemitRow:
        row = RemitRow(
            id=number,
            key=key,
            payer=payer,
            payer_label=label,
            practice_label=self._rules.practice_label(key.payee),
            day=key.remit_date,
            stored_day=self._loader.day(key.remit_date),
            known=known,
        )
        self._rows[key] = row
        self._payments.setdefault(key[:2] + key[3:], row)
        return row

    def _of_this_file(self, key: RemitKey, payer: Payer) -> RemitRow | None:
        """The same payment to the same payee, told with another payer's name: names change, trace numbers do not.

        Two payers that both give ids, none of them the same, are two payers whatever else is alike. An export has no
        trace number, and an acknowledgement (277CA) may pass on what several payers said.
        """
        if key.remit_key == CSV or not payer.trusted:
            return None
        other = self._payments.get(key[:2] + key[3:])
        return other if other is not None and _may_be_one(payer.ids, other.payer.ids) else None

    def _of_before(self, key: RemitKey, payer: Payer, label: str) -> RemitRow | None:
        """The remittance as the database has it, of this payer or, as above, under another name."""
        if not self._any_stored:
            return None
        for stored, sealed in claims.remits_alike(self._reader, key):
            if stored.payer_key == key.payer_key:
                return self._row(stored.id, key, payer, label, known=True)
            if key.remit_key == CSV or not payer.trusted:
                return None
            told = self._vault.open(sealed, stored.payer_key.encode())
            ids = tuple(told["ids"].split())
            if _may_be_one(payer.ids, ids):
                known = RemitKey(key.remit_key, key.payee, stored.payer_key, key.remit_date)
                was = Payer(Sensitive(told["payer"]), ids, trusted=bool(told["trusted"]))
                return self._row(stored.id, known, was, stored.payer_label, known=True)
        return None

    def _identity(self, payer: Payer) -> _Identity:
        """A payer is known by its first id, else by its name; the label may change with the rules, the key does not."""
        known = (payer.name.reveal(), payer.ids, payer.trusted)
        found = self._payers.get(known)
        if found is None:
            who = ("id", payer.ids[0].upper()) if payer.ids else ("name", plain(payer.name.reveal()))
            label = self._rules.payer_label(payer.name, payer.trusted)
            found = self._payers[known] = _Identity(self._vault.digest("payer", *who).hex()[:16], label)
            if label == UNLISTED_PAYER:
                self.unlisted[self._vault.digest("payer name", plain(payer.name.reveal())).hex()] = payer
        return found


def _may_be_one(ids: Collection[str], others: Collection[str]) -> bool:
    """Whether two payers may be the same one, as far as the ids they give tell."""
    return not (ids and others) or not set(ids).isdisjoint(others)
