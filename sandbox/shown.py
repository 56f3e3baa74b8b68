"""Messages, dialogs and Home as a test sees them: words, buttons, menus, inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.inputs import value_key

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pressable:
    """A button or a menu, and the block it stands in."""

    label: str
    action_id: str
    value: str
    block_id: str
    element: Document


class _Drawn:
    """What has blocks."""

    __slots__ = ()

    blocks: list[Document]

    @property
    def words(self) -> str:
        """Everything that is shown, a line for each text."""
        return "\n".join(_texts(self.blocks))

    def says(self, words: str | tuple[str, ...]) -> bool:
        """Whether it shows all of these words."""
        shown = self.words
        return all(one in shown for one in ((words,) if isinstance(words, str) else words))

    def pressables(self, label: str | None = None, ref: str | None = None) -> list[Pressable]:
        """The buttons with a label and a value that starts with ``ref``."""
        found = [one for one in _elements(self.blocks) if one.element.get("type") == "button"]
        return [
            one for one in found if (label is None or one.label == label) and (ref is None or one.value.startswith(ref))
        ]

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [one.label for one in self.pressables()]

    def button(self, label: str, ref: str | None = None) -> Pressable:
        """The one button with this label; an AssertionError if there is none or more than one."""
        found = self.pressables(label, ref)
        named = f"button {label!r}" + (f" of {ref}" if ref else "")
        if not found:
            raise AssertionError(f"there is no {named}; buttons: {self.labels}; words:\n{self.words[:600]}")
        if len(found) > 1:
            raise AssertionError(f"there are {len(found)} of the {named}: name one by its reference")
        return found[0]

    def menu(self, option: str, ref: str | None = None) -> tuple[Pressable, Document]:
        """The menu that offers an option, and the option; ``ref`` picks by the start of the option's value."""
        offers = []
        for one in _elements(self.blocks):
            for choice in options_of(one.element):
                offers.append(choice["text"]["text"])
                if choice["text"]["text"] == option and (ref is None or choice["value"].startswith(ref)):
                    return one, choice
        raise AssertionError(f"no menu offers {option!r}; there is {offers}")


@dataclass(frozen=True, slots=True)
class Shown(_Drawn):
    """A message. ``text`` is what notifications and screen readers get."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Document]
    edited: bool = False
    ephemeral: bool = False
    thread_ts: str | None = None
    reply_count: int = 0
    metadata: Document | None = None
    user_seeing: str = ""

    @property
    def words(self) -> str:
        """Everything that is shown: the blocks, or the text if there are none."""
        return "\n".join(_texts(self.blocks)) if self.blocks else self.text


@dataclass(frozen=True, slots=True)
class View(_Drawn):
    """A person's App Home."""

    id: str
    blocks: list[Document]


@dataclass(frozen=True, slots=True)
class Modal(_Drawn):
    """An open dialog; ``errors`` are the messages under its inputs, by block id."""

    id: str
    callback_id: str
    title: str
    blocks: list[Document]
    errors: dict[str, str]
    depth: int

    @classmethod
    def of(cls, found: Document) -> Modal:
        """From the page's document."""
        title = found["title"]["text"]
        return cls(found["id"], found["callback_id"], title, found["blocks"], found["errors"], found["stack"])

    @property
    def inputs(self) -> list[str]:
        """The labels of the inputs."""
        return [block["label"]["text"] for block in self.blocks if block["type"] == "input"]

    def filled(self, values: Mapping[str, Any]) -> dict[str, dict[str, Document]]:
        """The state to submit for values by label, block id or action id."""
        state: dict[str, dict[str, Document]] = {}
        for name, value in values.items():
            block, element = self._input(name)
            kind = element["type"]
            key = str(value_key(kind))
            if value is not None and "option" in key:
                value = [_option(element, one) for one in value] if isinstance(value, list | tuple) else value
                value = _option(element, value) if isinstance(value, str) else value
            state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": kind, key: value}
        return state

    def options(self, name: str) -> list[str]:
        """What an input offers to choose from."""
        return [choice["text"]["text"] for choice in options_of(self._input(name)[1])]

    def _input(self, name: str) -> tuple[Document, Document]:
        for block in self.blocks:
            element = block.get("element")
            if element and name in (block["label"]["text"], block["block_id"], element["action_id"]):
                return block, element
        raise AssertionError(f"the dialog {self.title!r} has no input {name!r}; it has {self.inputs}")


def shown_of(channel: str, document: Document, *, seen_by: str = "") -> Shown:
    """A message from the page's document."""
    keys = ("ts", "user", "text", "blocks", "edited", "ephemeral", "thread_ts", "reply_count", "metadata")
    return Shown(channel=channel, user_seeing=seen_by, **{key: document[key] for key in keys})


def view_of(document: Document) -> View:
    """A Home from the page's document."""
    return View(document["id"], document["blocks"])


def options_of(element: Document) -> list[Document]:
    """The options of a menu, those in groups included."""
    grouped = [one for group in element.get("option_groups") or () for one in group["options"]]
    return [*(element.get("options") or ()), *grouped]


def _option(element: Document, wanted: str) -> Document:
    for choice in options_of(element):
        if wanted in (choice["text"]["text"], choice["value"]):
            return choice
    offered = [choice["text"]["text"] for choice in options_of(element)]
    raise AssertionError(f"there is no option {wanted!r}; there is {offered}")


def _elements(blocks: list[Document]) -> Iterator[Pressable]:
    for block in blocks:
        listed = block.get("elements") if block.get("type") == "actions" else ()
        for element in (block.get("accessory"), *(listed or ())):
            if isinstance(element, dict) and "action_id" in element:
                label = element["text"]["text"] if element.get("type") == "button" else ""
                yield Pressable(label, element["action_id"], element.get("value", ""), block["block_id"], element)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("text", "title", "caption", "label", "name") and isinstance(one, str):
                yield one
            elif key == "categories":
                yield from one
            elif key != "confirm":
                yield from _texts(one)
