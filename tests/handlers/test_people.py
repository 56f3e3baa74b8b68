"""Members, guests and people from other workspaces are told apart, with few questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.gateway import make_client
from handlers.people import People
from sandbox.app import App
from sandbox.seed import default_seed
from sandbox.server import Sandbox

OWN = "T0SANDBOX"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A workspace in which Sam is a guest."""
    seed = default_seed()
    people = tuple(replace(one, is_guest=True) if one.id == "U0FRONT2" else one for one in seed.people)
    with Sandbox(replace(seed, people=people)) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    """The app's client."""
    return make_client(sandbox.bot_token, sandbox.api_url)


def _context(team: str = OWN, enterprise: str | None = None) -> BoltContext:
    context = BoltContext()
    context["authorize_result"] = AuthorizeResult(enterprise_id=enterprise, team_id=team)
    return context


def _press(user: str, team: str = OWN) -> dict[str, Any]:
    return {"user": {"id": user, "team_id": team}}


def test_a_member_is_a_member(client: WebClient) -> None:
    actor = People().actor(_press("U0FRONT1"), _context(), client)

    assert (actor.user, actor.guest, actor.outsider) == ("U0FRONT1", False, False)


def test_a_guest_is_recognised(client: WebClient) -> None:
    assert People().actor(_press("U0FRONT2"), _context(), client).guest


def test_somebody_from_another_workspace_is_recognised(client: WebClient) -> None:
    assert People().actor(_press("U0FRONT1", "T0OTHER"), _context(), client).outsider
    assert People().actor({"user_id": "U0FRONT1", "team_id": "T0OTHER"}, _context(), client).outsider


def test_workspaces_of_one_organization_belong_together(client: WebClient) -> None:
    elsewhere = {**_press("U0FRONT1", "T0SISTER"), "enterprise": {"id": "E0ORG"}}

    assert not People().actor(elsewhere, _context(enterprise="E0ORG"), client).outsider
    assert not People().actor(_press("U0FRONT1", "E0ORG"), _context(enterprise="E0ORG"), client).outsider
    assert People().actor(elsewhere, _context(enterprise="E0OTHER"), client).outsider
    assert People().actor(elsewhere, _context(), client).outsider


def test_slack_is_asked_once_about_each_person(sandbox: Sandbox, client: WebClient) -> None:
    people = People()
    before = _asked(sandbox)
    for _ in range(3):
        people.actor(_press("U0CODE1"), _context(), client)

    assert _asked(sandbox) - before == 1


def test_without_an_answer_somebody_counts_as_a_member_and_is_not_asked_again_at_once(
    sandbox: Sandbox, client: WebClient
) -> None:
    people = People()
    before = _asked(sandbox)
    for _ in range(3):
        actor = people.actor(_press("U0NOBODY"), _context(), client)

    assert (actor.guest, actor.outsider) == (False, False)
    assert _asked(sandbox) - before == 1


def test_where_the_app_may_not_ask_nobody_is_proven_a_member() -> None:
    scopes = App().scopes - {"users:read"}
    with Sandbox(default_seed(), app=App(scopes=scopes)) as running:
        client = make_client(running.bot_token, running.api_url)

        assert People().actor(_press("U0FRONT1"), _context(), client).unproven
        assert People().known("U0FRONT1", client).unproven


def test_whom_a_payload_only_names_is_looked_up_too(client: WebClient) -> None:
    people = People()

    assert not people.known("U0FRONT1", client).guest
    assert people.known("U0FRONT2", client).guest
    assert people.known("U0DENIALDESK", client).guest, "a program works no items"


def test_the_opener_of_home_is_in_the_event(client: WebClient) -> None:
    body = {"team_id": OWN, "event": {"user": "U0FRONT2", "tab": "home"}}

    assert People().actor(body, _context(), client).guest


def _asked(sandbox: Sandbox) -> int:
    return len(sandbox.calls.of("users.info"))
