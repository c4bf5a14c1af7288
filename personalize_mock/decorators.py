"""A context manager around everything that can be decorated: functions of four kinds, and classes.

The mock is active while a body runs, not while it is made: a coroutine function is mocked when awaited, a generator
while it is iterated. In a `unittest.TestCase` it spans setUp, test and tearDown; in other classes with a
`setup_method` it spans that, the test and `teardown_method`; otherwise each method of its own.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

from personalize_mock.exceptions import PersonalizeMockError

T = TypeVar("T")
Context = AbstractContextManager[Any]
Function = Callable[..., Any]


def decorate(mock: Context, decorated: T) -> T:
    """The same function or class with `mock` active while it runs.

    Raises:
        PersonalizeMockError: it is neither.
    """
    if inspect.isclass(decorated):
        return cast("T", _decorate_class(mock, decorated))
    if not callable(decorated):
        raise PersonalizeMockError(
            f"mock_personalize decorates a function or a class, not {decorated!r}. Write options by their names: "
            "mock_personalize(seed=1)."
        )
    return cast("T", _decorate_function(mock, cast("Function", decorated)))


def _decorate_function(mock: Context, function: Function) -> Function:
    if inspect.isasyncgenfunction(function):
        return _async_generator(mock, function)
    if inspect.iscoroutinefunction(function):
        return _coroutine(mock, function)
    if inspect.isgeneratorfunction(function):
        return _generator(mock, function)

    @functools.wraps(function)
    def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return function(*args, **kwargs)

    return mocked


def _coroutine(mock: Context, function: Function) -> Function:
    @functools.wraps(function)
    async def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return await function(*args, **kwargs)

    return mocked


def _generator(mock: Context, function: Function) -> Function:
    @functools.wraps(function)
    def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return (yield from function(*args, **kwargs))

    return mocked


def _async_generator(mock: Context, function: Function) -> Function:
    @functools.wraps(function)
    async def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            generator = function(*args, **kwargs)
            try:
                async for value in generator:
                    yield value
            finally:
                await generator.aclose()

    return mocked


def _decorate_class(mock: Context, decorated: type) -> type:
    if _is_test_case(decorated):
        decorated.run = _decorate_function(mock, decorated.run)  # type: ignore[attr-defined]  # spans setUp to tearDown
        return decorated
    if hasattr(decorated, "setup_method"):
        _span_setup(mock, decorated)
    for name, member in list(vars(decorated).items()):
        if inspect.isfunction(member) and not name.startswith("_") and name not in _SPANNED:
            setattr(decorated, name, _decorate_function(mock, member))
        elif inspect.isclass(member) and name.startswith("Test"):
            _decorate_class(mock, member)
    return decorated


def _is_test_case(decorated: type) -> bool:
    """Whether it is a `unittest.TestCase`; who never imported unittest has none."""
    unittest = sys.modules.get("unittest")
    return unittest is not None and issubclass(decorated, unittest.TestCase)


_SPANNED = ("setup_method", "teardown_method")


def _span_setup(mock: Context, decorated: Any) -> None:
    setup = decorated.setup_method
    teardown = getattr(decorated, "teardown_method", None)

    @functools.wraps(setup)
    def setup_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        mock.__enter__()
        try:
            return setup(self, *args, **kwargs)
        except BaseException:
            mock.__exit__(None, None, None)
            raise

    def teardown_method(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return None if teardown is None else teardown(self, *args, **kwargs)
        finally:
            mock.__exit__(None, None, None)

    decorated.setup_method = setup_method
    decorated.teardown_method = functools.wraps(teardown)(teardown_method) if teardown else teardown_method
