"""Patient data in every field of a file reaches no message, no answer, no log, and no plain byte of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.remits import denied_claim, remit
from tests.stories.practice import practice

CANARY = "ZQXCANARY"


def _canary_835() -> tuple[str, set[str]]:
    """An 835 with a marker in every free field, and all the markers."""
    text = remit([denied_claim(f"{CANARY}CLAIM", 240, "27", patient=f"{CANARY}PATIENT")], payer="AETNA")
    extra = (
        f"NM1*IL*1*{CANARY}SUBSCRIBER*{CANARY}FIRST****MI*{CANARY}MEMBER~\n"
        f"NM1*74*1*{CANARY}CORRECTED*X****C*{CANARY}CORRECTEDID~\n"
        f"NM1*82*1*{CANARY}DOCTOR*X****XX*1999999984~\n"
        f"REF*1L*{CANARY}POLICY~\nREF*SY*{CANARY}SSN~\nREF*EA*{CANARY}RECORD~\nREF*F8*{CANARY}ORIGINAL~\n"
        f"PER*CX*{CANARY}CONTACT*TE*5555550100~\n"
    )
    head, middle, tail = re.split(r"(?=SVC\*)", text, maxsplit=1)[0], extra, text[text.index("SVC*") :]
    joined = head + middle + tail
    count = len([one for one in joined[joined.index("ST*") : joined.index("SE*")].split("~") if one.strip()]) + 1
    joined = re.sub(r"SE\*\d+\*", f"SE*{count}*", joined)
    return joined, set(re.findall(rf"{CANARY}[A-Z]+", joined))


def _canary_csv() -> tuple[str, set[str]]:
    headings = "claim_id,payer,carc,amount,location,patient name,member id,dob,ssn,comments"
    cells = ("CSVCLAIM", "PAYER", "LOCATION", "NAME", "MEMBER", "DOB", "SSN", "COMMENT")
    claim, payer, location, *rest = (f"{CANARY}{one}" for one in cells)
    text = f"{headings}\n{claim},{payer},CO-27,120.00,{location},{','.join(rest)}\n"
    return text, set(re.findall(rf"{CANARY}[A-Z]+", text))


@pytest.mark.parametrize("make", [_canary_835, _canary_csv], ids=["835", "csv"])
def test_patient_data_leaves_no_trace(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Callable[[], tuple[str, set[str]]]
) -> None:
    text, markers = make()
    assert len(markers) >= 8
    with practice(tmp_path) as office:
        story = office.story
        assert office.take_in(text).new == 1
        card = office.card("front-desk")
        story.click(card, "Claim", by="U0FRONT1")
        card = story.expect_update(card, button="Release")
        story.choose(card, "Details and history", by="U0FRONT1")
        modal = story.modal("U0FRONT1")
        story.command("U0MANAGER", "/denials stats", channel="front-desk")
        story.expect_private_answer("U0MANAGER")
        everything = [json.dumps([modal.words, *(one.blocks for one in story.private_answers("U0MANAGER"))])]
        for channel in office.sandbox.workspace.rooms.values():
            everything += [json.dumps(one.blocks) + one.text for one in office.sandbox.workspace.listed(channel.id)]
    out, err = capfd.readouterr()
    everything += [out, err]
    shown = [found for text in everything for found in re.findall(CANARY, text, re.IGNORECASE)]
    assert shown == []
    for path in tmp_path.glob("denials.db*"):
        data = path.read_bytes()
        assert not [one for one in markers if one.encode() in data or one.lower().encode() in data], path.name


def test_a_claim_number_is_found_on_the_host_only(tmp_path: Path) -> None:
    from denials.model import Sensitive
    from services.lookup import lookup

    with practice(tmp_path) as office:
        office.take_in(remit([denied_claim("ACCT-7001", 240, "27")]))
        ref = office.card("front-desk").button("Claim").value.split(":")[0]
        (found,) = lookup(office.desk, [ref], "tester")
        assert isinstance(found.claim_number, Sensitive)
        assert found.claim_number.reveal() == "ACCT-7001"
