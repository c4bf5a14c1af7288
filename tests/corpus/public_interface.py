"""Public interface besides the operations: the data generator, invalid options and invalid calls."""

import importlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from corpus.stage import Stage

import personalize_mock

GENERATORS = ("personalize_mock.synthetic", "personalize_mock.data.synthetic")  # where it is, and where it was
SIZES = ({"users": 30, "items": 40, "interactions": 500}, {"users": 1, "items": 1, "interactions": 0}, {"items": 0})
PARTS = ("interactions", "items", "users", "interactions_schema", "items_schema", "users_schema")
WRONG_OPTIONS: tuple[Mapping[str, Any], ...] = (
    {"sed": 1},
    {"seed": "7"},
    {"strict": 1},
    {"sleep": "never"},
    {"clock": 1e15},
    {"minimum_interactions": -1},
    {"minimum_interactions": 10, "strict": False},
    {"durations": {"lunch": 1}},
    {"durations": {"campaign:aws-sims": 1}},
    {"durations": {"solution-version:aws-none": 1}},
    {"durations": {"campaign": -1}},
    {"durations": 3},
    {"quotas": {"lunches": 1}},
    {"quotas": {"schemas": -1}},
)


def play(stage: Stage) -> None:
    """Generate data, and try invalid options and calls."""
    generate = _generator()
    for sizes in SIZES:
        _record_outcome(stage, f"generate {sizes}", partial(_generated, generate, sizes))
    for options in WRONG_OPTIONS:
        _record_outcome(stage, f"options {options}", partial(personalize_mock.mock_personalize, **options))
    mock = stage.mock
    _record_outcome(stage, "a mock inside with another seed", lambda: personalize_mock.mock_personalize(seed=1).start())
    _record_outcome(stage, "an unknown operation", lambda: mock.call("CreateFilm"))
    _record_outcome(stage, "an unknown member", lambda: mock.call("ListRecipes", colour="red"))
    _record_outcome(stage, "backwards", lambda: mock.clock.jump(-1))
    _record_outcome(stage, "out of the calendar", lambda: mock.clock.jump_to(1e15))
    _record_outcome(stage, "no seconds", lambda: mock.clock.jump("1"))
    _record_outcome(stage, "no rate", lambda: setattr(mock.clock, "rate", -1))
    mock.clock.jump_to("2024-07-02T03:04:05Z")
    stage.recording.add("a decorated function", _decorated())
    stage.recording.add("time", (mock.clock.now(), mock.clock.rate, mock.clock.autojump))


def _generated(generate: Callable[..., Any], sizes: Mapping[str, int]) -> list[Any]:
    made = generate(seed=3, **sizes)
    return [getattr(made, part) for part in PARTS]


def _generator() -> Callable[..., Any]:
    for name in GENERATORS:
        try:
            found: Callable[..., Any] = importlib.import_module(name).generate
        except ModuleNotFoundError:
            continue
        return found
    raise ModuleNotFoundError(f"there is none of {', '.join(GENERATORS)}")


@personalize_mock.mock_personalize
def _decorated() -> str:
    return "called"


def _record_outcome(stage: Stage, label: str, act: Callable[[], Any]) -> None:
    """Record the result, or the class and the text of the error."""
    try:
        result = act()
        stage.recording.add(label, result if isinstance(result, list) else "done")
    except (personalize_mock.PersonalizeMockError, ValueError) as error:
        stage.recording.add(label, {"error": type(error).__name__, "message": str(error)})
