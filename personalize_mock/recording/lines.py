"""The format of a recording: one JSON object per line.

The first line is a header, each line after it is a call, and the last line has the number of calls. A recorder ends
each line with a checksum of this line and all lines before it, which shows whether a recording was edited or cut off. A
recording written by hand needs neither checksums nor a last line.

    {"format": "personalize_mock recording", "version": 1, "written_by": "..."}
    {"time": "2024-05-01T09:00:00Z", "service": "personalize", "operation": "ListSchemas", "region": "us-east-1",
     "parameters": {}, "answer": {"schemas": []}, "seconds": 0.12}
    {"time": "2024-05-01T09:00:01Z", "service": "personalize", "operation": "DescribeSchema", "region": "us-east-1",
     "parameters": {"schemaArn": "..."}, "error": {"code": "ResourceNotFoundException", "message": "...",
     "status": 400}, "seconds": 0.09}
    {"calls": 2}

Each of these objects is one line of the file. Parameters and answers have the members of the API. Times in them are
epoch seconds, as in the service's own JSON.
"""

import json
import re
from hashlib import blake2s
from typing import Any

FORMAT = "personalize_mock recording"
VERSION = 1

_CHECKSUM = re.compile(r'(.*),"checksum":"([0-9a-f]{16})"\}')
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class LineWriter:
    """Encoder of the lines of one recording, which ends each line with a checksum of it and all lines before it."""

    def __init__(self) -> None:
        self._checksum = ""

    def line(self, entry: dict[str, Any]) -> str:
        """Return a JSON object as the next line, with its checksum and a line break."""
        text = _JSON.encode(entry)
        self._checksum = checksum(self._checksum, text)
        return f'{text[:-1]},"checksum":"{self._checksum}"}}\n'


def checksum(previous: str, text: str) -> str:
    """Return the checksum of a line and all lines before it.

    Args:
        previous: The checksum of the line before it, or "" for the first line.
        text: The line without its checksum.
    """
    return blake2s(f"{previous}{text}".encode(errors="surrogatepass"), digest_size=8).hexdigest()


def split_checksum(line: str) -> tuple[str, str | None]:
    """Split a line into its text without the checksum and the checksum, which is None if the line has none."""
    match = _CHECKSUM.fullmatch(line)
    return (line, None) if match is None else (f"{match[1]}}}", match[2])
