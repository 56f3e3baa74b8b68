"""`denials doctor`: every part of an installation looked at, each finding with its mend. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.database_errors import line_for
from bot.desk import make_desk, open_database
from bot.doctor_host import host_findings
from bot.doctor_people import people_findings
from bot.findings import Finding
from bot.gateway import Answer, Gateway, Refused, make_client
from bot.groups import GONE
from bot.homes import mend_in
from bot.manifest import SCOPES
from bot.rules_file import RulesFile, read_rules
from bot.settings import Settings, load_settings
from bot.workspace import Identity, identity_of
from denials.errors import DenialDeskError, RulesError, SettingsError
from denials.rules.load import check_rules
from denials.rules.model import RuleSet
from services import health, workspace
from services.desk import Desk
from services.roster import groups_of
from store.database import Database
from store.migrate import HEAD, revision_of

_SKEW_S = 60  # Slack refuses requests older than five minutes; long before that a clock is worth a word
_SHOWN = 20


def examine() -> list[Finding]:
    """Look at everything that can be looked at."""
    try:
        settings = load_settings()
    except SettingsError as wrong:
        return [Finding("settings", "error", str(wrong), "correct the variable, then run doctor again")]
    findings = list(_settings(settings))
    rules, found = _rules(settings)
    findings += found
    findings += _database(settings, rules)
    findings += _slack(settings, rules)
    return findings


def _settings(settings: Settings) -> Iterator[Finding]:
    try:
        mode = settings.mode
    except SettingsError as missing:
        yield Finding("settings", "error", str(missing), "then run doctor again")
    else:
        way = "Socket Mode" if mode == "socket" else "HTTP at /slack/events"
        yield Finding("settings", "ok", f"Slack reaches the bot by {way}")


def _rules(settings: Settings) -> tuple[RuleSet | None, list[Finding]]:
    try:
        text = read_rules(settings.rules)
    except SettingsError as missing:
        return None, [Finding("rules", "error", str(missing), "copy the shipped rules.yaml and edit it")]
    findings = [
        Finding(
            "rules",
            one.severity,
            f"line {one.line}, column {one.column}: {one.message}",
            "edit the file; `denials rules check` shows it again",
        )
        for one in check_rules(text)[:_SHOWN]
    ]
    try:
        rules = RulesFile(settings.rules).current()
    except RulesError:
        return None, findings
    names = f"{len(rules.owners)} owners, {len(rules.categories)} categories, {len(rules.rules)} rules"
    return rules, [*findings, Finding("rules", "ok", names)]


def _database(settings: Settings, rules: RuleSet | None) -> list[Finding]:
    try:
        database = open_database(settings)
    except SettingsError as wrong:
        return [Finding("database", "error", str(wrong), "correct DENIALS_DATABASE_URL")]
    findings = list(host_findings(settings, database))
    try:
        return findings + list(_open_database(settings, database, rules))
    except SQLAlchemyError as failed:
        return [*findings, Finding("database", "error", line_for(failed), "then run doctor again")]
    except DenialDeskError as wrong:
        return [*findings, Finding("database", "error", str(wrong), "then run doctor again")]
    finally:
        database.dispose()


def _open_database(settings: Settings, database: Database, rules: RuleSet | None) -> Iterator[Finding]:
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        yield Finding("database", "error", "there is none yet", "run `denials db upgrade`, or `denials run`")
        return
    at = revision_of(database)
    if at != HEAD:
        yield Finding(
            "database", "error", f"schema {at or 'none'}, this version needs {HEAD}", "run `denials db upgrade`"
        )
        return
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    yield Finding("database", "ok", f"{kind}, schema {at}")
    if rules is None:
        return
    try:
        desk = make_desk(settings, database, RulesFile(settings.rules))
    except SettingsError as wrong:
        yield Finding("key", "error", str(wrong), "put the key back that this database was made with")
        return
    yield Finding("key", "ok", "the data key opens what is sealed")
    yield from _contents(desk)


def _contents(desk: Desk) -> Iterator[Finding]:
    for name in health.unlisted_payers(desk)[:_SHOWN]:
        yield Finding(
            "payers",
            "warning",
            f'"{name.reveal()}" in a file has no label and is shown as Unlisted payer',
            "add it under payers in rules.yaml, unless the column is wrong",
        )
    for one in health.parked(desk)[:_SHOWN]:
        yield Finding(
            "messages",
            "error",
            f"a {one.kind} for {one.channel} is parked since {one.since:%Y-%m-%d %H:%M} UTC: {one.reason}",
            f"{mend_in(one.reason)}; then `denials outbox --retry`, or `--drop`",
        )
    open_items = sum(health.backlog(desk).values())
    yield Finding("backlog", "ok", f"{open_items} open items")


def _slack(settings: Settings, rules: RuleSet | None) -> Iterator[Finding]:
    if settings.bot_token is None:
        yield from _app_token(settings)
        yield clock_finding(None, "there is no SLACK_BOT_TOKEN to ask Slack with")
        return
    gateway = Gateway(make_client(settings.bot_token.get_secret_value(), settings.slack_api_url))
    answer = gateway.auth_test()
    if isinstance(answer, Refused):
        yield Finding(
            "token",
            "error",
            f"Slack refuses SLACK_BOT_TOKEN: {answer.error}",
            "reinstall the app and copy the new Bot User OAuth Token",
        )
        yield from _app_token(settings)
        yield clock_finding(answer.date, "Slack's answer had no date")
        return
    if not isinstance(answer, Answer):
        yield Finding(
            "slack", "error", f"Slack does not answer ({type(answer).__name__.lower()})", "check the network and proxy"
        )
        yield clock_finding(None, "Slack does not answer")
        return
    identity = identity_of(answer)
    yield Finding("token", "ok", f"the bot is {identity.user_id} in workspace {identity.team_id}")
    yield from _scopes(identity, rules)
    yield from _same_workspace(settings, identity)
    yield clock_finding(answer.date, "Slack's answer had no date")
    yield from _app_token(settings)
    if rules is not None:
        yield from _channels(gateway, rules)
        yield from people_findings(gateway, rules)
        yield from _groups(gateway, rules)


def _scopes(identity: Identity, rules: RuleSet | None) -> Iterator[Finding]:
    if not identity.scopes:
        return  # this Slack does not say
    missing = sorted(set(SCOPES) - identity.scopes)
    for scope in missing:
        spare = scope == "usergroups:read" and rules is not None and not groups_of(rules)  # the rules name people only
        yield Finding(
            "scopes",
            "warning" if spare else "error",
            f"{scope} is missing, needed to {SCOPES[scope]}",
            "update the app with `denials manifest` and reinstall it",
        )
    for scope in sorted(one for one in identity.scopes if one.startswith("files:")):
        yield Finding(
            "scopes",
            "warning",
            f"{scope} is granted and never used: patient data must not come in by Slack",
            "remove it from the app",
        )
    if not missing:
        yield Finding("scopes", "ok", f"all {len(SCOPES)} are granted")


def _same_workspace(settings: Settings, identity: Identity) -> Iterator[Finding]:
    try:
        database = open_database(settings)
    except SettingsError:
        return
    try:
        if database.is_sqlite and not Path(str(database.url.database)).exists():
            return
        known = workspace.remembered_in(database)
    except SQLAlchemyError:
        return
    finally:
        database.dispose()
    if known is not None and known != identity.team_id:
        yield Finding(
            "workspace",
            "error",
            f"this database belongs to workspace {known}, the token to {identity.team_id}",
            "use that workspace's token, or a database of its own for this workspace; where the practice has moved:"
            f" `denials db workspace --forget {known}`",
        )
    elif known is not None:
        yield Finding("workspace", "ok", "the database belongs to it")


def clock_finding(slack: datetime | None, unchecked: str) -> Finding:
    """This host's clock beside Slack's; `unchecked` says why Slack's is not known."""
    now = datetime.now(UTC)
    if slack is None:
        return Finding(
            "clock",
            "warning",
            f"this host says {now:%Y-%m-%d %H:%M:%S} UTC, not compared with Slack's clock: {unchecked}",
            "compare it with a clock you trust",
        )
    skew = abs((now - slack).total_seconds())
    if skew > _SKEW_S:
        return Finding(
            "clock", "error", f"this host's clock differs from Slack's by {skew:.0f} s", "turn on time synchronization"
        )
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC, agrees with Slack's")


