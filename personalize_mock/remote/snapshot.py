"""Handle of a snapshot that a server keeps."""

from dataclasses import dataclass, field

from personalize_mock.remote.connection import Connection


@dataclass(frozen=True, kw_only=True, repr=False)
class RemoteSnapshot:
    """Handle of a snapshot of a mock's state. The server keeps the snapshot until the server stops.

    Attributes:
        id: The id of the snapshot on the server, a number as a string.
        text: A description of the snapshot, which is also its `repr`.
        connection: The connection to the server.
    """

    id: str
    text: str
    connection: Connection = field(compare=False)

    def __repr__(self) -> str:
        return self.text

    @property
    def path(self) -> str:
        """The path of the server's HTTP endpoint for this snapshot, such as "/snapshots/1"."""
        return f"/snapshots/{self.id}"
