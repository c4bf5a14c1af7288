"""The import rules: who may know whom, and what is loaded when."""

import ast
import json
import subprocess
import sys
from collections import defaultdict

import pytest
from architecture.sources import PACKAGE, imports, is_within, lengths, modules, unit

AWS = (
    "personalize_mock.wire",
    "personalize_mock.moto_backend",
    "personalize_mock.resources",
    "personalize_mock.batch",
    "personalize_mock.runtime",
    "personalize_mock.events",
)
ENGINE = (
    *AWS,
    "personalize_mock.simulation",
    "personalize_mock.clock",
    "personalize_mock.mock",
    "personalize_mock.plugin",
)
OUTSIDE = ("moto", "boto3", "botocore", "responses", "requests")
FACE = ("personalize_mock.mock", "personalize_mock.plugin", "personalize_mock.decorators", "personalize_mock.__main__")
OURS = tuple(f"personalize_mock.{package}" for package in ("data", "filtering", "recipes", "evaluation", "training"))
SYNTHETIC = "personalize_mock.synthetic"
OPERATIONS = (
    "personalize_mock.resources",
    "personalize_mock.batch",
    "personalize_mock.runtime",
    "personalize_mock.events",
)

# Modules or packages that must never import the listed ones.
NEVER = {
    "personalize_mock.data": (*ENGINE, *OUTSIDE, *OURS[1:], SYNTHETIC),
    "personalize_mock.synthetic": (*ENGINE, *OUTSIDE, *OURS),
    "personalize_mock.filtering": (*ENGINE, *OUTSIDE, *OURS[2:], SYNTHETIC),
    "personalize_mock.recipes": (*ENGINE, *OUTSIDE, *OURS[3:], SYNTHETIC),
    "personalize_mock.recipes.numerics": ("personalize_mock.recipes.base", "personalize_mock.recipes.registry"),
    "personalize_mock.evaluation": (*ENGINE, *OUTSIDE, "personalize_mock.filtering", OURS[4], SYNTHETIC),
    "personalize_mock.evaluation.ranking": (PACKAGE,),  # pure functions
    "personalize_mock.training": (*ENGINE, *OUTSIDE, SYNTHETIC),
    "personalize_mock.training.fit": ("personalize_mock.training.hpo",),
    "personalize_mock.attribution": (*ENGINE, *OUTSIDE, *OURS[2:]),
    "personalize_mock.moto_backend.metrics_log": (
        *(each for each in AWS if "moto" not in each),
        *OUTSIDE,
        *OURS,
        *FACE,
    ),
    "personalize_mock.clock": (*AWS, *OUTSIDE, *OURS, *FACE, "personalize_mock.simulation"),
    "personalize_mock.journal": (*ENGINE, *OUTSIDE, *OURS, *FACE),
    "personalize_mock.simulation": (*AWS, *OUTSIDE, *OURS, *FACE, "personalize_mock.options"),
    "personalize_mock.wire": (*AWS[1:], *OURS, *FACE, "moto", "responses"),
    "personalize_mock.moto_backend": (*AWS[2:], *OURS, *FACE),
    "personalize_mock.resources": (
        "moto",
        "boto3",
        "responses",
        "requests",
        *FACE,
        "personalize_mock.moto_backend",
        "personalize_mock.runtime",
        "personalize_mock.batch",
        "personalize_mock.patched_time",
    ),
    "personalize_mock.batch": (*OUTSIDE, *FACE, "personalize_mock.moto_backend", "personalize_mock.patched_time"),
    "personalize_mock.runtime": (
        *OUTSIDE,
        *FACE,
        "personalize_mock.moto_backend",
        "personalize_mock.batch",
        "personalize_mock.patched_time",
    ),
    "personalize_mock.events": (*OUTSIDE, *FACE, "personalize_mock.moto_backend", "personalize_mock.patched_time"),
}

# Modules that only the listed ones import.
ONLY = {
    "moto": ("personalize_mock.moto_backend",),
    "implicit": ("personalize_mock.recipes.numerics",),
    "boto3": ("personalize_mock.plugin",),
    "botocore.endpoint": ("personalize_mock.moto_backend.graft",),
    "botocore.loaders": ("personalize_mock.wire.model",),
    "time": ("personalize_mock.clock", "personalize_mock.patched_time"),
    "pytest": ("personalize_mock.plugin",),
    "unittest.mock": ("personalize_mock.moto_backend",),
    "random": (),
    "secrets": (),
    "uuid": (),
    "responses": (),
    "requests": (),
}

# The only modules of the wire that the operations import.
KNOWN_WIRE = {"personalize_mock.wire", "personalize_mock.wire.errors", "personalize_mock.wire.registry"}


def culprits(who: str, what: str) -> list[str]:
    return [
        f"{each.module} imports {each.name}"
        for each in imports()
        if is_within(each.module, who) and is_within(each.name, what)
    ]


@pytest.mark.parametrize(("who", "what"), [(who, what) for who, forbidden in NEVER.items() for what in forbidden])
def test_layers_do_not_know_what_is_above_them(who: str, what: str):
    assert culprits(who, what) == []


@pytest.mark.parametrize("what", ONLY)
def test_what_has_an_owner_is_imported_by_it_alone(what: str):
    owners = ONLY[what]

    assert [
        culprit
        for culprit in culprits(PACKAGE, what)
        if not any(is_within(culprit.split()[0], each) for each in owners)
    ] == []


def test_operations_know_errors_and_the_registry_of_the_wire():
    known = {
        each.name
        for each in imports()
        if any(is_within(each.module, who) for who in OPERATIONS)
        and is_within(each.name, "personalize_mock.wire")
        and each.name in modules()
    }

    assert known <= KNOWN_WIRE


def test_packages_do_not_import_each_other_in_circles():
    graph = defaultdict(set)
    for each in imports():
        if not each.typing and is_within(each.name, PACKAGE) and unit(each.module) != unit(each.name):
            graph[unit(each.module)].add(unit(each.name))
    graph.pop(PACKAGE, None)  # the public face imports, and is imported by nobody

    while leaves := [name for name in graph if not graph[name] & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert graph == {}


def test_nobody_inside_imports_the_public_face():
    exported = {each.name for each in imports() if each.module != PACKAGE and unit(each.name) == each.name != PACKAGE}

    assert {name for name in exported if is_within(name, PACKAGE)} <= set(modules())


def test_packages_have_no_imports_of_their_own():
    own = {each.module for each in imports()}
    packages = {unit(name) for name in modules() if name.count(".") == 2}

    # The first fills the operation table, the second is public.
    assert own & packages <= {"personalize_mock.resources", "personalize_mock.synthetic"}


def test_every_module_says_what_it_is():
    assert [name for name, tree in modules().items() if not ast.get_docstring(tree)] == []


def test_no_file_is_too_long_to_read():
    assert {name: length for name, length in lengths().items() if length > 500} == {}


def loaded(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a program."""
    text = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


HEAVY = {"numpy", "scipy", "implicit", "moto", "boto3", "botocore", "requests", "responses", "matplotlib"}


@pytest.mark.parametrize("name", ["personalize_mock", "personalize_mock.plugin", "personalize_mock.simulation"])
def test_importing_it_loads_nothing_heavy(name: str):
    assert loaded(f"import {name}") & HEAVY == set()


def test_a_mock_without_training_loads_no_numerics():
    program = """
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
    mock.call("ListDatasetGroups")
"""
    assert loaded(program) & {"numpy", "scipy", "implicit", "matplotlib"} == set()
