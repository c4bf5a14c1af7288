"""Import rules: the modules that may import each other, and the modules that are loaded late.

In the tables a leading dot stands for `personalize_mock`.
"""

import ast
import json
import subprocess
import sys
from collections import defaultdict

import pytest
from architecture.sources import PACKAGE, imports, is_within, modules, top_package

MOTO_BACKEND, SYNTHETIC = ".moto_backend", ".synthetic"
DATA, FILTERING, RECIPES, EVALUATION, TRAINING = ".data", ".filtering", ".recipes", ".evaluation", ".training"

ALGORITHMS = (DATA, FILTERING, RECIPES, EVALUATION, TRAINING)  # each may import those before it
OPERATIONS = (".resources", ".batch", ".runtime", ".events")
TOOLKIT = (
    ".rules",
    ".loading",
    ".inspection",
    ".snapshots",
    ".report",
    ".recording",
)  # no part of the service knows it
CONTROL = ".control"
SERVICE = (".wire", MOTO_BACKEND, *OPERATIONS)
PUBLIC = (".mock", ".plugin", ".decorators", ".__main__", ".server")
ENGINE = (*SERVICE, *TOOLKIT, ".simulation", ".timing", ".mock", ".plugin")
THIRD_PARTY = ("moto", "boto3", "botocore", "responses", "requests")

# Modules or packages (left) that never import the listed ones (right).
NEVER = {
    DATA: (*ENGINE, *THIRD_PARTY, FILTERING, RECIPES, EVALUATION, TRAINING, SYNTHETIC),
    SYNTHETIC: (*ENGINE, *THIRD_PARTY, *ALGORITHMS),
    FILTERING: (*ENGINE, *THIRD_PARTY, RECIPES, EVALUATION, TRAINING, SYNTHETIC),
    RECIPES: (*ENGINE, *THIRD_PARTY, EVALUATION, TRAINING, SYNTHETIC),
    ".recipes.numerics": (".recipes.base", ".recipes.registry"),
    EVALUATION: (*ENGINE, *THIRD_PARTY, FILTERING, TRAINING, SYNTHETIC),
    ".evaluation.ranking": (".",),  # pure functions
    TRAINING: (*ENGINE, *THIRD_PARTY, SYNTHETIC),
    ".training.fit": (".training.hpo",),
    ".attribution": (*ENGINE, *THIRD_PARTY, RECIPES, EVALUATION, TRAINING),
    ".timing": (*SERVICE, *THIRD_PARTY, *ALGORITHMS, *PUBLIC, ".simulation"),
    ".journal": (*ENGINE, *THIRD_PARTY, *ALGORITHMS, *PUBLIC),
    ".simulation": (*TOOLKIT, *SERVICE, *THIRD_PARTY, *ALGORITHMS, *PUBLIC, ".options"),
    ".snapshots": (
        *(*THIRD_PARTY, *PUBLIC, ".wire", MOTO_BACKEND, ".runtime", ".batch", ".events", ".rules", ".loading"),
        *(".active", ".run"),
    ),
    ".rules": ("moto", "boto3", "responses", "requests", MOTO_BACKEND, ".runtime", ".batch", ".plugin", ".mock"),
    ".inspection": ("moto", "boto3", "responses", "requests", MOTO_BACKEND, ".plugin", ".mock"),
    ".report": ("moto", "boto3", "responses", "requests", MOTO_BACKEND, ".plugin", ".mock", ".rules", ".wire"),
    ".recording": ("moto", "boto3", "responses", "requests", MOTO_BACKEND, ".plugin", ".rules", ".loading"),
    ".recording.recorder": (".simulation", ".mock", ".active", ".resources", ".wire.dispatch"),  # it starts no mock
    ".wire": (*TOOLKIT, MOTO_BACKEND, *OPERATIONS, *ALGORITHMS, *PUBLIC, "moto", "responses"),
    MOTO_BACKEND: (*TOOLKIT, *OPERATIONS, *ALGORITHMS, *PUBLIC, CONTROL),
    CONTROL: ("moto", "boto3", "responses", "requests", MOTO_BACKEND, *PUBLIC, ".active", ".run"),
    ".remote": (
        *("moto", "boto3", "responses", "requests"),
        *(*PUBLIC[:2], CONTROL, ".server", ".run", ".simulation", ".snapshots", ".moto_backend.patcher"),
    ),
    ".server": (*THIRD_PARTY, ".wire", ".timing", CONTROL),
    ".moto_backend.service_metrics": (".wire", *OPERATIONS, *THIRD_PARTY, *ALGORITHMS, *PUBLIC),
    ".resources": (
        *("moto", "boto3", "responses", "requests"),
        *(*TOOLKIT, *PUBLIC, MOTO_BACKEND, ".runtime", ".batch", ".timing.patched_time"),
    ),
    ".batch": (*TOOLKIT, *THIRD_PARTY, *PUBLIC, MOTO_BACKEND, ".timing.patched_time"),
    ".runtime": (*TOOLKIT, *THIRD_PARTY, *PUBLIC, MOTO_BACKEND, ".batch", ".timing.patched_time"),
    ".events": (*TOOLKIT, *THIRD_PARTY, *PUBLIC, MOTO_BACKEND, ".timing.patched_time"),
    ".loading": (*THIRD_PARTY, *PUBLIC, MOTO_BACKEND, ".timing.patched_time", ".active", ".run", ".rules"),
    ".content_cache": (*ENGINE, *THIRD_PARTY, *ALGORITHMS),
}

