"""The elements inside blocks: buttons, menus, pickers, inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from sandbox.blockkit.node import BOTH, Node, check_text

_PLACEHOLDER = 150
_FOCUS = "focus_on_load"


def check_element(node: Node | None, allowed: frozenset[str]) -> None:
    """Check one element whose type must be among those allowed where it stands."""
    if node is None:
        return
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in allowed or kind not in _CHECKS:
        node.wrong(f"unsupported type: {kind}")
        return
    _CHECKS[kind](node)
    node.string("action_id", 255)
    node.flag(_FOCUS)
    if (confirm := node.child("confirm")) is not None:
        _confirm(confirm)


def _confirm(node: Node) -> None:
    if node.fields("title text confirm deny", "style"):
        check_text(node.child("title"), 100)
        check_text(node.child("text"), 300, kinds=BOTH)
        check_text(node.child("confirm"), 30)
        check_text(node.child("deny"), 30)
        node.choice("style", "primary", "danger")


def _option(node: Node, *, kinds: tuple[str, ...] = ("plain_text",), extra: str = "") -> None:
    if node.fields("text value", f"description {extra}"):
        check_text(node.child("text"), 75, kinds=kinds)
        node.string("value", 150)
        check_text(node.child("description"), 75, kinds=kinds)
        node.url("url")


def _options(
    node: Node, least: int, most: int, *, kinds: tuple[str, ...] = ("plain_text",), extra: str = ""
) -> list[object]:
    options = list(node.items("options", least, most))
    for option in options:
        _option(option, kinds=kinds, extra=extra)
    values = [option.get("value") for option in options]
    if len({str(value) for value in values}) != len(values):
        node.wrong("option values must be unique")
    return [option.value for option in options]


def _initial(node: Node, offered: list[object]) -> None:
    """An initial choice must be one of the options, field for field."""
    one = node.child("initial_option")
    if one is not None and one.value not in offered:
        one.wrong("initial option must be one of the options")
    for choice in node.items("initial_options", 1, 100):
        if choice.value not in offered:
            choice.wrong("initial option must be one of the options")


def _button(node: Node) -> None:
    node.fields("type text", "action_id url value style confirm accessibility_label")
    check_text(node.child("text"), 75)
    node.url("url")
    node.string("value", 2000)
    node.choice("style", "primary", "danger")
    node.string("accessibility_label", 75)


def _overflow(node: Node) -> None:
    node.fields("type options", "action_id confirm")
    _options(node, 1, 5, kinds=BOTH, extra="url")


def _static_select(node: Node) -> None:
    multi = node.get("type") == "multi_static_select"
    chosen = "initial_options max_selected_items" if multi else "initial_option"
    node.fields("type", f"action_id options option_groups confirm placeholder {_FOCUS} {chosen}")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    if (node.get("options") is None) == (node.get("option_groups") is None):
        node.wrong("exactly one of options and option_groups required")
    offered = _options(node, 1, 100)
    for group in node.items("option_groups", 1, 100):
        if group.fields("label options"):
            check_text(group.child("label"), 75)
            offered += _options(group, 1, 100)
    _initial(node, offered)
    node.number("max_selected_items", 1, whole=True)


def _external_select(node: Node) -> None:
    multi = str(node.get("type")).startswith("multi")
    chosen = "initial_options max_selected_items" if multi else "initial_option"
    node.fields("type", f"action_id confirm placeholder min_query_length {_FOCUS} {chosen}")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    node.number("min_query_length", 0, whole=True)
    node.number("max_selected_items", 1, whole=True)


def _directory_select(node: Node) -> None:
    """Menus of people, channels and conversations."""
    kind = str(node.get("type"))
    multi, what = kind.startswith("multi"), kind.removeprefix("multi_").removesuffix("s_select")
    chosen = f"initial_{what}s max_selected_items" if multi else f"initial_{what} response_url_enabled"
    more = "default_to_current_conversation filter" if what == "conversation" else ""
    node.fields("type", f"action_id confirm placeholder {_FOCUS} {chosen} {more}")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    node.number("max_selected_items", 1, whole=True)


def _choices(node: Node) -> None:
    """Checkboxes and radio buttons."""
    chosen = "initial_options" if node.get("type") == "checkboxes" else "initial_option"
    node.fields("type options", f"action_id confirm {_FOCUS} {chosen}")
    _initial(node, _options(node, 1, 10, kinds=BOTH))


def _moment(node: Node, key: str, parse: Callable[[str], object], form: str) -> None:
    node.fields("type", f"action_id confirm placeholder {_FOCUS} {key} timezone")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    if (initial := node.child(key)) is not None:
        try:
            parse(str(initial.value))
        except ValueError:
            initial.wrong(f"must be in the format {form}")


def _datepicker(node: Node) -> None:
    _moment(node, "initial_date", _iso_date, "YYYY-MM-DD")


def _iso_date(text: str) -> date:
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


def _timepicker(node: Node) -> None:
    _moment(node, "initial_time", lambda text: time.fromisoformat(text) if len(text) == 5 else int("x"), "HH:mm")


def _datetimepicker(node: Node) -> None:
    node.fields("type", f"action_id confirm {_FOCUS} initial_date_time")
    node.number("initial_date_time", 1_000_000_000, 9_999_999_999, whole=True)


def _text_input(node: Node) -> None:
    kind = node.get("type")
    more = "multiline min_length max_length" if kind == "plain_text_input" else ""
    node.fields("type", f"action_id placeholder initial_value dispatch_action_config {_FOCUS} {more}")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    node.flag("multiline")
    node.number("min_length", 0, 3000, whole=True)
    node.number("max_length", 1, 3000, whole=True)
    node.string("initial_value", 3000, 0)
    _dispatch(node)


def _number_input(node: Node) -> None:
    numbers = "initial_value min_value max_value"
    node.fields("type is_decimal_allowed", f"action_id placeholder dispatch_action_config {_FOCUS} {numbers}")
    check_text(node.child("placeholder"), _PLACEHOLDER)
    node.flag("is_decimal_allowed")
    for key in numbers.split():
        value = node.child(key)
        if value is not None:
            try:
                float(value.value) if isinstance(value.value, str) else int("x")
            except ValueError:
                value.wrong("must be a number in a string")
    _dispatch(node)


def _rich_text_input(node: Node) -> None:
    node.fields("type", f"action_id placeholder initial_value dispatch_action_config {_FOCUS} min_lines max_lines")
    check_text(node.child("placeholder"), _PLACEHOLDER)


def _dispatch(node: Node) -> None:
    config = node.child("dispatch_action_config")
    if config is not None and config.fields("", "trigger_actions_on"):
        for one in config.items("trigger_actions_on", 1, 2):
            if one.value not in ("on_enter_pressed", "on_character_entered"):
                one.wrong("must be one of on_enter_pressed, on_character_entered")


def _image(node: Node) -> None:
    node.fields("type alt_text image_url")
    node.url("image_url", only_web=True)
    node.string("alt_text", 2000)


_SELECTS = {
    f"{many}{what}_select": check
    for many in ("", "multi_")
    for what, check in (
        ("static", _static_select),
        ("external", _external_select),
        ("users", _directory_select),
        ("channels", _directory_select),
        ("conversations", _directory_select),
    )
}

_CHECKS: dict[str, Callable[[Node], None]] = {
    "button": _button,
    "overflow": _overflow,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "datepicker": _datepicker,
    "timepicker": _timepicker,
    "datetimepicker": _datetimepicker,
    "plain_text_input": _text_input,
    "email_text_input": _text_input,
    "url_text_input": _text_input,
    "number_input": _number_input,
    "rich_text_input": _rich_text_input,
    "image": _image,
    **_SELECTS,
}

_PICKERS = frozenset({"datepicker", "timepicker", "checkboxes", "radio_buttons"})

IN_SECTION = frozenset({"button", "overflow", "image", *_PICKERS, *_SELECTS})
"""Elements that may stand beside a section's text."""

IN_ACTIONS = frozenset({"button", "overflow", "datetimepicker", "rich_text_input", *_PICKERS, *_SELECTS})
"""Elements of an actions block."""

IN_INPUT = frozenset(
    {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "datetimepicker",
        *_PICKERS,
        *_SELECTS,
    }
)
"""Elements of an input block."""

IN_CONTEXT = frozenset({"image"})
"""Elements of a context block beside its texts."""
