"""Open a file as a batch: find out what it is and hand out its records one by one.

    batch = open_batch(path, today=date.today())
    for record in batch.records: ...        # a `Record`

The file is read twice, first for its SHA-256, and never held in memory. A file as a whole is refused by IntakeError,
whose line says why and what to do, and holds nothing of the file or its name. The error may come late, at a trailer or
where the file breaks off: then nothing of it may be kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from denials.errors import IntakeError
from denials.model import JudgedClaim, PaidClaim, RemitClaim, StatusRejection
from denials.rules.model import Profile
from intake.csv_reader import read_csv
from intake.probe import HEAD, NAMES, digest, sniff
from intake.rows import RowError
from intake.x277 import read_277ca
from intake.x835 import read_835
from intake.xlsx_reader import read_xlsx

__all__ = ["FORMATS", "OpenBatch", "Record", "RowError", "open_batch"]

FORMATS = ("835", "277ca", "csv", "xlsx")
AUTO = "auto"

Record = RemitClaim | PaidClaim | JudgedClaim | StatusRejection | RowError


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A file that is one of `FORMATS`. `records` can be read once; `close` whoever does not read them to the end."""

    format: str
    sha256: str
    records: Iterator[Record]
    close: Callable[[], None]


def open_batch(path: Path, *, format: str = AUTO, profile: Profile | None = None, today: date) -> OpenBatch:
    """Look at a file and get ready to read it.

    `profile` names the columns of a table; `today` stands in for a date that a row or file does not tell. Raises
    IntakeError where the file is not there, cannot be read, is nothing we know or not what `format` says.
    """
    if format not in (AUTO, *FORMATS):
        raise IntakeError(f"there is no such format; use one of {', '.join((AUTO, *FORMATS))}")
    with _plain_errors(), _opened(path) as source:
        identity = _identity(source)
        head = source.read(HEAD)
        found = sniff(head, source)
        if format not in (AUTO, found):
            raise IntakeError(f"the file is {NAMES[found]}, not {NAMES[format]} as the format given says")
        source.seek(0)
        sha256 = digest(source)
        _unchanged(source, identity)
    batches = _batches(path, found, profile, today, identity)
    return OpenBatch(found, sha256, chain.from_iterable(batches), batches.close)


def _batches(
    path: Path, format_: str, profile: Profile | None, today: date, identity: tuple[int, ...]
) -> Generator[Sequence[Record], None, None]:
    with _plain_errors(), _opened(path) as source:
        _unchanged(source, identity)
        if format_ == "835":
            yield from read_835(source, today)
        elif format_ == "277ca":
            yield from read_277ca(source, today)
        elif format_ == "csv":
            yield from read_csv(source, today, profile)
        else:
            yield from read_xlsx(source, today, profile)
        _unchanged(source, identity)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for ever
        raise IntakeError("this is no file; name a file, not a folder or device")
    with path.open("rb") as source:
        yield source


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise IntakeError("the file is not there; it may have been moved meanwhile") from None
    except PermissionError:
        raise IntakeError("the file cannot be read: its permissions do not allow it") from None
    except OSError as error:
        raise IntakeError(f"the file cannot be read ({error.strerror or 'input/output error'}); try again") from None


def _identity(source: BinaryIO) -> tuple[int, ...]:
    found = os.fstat(source.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unchanged(source: BinaryIO, identity: tuple[int, ...]) -> None:
    if _identity(source) != identity:
        raise IntakeError("the file changed while it was read; wait until it is written completely and try again")