def _app_token(settings: Settings) -> Iterator[Finding]:
    if settings.app_token is None:
        return
    gateway = Gateway(make_client(settings.app_token.get_secret_value(), settings.slack_api_url))
    answer = gateway.call("apps.connections.open")
    if isinstance(answer, Answer):
        yield Finding("socket", "ok", "Socket Mode may be used")
        return
    reason = answer.error if isinstance(answer, Refused) else type(answer).__name__.lower()
    yield Finding(
        "socket",
        "error",
        f"Socket Mode cannot be opened: {reason}",
        "make an app-level token with the scope connections:write and turn Socket Mode on",
    )


def _channels(gateway: Gateway, rules: RuleSet) -> Iterator[Finding]:
    wanted: dict[str, str] = {}
    for owner in rules.owners.values():
        wanted.setdefault(owner.channel, f"owner {owner.name}")
    wanted.setdefault(rules.ops_channel, "ops_channel")
    if rules.reports_channel:
        wanted.setdefault(rules.reports_channel, "reports_channel")
    reachable = 0
    for channel, use in wanted.items():
        problem = _channel_problem(gateway, channel)
        if problem is None:
            reachable += 1
        else:
            yield Finding("channels", "error", f"{channel} ({use}): {problem[0]}", problem[1])
    yield Finding("channels", "ok", f"{reachable} of {len(wanted)} can be posted to")


