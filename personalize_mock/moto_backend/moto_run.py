"""Start and stop of moto, with a clean-up that works even after an interrupt such as Ctrl-C.

moto's own `stop` assumes that `start` has finished. If either is interrupted, the values that moto has changed are
restored to what they were before.
"""

import os
import sys
from threading import Lock
from typing import Any

from moto import mock_aws
from moto.core import models
from moto.core.config import default_user_config

_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class MotoRun:
    """A single run of moto, from `start` to `stop`. An object can be used only once."""

    def __init__(self) -> None:
        self._mock: Any = mock_aws()
        self._depth = type(self._mock)._nested_count  # noqa: SLF001  # moto offers no other way to ask
        self._is_started = self._is_stopped = False
        self._restore_depth: int | None = None  # the depth after `stop`, as soon as it has begun
        self._environment = {name: os.environ.get(name) for name in _VARIABLES}
        self._session = models.boto3.DEFAULT_SESSION
        self._config = dict(default_user_config)
        self._send = _adapter().send

    def start(self) -> None:
        """Start moto. If another mock has started it already, only increase moto's count of active mocks."""
        self._mock.start()
        self._is_started = True

    def stop(self) -> None:
        """Stop moto, even if `start` or an earlier call to `stop` was interrupted.

        If moto has already been stopped completely, do nothing.
        """
        if self._is_stopped:
            return
        if self._restore_depth is None and self._is_started:
            self._restore_depth = type(self._mock)._nested_count - 1  # noqa: SLF001
            self._mock.stop()
        else:
            self._restore(self._depth if self._restore_depth is None else self._restore_depth)
        self._is_stopped = True

    def _restore(self, depth: int) -> None:
        moto_class = type(self._mock)
        if moto_class._mock_init_lock.locked():  # noqa: SLF001
            models.MockAWS._mock_init_lock = Lock()  # noqa: SLF001  # left locked by the interrupt
        moto_class._nested_count = depth  # noqa: SLF001
        for name, value in self._environment.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if depth == 0:
            self._restore_stopped(moto_class)

    def _restore_stopped(self, moto_class: Any) -> None:
        moto_class._mocks_active = False  # noqa: SLF001
        models.botocore_stubber.enabled = False
        self._mock.reset()
        models.responses_mock._patcher = None  # noqa: SLF001
        _adapter().send = self._send
        models.boto3.DEFAULT_SESSION = self._session
        config: dict[str, Any] = default_user_config  # type: ignore[assignment]  # moto patches it like any dictionary
        config.clear()
        config.update(self._config)


def _adapter() -> Any:
    """Return the class `requests.adapters.HTTPAdapter`, which moto imports and patches."""
    return sys.modules["requests.adapters"].HTTPAdapter
