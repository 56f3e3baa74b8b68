"""X12 as it comes: any delimiters, line breaks, junk; and envelopes that are not sound."""

from __future__ import annotations

import io
from datetime import date

import pytest

from denials.errors import IntakeError
from intake.x12 import LONGEST_SEGMENT, Scanner
from intake.x835 import read_835
from tests.intake.reading import TODAY, as_row, claims, expected_row, faults, read
from tests.remits import Delimiters, claim, denied_claim, interchange, line, paid_claim, remit, reversal, transaction

CLAIMS = [
    denied_claim("C1", 100, "197"),
    paid_claim("C2"),
    claim("C3", 90, 20, cas=[("CO", "16", 40)], lines=[line(90, 60, cas=[("PR", "2", 30)], remarks=["N290"])]),
    reversal(paid_claim("C2")),
]
PLAIN = remit(CLAIMS)


def wrapped(text: str, width: int = 80, ending: str = "\n") -> str:
    flat = text.replace("\n", "")
    return ending.join(flat[start : start + width] for start in range(0, len(flat), width))


STYLES = {
    "line feeds": PLAIN,
    "carriage returns": PLAIN.replace("\n", "\r"),
    "both": PLAIN.replace("\n", "\r\n"),
    "one long line": PLAIN.replace("\n", ""),
    "80 columns": wrapped(PLAIN),
    "80 columns, CRLF": wrapped(PLAIN, ending="\r\n"),
    "37 columns": wrapped(PLAIN, 37),
    "byte order mark": "\ufeff" + PLAIN,
    "leading blank lines": "\r\n\r\n  " + PLAIN,
    "indented": PLAIN.replace("\n", "\n    "),
    "only claims indented": PLAIN.replace("CLP*", "  CLP*"),
    "only claims in lower case": PLAIN.replace("CLP*", "clp*"),
    "spaces before segments": PLAIN.replace("~\n", "~ "),
    "lower case": PLAIN.replace("C1", "1").replace("C2", "2").replace("C3", "3").lower(),
    "no line break at the end": PLAIN.rstrip("\n"),
    "end-of-file mark": PLAIN + "\x1a",
    "blank segments": PLAIN.replace("GS*", "~\nGS*"),
    "4010": remit(CLAIMS, version="004010X091A1"),
    "pipes": remit(CLAIMS, delimiters=Delimiters("|", ">", "~", "^", "")),
    "line feed as terminator": remit(CLAIMS, delimiters=Delimiters("*", ":", "\n", "^", "")),
    "CRLF as terminator": remit(CLAIMS, delimiters=Delimiters("*", ":", "\r", "^", "\n")),
    "carriage return as terminator": remit(CLAIMS, delimiters=Delimiters("*", ":", "\r", "^", "")),
    "odd delimiters": remit(CLAIMS, delimiters=Delimiters("\x1d", "\x1f", "\x1c", "\x1e", "")),
    "plus and quote": remit(CLAIMS, delimiters=Delimiters("+", ">", "'", "^", "\n")),
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style_says_the_same(style: str) -> None:
    found = read(STYLES[style])
    expected = [expected_row(row) for row in CLAIMS]
    if style == "lower case":
        expected = [(row[0].replace("C", ""), *row[1:]) for row in expected]
    assert faults(found) == []
    assert [as_row(row) for row in claims(found)] == expected


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 107, 1000])
@pytest.mark.parametrize("style", STYLES)
def test_where_the_reading_breaks_makes_no_difference(style: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [as_row(row) for row in claims(read(STYLES[style]))]
    monkeypatch.setattr(Scanner.__init__, "__defaults__", (chunk,))
    assert [as_row(row) for row in claims(read(STYLES[style]))] == whole


def test_text_before_the_header_is_passed_over_and_told() -> None:
    found = read("Dear biller,\r\nhere is your remittance.\r\n\r\n" + PLAIN)
    assert len(claims(found)) == len(CLAIMS)
    assert [fault.kind for fault in faults(found)] == ["warning"]


def test_text_after_the_last_trailer_is_passed_over_and_told() -> None:
    found = read(PLAIN + "-- end of transmission --\r\n" * 9000)
    assert len(claims(found)) == len(CLAIMS)
    assert [fault.kind for fault in faults(found)] == ["warning"]


def test_delimiters_are_read_at_every_interchange() -> None:
    marks = [
        Delimiters(),
        Delimiters("|", ">", "\n", "^", ""),
        Delimiters("*", ":", "\r", "^", "\n"),
        Delimiters("+", "<", "'", "^", ""),
    ]
    files = [remit([denied_claim(f"D{place}")], delimiters=mark) for place, mark in enumerate(marks)]
    found = read("".join(files))
    assert [row.claim_number.reveal() for row in claims(found)] == ["D0", "D1", "D2", "D3"]
    assert faults(found) == []
    found = read("\r\n junk \r\n".join(files))
    assert [row.claim_number.reveal() for row in claims(found)] == ["D0", "D1", "D2", "D3"]


def test_several_groups_and_transactions_keep_their_payers() -> None:
    parts = [
        transaction(
            [denied_claim(f"C{place}")], payer=f"PAYER {place}", trace=f"T{place}", date=date(2026, 1, place + 1)
        )
        for place in range(4)
    ]
    found = claims(read(interchange(parts, groups=2)))
    assert sorted(row.payer.name.reveal() for row in found) == [f"PAYER {place}" for place in range(4)]
    assert len({row.remit_key for row in found}) == 4


def test_an_acknowledgement_between_header_and_groups_is_no_trouble() -> None:
    assert len(claims(read(PLAIN.replace("GS*HP", "TA1*000000001*260302*1200*A*000~\nGS*HP")))) == len(CLAIMS)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("SE*", "SE*9", "counts 9"),
        ("GE*1*1", "GE*2*1", "counts 2 transactions, the file has 1"),
        ("IEA*1*", "IEA*3*", "counts 3 groups, the file has 1"),
        ("GE*1*1", "GE*1*77", "control number"),
        ("IEA*1*000000001", "IEA*1*000000002", "control number"),
        ("ST*835*0001", "ST*835*0002", "control number"),
        ("GE*1*1~\n", "", "IEA stands where ST or GE is due"),
        ("IEA*1*000000001~\n", "", "truncated"),
        ("GS*HP", "GX*HP", "something else stands where GS or IEA is due"),
        ("LX*1", "ST*835*0002", "ST stands where SE is due"),
        ("*T*:~", "*T~", "ISA.* is damaged"),
        ("REF*TJ*999999999~\n", "", "something is missing or added"),
    ],
)
def test_an_unsound_envelope_is_refused_with_its_position(before: str, after: str, said: str) -> None:
    assert before in PLAIN
    with pytest.raises(IntakeError, match=said):
        read(PLAIN.replace(before, after, 1))


