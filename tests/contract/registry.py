"""What is implemented, for parametrisation."""

from typing import Any

import personalize_mock.runtime.operations  # noqa: F401  # importing it fills the operation table
from personalize_mock import events, resources  # noqa: F401  # importing them fills the operation table
from personalize_mock.wire.model import Operation, operations
from personalize_mock.wire.registry import coverage

ALL: dict[str, Operation] = {operation.name: operation for operation in operations()}
IMPLEMENTED: dict[str, Operation] = {name: ALL[name] for name, answered in coverage().items() if answered}


def member(shape: Any, name: str) -> Any:
    """A member of a shape, or None; older models lack the newer ones."""
    return shape.members.get(name)
