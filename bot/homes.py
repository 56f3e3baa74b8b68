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
