"""Buffer that keeps the output files of a batch job in one temporary file until the job is done.

The buffer can be written to S3 more than once, because an interrupted job writes its output again.
"""

from collections.abc import Iterable, Sequence
from io import BufferedReader, RawIOBase
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from weakref import finalize

from personalize_mock.resources.batch_jobs import Write

MAX_IN_MEMORY = 1 << 20  # bytes; a larger buffer moves to disk


class OutputBuffer:
    """Output files of a batch job that are not yet written to S3."""

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115  # closed with the buffer
        self._parts: list[tuple[str, int, int]] = []
        finalize(self, self._file.close)

    @property
    def keys(self) -> list[str]:
        """The S3 keys of the output files."""
        return [key for key, _, _ in self._parts]

    def add(self, key: str, blocks: Iterable[Sequence[str]]) -> None:
        """Add an output file. Characters that UTF-8 cannot encode become JSON escapes.

        Args:
            key: S3 key of the file.
            blocks: Lists of any length with the lines of the file, without line breaks.
        """
        start = self._file.tell()
        for block in blocks:
            text = "".join(f"{line}\n" for line in block)
            self._file.write(text.encode("utf-8", "backslashreplace"))
        self._parts.append((key, start, self._file.tell()))

    def publish(self, write: Write) -> bool:
        """Write all output files to S3. Stop and return False if a file cannot be written, otherwise return True.

        Args:
            write: Function that takes a key and a file, writes the file to S3 and returns whether this succeeded.
        """
        parts = ((key, _Part(self._file, start, stop)) for key, start, stop in self._parts)
        return all(write(key, BufferedReader(part)) for key, part in parts)


class _Part(RawIOBase):
    """Read-only binary file that contains a range of the bytes of another file."""

    def __init__(self, file: IO[bytes], start: int, stop: int) -> None:
        self._file, self._position, self._stop = file, start, stop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._position)
        piece = self._file.read(min(len(buffer), self._stop - self._position))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
