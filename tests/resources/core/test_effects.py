"""Tests of effects, and that every effect named in the package is registered for its resource type."""

import ast
import importlib.util
from collections.abc import Iterator

import pytest
from architecture.sources import modules

import personalize_mock.batch.job_runners  # noqa: F401  # importing it registers effects
from personalize_mock import resources  # noqa: F401  # importing it registers the others
from personalize_mock.resources.batch_inference_jobs import BatchInferenceJob
from personalize_mock.resources.core import effects
from personalize_mock.resources.core.effects import effect, find_effect
from personalize_mock.resources.core.resource import Resource

BY_NAME = ("schedule_effect", "cancel_effect", "run_effect", "record_effect_poll")
ENGINE = "personalize_mock.resources.core.lifecycle"


def resource_types(base: type[Resource] = Resource) -> Iterator[type[Resource]]:
    """Yield the resource types of the package."""
    for subclass in base.__subclasses__():
        if subclass.__module__.startswith("personalize_mock."):
            yield subclass
        yield from resource_types(subclass)


def in_lifecycles() -> Iterator[tuple[str, str]]:
    """Yield pairs of resource type and effect from the lifecycle tables."""
    for resource_type in resource_types():
        for lifecycle in resource_type.LIFECYCLES:
            yield from ((resource_type.__name__, stage.effect) for stage in lifecycle.stages if stage.effect)


def in_calls() -> Iterator[tuple[str, str]]:
    """Yield pairs of resource type and effect from the calls that name an effect."""
    for module, tree in modules().items():
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for function in functions.values() if module != ENGINE else ():
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id in BY_NAME:
                    _, resource, effect_name, *_ = call.args
                    yield resource_type_of(resource, function, functions), str(ast.literal_eval(effect_name))


def resource_type_of(variable: ast.expr, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> str:
    """Return the only resource type named where a variable is annotated, assigned or looped over."""
    name = ast.unparse(variable)
    parameters = function.args.args
    sources: list[ast.expr | None] = [parameter.annotation for parameter in parameters if parameter.arg == name]
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            sources += [node.value, *(functions[called].returns for called in words(node.value) & functions.keys())]
        if isinstance(node, ast.For) and ast.unparse(node.target) == name:
            sources.append(node.iter)
    (type_name,) = set().union(*map(words, filter(None, sources))) & TYPES.keys()
    return type_name


def words(expression: ast.expr) -> set[str]:
    """Return the names and strings in an expression."""
    nodes = list(ast.walk(expression))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


TYPES = {resource_type.__name__: resource_type for resource_type in resource_types()}


@pytest.mark.parametrize(("type_name", "name"), sorted({*in_lifecycles(), *in_calls()}))
def test_a_named_effect_is_registered(type_name: str, name: str):
    assert callable(find_effect(TYPES[type_name], name))


def test_effects_are_named_by_lifecycles_and_by_calls():
    assert ("SolutionVersion", "train") in set(in_lifecycles())
    assert {("Solution", "train_first"), ("Campaign", "schedule_following")} <= set(in_calls())


def test_an_unknown_effect_is_reported():
    with pytest.raises(LookupError, match="No effect 'frobnicate' is registered for Solution"):
        find_effect(TYPES["Solution"], "frobnicate")


def test_an_effect_is_found_for_subclasses():
    class Animal(Resource):
        pass

    class Dog(Animal):
        pass

    @effect(Animal)
    def bark(store, animal):
        pass

    assert find_effect(Dog, "bark") is bark
    with pytest.raises(LookupError):
        find_effect(Resource, "bark")


class Cat(Resource):
    """A resource type of these tests."""


def meow(store, cat):
    pass


def test_an_effect_has_one_function():
    def other_meow(store, cat):
        pass

    other_meow.__name__ = "meow"
    effect(Cat)(meow)
    with pytest.raises(AssertionError, match="Cat has two effects meow"):
        effect(Cat)(other_meow)


def test_a_module_imported_again_replaces_its_effects(monkeypatch):
    monkeypatch.setattr(effects, "_EFFECTS", dict(effects._EFFECTS))
    first = find_effect(BatchInferenceJob, "infer")
    specification = importlib.util.find_spec("personalize_mock.batch.job_runners")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert find_effect(BatchInferenceJob, "infer") is module.infer is not first
