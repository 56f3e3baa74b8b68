"""What a file is, by its first bytes, never by its name; and its SHA-256, by which a batch is known."""

from __future__ import annotations

import codecs
import hashlib
import re
import zipfile
from typing import BinaryIO

from denials.errors import IntakeError
from intake.x12 import find_isa, read_marks

HEAD = 1 << 16
_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SIGNATURES = (
    (b"%PDF", "a PDF: ask the payer or clearinghouse for the electronic remittance (835)"),
    (b"\x1f\x8b", "compressed (gzip): unpack it first"),
    (b"BZh", "compressed (bzip2): unpack it first"),
    (b"\xfd7zXZ\x00", "compressed (xz): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file, or one protected by a password: save it as .xlsx without a password"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "a word processor's file: save the table as CSV"),
)
_TRANSACTIONS = {
    "835": "835",
    "277": "277ca",
}
_OTHER_GROUPS = {
    b"HC": "claims (837)",
    b"HR": "a claim status request (276)",
    b"HS": "an eligibility request (270)",
    b"HB": "an eligibility answer (271)",
    b"HI": "an authorization (278)",
    b"RA": "a premium payment (820)",
    b"BE": "an enrollment (834)",
    b"FA": "an acknowledgement (997 or 999)",
}
NAMES = {"835": "a remittance (835)", "277ca": "a claim acknowledgement (277CA)", "csv": "CSV", "xlsx": "an XLSX"}


def sniff(head: bytes, source: BinaryIO) -> str:
    """The format of a file: 835, 277ca, csv or xlsx. Raises IntakeError for what is none of them."""
    if not head.strip(b"\xef\xbb\xbf\x1a \t\r\n"):
        raise IntakeError("the file is empty")
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise IntakeError(f"the file is {what}")
    if head.startswith(b"PK"):
        return _archive(source)
    if head.startswith(_UTF16):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
        if find_isa(text.encode("latin-1", errors="replace")) >= 0:
            raise IntakeError("the file is UTF-16 text, X12 is not: get it again, or save it as plain text (ASCII)")
        return "csv"
    start = find_isa(head)
    if start >= 0:
        return _x12(head[start:])
    if b"\0" in head:
        raise IntakeError("the file holds NUL bytes: it is damaged, or no text at all")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):
        raise IntakeError("the file is a web page, XML or JSON, not a remittance or a table: get it as 835 or CSV")
    return "csv"


def _archive(source: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise IntakeError("the file is a damaged zip archive or workbook; export it again") from None
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise IntakeError("the file is a zip archive: unpack it first")


def _x12(data: bytes) -> str:
    marks, _ = read_marks(data[:1024])
    element = re.escape(marks.element)
    group = re.search(rb"[^A-Za-z0-9]GS" + element + rb"([A-Za-z]{2})", data, re.IGNORECASE)
    kind = group[1].upper() if group else b""
    if kind in _OTHER_GROUPS:
        raise IntakeError(f"the file holds {_OTHER_GROUPS[kind]}, not a remittance (835)")
    opened = re.search(rb"[^A-Za-z0-9]ST" + element + rb"(\d{3})", data, re.IGNORECASE)
    found = _TRANSACTIONS.get(opened[1].decode()) if opened else None
    if found is None and opened:
        raise IntakeError("the file holds another X12 transaction, not a remittance (835) or acknowledgement (277CA)")
    return found or ("277ca" if kind == b"HN" else "835")  # whose reader says what is missing


def digest(source: BinaryIO) -> str:
    """The SHA-256 of the whole file as hexadecimal text."""
    found = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        found.update(chunk)
    return found.hexdigest()
