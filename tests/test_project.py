"""The project keeps its own rules: arrows point one way, docs name what exists, files stay short."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from bot.cli.main import app
from bot.manifest import app_manifest
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "services", "intake", "store", "denials", "sandbox")
LONGEST, LONGEST_FUNCTION = 400, 60


def _modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_imports_point_one_way() -> None:
    check = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout


def test_files_stay_short() -> None:
    # A migration is as long as the schema it makes.
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in _modules(*PACKAGES, "tests", "benchmarks")
        if "versions" not in path.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in _modules(*PACKAGES, "tests", "benchmarks")
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def _public_without_docstring(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not ast.get_docstring(tree) and tree.body:
        yield f"{path.name}: the module"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield f"{path.name}:{node.lineno} {node.name}"


def test_everything_public_says_what_it_is() -> None:
    silent = [
        name
        for path in _modules(*PACKAGES)
        if "migrations" not in path.parts
        for name in _public_without_docstring(path)
    ]
    assert silent == []


def test_every_link_in_the_docs_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def _commands(group: Any, name: str = "denials") -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        full = f"{name} {word}"
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        else:
            yield full, command


def test_every_command_and_option_has_help_and_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    missing = []
    for name, command in _commands(get_command(app)):
        assert command.help, name
        options = [word for parameter in command.params for word in parameter.opts if word.startswith("--")]
        missing += [f"{name} {option}" for option in options if option != "--help" and option not in page]
        missing += [name] if name not in page else []
    assert missing == []


def test_every_scope_is_explained_and_no_other() -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    table = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    explained = set(re.findall(r"`([a-z.]+(?::[a-z]+)?)`", table))
    assert explained == set(app_manifest()["oauth_config"]["scopes"]["bot"])


def test_every_setting_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = [str(field.validation_alias) for field in Settings.model_fields.values()]
    assert len(names) > 10
    assert [name for name in names if name not in page] == []
