"""What a job has written: all its files, one after the other in one temporary file, until they are handed to S3."""

from collections.abc import Iterable, Sequence
from io import BufferedReader, RawIOBase
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from weakref import finalize

from personalize_mock.resources.batch_jobs import Write

IN_MEMORY = 1 << 20  # bytes; more go to disk


class OutputBuffer:
    """Files to be."""

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when published
        self._parts: list[tuple[str, int, int]] = []
        finalize(self, self._file.close)

    def add(self, key: str, blocks: Iterable[Sequence[str]]) -> None:
        """Writes a file of lines that come in blocks; what cannot be encoded is written as JSON's escapes."""
        start = self._file.tell()
        for block in blocks:
            text = "".join(f"{line}\n" for line in block)
            self._file.write(text.encode("utf-8", "backslashreplace"))
        self._parts.append((key, start, self._file.tell()))

    def publish(self, write: Write) -> bool:
        """Makes the objects; False, and nothing is made, if that is not possible."""
        with self._file as file:
            return all(write(key, BufferedReader(_Part(file, start, stop))) for key, start, stop in self._parts)


class _Part(RawIOBase):
    """A part of a file, as a file."""

    def __init__(self, file: IO[bytes], start: int, stop: int) -> None:
        self._file, self._at, self._stop = file, start, stop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._at)
        piece = self._file.read(min(len(buffer), self._stop - self._at))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
