"""Processes of `python -m personalize_mock serve`."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(*flags: str) -> Iterator[str]:
    """Run the command on a free port, yield its URL, and check that it ends with exit status 0 on SIGTERM."""
    command = [sys.executable, "-m", "personalize_mock", "serve", "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(match[1] for line in process.stdout if (match := re.search(r"listens on (http://\S+)", line)))
        finally:
            process.terminate()
        assert process.wait(timeout=10) == 0
