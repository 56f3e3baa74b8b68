"""The shipped defaults: what a rules file may leave out."""

from __future__ import annotations

from functools import cache
from importlib import resources

from denials.rules.model import RulesFileError
from denials.rules.schema import DefaultsFile
from denials.rules.source import read_source


@cache
def shipped() -> DefaultsFile:
    """The parsed `defaults.yaml`. It is read once, and only by files that leave something out."""
    text = resources.files("denials").joinpath("rules", "defaults.yaml").read_text(encoding="utf-8")
    source = read_source(text)
    if source.findings:
        raise RulesFileError(tuple(source.findings))
    return DefaultsFile.model_validate(source.data)
