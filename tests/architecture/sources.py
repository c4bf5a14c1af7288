"""The package's modules and imports, read from their source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import personalize_mock

PACKAGE = "personalize_mock"
ROOT = Path(personalize_mock.__file__).parent
REPOSITORY = Path(__file__).parents[2]
TEXT_SUFFIXES = {".py", ".md", ".toml", ".json", ".ipynb", ".yml", ".yaml"}


@dataclass(frozen=True)
class Import:
    """An import at the top level, inside a function or under TYPE_CHECKING.

    Attributes:
        module: The importing module.
        name: The imported name. `from a import b` makes two entries, `a` and `a.b`.
        target: The imported module: `a.b` where that is a module of ours, else `a`.
        typing: Whether only type checkers see the import.
    """

    module: str
    name: str
    target: str
    typing: bool


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax trees of all modules by name."""
    return {_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))}


@cache
def lengths() -> dict[str, int]:
    """Return the number of lines of each module."""
    return {_name(path): len(path.read_text("utf-8").splitlines()) for path in sorted(ROOT.rglob("*.py"))}


@cache
def imports() -> tuple[Import, ...]:
    """Return all imports of all modules."""
    return tuple(entry for name, tree in modules().items() for entry in _imports(name, tree))


@cache
def text_files() -> tuple[Path, ...]:
    """Return the files of the package, the tests, the examples and the documentation."""
    folders = (ROOT, REPOSITORY / "tests", REPOSITORY / "examples", REPOSITORY / ".github")
    files = [*REPOSITORY.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    return tuple(sorted(path for path in files if path.is_file() and path.suffix in TEXT_SUFFIXES))


def is_within(name: str, package: str) -> bool:
    """Return whether a module is a package or belongs to it."""
    return name == package or name.startswith(f"{package}.")


def top_package(name: str) -> str:
    """Return the top-level package of a module, or the module itself at the top level."""
    return ".".join(name.split(".")[:2])


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(name: str, tree: ast.Module) -> Iterator[Import]:
    hidden = {id(node) for block in ast.walk(tree) if _is_typing(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        typing = id(node) in hidden
        if isinstance(node, ast.Import):
            yield from (Import(name, alias.name, alias.name, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            source = str(node.module)
            full = [f"{source}.{alias.name}" for alias in node.names]
            targets = [member if member in modules() else source for member in full]
            yield from (Import(name, source, target, typing) for target in targets)
            yield from (Import(name, member, target, typing) for member, target in zip(full, targets, strict=True))


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
