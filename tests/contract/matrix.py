"""Matrix of operations and the errors of their models.

`python tests/contract/matrix.py` plays every scenario and prints whether each error is raised or cannot be raised.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parents[1]))

from contract.registry import ALL, IMPLEMENTED
from contract.scenarios import SCENARIOS, UNRAISABLE
from contract.world import World

from personalize_mock import mock_personalize
from personalize_mock.resources.core.quotas import QUOTAS
from personalize_mock.wire.model import modelled_errors

RAISED, UNRAISED, OPEN, UNANSWERED = "raised", "cannot be raised", "open", "not answered"
PAIRS = sorted((name, error) for name, operation in ALL.items() for error in modelled_errors(operation))


class Cell(NamedTuple):
    """An operation, an error of its model, and the verdict on the pair."""

    operation: str
    error: str
    verdict: str
    reason: str = ""

    def __str__(self) -> str:
        """Return a line of the printed matrix."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.operation:32}{self.error.removesuffix('Exception'):24}{self.verdict}{reason}"


def matrix(world: World) -> Iterator[Cell]:
    """Yield all cells, row by row."""
    for operation, error in PAIRS:
        with world.rolled_back():
            yield Cell(operation, error, *verdict(world, operation, error))


def verdict(world: World, operation: str, error: str) -> tuple[str, str]:
    """Return the verdict on an error of an operation, and the reason."""
    if operation not in IMPLEMENTED:
        return UNANSWERED, ""
    if (operation, error) in UNRAISABLE:
        return UNRAISED, UNRAISABLE[operation, error]
    if (operation, error) not in SCENARIOS:
        return OPEN, "no scenario and no reason"
    code = _error_code(world, operation, error)
    return (RAISED, "") if code == error else (OPEN, f"the scenario ends in {code}")


def _error_code(world: World, operation: str, error: str) -> str:
    request = SCENARIOS[operation, error](world, operation)
    try:
        world.call(operation, **request)
    except ClientError as raised:
        return str(raised.response["Error"]["Code"])
    return "an answer"


def main() -> int:
    """Print the matrix and return 1 if a pair is open."""
    unlimited = {name: 10_000 for name, quota in QUOTAS.items() if quota.type_name}
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=unlimited, autojump=False) as mock:
        cells = list(matrix(World(mock)))
    verdicts = Counter(cell.verdict for cell in cells)
    totals = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    operations = len({cell.operation for cell in cells})
    sys.stdout.write("\n".join([*map(str, cells), "", f"{operations} operations, {len(cells)} pairs: {totals}", ""]))
    return int(OPEN in verdicts)


if __name__ == "__main__":
    sys.exit(main())