def _groups(gateway: Gateway, rules: RuleSet) -> Iterator[Finding]:
    """The user groups whose members may do something: each must be readable, or nobody in it can work."""
    named, read = groups_of(rules), 0
    for group in named:
        answer = gateway.call("usergroups.users.list", usergroup=group)
        if isinstance(answer, Refused):
            yield _group_problem(group, answer.error)
        elif isinstance(answer, Answer) and not answer.data.get("users"):
            yield Finding("groups", "warning", f"nobody is in {group}", "add people to the group in Slack")
        elif isinstance(answer, Answer):
            read += 1
        else:
            yield Finding("groups", "error", f"{group}: could not be looked at", "run doctor again")
    if named:
        yield Finding("groups", "ok", f"{read} of {len(named)} user groups have members")


def _group_problem(group: str, error: str) -> Finding:
    if error == "missing_scope":
        mend = "update the app with `denials manifest` and reinstall it"
        missing = f"{group}: without usergroups:read Slack does not tell who is in it, so nobody in it can work denials"
        return Finding("groups", "error", missing, mend)
    if error == GONE:
        return Finding(
            "groups", "error", f"{group}: Slack has no such user group, or it is disabled", "correct it in rules.yaml"
        )
    return Finding("groups", "error", f"{group}: Slack says {error}", "correct it in rules.yaml")


def _channel_problem(gateway: Gateway, channel: str) -> tuple[str, str] | None:
    conversation = gateway.conversation(channel)
    answer = gateway.call("conversations.info", channel=conversation) if isinstance(conversation, str) else conversation
    if isinstance(answer, Refused):
        return f"Slack says {answer.error}", "correct it in rules.yaml, or invite the bot if the channel is private"
    if not isinstance(answer, Answer):
        return "could not be looked at", "run doctor again"
    info = answer.data.get("channel") or {}
    if info.get("is_archived"):
        return "is archived", "unarchive it, or name another channel in rules.yaml"
    if info.get("is_private") and not info.get("is_member"):
        return "is private and the bot is not in it", "invite the bot there with /invite"
    return None
