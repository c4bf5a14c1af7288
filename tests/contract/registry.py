"""Tables of all operations and of the implemented ones, for parametrisation."""

from typing import Any

import personalize_mock.runtime.operations  # noqa: F401  # importing it fills the operation table
from personalize_mock import events, resources  # noqa: F401  # importing them fills the operation table
from personalize_mock.wire.model import Operation, operations
from personalize_mock.wire.registry import coverage

ALL: dict[str, Operation] = {operation.name: operation for operation in operations()}
IMPLEMENTED: dict[str, Operation] = {name: ALL[name] for name, implemented in coverage().items() if implemented}


def member(shape: Any, name: str) -> Any:
    """Return a member of a shape, or None if the model of this botocore lacks it."""
    return shape.members.get(name)
