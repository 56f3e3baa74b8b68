"""A real Chromium for the tests that look at the sandbox's page, and a page that must stay free of errors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",  # the tests may run as root, as in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=15_000)  # a busy machine is no failure


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a page drives a browser."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of a Chromium: `CHROMIUM`, else one found by name. Without one, the tests are skipped or fail."""
    named = os.environ.get("CHROMIUM")
    found = next((path for name in ((named,) if named else _NAMES) if (path := shutil.which(name))), None)
    if found is None:
        wanted = f"CHROMIUM={named} is not a program" if named else "no Chromium found; set CHROMIUM to its path"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(wanted, pytrace=False)
        pytest.skip(wanted)
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the tests of this folder; each test has its own page in it."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, 1280 by 800; an error in its console, a refused resource or a broken rule fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: _note(message, problems))
    opened.on("requestfailed", lambda request: _note_request(request.url, request.failure, problems))
    yield opened
    context.close()
    assert not problems, "\n".join(problems)


def _note(message: ConsoleMessage, problems: list[str]) -> None:
    address = message.location.get("url", "")
    # A refusal is a normal answer of the sandbox, which the page shows; Chromium writes it into the console too.
    refusal = "/sandbox/" in address and "status of 4" in message.text
    if message.type in ("error", "warning") and not refusal and not _server_gone(message.text):
        problems.append(f"{message.type}: {message.text} ({address})")


def _note_request(address: str, failure: str | None, problems: list[str]) -> None:
    # Streams and requests under way end with their page.
    if failure != "net::ERR_ABORTED" and not _server_gone(failure or ""):
        problems.append(f"{address}: {failure}")


def _server_gone(failure: str) -> bool:
    # The workspace of a test may be taken down before its page is.
    return "net::ERR_CONNECTION_" in failure or "net::ERR_EMPTY_RESPONSE" in failure or "INCOMPLETE_CHUNKED" in failure
