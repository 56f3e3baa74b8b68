"""From the text of a rules file to a rule set, or to every finding about it."""

from __future__ import annotations

from functools import lru_cache

from pydantic import ValidationError

from denials.rules.build import build
from denials.rules.crosscheck import crosscheck, parts_of
from denials.rules.mistakes import findings_of
from denials.rules.model import Finding, RuleSet, RulesFileError
from denials.rules.reach import unreachable
from denials.rules.schema import RulesFile
from denials.rules.source import read_source


def load_rules(text: str) -> RuleSet:
    """The rule set that a rules file describes, shipped defaults filled in.

    The same text gives the same rule set object. Raises RulesFileError, which carries every finding, if there is an
    error; warnings alone do not stop it.
    """
    file, findings = _examine(text)
    if file is None:
        raise RulesFileError(findings)
    return _built(text)


def check_rules(text: str) -> tuple[Finding, ...]:
    """Every error and warning of a rules file, in the order of the file. Never raises."""
    return _examine(text)[1]


@lru_cache(maxsize=8)
def _examine(text: str) -> tuple[RulesFile | None, tuple[Finding, ...]]:
    """The checked file, None if there are errors, and the findings."""
    source = read_source(text)
    findings = list(source.findings)
    file: RulesFile | None = None
    if source.data is not None:
        try:
            file = RulesFile.model_validate(source.data)
        except ValidationError as error:
            findings += findings_of(error, source, RulesFile)
        parts = parts_of(source)
        findings += crosscheck(parts)
        findings += unreachable(parts)
    findings.sort(key=lambda finding: (finding.line, finding.column))
    if any(finding.severity == "error" for finding in findings):
        file = None
    return file, tuple(findings)


@lru_cache(maxsize=8)
def _built(text: str) -> RuleSet:
    file, findings = _examine(text)
    if file is None:
        raise RulesFileError(findings)
    return build(file)
