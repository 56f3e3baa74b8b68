"""Notes: guarded when typed into Slack, free on the host, sealed in both cases."""

from __future__ import annotations

import json

import pytest

from denials.rules.model import RuleSet
from services import history, work
from services.desk import Desk
from services.notes import LONGEST, NoteError, free_note, notes_of, short_note
from services.views import Done, Refused
from store import items
from tests.conftest import FixedClock
from tests.services.stock import add_items, get, item_id
from tests.services.teams import ANA, BEN, STRANGER, small_practice

SECRET = "Jane Doe, born 1/2/1960, member W123456789"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def ref(desk: Desk) -> str:
    return add_items(desk, 1)[0]


def test_a_short_note_is_kept_and_told_only_as_being_there(desk: Desk, ref: str) -> None:
    assert isinstance(short_note(desk, ref, ANA, " asked the payer "), Done)

    [note] = notes_of(desk, ref, "root")
    assert (note.who, note.text, note.at) == (ANA.user, "asked the payer", desk.now())
    shown = history.details(desk, ref)
    assert shown is not None
    assert [(entry.kind, entry.has_note) for entry in shown.entries] == [("noted", True)]
    assert "asked the payer" not in repr(shown)


@pytest.mark.parametrize("text", ["", "   ", "member 123456789", "call 212-555-0187", "x" * 201])
def test_a_short_note_that_may_not_be_kept_is_refused(desk: Desk, ref: str, text: str) -> None:
    answer = short_note(desk, ref, ANA, text)
    assert isinstance(answer, Refused)
    assert answer.code == "note"
    assert notes_of(desk, ref, "root") == ()


def test_only_the_team_adds_notes(desk: Desk, ref: str) -> None:
    answer = short_note(desk, ref, STRANGER, "hello")
    assert isinstance(answer, Refused)
    assert answer.code == "not_allowed"


def test_a_free_note_takes_anything_and_stands_nowhere_in_plain_text(desk: Desk, ref: str) -> None:
    free_note(desk, ref.lower(), "maria", SECRET)

    [note] = notes_of(desk, ref, "root")
    assert (note.who, note.text) == ("maria", SECRET)
    assert SECRET not in repr(note)
    with desk.db.read() as session:
        [event] = items.events_of(session, item_id(desk, ref))
    assert json.loads(event.data) == {"host": True}
    assert event.actor is None
    assert event.note is not None
    assert b"Jane" not in event.note


def test_notes_change_nothing_that_a_card_shows(desk: Desk, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    free_note(desk, ref, "maria", "called")
    short_note(desk, ref, BEN, "called")
    assert get(desk, ref).version == 2
    assert isinstance(work.release(desk, ref, 2, ANA), Done)


def test_a_note_by_the_assignee_is_activity(desk: Desk, clock: FixedClock, ref: str) -> None:
    work.claim(desk, ref, 1, ANA)
    clock.forward(hours=2)
    short_note(desk, ref, BEN, "seen")
    assert get(desk, ref).last_activity_at < desk.now()
    short_note(desk, ref, ANA, "called")
    assert get(desk, ref).last_activity_at == desk.now()


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
def test_notes_that_cannot_be_kept_name_the_mend(desk: Desk, ref: str, text: str) -> None:
    with pytest.raises(NoteError, match="note"):
        free_note(desk, ref, "maria", text)


def test_an_unknown_reference_is_said_without_repeating_it(desk: Desk) -> None:
    for attempt in (lambda: free_note(desk, "12345678901", "maria", "x"), lambda: notes_of(desk, "12345678901", "m")):
        with pytest.raises(NoteError, match="no denial is known") as told:
            attempt()
        assert "12345678901" not in str(told.value)
