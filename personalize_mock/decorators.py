"""Decorators that keep a mock active while a function or the methods of a class run.

For a coroutine function or a generator function, the mock is active while the coroutine is awaited or the generator is
iterated, not while it is created.

In a `unittest.TestCase`, the mock is active from setUp to tearDown. In any other class with a `setup_method`, it is
active from `setup_method` to `teardown_method`. In all other classes, it starts and stops for each public method.
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

_SETUP_METHODS = ("setup_method", "teardown_method")


def decorate(mock: Context, decorated: T) -> T:
    """Decorate a function or a class so that a mock is active while the function or the methods of the class run.

    Args:
        mock: Context manager that starts and stops the mock.
        decorated: The function or class. A class is changed in place and returned; a function is wrapped.

    Raises:
        PersonalizeMockError: `decorated` is neither a function nor a class.
    """
    if inspect.isclass(decorated):
        return cast("T", _decorate_class(mock, decorated))
    if not callable(decorated):
        raise PersonalizeMockError(
            f"mock_personalize({decorated!r}): not a function or a class. Write options as keyword arguments, such as "
            "mock_personalize(seed=1)."
        )
    return cast("T", _decorate_function(mock, cast("Function", decorated)))


def _decorate_function(mock: Context, function: Function) -> Function:
    if inspect.isasyncgenfunction(function):
        return _decorate_async_generator(mock, function)
    if inspect.iscoroutinefunction(function):
        return _decorate_coroutine(mock, function)
    if inspect.isgeneratorfunction(function):
        return _decorate_generator(mock, function)

    @functools.wraps(function)
    def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return function(*args, **kwargs)

    return mocked


def _decorate_coroutine(mock: Context, function: Function) -> Function:
    @functools.wraps(function)
    async def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return await function(*args, **kwargs)

    return mocked


def _decorate_generator(mock: Context, function: Function) -> Function:
    @functools.wraps(function)
    def mocked(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return (yield from function(*args, **kwargs))

    return mocked


def _decorate_async_generator(mock: Context, function: Function) -> Function:
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
        decorated.run = _decorate_function(mock, decorated.run)  # type: ignore[attr-defined]  # covers setUp to tearDown
        return decorated
    if hasattr(decorated, "setup_method"):
        _decorate_setup(mock, decorated)
    for name, member in list(vars(decorated).items()):
        if inspect.isfunction(member) and not name.startswith("_") and name not in _SETUP_METHODS:
            setattr(decorated, name, _decorate_function(mock, member))
        elif inspect.isclass(member) and name.startswith("Test"):
            _decorate_class(mock, member)
    return decorated


def _is_test_case(decorated: type) -> bool:
    """Return whether a class is a subclass of `unittest.TestCase`, without importing unittest."""
    unittest = sys.modules.get("unittest")
    return unittest is not None and issubclass(decorated, unittest.TestCase)


def _decorate_setup(mock: Context, decorated: Any) -> None:
    """Change a class in place so that its `setup_method` starts the mock and its `teardown_method` stops the mock.

    If `setup_method` fails, the mock stops at once, because pytest does not call `teardown_method` then.
    """
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