def test_a_transaction_without_its_trailer_is_refused_even_when_another_follows() -> None:
    two = interchange([transaction([denied_claim("C1")], trace="T1"), transaction([denied_claim("C2")], trace="T2")])
    first = two.index("SE*")
    without = two[:first] + two[two.index("\n", first) + 1 :]
    with pytest.raises(IntakeError, match="something is missing or added"):
        read(without)


def test_two_halves_of_different_files_are_refused() -> None:
    one, other = (
        remit([denied_claim("C1"), denied_claim("C2")]),
        remit([denied_claim("C8"), denied_claim("C9")], control=2),
    )
    with pytest.raises(IntakeError):
        read(one[: one.index("CLP*C2")] + other[other.index("CLP*C9") :])


def test_a_segment_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    endless = _Endless(PLAIN[:500].replace("\n", "").encode() + b"REF*XX*", b"A")
    with pytest.raises(IntakeError, match="longer than 1 MB"):
        list(read_835(endless, TODAY))
    assert endless.given < 3 * LONGEST_SEGMENT


def test_a_claim_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    start = PLAIN[: PLAIN.index("~\nREF*1L")].replace("\n", "")
    endless = _Endless(start.encode() + b"~", b"REF*1L*GROUP1~")
    with pytest.raises(IntakeError, match="does not end"):
        list(read_835(endless, TODAY))
    assert endless.given < 40 << 20


def test_nul_bytes_are_refused() -> None:
    with pytest.raises(IntakeError, match="NUL"):
        read(PLAIN.replace("AETNA", "AE\0NA"))


class _Endless(io.BytesIO):
    """A beginning, and then the same for ever."""

    def __init__(self, start: bytes, more: bytes) -> None:
        super().__init__(start)
        self._more = more
        self.given = 0

    def read(self, size: int | None = -1) -> bytes:
        wanted = size if size and size > 0 else 1
        data = super().read(wanted)
        if len(data) < wanted:
            data += (self._more * (wanted // len(self._more) + 1))[: wanted - len(data)]
        self.given += len(data)
        return data