# Modules (left) that only the listed ones import (right).
ONLY = {
    "moto": (MOTO_BACKEND,),
    "implicit": (".recipes.numerics",),
    "boto3": (".plugin", ".moto_backend.shared_files"),
    "werkzeug": (MOTO_BACKEND, ".server"),
    "flask": (),
    "botocore.endpoint": (".moto_backend.patcher", ".remote.redirect"),
    "botocore.loaders": (".wire.model", ".moto_backend.client_cache", ".moto_backend.shared_files"),
    "time": (".timing",),
    "pytest": (".plugin",),
    "unittest.mock": (MOTO_BACKEND,),
    "random": (),
    "secrets": (),
    "uuid": (),
    "responses": (),
    "requests": (),
}

# The only modules of `wire` that operations import.
WIRE_FOR_OPERATIONS = {".wire", ".wire.errors", ".wire.registry"}

HEAVY = {
    "numpy",
    "scipy",
    "implicit",
    "moto",
    "boto3",
    "botocore",
    "requests",
    "responses",
    "matplotlib",
    "flask",
    "werkzeug",
}


def full_name(name: str) -> str:
    return f"{PACKAGE}{name}".rstrip(".") if name.startswith(".") else name


def imports_of(imported: str, *, by: str = ".") -> list[str]:
    return [
        f"{entry.module} imports {entry.name}"
        for entry in imports()
        if is_within(entry.module, full_name(by)) and is_within(entry.name, full_name(imported))
    ]


def loaded_modules(program: str) -> set[str]:
    """Run a program in a fresh interpreter and return the top-level modules it has loaded."""
    text = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize(("module", "imported"), [(module, name) for module, names in NEVER.items() for name in names])
def test_a_module_never_imports_what_the_table_forbids(module: str, imported: str):
    assert imports_of(imported, by=module) == []


@pytest.mark.parametrize("imported", ONLY)
def test_only_the_listed_modules_import_it(imported: str):
    owners = [full_name(name) for name in ONLY[imported]]
    found = imports_of(imported)

    assert [line for line in found if not any(is_within(line.split()[0], owner) for owner in owners)] == []


@pytest.mark.parametrize("name", sorted({*NEVER, *ONLY, *sum(NEVER.values(), ()), *sum(ONLY.values(), ())}))
def test_every_module_in_the_tables_exists(name: str):
    assert not name.startswith(".") or full_name(name) in modules()


def test_operations_import_only_errors_and_the_registry_from_wire():
    imported = {
        entry.name
        for entry in imports()
        if any(is_within(entry.module, full_name(package)) for package in OPERATIONS)
        and is_within(entry.name, full_name(".wire"))
        and entry.name in modules()
    }

    assert imported <= {full_name(name) for name in WIRE_FOR_OPERATIONS}


def test_packages_do_not_import_each_other_in_circles():
    graph = defaultdict(set)
    for entry in imports():
        importer, imported = top_package(entry.module), top_package(entry.name)
        if not entry.typing and is_within(imported, PACKAGE) and importer != imported:
            graph[importer].add(imported)
    graph.pop(PACKAGE, None)  # the public interface imports modules and is imported by none

    while leaves := [name for name in graph if not graph[name] & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert graph == {}


def test_no_module_imports_the_public_interface():
    top_level = {
        entry.name
        for entry in imports()
        if entry.module != PACKAGE and top_package(entry.name) == entry.name != PACKAGE
    }

    assert {name for name in top_level if is_within(name, PACKAGE)} <= set(modules())


def test_the_init_files_of_packages_import_nothing():
    importing = {entry.module for entry in imports()}
    packages = {top_package(name) for name in modules() if name.count(".") == 2}

    # The first fills the operation table, the others are public.
    assert importing & packages <= {full_name(name) for name in (".resources", ".synthetic", ".recording")}


def test_every_module_has_a_docstring():
    assert [name for name, tree in modules().items() if not ast.get_docstring(tree)] == []


@pytest.mark.parametrize(
    "name",
    ["personalize_mock", "personalize_mock.plugin", "personalize_mock.simulation", "personalize_mock.recording"],
)
def test_importing_the_module_loads_no_heavy_package(name: str):
    assert loaded_modules(f"import {name}") & HEAVY == set()


def test_a_mock_without_training_loads_no_numerics():
    program = """
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
    mock.call("ListDatasetGroups")
"""
    assert loaded_modules(program) & {"numpy", "scipy", "implicit", "matplotlib"} == set()
