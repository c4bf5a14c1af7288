"""mypy and pyright accept the typical uses in `usage.py` and find all misuses in it."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = {
    "mypy": ["mypy", "--config-file", "mypy.ini", "usage.py"],
    "pyright": ["pyright", "--pythonpath", sys.executable, "--project", ".", "usage.py"],
}


@pytest.mark.parametrize("checker", PROGRAMS)
def test_a_strict_type_checker_accepts_uses_and_finds_misuses(checker):
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    if checker == "pyright" and shutil.which("node") is None:
        pytest.skip("pyright needs Node.js")
    environment = {**os.environ, "MYPYPATH": str(HERE.parents[1])}
    command = [sys.executable, "-m", *PROGRAMS[checker]]
    checked = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
