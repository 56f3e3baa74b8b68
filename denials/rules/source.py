"""YAML text as plain data that remembers where everything stood.

Every scalar stays the text that was written, so a code `016`, a payer id `00123` and a time `08:00` are not turned into
numbers. Nothing is constructed from tags, and what aliases expand to is counted, so a small file cannot become a huge
one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from denials.rules.model import Finding

LARGEST = 256 * 1024
_MOST_NODES = 20_000
_DEEPEST = 20
_NULL = "tag:yaml.org,2002:null"

Path = tuple[str | int, ...]
Data = dict[str, "Data"] | list["Data"] | str | None
Spot = tuple[int, int]


class _TooMuchError(Exception):
    """The file expands to more than a rules file can need."""


@dataclass(slots=True)
class Source:
    """The data of a file, the line and column (from 1) of its keys and values, and what is wrong with it as YAML."""

    data: dict[str, Data] | None = None
    keys: dict[Path, Spot] = field(default_factory=dict)
    values: dict[Path, Spot] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def at_value(self, path: Path) -> Spot:
        """Where the value at a path stands, or the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def at_key(self, path: Path) -> Spot:
        """Where the key of a path stands; for an item of a list, the item."""
        return self.keys.get(path) or self.at_value(path)


def dotted(path: Path) -> str:
    """A path as people read it: `rules[2].match.carc`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{quoted(part)}" if text else quoted(part)
    return text


def quoted(text: str) -> str:
    """A piece of the file made fit for a one-line message."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:200]).split())
    return (line if len(line) <= 60 else line[:59] + "…") or "?"


def read_source(text: str) -> Source:
    """Reads YAML text. Never raises: what is wrong is in `findings`, and then `data` may be None."""
    source = Source()
    if len(text) > LARGEST:
        _add(source, 1, 1, f"the file is larger than {LARGEST // 1024} KiB; a rules file never needs that much")
        return source
    root = _compose(text, source)
    if root is None:
        if not source.findings:
            _add(source, 1, 1, "the file is empty; copy the shipped rules.yaml and edit it")
        return source
    if not isinstance(root, MappingNode):
        line, column = _spot(root)
        _add(source, line, column, 'the file must be a mapping of keys such as "owners:" at the top')
        return source
    try:
        data = _Reader(source).read(root, ())
    except _TooMuchError:
        source.findings.clear()
        _add(
            source,
            1,
            1,
            "the file is nested too deep or its aliases (*name) expand too far; write it out plainly",
        )
        return source
    source.data = data if isinstance(data, dict) else {}
    return source


def _compose(text: str, source: Source) -> Node | None:
    yaml = YAML(typ="safe", pure=True)  # composes nodes only; half the time of "rt"
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        _add(source, line, column, _yaml_message(error.problem or "it cannot be read"))
        return None
    except ReaderError as error:
        before = text[: max(int(error.position), 0)]
        column = len(before) - (before.rfind("\n") + 1) + 1
        _add(source, before.count("\n") + 1, column, "an unprintable character; delete it")
        return None
    except RecursionError:
        _add(source, 1, 1, "the file is nested too deep; a rules file never needs more than a few levels")
        return None
    except (YAMLError, ValueError, AttributeError, IndexError, KeyError, TypeError, AssertionError):
        # The parser's own slips on garbage: the person needs the same message, not its traceback.
        _add(source, 1, 1, _yaml_message("it cannot be read"))
        return None
    return root


def _yaml_message(problem: str) -> str:
    if "\\t" in problem or "\t" in problem:
        return "a tab character; YAML is indented with spaces"
    plain = quoted_line(problem)
    return f"not valid YAML: {plain}; check the indentation, colons and quotes here"


def quoted_line(text: str) -> str:
    """Text of the YAML library on one line and of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.nodes = 0

    def read(self, node: Node, path: Path) -> Data:
        self.nodes += 1
        if self.nodes > _MOST_NODES or len(path) > _DEEPEST:
            raise _TooMuchError
        self.source.values[path] = _spot(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return None if str(node.tag) == _NULL else str(node.value)

    def _mapping(self, node: MappingNode, path: Path) -> Data:
        result: dict[str, Data] = {}
        for key, value in node.value:
            line, column = _spot(key)
            if not isinstance(key, ScalarNode):
                _add(self.source, line, column, "a key must be a plain word or a quoted text", path)
                continue
            name = str(key.value)
            here = (*path, name)
            if name in result:
                first = self.source.keys[here][0]
                message = f'"{quoted(name)}" stands here a second time (first in line {first}); keep one'
                _add(self.source, line, column, message, here)
                continue
            self.source.keys[here] = (line, column)
            result[name] = self.read(value, here)
        return result


def _spot(node: Node) -> Spot:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _add(source: Source, line: int, column: int, message: str, path: Path = ()) -> None:
    source.findings.append(Finding(line, column, message, dotted(path)))
