"""What a file is, by its content; and every file that is none of ours, refused in one clear line."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import random
import zipfile
from pathlib import Path

import pytest

from denials.errors import IntakeError
from denials.model import JudgedClaim, PaidClaim, StatusRejection
from intake.batch import open_batch
from tests.intake.reading import TODAY, read_file
from tests.intake.test_xlsx import workbook
from tests.remits import Rejection, acknowledgement, csv_row, csv_text, paid_claim, remit

REMIT = remit([paid_claim("C1")])
MARKER = "ZZMARKER"


def zipped(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{MARKER}.835", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "form", "kind"),
    [
        (REMIT.encode(), "835", PaidClaim),
        (acknowledgement([Rejection("C1")]).encode(), "277ca", StatusRejection),
        (csv_text([csv_row("C1")]).encode(), "csv", JudgedClaim),
        (csv_text([csv_row("C1")]).encode("utf-16"), "csv", JudgedClaim),
        (workbook([("claim_id", "payer", "carc", "amount"), ("C1", "Aetna", "197", 80)]), "xlsx", JudgedClaim),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_known_by_its_content_not_by_its_name(tmp_path: Path, data: bytes, form: str, kind: type) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(data)
    batch = open_batch(path, today=TODAY)
    assert batch.format == form
    assert batch.sha256 == hashlib.sha256(data).hexdigest()
    assert [type(record) for record in batch.records] == [kind]
    assert [type(record) for record in open_batch(path, format=form, today=TODAY).records] == [kind]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"%PDF-1.7\n...", "PDF"),
        (gzip.compress(REMIT.encode()), "gzip"),
        (bz2.compress(REMIT.encode()), "bzip2"),
        (zipped(REMIT), "zip archive: unpack it"),
        (zipped(REMIT)[:60], "damaged zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "picture"),
        (REMIT.encode("utf-16"), "UTF-16"),
        (REMIT.encode("utf-16-le"), "NUL bytes"),
        (b"claims\0\0\0\0", "NUL bytes"),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b'{"claims": []}', "JSON"),
        (b"hello\nworld\n", "none of the headings"),
        (random.Random(7).randbytes(4096).replace(b"ISA", b"XXX"), "."),
        (REMIT.replace("GS*HP", "GS*HC").replace("ST*835", "ST*837").encode(), "claims .837"),
        (REMIT.replace("GS*HP", "GS*FA").replace("ST*835", "ST*999").encode(), "999"),
        (REMIT.replace("ST*835", "ST*123").encode(), "another X12 transaction"),
        (REMIT[:200].encode(), "truncated"),
        (REMIT[:90].encode(), "ISA"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # a zip holds the time it was made
)
def test_what_is_no_batch_is_refused_in_one_line_that_holds_nothing_of_it(
    tmp_path: Path, data: bytes, said: str
) -> None:
    with pytest.raises(IntakeError, match=said) as caught:
        read_file(tmp_path / f"{MARKER}.835", data)
    line = str(caught.value)
    assert "\n" not in line
    assert MARKER not in line
    assert "C1" not in line


@pytest.mark.parametrize("form", ["277ca", "csv", "xlsx"])
def test_a_format_that_the_file_is_not_in_is_named(tmp_path: Path, form: str) -> None:
    with pytest.raises(IntakeError, match=r"the file is a remittance \(835\), not"):
        read_file(tmp_path / "a", REMIT, format=form)


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="auto, 835, 277ca, csv, xlsx"):
        read_file(tmp_path / "a", REMIT, format="pdf")


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="not there"):
        open_batch(tmp_path / MARKER, today=TODAY)
    with pytest.raises(IntakeError, match="no file"):
        open_batch(tmp_path, today=TODAY)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(IntakeError, match="no file"):
        open_batch(tmp_path / "pipe", today=TODAY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(REMIT)
    path.chmod(0)
    with pytest.raises(IntakeError, match="permissions"):
        open_batch(path, today=TODAY)


def test_a_file_that_vanishes_between_looking_and_reading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(REMIT)
    batch = open_batch(path, today=TODAY)
    path.unlink()
    with pytest.raises(IntakeError, match="not there"):
        list(batch.records)


def test_a_file_that_grows_between_looking_and_reading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(REMIT)
    batch = open_batch(path, today=TODAY)
    with path.open("a") as file:
        file.write(REMIT)
    with pytest.raises(IntakeError, match="changed while it was read"):
        list(batch.records)


def test_a_disk_that_fails_is_told_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text(REMIT)
    batch = open_batch(path, today=TODAY)

    def broken(*_: object, **__: object) -> object:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(IntakeError, match="Input/output error"):
        list(batch.records)
