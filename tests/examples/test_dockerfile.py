"""The Dockerfile against the package, without Docker."""

import json
import re
from argparse import ArgumentParser
from pathlib import Path

import pytest
from server.http_requests import CONTROL

from personalize_mock.control.endpoint import ENDPOINTS
from personalize_mock.control.respond import ROOT
from personalize_mock.server.command import add_arguments

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = REPOSITORY / "examples" / "Dockerfile"


@pytest.fixture
def text() -> str:
    return DOCKERFILE.read_text(encoding="utf-8")


def test_the_copied_files_exist_and_are_not_ignored(text: str):
    sources = [source for line in re.findall(r"^COPY (.*)", text, re.MULTILINE) for source in line.split()[:-1]]
    kept = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()

    assert all((REPOSITORY / source).exists() for source in sources)
    assert {f"!{source}" for source in sources} == {line for line in kept if line.startswith("!")}


def test_the_entry_point_has_flags_of_the_command(text: str):
    program = json.loads(re.search(r"^ENTRYPOINT (.*)", text, re.MULTILINE)[1])
    parser = ArgumentParser()
    add_arguments(parser)

    assert program[:4] == ["python", "-m", "personalize_mock", "serve"]
    assert parser.parse_args(program[4:]).allow_public


def test_the_health_check_calls_an_endpoint_that_exists(text: str):
    path = re.search(rf"127\.0\.0\.1:5000{CONTROL}(/\w+)", text)[1]

    assert ROOT == CONTROL
    assert "GET" in ENDPOINTS.at(path)


def test_the_server_does_not_run_as_root(text: str):
    assert text.index("\nUSER mock") < text.index("\nENTRYPOINT")
