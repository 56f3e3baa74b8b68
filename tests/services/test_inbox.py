"""The drop folder: what is taken, what is left alone, and where it goes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlmodel import select

from services.desk import Desk
from services.inbox import Inbox
from store.tables import SlackMessage
from tests import remits
from tests.remits import csv_row, denied_claim
from tests.services.files import items


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty drop folder."""
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def told(desk: Desk) -> list[str]:
    """What the ops channel is to be told."""
    with desk.db.read() as session:
        return [message.data for message in session.exec(select(SlackMessage).where(SlackMessage.kind == "notice"))]


def drop(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_is_taken_at_the_second_look_and_moved_to_done(desk: Desk, folder: Path) -> None:
    inbox = Inbox(desk, folder)
    drop(folder, "remit.835", remits.remit([denied_claim("C1")]))
    assert inbox.scan() == []
    (summary,) = inbox.scan()
    assert summary.status == "ingested"
    assert [path.name for path in (folder.parent / "done").iterdir()] == ["remit.835"]
    assert list(folder.iterdir()) == []
    assert len(items(desk)) == 1
    assert told(desk) == []


def test_a_file_that_still_grows_is_left_alone(desk: Desk, folder: Path) -> None:
    inbox, text = Inbox(desk, folder), remits.remit([denied_claim("C1")])
    path = drop(folder, "remit.835", text[:200])
    inbox.scan()
    path.write_text(text)
    assert inbox.scan() == []
    assert len(inbox.scan()) == 1


def test_a_bad_file_goes_to_rejected_and_the_ops_channel_hears_of_it_without_its_name(desk: Desk, folder: Path) -> None:
    inbox = Inbox(desk, folder)
    drop(folder, "SMITH_JOHN_19700101.835", remits.remit([denied_claim("SECRET1")])[:-40])
    inbox.scan()
    (summary,) = inbox.scan()
    assert summary.status == "rejected"
    names = sorted(path.name for path in (folder.parent / "rejected").iterdir())
    assert names == ["SMITH_JOHN_19700101.835", "SMITH_JOHN_19700101.835.errors.txt"]
    (notice,) = told(desk)
    assert "rejected" in notice
    assert "SMITH" not in notice
    assert "SECRET1" not in notice


def test_rows_left_out_are_told_and_reported_beside_the_file(desk: Desk, folder: Path) -> None:
    inbox = Inbox(desk, folder)
    drop(folder, "export.csv", remits.csv_text([csv_row("C1"), csv_row("SECRET2", carc="??")]))
    inbox.scan()
    (summary,) = inbox.scan()
    assert (summary.status, summary.rejected_rows) == ("ingested", 1)
    report = (folder.parent / "done" / "export.csv.errors.txt").read_text()
    assert report.startswith("line 3: ")
    assert "SECRET2" not in report + told(desk)[0]


def test_links_folders_and_unfinished_names_are_ignored(desk: Desk, folder: Path, tmp_path: Path) -> None:
    outside = drop(tmp_path, "outside.835", remits.remit([denied_claim("C1")]))
    (folder / "link.835").symlink_to(outside)
    (folder / "sub").mkdir()
    for name in (".hidden.835", "~lock.835", "remit.835.part", "remit.tmp"):
        drop(folder, name, "x")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.835")
    inbox = Inbox(desk, folder)
    inbox.scan()
    assert inbox.scan() == []
    assert items(desk) == []
    assert outside.exists()


def test_a_second_file_of_the_same_name_does_not_replace_the_first(desk: Desk, folder: Path) -> None:
    inbox = Inbox(desk, folder)
    for number in (1, 2):
        drop(folder, "remit.835", remits.remit([denied_claim(f"C{number}")], trace=f"T{number}"))
        inbox.scan()
        inbox.scan()
    assert sorted(path.name for path in (folder.parent / "done").iterdir()) == ["remit-2.835", "remit.835"]


def test_a_file_that_was_taken_in_before_is_just_moved(desk: Desk, folder: Path) -> None:
    inbox, text = Inbox(desk, folder), remits.remit([denied_claim("C1")])
    for name in ("a.835", "b.835"):
        drop(folder, name, text)
    inbox.scan()
    assert [summary.status for summary in inbox.scan()] == ["ingested", "already_ingested"]
    assert len(list((folder.parent / "done").iterdir())) == 2


def test_several_processes_take_each_file_once(desk: Desk, folder: Path) -> None:
    for number in range(6):
        drop(folder, f"{number}.835", remits.remit([denied_claim(f"C{number}")], trace=f"T{number}"))
    inboxes = [Inbox(desk, folder) for _ in range(3)]
    for inbox in inboxes:
        inbox.scan()
    with ThreadPoolExecutor(3) as pool:
        taken = [summary.status for summaries in pool.map(Inbox.scan, inboxes) for summary in summaries]
    assert taken == ["ingested"] * 6
    assert len(items(desk)) == 6
    assert list(folder.iterdir()) == []
