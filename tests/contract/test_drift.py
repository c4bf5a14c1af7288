"""What the installed botocore says is what is implemented; an older botocore may say less, never more."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from botocore import xform_name
from botocore.model import Shape
from contract.registry import ALL, IMPLEMENTED

from personalize_mock import resources
from personalize_mock.resources.catalogue import Algorithm, FeatureTransformation, RecipeEntry
from personalize_mock.resources.core.resource import Resource
from personalize_mock.wire import errors, registry
from personalize_mock.wire.model import CONTROL, SERVICES, modelled_errors, service_model
from personalize_mock.wire.validate import compile_pattern


def _kinds(base: type) -> Iterator[type]:
    """The classes beneath a class that have none beneath them."""
    for kind in base.__subclasses__():
        yield from _kinds(kind) if kind.__subclasses__() else (kind,)


KINDS: dict[str, type] = {kind.__name__: kind for kind in _kinds(Resource)}
SHOWN = {**KINDS, "Recipe": RecipeEntry, "Algorithm": Algorithm, "FeatureTransformation": FeatureTransformation}

# Members of output structures that are not there, and why.
NOT_SHOWN: dict[str, str] = {}


# Lists of what is no resource of the store.
OTHER_LISTS = ("ListRecipes", "ListMetricAttributionMetrics", "ListTagsForResource")


def within(shape: Shape | None) -> Iterator[Shape]:
    """A shape and all that it is made of."""
    if shape is None:
        return
    yield shape
    if shape.type_name == "structure":
        parts = list(shape.members.values())
    else:
        parts = [getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)]
    for part in parts:
        yield from within(part)


def shapes() -> dict[str, Shape]:
    """By name; where services have one of the same name, that of the control plane."""
    asked = sorted(ALL.values(), key=lambda each: each.service == CONTROL)
    return {shape.name: shape for each in asked for top in (each.input, each.output) for shape in within(top)}


def attributes(kind: type) -> set[str]:
    own = {field.name for field in fields(kind)}
    return own | {name for name, value in inspect.getmembers(kind) if isinstance(value, property)}


def test_each_function_is_an_operation():
    assert set(registry._HANDLERS) <= {operation.function for operation in ALL.values()}


def test_each_member_of_a_request_is_a_parameter():
    lacking = []
    for name, asked in IMPLEMENTED.items():
        parameters = inspect.signature(registry.handler_for(asked.function)).parameters
        takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        if not takes_any:
            lacking += [f"{name}.{member}" for member in asked.input.members if xform_name(member) not in parameters]

    assert lacking == []


def test_each_filter_of_a_list_is_an_attribute():
    paging = {"nextToken", "maxResults"}
    lacking = [
        f"{name}.{member}"
        for name, asked in IMPLEMENTED.items()
        if name.startswith("List") and name not in OTHER_LISTS
        for member in set(asked.input.members) - paging
        if xform_name(member) not in attributes(next(kind for kind in KINDS.values() if name == f"List{_plural(kind)}"))
    ]

    assert lacking == []


@pytest.mark.parametrize("name", sorted(set(SHOWN) & set(shapes())))
def test_each_member_of_a_description_is_an_attribute(name: str):
    members = shapes()[name].members
    lacking = {f"{name}.{member}" for member in members if xform_name(member) not in attributes(SHOWN[name])}

    assert lacking - set(NOT_SHOWN) == set()


def test_what_is_not_shown_is_not_there():
    there = {name for name in NOT_SHOWN if xform_name(name.partition(".")[2]) in attributes(SHOWN[name.split(".")[0]])}

    assert there == set()


@pytest.mark.parametrize("name", sorted(set(SHOWN) & set(shapes())))
def test_a_summary_shows_nothing_that_its_kind_lacks(name: str):
    summary = shapes().get(f"{name}Summary")
    members = summary.members if summary else {}

    assert {member for member in members if xform_name(member) not in attributes(SHOWN[name])} == set()


def test_each_modelled_error_has_a_class():
    modelled = {error for operation in ALL.values() for error in modelled_errors(operation)}

    assert {error.__name__ for error in errors.MODELLED} == modelled


def test_no_error_is_modelled_outside_operations():
    exceptions = {
        name for service in SERVICES for name in service_model(service).shape_names if name.endswith("Exception")
    }

    assert {error.__name__ for error in errors.MODELLED} == exceptions


def test_each_class_of_error_is_modelled_or_common():
    common = {
        "AccessDeniedException",
        "NotImplementedException",
        "SerializationException",
        "UnknownOperationException",
        "ValidationException",
    }

    assert {each.__name__ for each in errors.ServiceError.__subclasses__()} - common == {
        error.__name__ for error in errors.MODELLED
    }


def test_every_pattern_compiles():
    patterns = {
        shape.metadata["pattern"]
        for service in SERVICES
        for shape in map(service_model(service).shape_for, service_model(service).shape_names)
        if "pattern" in shape.metadata
    }

    assert len(patterns) >= 10
    for pattern in patterns:
        assert r"\p" not in compile_pattern(pattern).pattern


def test_every_type_of_the_inputs_is_checked():
    types = {shape.type_name for operation in ALL.values() for shape in within(operation.input)}

    assert types <= {"boolean", "double", "float", "integer", "list", "long", "map", "string", "structure", "timestamp"}


def test_no_input_shape_contains_itself():
    for operation in ALL.values():
        assert sum(1 for _ in within(operation.input)) < 500


def test_every_resource_module_is_imported():
    modules = {kind.__module__ for kind in KINDS.values()}

    assert {module.rpartition(".")[2] for module in modules} <= set(resources.__all__)


def _plural(kind: Any) -> str:
    return re.sub(r"^.", lambda first: first[0].upper(), kind.LIST_MEMBER)
