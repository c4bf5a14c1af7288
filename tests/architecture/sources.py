"""The package's modules and what they import, read from their text."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import personalize_mock

PACKAGE = "personalize_mock"
ROOT = Path(personalize_mock.__file__).parent


@dataclass(frozen=True)
class Import:
    """One import, wherever it stands.

    Attributes:
        module: who imports.
        name: what; of `from a import b` both `a` and `a.b`.
        typing: whether only type checkers see it.
    """

    module: str
    name: str
    typing: bool


@cache
def modules() -> dict[str, ast.Module]:
    """The syntax trees of all modules by name."""
    return {_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))}


@cache
def lengths() -> dict[str, int]:
    """The number of lines of each module."""
    return {_name(path): len(path.read_text("utf-8").splitlines()) for path in sorted(ROOT.rglob("*.py"))}


@cache
def imports() -> tuple[Import, ...]:
    """All imports of all modules, also those inside functions."""
    return tuple(found for name, tree in modules().items() for found in _imports(name, tree))


def is_within(name: str, package: str) -> bool:
    """Whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")


def unit(name: str) -> str:
    """What a module belongs to: a package of ours, or itself at the top level."""
    return ".".join(name.split(".")[:2])


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(name: str, tree: ast.Module) -> Iterator[Import]:
    hidden = {id(node) for block in ast.walk(tree) if _is_typing(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        typing = id(node) in hidden
        if isinstance(node, ast.Import):
            yield from (Import(name, alias.name, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            yield Import(name, str(node.module), typing)
            yield from (Import(name, f"{node.module}.{alias.name}", typing) for alias in node.names)


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
