"""Rules, deadlines and labels that can never be reached, and codes that look mistyped."""

from __future__ import annotations

from collections.abc import Iterator

from denials import codes
from denials.rules.build import match_of
from denials.rules.crosscheck import Parts
from denials.rules.model import DeadlineRow, Finding, Match
from denials.rules.schema import DeadlinePart, MatchPart
from denials.rules.shadow import deadline_covers, glob_covers, match_covers
from denials.rules.source import Path, quoted


def unreachable(parts: Parts) -> Iterator[Finding]:
    """Every finding about rows that nothing can reach, and codes that no table knows."""
    yield from _rules(parts)
    yield from _deadlines(parts)
    for key in ("payers", "locations"):
        yield from _labels(parts, key)


def _rules(parts: Parts) -> Iterator[Finding]:
    earlier: list[tuple[int, str, Match]] = []
    last = max(parts.rules, default=-1)
    for index, rule in parts.rules.items():
        path: Path = ("rules", index)
        match = match_of(rule.match)
        for other, name, wide in earlier:
            if match_covers(wide, match):
                message = f'never matches: rule "{name}" (line {parts.line(("rules", other))}) takes all of it first'
                yield parts.at((*path, "match"), f"{message}; move this rule above it or delete it")
                break
        else:
            if match == Match() and index == last:
                yield parts.at(path, "matches every denial, so the code table is never asked", "warning")
        earlier.append((index, rule.id, match))
        yield from _codes(parts, (*path, "match"), rule.match)


def _codes(parts: Parts, path: Path, match: MatchPart) -> Iterator[Finding]:
    for name, known in (("carc", codes.carcs()), ("rarc", codes.rarcs())):
        listed = getattr(match, name)
        for index, code in enumerate(listed):
            if code not in known:
                spot: Path = (*path, name, index) if (*path, name, index) in parts.source.values else (*path, name)
                message = f"{name.upper()} {code} is not in the shipped code table; check for a slip"
                yield parts.at(spot, message, "warning")
    if match.carc and not any(_can_deny(code, match.group) for code in match.carc):
        yield parts.at((*path, "carc"), "never a denial under these groups, so this rule never matches", "warning")
    if match.status_code and (match.carc or match.group):
        message = "never matches: a rejected claim has a status_code and no carc or group; split it into two rules"
        yield parts.at((*path, "status_code"), message, "warning")


def _can_deny(code: str, groups: list[str]) -> bool:
    """45 alone may stand for a refusal of the whole charge, though it is a write-down by its code."""
    if code == "45":
        return True
    return any(codes.classify_adjustment(group, code) == "denial" for group in groups or codes.GROUPS)


def _deadlines(parts: Parts) -> Iterator[Finding]:
    earlier: list[tuple[int, DeadlineRow]] = []
    for index, part in parts.deadlines.items():
        path: Path = ("deadlines", index)
        row = _conditions(part)
        shadow = next((other for other, wide in earlier if deadline_covers(wide, row)), None)
        if shadow is not None:
            line = parts.line(("deadlines", shadow))
            yield parts.at(path, f"never used: the row in line {line} takes all of it first; move this one above it")
        earlier.append((index, row))
        if part.appeal is None and part.filing is None:
            yield parts.at(path, "gives neither appeal nor filing, so these payers have no due date", "warning")
        if part.confidence == "high" and not (part.payer_id or part.filing_indicator):
            message = "counts as medium: a name alone never gives high confidence; add payer_id or filing_indicator"
            yield parts.at((*path, "confidence"), message, "warning")
    if earlier and not any(deadline_covers(row, DeadlineRow()) for _, row in earlier):
        message = 'no row for every other payer, so those have no due date; end with {payer: "*", …}'
        yield parts.at(("deadlines",), message, "warning", key=True)


def _conditions(part: DeadlinePart) -> DeadlineRow:
    return DeadlineRow(tuple(part.payer), tuple(part.payer_id), tuple(part.filing_indicator))


def _labels(parts: Parts, key: str) -> Iterator[Finding]:
    data = (parts.source.data or {}).get(key)
    earlier: list[str] = []
    for glob in data if isinstance(data, dict) else ():
        wide = next((other for other in earlier if glob_covers(other, glob)), None)
        if wide is not None:
            message = f'never used: "{quoted(wide)}" stands earlier and matches the same names'
            yield parts.at((key, glob), message, "warning", key=True)
        earlier.append(glob)
