"""Taking a batch in: one file, one transaction, all of its good rows or none.

A file is known by its SHA-256. What a reader finds wrong with a row or claim is told and the rest goes in; what it
finds wrong with the file as a whole, even at its last segment, leaves the database as it was.
"""

from __future__ import annotations

import gc
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from denials.errors import IntakeError, StorageError
from denials.rules.model import Profile
from intake.batch import OpenBatch, open_batch
from services import keys
from services.desk import Desk
from services.ingest_claims import Claims
from services.ingest_context import Context, Counts
from services.ingest_items import Items
from services.ingest_remits import Remits
from services.money import dollars
from services.views import BatchSummary
from store import claims, guidance, messages
from store.bulk import Loader, Target, loader_for
from store.database import reason_of
from store.rollups import Tally
from store.tables import Batch

PORTION = 1_000  # records that are looked up and written together
DIGEST_ITEM = Target("digest_item", ("digest_id", "item_id"))


class _DryRun(Exception):
    """Ends a rehearsal: nothing is kept."""


class _NothingGood(Exception):
    """Ends a file of which every row was rejected."""


def ingest_file(
    desk: Desk,
    path: Path,
    *,
    format: str = "auto",
    profile: str | None = None,
    history: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> BatchSummary:
    """Take one file in. A file that cannot be taken gives a summary with `status` "rejected"; it does not raise.

    `history` marks a practice's past: counted, matched and learned from, but not announced. `dry_run` keeps nothing.
    `progress` is called with the number of claims read so far.
    """
    try:
        batch = open_batch(path, format=format, profile=_profile(desk, profile), today=desk.today())
    except IntakeError as refusal:
        return _rejected(path, format, None, Counts(errors=[(0, str(refusal))]))
    with desk.db.read() as session:
        known = claims.batch_of(session, batch.sha256)
    if known is not None:
        return _already(path, batch, known)
    return _take(desk, path, batch, history=history, dry_run=dry_run, progress=progress)


def _take(
    desk: Desk,
    path: Path,
    batch: OpenBatch,
    *,
    history: bool,
    dry_run: bool,
    progress: Callable[[int], None] | None,
) -> BatchSummary:
    batch_id, counts = secrets.token_hex(8), Counts()
    try:
        with desk.db.write() as session:
            claims.begin_ingest(session)
            keys.hold(session, desk.vault)
            known = claims.batch_of(session, batch.sha256)
            if known is not None:
                return _already(path, batch, known)
            _Transaction(desk, session, batch_id, history=history).run(batch, counts, progress)
            if dry_run:
                raise _DryRun
    except _DryRun:
        return _summary(path, batch, None, counts)
    except _NothingGood:
        return _rejected(path, batch.format, batch.sha256, counts)
    except IntakeError as refusal:
        counts.errors.append((0, str(refusal)))
        return _rejected(path, batch.format, batch.sha256, counts)
    except SQLAlchemyError as failure:
        raise StorageError(f"nothing of the file was kept: {reason_of(failure)}") from None
    finally:
        batch.close()
    return _summary(path, batch, batch_id, counts)


class _Transaction:
    """Everything that one file does to the database."""

    def __init__(self, desk: Desk, session: Session, batch_id: str, *, history: bool) -> None:
        self._desk, self._rules, self._session = desk, desk.rules, session
        self._batch_id, self._history, self._now = batch_id, history, desk.now()
        self._tally = Tally()

    def run(self, batch: OpenBatch, counts: Counts, progress: Callable[[int], None] | None) -> None:
        """Read the file to its end and write what it brings."""
        row = Batch(id=self._batch_id, sha256=batch.sha256, format=batch.format, ingested_at=self._now)
        row.history = self._history
        self._session.add(row)
        self._session.flush()
        self._session.expunge_all()
        loader = loader_for(self._session)
        try:
            with self._desk.db.read() as reader, _in_a_hurry():
                self._fill(batch, counts, loader, reader, progress)
        finally:
            loader.close()
        self._tally.write(self._session)
        self._session.execute(update(Batch).where(col(Batch.id) == self._batch_id).values(**_columns(counts)))

    def _fill(
        self,
        batch: OpenBatch,
        counts: Counts,
        loader: Loader,
        reader: Session,
        progress: Callable[[int], None] | None,
    ) -> None:
        context = Context(
            session=self._session,
            reader=reader,
            loader=loader,
            desk=self._desk,
            rules=self._rules,
            tally=self._tally,
            batch_id=self._batch_id,
            now=self._now,
            history=self._history,
            stored=claims.anything(reader),
        )
        taken = Claims(context, counts)
        while portion := list(islice(batch.records, PORTION)):
            taken.take(portion)
            if progress is not None:
                progress(counts.claims)
        if counts.rejected_rows and not counts.claims:
            raise _NothingGood
        taken.finish()
        self._announce(taken.made, loader)
        self._remember_payers(taken.remits)
        loader.flush()
        guidance.add(self._session, taken.made.guidance)

    def _announce(self, made: Items, loader: Loader) -> None:
        """Let new and reopened items gather for the digest of their owner's channel."""
        due_at = self._now + self._rules.digest.gather
        digests = [
            (messages.gathering(self._session, channel, owner, due_at), ids)
            for (channel, owner), ids in made.by_channel.items()
        ]
        for (channel, owner), again in made.reopened.items():
            messages.gather(self._session, messages.gathering(self._session, channel, owner, due_at), again)
        self._session.flush()
        for digest, ids in digests:
            for start in range(0, len(ids), PORTION):
                loader.put(DIGEST_ITEM, [(digest, item_id) for item_id in ids[start : start + PORTION]])

    def _remember_payers(self, remits: Remits) -> None:
        """Keep, sealed, the payer names of exports that no label matches, for `denials doctor` on the host."""
        for name_key, payer in remits.unlisted.items():
            sealed = self._desk.vault.seal({"name": payer.name.reveal()}, name_key.encode())
            claims.remember_payer(self._session, name_key, sealed, self._now)


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Spare what makes millions of small objects and two busy threads slow.

    Look for garbage in cycles more seldom, and not through the whole program again and again. Hand the interpreter over
    sooner: the thread that writes needs it for moments only, many times, and would wait five milliseconds each.
    """
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(max(before[0], 50_000), *before[1:])
    sys.setswitchinterval(min(interval, 0.0005))
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*before)
        gc.unfreeze()


def _profile(desk: Desk, name: str | None) -> Profile | None:
    if name is None:
        return None
    found = desk.rules.profiles.get(name)
    if found is None:
        raise IntakeError("the rules file has no profile of that name (see `profiles` in rules.yaml)")
    return found


def _columns(counts: Counts) -> dict[str, int]:
    names = ("claims", "denials", "new", "repeats", "duplicates", "paid_claims", "reversals", "rejected_rows")
    return {name: getattr(counts, name) for name in (*names, "denied_cents")}


def _summary(path: Path, batch: OpenBatch, batch_id: str | None, counts: Counts) -> BatchSummary:
    return BatchSummary(
        file=str(path),
        format=batch.format,
        status="ingested",
        batch=batch_id,
        sha256=batch.sha256,
        claims=counts.claims,
        denials=counts.denials,
        new=counts.new,
        repeats=counts.repeats,
        duplicates=counts.duplicates,
        paid_claims=counts.paid_claims,
        reversals=counts.reversals,
        rejected_rows=counts.rejected_rows,
        denied_amount=dollars(counts.denied_cents),
        by_category=tuple(sorted(counts.by_category.items(), key=lambda pair: (-pair[1], pair[0]))),
        errors=tuple(counts.errors),
    )


def _already(path: Path, batch: OpenBatch, batch_id: str) -> BatchSummary:
    return BatchSummary(
        file=str(path), format=batch.format, status="already_ingested", batch=batch_id, sha256=batch.sha256
    )


def _rejected(path: Path, format: str, sha256: str | None, counts: Counts) -> BatchSummary:
    return BatchSummary(
        file=str(path),
        format=format,
        status="rejected",
        sha256=sha256,
        rejected_rows=counts.rejected_rows,
        errors=tuple(counts.errors),
    )
