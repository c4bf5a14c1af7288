"""The AWS CLI as a client."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from typing import Any

from botocore import xform_name
from outside.main_path import ServiceError, environment

PROGRAM = os.environ.get("AWS_CLI")


class CommandLine:
    """The program `aws`, which runs once for each call."""

    def __init__(self, url: str, region: str) -> None:
        self._environment = environment(url, region)

    def put_object(self, bucket: str, key: str, text: str) -> None:
        self._run(["s3", "mb", f"s3://{bucket}"])
        self._run(["s3", "cp", "-", f"s3://{bucket}/{key}"], text)

    def call(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        flags = [part for name, value in members.items() for part in (f"--{xform_name(name, '-')}", _argument(value))]
        return json.loads(self._run([service, xform_name(operation, "-"), *flags, "--output", "json"]) or "{}")

    def _run(self, arguments: Sequence[str], sent: str | None = None) -> str:
        program = [str(PROGRAM), *arguments]
        ran = subprocess.run(
            program, env=self._environment, input=sent, capture_output=True, text=True, check=False, timeout=60
        )
        if match := re.search(r"An error occurred \((\w+)\)", ran.stderr):
            raise ServiceError(match[1])
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
