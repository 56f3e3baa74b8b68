"""The project keeps its own rules: arrows point one way, docs name what exists, files stay short."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "services", "intake", "store", "denials", "sandbox")
LONGEST = 400


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
        for path in _modules(*PACKAGES)
        if "versions" not in path.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


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
