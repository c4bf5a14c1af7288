"""Server of `python -m personalize_mock serve`, which can also run in a thread of a test."""

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import UnusedRuleError
from personalize_mock.mock import MockPersonalize

if TYPE_CHECKING:
    from typing_extensions import Self
    from werkzeug.serving import BaseWSGIServer

LOCALHOST = "127.0.0.1"
SHUTDOWN_DELAY = 0.05  # seconds until the server notices that it must stop, at most


class Server:
    """A moto server with all services of moto, in which the mock answers requests to Amazon Personalize.

        with Server(port=0) as server:
            client = boto3.client("personalize", endpoint_url=server.url)

    A mock is active in the process while the server runs. Unlike in a test, every Describe call after the first one
    moves the clock to the next status of a pending resource, however long the client waits between its calls, because
    the mock does not see the sleeps of other processes.

    Args:
        host: The address to bind.
        port: The port, or 0 for a free one.
        rate: Simulated seconds per real second. None means 1, or 0 if the option `clock` is given.
        logs_requests: Whether each request is logged as a line on standard error.
        **options: Options of `mock_personalize`.

    Attributes:
        mock: The handle of the mock.
    """

    def __init__(
        self,
        host: str = LOCALHOST,
        port: int = 5000,
        *,
        rate: float | None = None,
        logs_requests: bool = False,
        **options: Any,
    ) -> None:
        self.mock = MockPersonalize(**options)
        self._address = host, port
        self._rate, self._logs_requests = rate, logs_requests
        self._listener: BaseWSGIServer | None = None
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """The URL of the server, with its port, for the argument `endpoint_url` of boto3 clients."""
        host, port = self._address
        if self._listener is not None:
            port = self._listener.port
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> "Self":
        """Start the mock and the server, which answers requests in background threads.

        Raises:
            PersonalizeMockError: The extra `server` is not installed, the address cannot be bound, or the mock cannot
                start.
        """
        from personalize_mock.moto_backend.listener import listen

        self._listener = listen(*self._address, logs_requests=self._logs_requests)
        try:
            self._start_mock()
            self._thread = Thread(target=self._serve, name="personalize_mock server", daemon=True)
            self._thread.start()
        except BaseException:
            self._listener.server_close()
            self._listener = None
            raise
        return self

    def stop(self) -> None:
        """Stop the server, and then the mock. Rules that were never applied are not an error."""
        if self._listener is None or self._thread is None:
            return
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener = self._thread = None
        with suppress(UnusedRuleError):  # a client that wants to know about unused rules ends them itself
            self.mock.stop()

    def _start_mock(self) -> None:
        with self.mock as mock:
            mock.clock.counts_slow_polls = True
            if self._rate is not None:
                mock.clock.rate = self._rate
            mock.start()  # it stays active if nothing above has failed

    def _serve(self) -> None:
        assert self._listener is not None  # noqa: S101  # set before the thread starts
        self._listener.serve_forever(poll_interval=SHUTDOWN_DELAY)

    def __enter__(self) -> "Self":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
