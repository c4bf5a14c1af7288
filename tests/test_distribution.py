"""The wheel and the source distribution: what they contain, and that the wheel works on its own."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "personalize_mock", "tests", "examples"}
PROGRAM = """
import sys
from personalize_mock import mock_personalize
import personalize_mock

assert personalize_mock.__file__.startswith(sys.argv[1])
with mock_personalize() as mock:
    print(mock.load().recommend("ada", n=3))
    mock.report("report.html")
"""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    return next(distributions.glob("*.whl"))


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (ROOT / "personalize_mock").rglob("*.*")

    assert names == {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}


def test_the_metadata_of_the_wheel_are_complete(wheel):
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()

    for field in ("Name: personalize-mock", "Summary: ", "License-Expression: Apache-2.0", "Requires-Python: >=3.10"):
        assert f"\n{field}" in metadata
    assert "Test Python code that uses **Amazon Personalize**" in metadata
    assert any(name.endswith("entry_points.txt") for name in archive.namelist())


def test_the_source_distribution_has_the_tests_and_no_leftovers(distributions):
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
    tops = {name.split("/")[1] for name in names}

    assert tops - {"PKG-INFO", ".gitignore"} == TOP_LEVEL
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc") or "node_modules" in name]


def test_the_wheel_works_on_its_own(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)  # noqa: S202  # built by this test
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split(",")) == 3
