"""What people put into the inputs of a modal, in the shapes that Slack gives it to the app."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

Values = dict[str, dict[str, dict[str, Any]]]
"""block id → action id → ``{"type": …, "value": …}`` or another key by type."""

_ONE = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
}
_MANY = {
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEB = re.compile(r"https?://\S+")

MISSING = "Please complete this required field."


def value_key(kind: str) -> str | None:
    """The key that holds the value of an element of this type; None for elements without state."""
    keys = _ONE.get(kind) or _MANY.get(kind)
    return keys[0] if keys else None


def stateful(blocks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every block and element that has a state."""
    for block in blocks:
        for element in (block.get("element"), block.get("accessory"), *_list(block.get("elements"))):
            if isinstance(element, dict) and value_key(str(element.get("type"))):
                yield block, element


def values_of(blocks: list[dict[str, Any]], entered: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Values:
    """The state of all inputs: what was entered, else the initial value, else Slack's form of nothing."""
    values: Values = {}
    for block, element in stateful(blocks):
        kind, block_id, action_id = str(element["type"]), str(block["block_id"]), str(element["action_id"])
        given = entered.get(block_id, {}).get(action_id)
        if kind in _ONE:
            key, initial = _ONE[kind]
            value = element.get(initial) if given is None else given.get(key)
            value = None if value == "" else value
        else:
            key, initial = _MANY[kind]
            value = (element.get(initial) if given is None else given.get(key)) or []
        values.setdefault(block_id, {})[action_id] = {"type": kind, key: value}
    return values


def complaints(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """What Slack itself refuses before the app hears of a submission: block id to message."""
    found: dict[str, str] = {}
    for block, element in stateful(blocks):
        if block.get("type") != "input":
            continue
        block_id = str(block["block_id"])
        value = values[block_id][str(element["action_id"])][str(value_key(str(element["type"])))]
        if value in (None, "", []):
            if not block.get("optional", False):
                found[block_id] = MISSING
        elif complaint := _complaint(element, value):
            found[block_id] = complaint
    return found


def _complaint(element: dict[str, Any], value: Any) -> str | None:
    match element["type"]:
        case "plain_text_input":
            if len(value) > element.get("max_length", 3000):
                return f"Use at most {element.get('max_length', 3000)} characters."
            if len(value) < element.get("min_length", 0):
                return f"Use at least {element['min_length']} characters."
        case "number_input":
            return _number(element, value)
        case "email_text_input" if not _EMAIL.fullmatch(value):
            return "Enter an email address."
        case "url_text_input" if not _WEB.fullmatch(value):
            return "Enter a web address."
        case "datepicker":
            try:
                date.fromisoformat(value)
            except ValueError:
                return "Enter a date."
        case "static_select" | "radio_buttons" if value.get("value") not in _offered(element):
            return "Choose one of the options."
        case "multi_static_select" | "checkboxes":
            if any(one.get("value") not in _offered(element) for one in value):
                return "Choose among the options."
    return None


def _number(element: dict[str, Any], value: str) -> str | None:
    form = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(form, value):
        return "Enter a number." if element.get("is_decimal_allowed") else "Enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Enter a number of at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Enter a number of at most {element['max_value']}."
    return None


def _offered(element: dict[str, Any]) -> set[str]:
    grouped = [option for group in _list(element.get("option_groups")) for option in group["options"]]
    return {option["value"] for option in (*_list(element.get("options")), *grouped)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
