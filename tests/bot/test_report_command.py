"""`denials report`: a file that opens anywhere and holds nobody's data."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from denials.definitions import everything
from denials.weeks import Week
from tests.bot.conftest import Run
from tests.remits import claim, denied_claim, remit

PHI = ("TESTPATIENT", "MEMBER", "SECRET9")


@pytest.fixture
def taken_in(run: Run, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A practice with eight denials of one week in March 2026."""
    shutil.copy(sqlite_template, tmp_path / "denials.db")
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{tmp_path}/denials.db")
    claims = [denied_claim(f"SECRET9{n}", 100 + n) for n in range(7)]
    odd = claim("SECRET99", 50, 0, cas=[("CO", "197", 50)])
    (tmp_path / "a.835").write_text(remit([*claims, odd], payer="<B>ACME & SONS"), encoding="utf-8")
    assert run("ingest", "a.835").status == 0
    return run


class Page(HTMLParser):
    """What a browser would see of the file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.drawings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what would be fetched, linked to and drawn."""
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.addresses += [value for name, value in found.items() if name in ("src", "data", "action", "srcset")]
        self.drawings += [found.get("aria-label", "")] if tag == "svg" else []


def test_the_file_is_whole_by_itself_and_its_numbers_lead_to_their_definitions(taken_in: Run, tmp_path: Path) -> None:
    result = taken_in("report", "--week", "2026-W10", "--output", "report.html")
    assert (result.status, result.out) == (0, "")
    assert result.err == "report.html: the report of 2026-W10\n"
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.addresses == []
    assert not {"script", "link", "img", "iframe", "base"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://", text)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert {"new", "denial-rate", "preventable", "open", "due"} <= {link[1:] for link in page.links}
    assert {one.anchor for one in everything()} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_charts_are_told_in_words_too(taken_in: Run) -> None:
    page = Page(taken_in("report", "--week", "2026-W10").out)
    assert any(told.startswith("New denials by week") and "Mar 2: 8" in told for told in page.drawings)
    assert "New denials by category. Missing authorization: 8, week before 0." in page.drawings
    assert all(page.drawings)


def test_it_holds_no_patient_data_and_escapes_what_others_wrote(taken_in: Run) -> None:
    for call in (("report", "--week", "2026-W10"), ("report", "--week", "2026-W10", "--json")):
        out = taken_in(*call).out
        assert not any(word in out for word in PHI)
        assert "<B>ACME" not in out or "--json" in call


def test_the_four_answers_come_first(taken_in: Run) -> None:
    text = taken_in("report", "--week", "2026-W10").out
    answers = json.loads(taken_in("report", "--week", "2026-W10", "--json").out)["answers"]
    assert len(answers) == 4
    body = re.sub(r"<[^>]+>", "", text.partition("</ol>")[0].partition("<ol")[2])
    assert all(answer.replace("'", "&#x27;") in f"{body}" for answer in answers)
    assert text.index("<ol") < text.index("<svg")


def test_without_a_week_it_is_the_last_whole_one_and_a_file_is_replaced(taken_in: Run, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")
    assert taken_in("report", "--output", "report.html").status == 0
    assert "Weekly report" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.glob(".*")) == [], "no draft is left"


def test_json_holds_the_numbers_of_stats(taken_in: Run) -> None:
    data = json.loads(taken_in("report", "--week", "2026-W10", "--json").out)
    assert data["week"] == "2026-W10"
    assert (data["numbers"]["denials"]["new"], data["numbers"]["denials"]["amount"]) == (8, "771.00")
    assert data["groups"]["category"]["shown"][0]["name"] == "authorization"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--week", "2026-W60"), "2026-W60 is not a week: the weeks of 2026 are W01 to W53"),
        (("--week", "last"), "a week is a year and a number, such as 2026-W47"),
        (("--week", "2999-W01"), "2999-W01 lies ahead; the last whole week is"),
        (("--output", "."), "is a folder: name a file in it"),
        (("--output", "nowhere/report.html"), "nowhere/report.html cannot be written"),
    ],
)
def test_a_wrong_call_is_one_clear_line(taken_in: Run, options: tuple[str, ...], said: str) -> None:
    result = taken_in("report", *options)
    assert (result.status, result.out) == (2, "")
    assert said in result.err
    assert result.err.startswith("denials: ")
    assert result.err.count("\n") == 1


def test_the_week_that_is_not_over_cannot_be_reported(taken_in: Run) -> None:
    this = Week.of(datetime.now(UTC).date())
    result = taken_in("report", "--week", str(this))
    assert result.status == 2
    assert "is not over yet" in result.err or "lies ahead" in result.err
