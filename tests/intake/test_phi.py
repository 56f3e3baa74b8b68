"""Nothing about a person gets in: markers in every field for names and ids are nowhere in what the readers hand out."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

from denials.errors import IntakeError
from denials.model import JudgedClaim, PaidClaim, RemitClaim, Sensitive, StatusRejection
from tests.intake.reading import read, read_file, read_status
from tests.intake.test_xlsx import workbook
from tests.remits import Rejection, acknowledgement, claim, csv_row, csv_text, denied_claim, line, paid_claim, remit

PERSON = (
    "NM1*QC*1*ZQLAST*ZQFIRST*ZQMIDDLE**ZQSUFFIX*MI*ZQMEMBER",
    "NM1*IL*1*ZQINSURED*ZQFIRST****MI*ZQSUBSCRIBER",
    "NM1*74*1*ZQCORRECTED*ZQFIRST****C*ZQNEWID",
    "NM1*82*1*ZQDOCTOR*ZQFIRST****XX*ZQNPI",
    "NM1*TT*2*ZQCROSSOVER*****PI*ZQPLAN",
    "NM1*PR*2*ZQPRIORITY*****PI*ZQPRIOR",
    "N3*ZQSTREET",
    "N4*ZQCITY*NY*ZQZIP",
    "DMG*D8*ZQ19500101*F",
    "REF*SY*ZQSSN",
    "REF*EA*ZQRECORD",
    "REF*IG*ZQPOLICY",
    "REF*1L*ZQGROUP",
    "REF*G1*ZQAUTH",
    "PER*CX*ZQCONTACT*TE*ZQPHONE",
    "NTE*ADD*ZQNOTE",
    "K3*ZQFREE",
    "DTM*036*ZQDATE",
    "LQ*RX*ZQREJECT",
)
CODES = ("MIA*0***ZQMIA", "MOA*ZQMOA***ZQCODE", "LQ*HE*ZQ99")  # read for their codes, which must look like codes


def with_persons(text: str) -> str:
    """The same remittance with markers behind every claim and line, its segment count mended."""
    out: list[str] = []
    count = 0
    for segment in text.split("~\n"):
        if segment.startswith("ST*"):
            count = 0
        if segment.startswith("SE*"):
            segment = f"SE*{count + 1}*" + segment.split("*")[2]
        if segment.startswith("CLP*"):
            segment = segment.replace("PAYERCLAIM1", "ZQPAYERCLAIM") + "*ZQ9*ZQ10"
        elif segment.startswith(("NM1*QC", "NM1*82", "PER", "REF*1L")):
            continue
        elif segment.startswith("SVC*"):
            segment += "*HC:99213:::::ZQDESCRIPTION"
        elif segment.startswith("TRN*"):
            segment += "*ZQORIGIN"
        added = [segment]
        if segment.startswith(("CLP*", "SVC*")):
            added += (
                [*PERSON, *CODES] if not segment.startswith("CLP*C1*") else PERSON
            )  # codes above make it no light one
        out += added
        count += len(added)
    return "~\n".join(out)


REMITTANCE = with_persons(
    remit(
        [
            denied_claim("C1", remarks=["N290"]),
            paid_claim("C2"),
            claim("C3", 90, 20, cas=[("CO", "16", 40)], lines=[line(90, 60, cas=[("PR", "2", 30)])]),
            claim("C4", 10, 90),
        ],
        plb=[("WO:ZQPLB", 5)],
        total=5,
    ).replace("N3*1 MAIN STREET", "N3*ZQPAYERSTREET")
)


def texts(thing: object, seen: set[int] | None = None) -> Iterator[str]:
    """Every text and byte string reachable from a record, hidden ones included."""
    seen = set() if seen is None else seen
    if id(thing) in seen or thing is None:
        return
    seen.add(id(thing))
    if isinstance(thing, Sensitive):
        yield thing.reveal()
    elif isinstance(thing, str):
        yield thing
    elif isinstance(thing, bytes):
        yield thing.decode("latin-1")
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from texts(key, seen)
            yield from texts(value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from texts(part, seen)
    elif isinstance(thing, Enum | re.Pattern):
        return
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from texts(getattr(thing, field.name), seen)
    elif hasattr(thing, "__self__"):
        yield from texts(thing.__self__, seen)
    elif type(thing).__module__.startswith("intake"):
        yield from texts(vars(thing), seen)


def test_the_markers_are_in_the_file() -> None:
    assert REMITTANCE.count("ZQLAST") == 7


def test_nothing_that_comes_out_of_a_remittance_holds_a_marker() -> None:
    records = read(REMITTANCE)
    kinds = {type(record) for record in records}
    assert {RemitClaim, PaidClaim, JudgedClaim} <= kinds
    for record in records:
        assert "ZQ" not in repr(record)
        whole = record.whole() if isinstance(record, PaidClaim | JudgedClaim) else record
        assert not any("ZQ" in text for text in texts(whole))
        # Segments that are read may wait, as bytes, with a light claim and its reader; an SVC without its name too.
        segments = {segment for text in texts(record) for segment in text.split("~") if "ZQ" in segment}
        assert {segment.split("*")[0] for segment in segments} <= {"SVC", "HC:99213", "MIA", "MOA", "LQ"}


def test_a_claim_number_and_a_date_of_service_do_not_show_themselves() -> None:
    text = remit([denied_claim("ZQNUMBER", carc="16"), paid_claim("ZQNUMBER")]).replace(
        "REF*1L*GROUP1", "DTM*232*20260117"
    )
    for record in read(text):
        for shown in (repr(record), str(record), f"{record}"):
            assert "ZQNUMBER" not in shown
            assert "2026, 1, 17" not in shown
            assert "20260117" not in shown


def test_no_error_holds_a_marker_wherever_the_file_is_damaged() -> None:
    draw = random.Random(1)
    told = 0
    for _ in range(1500):
        data = bytearray(REMITTANCE.encode())
        for _ in range(draw.choice((1, 2, 5))):
            start = draw.randrange(len(data))
            data[start : start + draw.choice((0, 1, 30, 400))] = draw.choice((b"", b"~", b"*", b"~\n", b"ISA*", b"ST*"))
        said = ""
        try:
            said = "".join(repr(record) for record in read(bytes(data)))
        except IntakeError as error:
            said = str(error)
        told += bool(said)
        assert "ZQ" not in said
    assert told > 1000


def test_columns_that_are_not_ours_are_not_read(tmp_path: Path) -> None:
    row = {"Patient Name": "ZQLAST, ZQFIRST", "DOB": "ZQ1950", "SSN": "ZQSSN", "Notes": "ZQNOTE"}
    rows = [csv_row("C1") | row, csv_row("C2", "ZQ") | row, csv_row("C3", amount="ZQ") | row]
    for data in (csv_text(rows).encode(), workbook([tuple(rows[0]), *(tuple(each.values()) for each in rows)])):
        for record in read_file(tmp_path / "export", data):
            assert "ZQ" not in repr(record)
            assert not any("ZQ" in text for text in texts(record))


@pytest.mark.parametrize("name", ["claim_id", "payer", "location"])
def test_what_a_wrongly_mapped_column_brings_does_not_show_itself(tmp_path: Path, name: str) -> None:
    row = csv_row("C1") | {"location": "NORTH"} | {name: "ZQLAST, ZQFIRST"}
    (record,) = read_file(tmp_path / "export", csv_text([row]))
    assert "ZQ" not in repr(record)


def test_headings_and_first_rows_are_not_repeated(tmp_path: Path) -> None:
    for text in ("ZQLAST,ZQFIRST,ZQSSN\n", "claim_id,payer,ZQSSN\nC1,ZQLAST,197\n"):
        with pytest.raises(IntakeError) as caught:
            read_file(tmp_path / "ZQFILE.csv", text)
        assert "ZQ" not in str(caught.value)


def test_nothing_that_comes_out_of_an_acknowledgement_holds_a_marker() -> None:
    text = acknowledgement([Rejection("C1"), Rejection("C2", charge="9")])
    text = text.replace("TESTPATIENT*PAT****MI*MEMBER000001", "ZQLAST*ZQFIRST****MI*ZQMEMBER")
    text = text.replace("REF*1K*PAYERCLAIM1", "REF*1K*ZQPAYERCLAIM").replace("TEST BILLING", "ZQBILLING")
    text = text.replace("*U*9~", "*U*9********ZQFREE TEXT~").replace("TEST CLINIC", "ZQCLINIC")
    records = read_status(text)
    assert [type(record) for record in records] == [StatusRejection, StatusRejection]
    assert not any("ZQ" in text for record in records for text in texts(record))
