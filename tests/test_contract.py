"""What the project promises about its own shape: layers, public names, documentation."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rag
from rag.config import Settings

ROOT = Path(__file__).parent.parent
LAYERS = {
    "types": 0, "errors": 0, "layout": 0,
    "config": 1, "text": 1, "files": 1, "fragment": 1,
    "lexicon": 1.5,  # word lists compare words as text.py cuts them
    "replies": 1.6,
    "speakers": 1.6,
    "standing": 1.6,
    "quoting": 1.7,
    "ranking": 1.7,  # knows lists of references, as lexicon.py does
    "loaders": 2, "chunk": 2, "models": 2, "store": 2, "conversation": 2,
    "answer": 2.2,  # tells figures that contradict each other
    "fetch": 2.5,  # names and bounds pages as the loaders know them
    "amounts": 2.11,  # of figures
    "figures": 2.1,  # reads dates as the loaders do
    "periods": 2.1,
    "superlatives": 1.8,  # leaves lists to quoting.py
    "latest": 2.5,  # compares what answer.py would quote
    "lookup": 2.6,  # shows rows as extremes.py does
    "extremes": 2.5,  # compares the cells that models/rows.py cuts
    "sources": 2.5,  # reads as the loaders do, unless the library knows the bytes
    "ingest": 3, "search": 3, "around": 3, "reading": 3, "spelling": 3,
    "wanted": 2.5,  # words of a question alone, as conversation/ reads them
    "overview": 3.2,  # begins quotes as around.py places them
    "finding": 3.5,  # what assistant.py asks for: the modules of layer 3 in a row
    "assistant": 4, "export": 4, "exported": 4, "doctor": 4,
    "cli": 5, "serve": 5, "ui": 5,
}  # fmt: skip
MODULES = sorted((ROOT / "rag").rglob("*.py"))


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def imports(path: Path) -> set[str]:
    """The parts of rag that a file imports, at its top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rag":
            names = [node.module] if "." in node.module else [f"rag.{alias.name}" for alias in node.names]
            found.update(part_of(name) for name in names)
        elif isinstance(node, ast.Import):
            found.update(part_of(alias.name) for alias in node.names if alias.name.split(".")[0] == "rag")
    return found


def packages(path: Path) -> set[str]:
    """What a file imports, each by the first part of its name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_what_the_program_imports_is_declared() -> None:
    """What only comes along may stop to. The Evaluation tab needs packages too: ``make chat`` installs no extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    owners = packages_distributions()
    for path in [*MODULES, *(ROOT / "eval").rglob("*.py"), ROOT / "app.py"]:
        for name in packages(path) - {"rag", "eval", *sys.stdlib_module_names}:
            assert {canonicalize_name(owner) for owner in owners[name]} & declared, f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    relative = path.relative_to(ROOT / "rag")
    if relative.name == "__init__.py" and len(relative.parts) == 1:
        return  # the façade
    own = relative.parts[0].removesuffix(".py")
    for part in imports(path) - {own}:
        same_edge = LAYERS[own] == LAYERS[part] == 5
        assert LAYERS[part] < LAYERS[own] or same_edge, f"{relative} (layer {LAYERS[own]}) imports rag.{part}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_library_code_neither_asserts_nor_catches_everything(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Assert), f"{path.name}:{node.lineno} asserts"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{path.name}:{node.lineno} catches everything"


@pytest.mark.parametrize(
    "path", [*MODULES, *(ROOT / "eval").rglob("*.py")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_functions_stay_small(path: Path) -> None:
    """At most 40 lines without the docstring, and five parameters that may go by place; commands have options."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[0] if ast.get_docstring(node) else None
            size = node.end_lineno - node.lineno + 1 - (said.end_lineno - said.lineno + 1 if said else 0)
            assert size <= 40, f"{node.name} has {size} lines"
            names = [one.arg for one in node.args.args if one.arg not in ("self", "cls")]
            assert len(names) <= 5 or path.parent.name == "cli", f"{node.name} takes {len(names)} parameters by place"


def test_the_product_never_imports_its_edges() -> None:
    for path in MODULES:
        assert not packages(path) & {"eval", "app", "tests"}, path


def test_files_are_short_enough_to_read() -> None:
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}


def test_public_names() -> None:
    assert sorted(rag.__all__) == ["Answer", "Assistant", "Quote", "RagError", "Settings", "open_library"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'torch', 'transformers', 'faiss', 'gradio', 'openvino', 'sentence_transformers', 'trafilatura'}"
    code = f"import sys, rag, rag.cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_command_and_setting_is_in_the_readme() -> None:
    from rag.cli import app

    text = (ROOT / "README.md").read_text()
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in commands if f"`pullquote {name}" not in text] == []
    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []


def test_every_module_is_in_the_architecture_and_says_what_it_is_for() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    parts = {path.relative_to(ROOT / "rag").parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert parts == set(LAYERS)
    assert [part for part in sorted(parts) if f"`{part}" not in text] == []
    assert [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []
