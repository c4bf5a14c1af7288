"""The mock's additions to other services of moto: IAM, CloudWatch, CloudFormation and the Resource Groups Tagging API.

Each one is installed just before the first request to its service, because most of them import slow modules of moto,
and most tests do not call these services.
"""

from collections.abc import Callable
from threading import Lock

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend import cloudwatch, iam
from personalize_mock.moto_backend.request_errors import MockEndedError
from personalize_mock.simulation import Simulation

Install = Callable[[Callable[[], Simulation], Cleanup], None]


class Additions:
    """The additions of one mock to other services of moto, each installed before the first request to its service.

    Args:
        current: Function that returns the simulation that answers requests of the current thread, or None after the end
            of the mock.
        cleanup: Receives the steps that remove the additions.
    """

    def __init__(self, current: Callable[[], Simulation | None], cleanup: Cleanup) -> None:
        self._current, self._cleanup = current, cleanup
        self._installed: set[str] = set()
        self._lock = Lock()

    def install_for_url(self, url: str) -> None:
        """Install the mock's additions to the service that a URL belongs to, if there are any not yet installed."""
        host = url[:24]
        if "iam" in host and iam.HOSTS.match(url):
            self.install("iam")
        elif "monitoring" in host:
            self.install("cloudwatch")
        elif "cloudformation" in host:
            self.install("cloudformation")
        elif "/tagging." in host:
            self.install("resourcegroupstaggingapi")

    def install(self, service: str) -> None:
        """Install the mock's additions to a service, if there are any and they are not yet installed.

        Args:
            service: The name of the service in moto, such as "iam".
        """
        if service in self._installed or service not in _BY_SERVICE or self._current() is None:
            return
        with self._lock:
            if service not in self._installed:
                _BY_SERVICE[service](self._active_simulation, self._cleanup)
                self._installed.add(service)

    def _active_simulation(self) -> Simulation:
        simulation = self._current()
        if simulation is None:
            raise MockEndedError(url="the service")
        return simulation


def _install_cloudformation(current: Callable[[], Simulation], cleanup: Cleanup) -> None:
    try:
        from personalize_mock.moto_backend import cloudformation
    except ImportError:
        return  # moto[cloudformation] is not installed, and moto says so itself
    cloudformation.install(current, cleanup)


def _install_tagging(current: Callable[[], Simulation], cleanup: Cleanup) -> None:
    try:
        from personalize_mock.moto_backend import tagging
    except ImportError:
        return  # this version of moto has a fixed list of services
    tagging.install(current, cleanup)


_BY_SERVICE: dict[str, Install] = {
    "iam": iam.install,
    "cloudwatch": cloudwatch.install,
    "cloudformation": _install_cloudformation,
    "resourcegroupstaggingapi": _install_tagging,
}
