"""Who there is: users.*, usergroups.*, team.info, bots.info, auth.test; and apps.connections.open."""

from __future__ import annotations

from sandbox.errors import SlackRefusal
from sandbox.webapi.conversations import page
from sandbox.webapi.method import Answer, Method, Request
from sandbox.webapi.shapes import bot_json, group_json, person_json


def auth_test(call: Request) -> Answer:
    """auth.test"""
    core = call.core
    return {
        "url": f"{core.url}/",
        "team": core.seed.team_name,
        "user": core.app.handle,
        "team_id": core.seed.team_id,
        "user_id": core.app.user_id,
        "bot_id": core.app.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(call: Request) -> Answer:
    """apps.connections.open: where to connect for Socket Mode, once."""
    address = call.core.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={call.core.tickets.socket()}&app_id={call.core.app.id}"}


def user_info(call: Request) -> Answer:
    """users.info"""
    person = call.core.workspace.people.get(call.text("user"))
    if person is None:
        raise SlackRefusal("user_not_found")
    return {"user": person_json(call.core, person)}


def user_list(call: Request) -> Answer:
    """users.list"""
    shown, following = page(call, list(call.core.workspace.people.values()), 200, 1000)
    return {
        "members": [person_json(call.core, person) for person in shown],
        "cache_ts": int(call.core.clock.real()),
        "response_metadata": {"next_cursor": following},
    }


def group_list(call: Request) -> Answer:
    """usergroups.list"""
    groups = call.core.workspace.groups.values()
    return {"usergroups": [group_json(call.core, group, with_users=call.flag("include_users")) for group in groups]}


def group_users(call: Request) -> Answer:
    """usergroups.users.list"""
    group = call.core.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise SlackRefusal("no_such_subteam")
    return {"users": list(group.members)}


def team_info(call: Request) -> Answer:
    """team.info"""
    seed = call.core.seed
    return {"team": {"id": seed.team_id, "name": seed.team_name, "domain": seed.domain, "email_domain": "", "icon": {}}}


def bot_info(call: Request) -> Answer:
    """bots.info"""
    if call.optional("bot") not in (None, call.core.app.bot_id):
        raise SlackRefusal("bot_not_found")
    return {"bot": bot_json(call.core)}


METHODS = {
    "auth.test": Method(auth_test),
    "apps.connections.open": Method(connections_open, app_token=True),
    "users.info": Method(user_info, "users:read"),
    "users.list": Method(user_list, "users:read"),
    "usergroups.list": Method(group_list, "usergroups:read"),
    "usergroups.users.list": Method(group_users, "usergroups:read"),
    "team.info": Method(team_info, "team:read"),
    "bots.info": Method(bot_info, "users:read"),
}
