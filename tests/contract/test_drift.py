"""Comparison of the implementation with the installed botocore. An older model may lack members, never have more."""

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


def _leaves(base: type) -> Iterator[type]:
    """Yield the subclasses of a class that have no subclasses."""
    for subclass in base.__subclasses__():
        yield from _leaves(subclass) if subclass.__subclasses__() else (subclass,)


RESOURCE_TYPES: dict[str, type] = {resource_type.__name__: resource_type for resource_type in _leaves(Resource)}
DESCRIBED = {
    **RESOURCE_TYPES,
    "Recipe": RecipeEntry,
    "Algorithm": Algorithm,
    "FeatureTransformation": FeatureTransformation,
}

# Lists of objects that are not resources of the store.
OTHER_LISTS = ("ListRecipes", "ListMetricAttributionMetrics", "ListTagsForResource")


def parts(shape: Shape | None) -> Iterator[Shape]:
    """Yield a shape and all shapes that it consists of."""
    if shape is None:
        return
    yield shape
    if shape.type_name == "structure":
        children = list(shape.members.values())
    else:
        children = [getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)]
    for child in children:
        yield from parts(child)


def shapes() -> dict[str, Shape]:
    """Return all shapes by name. Where two services share a name, the shape of the control plane wins."""
    ordered = sorted(ALL.values(), key=lambda operation: operation.service == CONTROL)
    return {
        shape.name: shape
        for operation in ordered
        for top in (operation.input, operation.output)
        for shape in parts(top)
    }


def attributes(cls: type) -> set[str]:
    own = {field.name for field in fields(cls)}
    return own | {name for name, value in inspect.getmembers(cls) if isinstance(value, property)}


def test_each_handler_belongs_to_an_operation():
    assert set(registry._HANDLERS) <= {operation.function for operation in ALL.values()}


def test_each_member_of_a_request_is_a_parameter():
    missing = []
    for name, operation in IMPLEMENTED.items():
        parameters = inspect.signature(registry.handler_for(operation.function)).parameters
        takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
        if not takes_any:
            missing += [
                f"{name}.{member}" for member in operation.input.members if xform_name(member) not in parameters
            ]

    assert missing == []


def test_each_filter_of_a_list_is_an_attribute():
    paging = {"nextToken", "maxResults"}
    missing = [
        f"{name}.{member}"
        for name, operation in IMPLEMENTED.items()
        if name.startswith("List") and name not in OTHER_LISTS
        for member in set(operation.input.members) - paging
        if xform_name(member)
        not in attributes(next(cls for cls in RESOURCE_TYPES.values() if name == f"List{_plural(cls)}"))
    ]

    assert missing == []


@pytest.mark.parametrize("name", sorted(set(DESCRIBED) & set(shapes())))
def test_each_member_of_a_description_is_an_attribute(name: str):
    members = shapes()[name].members
    missing = {f"{name}.{member}" for member in members if xform_name(member) not in attributes(DESCRIBED[name])}

    assert missing == set()


@pytest.mark.parametrize("name", sorted(set(DESCRIBED) & set(shapes())))
def test_each_member_of_a_summary_is_an_attribute(name: str):
    summary = shapes().get(f"{name}Summary")
    members = summary.members if summary else {}

    assert {member for member in members if xform_name(member) not in attributes(DESCRIBED[name])} == set()


def test_each_modelled_error_has_one_class():
    modelled = {error for operation in ALL.values() for error in modelled_errors(operation)}

    assert {error.__name__ for error in errors.MODELLED} == modelled


def test_no_error_is_modelled_outside_operations():
    exceptions = {
        name for service in SERVICES for name in service_model(service).shape_names if name.endswith("Exception")
    }

    assert {error.__name__ for error in errors.MODELLED} == exceptions


def test_each_error_class_is_modelled_or_common():
    common = {
        "AccessDeniedException",
        "BareResponse",  # declared by a rule, without an error document
        "NotImplementedException",
        "SerializationException",
        "UnknownOperationException",
        "ValidationException",
    }

    here = {error.__name__ for error in errors.ServiceError.__subclasses__() if error.__module__ == errors.__name__}
    assert here - common == {error.__name__ for error in errors.MODELLED}


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


def test_every_type_in_the_inputs_is_validated():
    types = {shape.type_name for operation in ALL.values() for shape in parts(operation.input)}

    assert types <= {"boolean", "double", "float", "integer", "list", "long", "map", "string", "structure", "timestamp"}


def test_no_input_shape_contains_itself():
    for operation in ALL.values():
        assert sum(1 for _ in parts(operation.input)) < 500


def test_every_resource_module_is_imported():
    modules = {cls.__module__ for cls in RESOURCE_TYPES.values()}

    assert {module.rpartition(".")[2] for module in modules} <= set(resources.__all__)


def _plural(cls: Any) -> str:
    return re.sub(r"^.", lambda first: first[0].upper(), cls.LIST_MEMBER)
