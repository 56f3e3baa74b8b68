"""Where each of Slack's errors belongs: one table, so that none is handled by accident."""

from __future__ import annotations

from enum import Enum, auto


class Home(Enum):
    """What the sender does about an error."""

    STOP = auto()  # the token or its scopes: stop sending, keep every row, not ready
    JOIN = auto()  # join a public channel and try again; else as MOVE
    MOVE = auto()  # the channel cannot be posted to: the ops channel gets it, with one notice
    REPLACE = auto()  # the message is gone: post it anew once
    PLAIN = auto()  # Slack does not like the blocks: send a shortened text
    LATER = auto()  # try again later
    PARK = auto()  # only the administrator can say


_HOMES = {
    Home.STOP: (
        "token_revoked",
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "no_permission",
        "org_login_required",
        "team_access_not_granted",
        "access_denied",
        "missing_scope",
        "two_factor_setup_required",
        "enterprise_is_restricted",
    ),
    Home.JOIN: ("not_in_channel",),
    Home.MOVE: (
        "is_archived",
        "is_inactive",
        "channel_not_found",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "method_not_supported_for_channel_type",
        "channel_type_not_supported",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "user_not_visible",
        "cannot_dm_bot",
        "messages_tab_disabled",
        "cannot_message_external_user",
        "external_channel_migrating",
    ),
    Home.REPLACE: ("message_not_found", "cant_update_message", "edit_window_closed"),
    Home.PLAIN: (
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "msg_blocks_too_long",
        "block_mismatch",
        "too_many_blocks",
        "invalid_arguments",
        "invalid_attachments",
        "no_text",
    ),
    Home.LATER: ("team_added_to_org", "accesslimited", "message_limit_exceeded", "rate_limited"),
}
_BY_ERROR = {error: home for home, errors in _HOMES.items() for error in errors}


def home_of(error: str) -> Home:
    """The home of an error; one that nobody knows is tried again a few times and then parked."""
    return _BY_ERROR.get(error, Home.PARK)


_REINSTALL = "reinstall the app and put the new Bot User OAuth Token into SLACK_BOT_TOKEN"
_CHANNEL = "name another channel in rules.yaml, or set this one right in Slack"
_PERSON = "correct the person's id in rules.yaml (Copy member ID in their profile)"
_REPORT = "please report this; the items stay in the database and in `denials export`"
_MENDS = {
    "missing_scope": "update the app with `denials manifest`, then reinstall it to the workspace",
    "not_in_channel": "invite the app to the channel with /invite",
    "is_archived": "unarchive the channel, or name another one in rules.yaml",
    "channel_not_found": "correct the channel in rules.yaml; invite the app if it is private",
    "messages_tab_disabled": "update the app with `denials manifest`: its messages tab must be on",
    "cannot_message_external_user": "name somebody of this workspace in rules.yaml",
    "cannot_dm_bot": _PERSON,
    "user_not_found": _PERSON,
    "users_not_found": _PERSON,
    "user_disabled": _PERSON,
    "user_not_visible": _PERSON,
    "another_workspace": "use the token of the workspace that this database belongs to",
    "enterprise_is_restricted": "ask the organization's administrators to allow the app in this workspace",
    "team_access_not_granted": "ask the organization's administrators to allow the app in this workspace",
}
_MENDS_BY_HOME = {
    Home.STOP: _REINSTALL,
    Home.JOIN: _CHANNEL,
    Home.MOVE: _CHANNEL,
    Home.REPLACE: "nothing to do: it is posted anew",
    Home.PLAIN: _REPORT,
    Home.LATER: "nothing to do: it is tried again",
    Home.PARK: "look at the reason, mend the cause, then `denials outbox --retry`",
}


def mend_of(error: str) -> str:
    """What an administrator does about an error of Slack's, in a few words."""
    return _MENDS.get(error) or _MENDS_BY_HOME[home_of(error)]


def mend_in(reason: str) -> str:
    """The same for the reason of a parked row, which ends with the error where Slack named one."""
    words = reason.replace("(", " ").replace(")", " ").replace(":", " ").split()
    known = next((word for word in reversed(words) if word in _BY_ERROR or word in _MENDS), None)
    if known is not None:
        return mend_of(known)
    return _REPORT if "report" in reason else _MENDS_BY_HOME[Home.PARK]


def known_errors() -> dict[str, Home]:
    """Every error that has a home of its own."""
    return dict(_BY_ERROR)
