"""What pydantic found, as findings that name the place and the mend."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from denials.rules.fields import suggest
from denials.rules.model import Finding
from denials.rules.source import Path, Source, dotted, quoted, quoted_line

_PLAIN = {
    "string_type": "must be one plain value, not a list or a mapping",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "list_type": "must be a list, such as [one, two]",
    "dict_type": "must be a mapping, with one key per line",
    "model_type": "must be a mapping, with one key per line",
    "model_attributes_type": "must be a mapping, with one key per line",
    "too_short": "must not be empty",
}


def findings_of(error: ValidationError, source: Source, model: type[BaseModel]) -> list[Finding]:
    """Every mistake in one validation error, placed in the file."""
    return [_finding(dict(mistake), source, model) for mistake in error.errors(include_url=False, include_input=False)]


def _finding(mistake: dict[str, Any], source: Source, model: type[BaseModel]) -> Finding:
    location: Path = tuple(mistake["loc"])
    kind = str(mistake["type"])
    context: Mapping[str, Any] = mistake.get("ctx") or {}
    if kind == "missing":
        return _at(source.at_key(location[:-1]), f'"{location[-1]}" is missing', location)
    if kind == "extra_forbidden":
        options = keys_of(model, location[:-1])
        return _at(source.at_key(location), f"unknown key{suggest(str(location[-1]), options)}", location)
    while location and isinstance(location[-1], int) and location not in source.values:
        location = location[:-1]  # one value where a list may stand
    spot = source.at_value(location)
    if location and location[-1] == "[key]":
        location = location[:-1]
        spot = source.at_key(location)
    return _at(spot, _message(kind, context, str(mistake["msg"])), location)


def _message(kind: str, context: Mapping[str, Any], text: str) -> str:
    if kind == "value_error":
        return quoted_line(str(context["error"]))
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}"
    return _PLAIN.get(kind) or quoted_line(text)


def _at(spot: tuple[int, int], message: str, path: Path) -> Finding:
    return Finding(spot[0], spot[1], message, dotted(path))


def keys_of(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that may stand in the mapping at a path; () where anything may."""
    here: Any = model
    for part in path:
        here = _inside(here, part)
        if here is None:
            return ()
    found = _part(here)
    return tuple(found.model_fields) if found else ()


def _inside(annotation: Any, part: str | int) -> Any:
    """The type of one item of a list, one value of a dict or one field of a part."""
    found = _part(annotation)
    if found is not None:
        field = found.model_fields.get(str(part))
        return field.annotation if field else None
    for option in _options(annotation):
        arguments = get_args(option)
        if get_origin(option) in (list, dict) and arguments:
            return arguments[-1]
    return None


def _part(annotation: Any) -> type[BaseModel] | None:
    return next((item for item in _options(annotation) if isinstance(item, type) and issubclass(item, BaseModel)), None)


def _options(annotation: Any) -> Iterable[Any]:
    """What an annotation can be, `Annotated` and unions taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for option in get_args(annotation):
            yield from _options(option)
    else:
        yield annotation


def name_quoted(text: str) -> str:
    """A name from the file in quotes, made fit for a message."""
    return f'"{quoted(text)}"'
