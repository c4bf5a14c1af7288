"""Clients in other processes and languages go the main path against the server.

The AWS CLI is the program in the environment variable AWS_CLI, as in `AWS_CLI=aws`. The JavaScript SDK needs Node and
`npm ci --prefix tests/outside/javascript`. `.ci/run clients` installs both. Each client works in a region of its own.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from outside.command_line import PROGRAM, CommandLine
from outside.main_path import environment, inputs, main_path, outcome_of
from outside.signed_requests import SignedRequests
from server.processes import serving

NODE = shutil.which("node")
JAVASCRIPT = Path(__file__).parent / "javascript"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the URL of a server whose clock runs fast, so that each run of the AWS CLI finds a resource ACTIVE."""
    with serving("--rate", "3600") as url:
        yield url


@pytest.mark.skipif(not PROGRAM, reason="no AWS CLI: set AWS_CLI to the program")
def test_the_aws_cli_goes_from_a_bucket_to_recommendations(url: str):
    main_path(CommandLine(url, "us-east-1"), "of-the-command-line").check()


@pytest.mark.skipif(
    NODE is None or not (JAVASCRIPT / "node_modules").exists(),
    reason="no JavaScript SDK: run npm ci --prefix tests/outside/javascript",
)
def test_the_javascript_sdk_goes_from_a_bucket_to_recommendations(url: str):
    ran = subprocess.run(
        [str(NODE), str(JAVASCRIPT / "main_path.js")],
        env=environment(url, "eu-west-1"),
        input=json.dumps(inputs("of-javascript")),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
    outcome_of(ran.stdout).check()


def test_signed_requests_go_from_a_bucket_to_recommendations(url: str):
    main_path(SignedRequests(url, "ap-southeast-2"), "of-requests").check()
