"""Measurements of the package's structure: names, import cycles, docstrings, lengths.

Run `python tests/architecture/structure.py` to print them. `test_structure.py` checks them.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

from architecture.sources import PACKAGE, REPOSITORY, imports, lengths, modules, text_files

MEDIAN_FILE = 110
LONGEST_FILE = 300
MEDIAN_FUNCTION = 6  # without docstrings
LONG_FUNCTION = 21  # 95 % of the functions are at most this long
LONGEST_FUNCTION = 40

QUESTION = re.compile(r"(What|Who|How|Which|Where|Whom|Whose)\b")
REFERENCE = "(" + "reference:"  # split, so that this file does not contain it

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def duplicate_classes() -> dict[str, list[str]]:
    """Return the names of classes that are defined more than once, with their modules."""
    owners = defaultdict(list)
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                owners[node.name].append(module)
    return {name: found for name, found in sorted(owners.items()) if len(found) > 1}


def dependencies() -> dict[str, set[str]]:
    """Return the modules that each module imports: at the top level, inside functions and for type checkers.

    `resources/__init__.py` is left out: it imports every resource to fill the operation table.
    """
    graph: dict[str, set[str]] = {name: set() for name in modules() if name != f"{PACKAGE}.resources"}
    for entry in imports():
        if entry.module in graph and entry.target in graph and entry.module != entry.target:
            graph[entry.module].add(entry.target)
    return graph


def import_cycles() -> list[list[str]]:
    """Return the groups of modules that import one another, largest first."""
    graph = dependencies()
    reachable = {name: _reachable(graph, name) for name in graph}
    groups = {
        frozenset(other for other in reachable[name] if name in reachable[other])
        for name in graph
        if name in reachable[name]
    }
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group))


def question_docstrings(kinds: tuple[type[ast.AST], ...]) -> list[str]:
    """Return the definitions whose docstring opens with a question word."""
    return [name for name, docstring in _docstrings(kinds) if QUESTION.match(docstring)]


def functions_named_of() -> list[str]:
    """Return the functions and methods named `of`."""
    return [f"{module}:{node.lineno}" for module, node in _functions() if node.name == "of"]


def function_lengths(*, docstrings: bool = True) -> dict[str, int]:
    """Return the number of lines of each function, without decorators and with or without docstrings."""
    return {
        f"{module}:{node.lineno} {node.name}": _length(node, docstrings=docstrings) for module, node in _functions()
    }


def reference_marks() -> list[str]:
    """Return the lines of all text files that cite the maintainers' notes instead of a page."""
    return [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if REFERENCE in line
    ]


def percentile_95(values: Sequence[int]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    queue = list(graph[start])
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue.extend(graph[name])
    return seen


def _docstrings(kinds: tuple[type[ast.AST], ...]) -> Iterator[tuple[str, str]]:
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, kinds) and isinstance(node, ast.Module | ast.ClassDef | FunctionNode):
                yield f"{module}:{getattr(node, 'lineno', 1)}", ast.get_docstring(node) or ""


def _functions() -> Iterator[tuple[str, FunctionNode]]:
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, FunctionNode):
                yield module, node


def _length(node: FunctionNode, *, docstrings: bool) -> int:
    first = node.body[0]
    assert node.end_lineno is not None
    assert first.end_lineno is not None
    omitted = 0 if docstrings or ast.get_docstring(node) is None else first.end_lineno - first.lineno + 1
    return node.end_lineno - node.lineno + 1 - omitted


def report() -> Iterator[str]:
    """Yield the lines of the printed report."""
    files, functions, code = lengths(), function_lengths(), function_lengths(docstrings=False)
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    yield from _section("class names defined twice", [f"{k}: {', '.join(v)}" for k, v in duplicate_classes().items()])
    yield from _section("import cycles", [" ".join(group) for group in import_cycles()])
    yield from _section("module docstrings that open with a question word", question_docstrings((ast.Module,)))
    yield from _section("other docstrings that open with a question word", question_docstrings(definitions))
    yield from _section("functions named `of`", functions_named_of())
    yield from _section(f'lines with "{REFERENCE}"', reference_marks())
    for title, values in (("files", files), ("functions", functions), ("functions without docstrings", code)):
        yield from _distribution(title, values)


def _section(title: str, names: Sequence[str]) -> Iterator[str]:
    yield f"{title}: {len(names)}"
    yield from (f"    {name}" for name in names)


def _distribution(title: str, values: dict[str, int]) -> Iterator[str]:
    counts = list(values.values())
    cuts = quantiles(counts, n=20, method="inclusive")
    percentiles = ", ".join(f"{percent} %: {cuts[percent // 5 - 1]:g}" for percent in (25, 50, 75, 90, 95))
    yield f"lines of {len(counts)} {title}: {percentiles}, sum: {sum(counts)}"
    yield from (f"    {values[name]:4} {name}" for name in sorted(values, key=lambda name: -values[name])[:10])


if __name__ == "__main__":
    sys.stdout.write("\n".join(report()) + "\n")
