"""`python tests/contract/matrix.py`: each operation, each error of its model, and whether it is raised or cannot be.

Every scenario is played; what is printed is what came of it.
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
from personalize_mock.resources.core.rules import QUOTAS
from personalize_mock.wire.model import modelled_errors

RAISED, CANNOT, OPEN, UNANSWERED = "raised", "cannot be", "open", "not answered"
PAIRS = sorted((name, error) for name, asked in ALL.items() for error in modelled_errors(asked))


class Cell(NamedTuple):
    """An operation, an error of its model, and what is known of the two."""

    operation: str
    error: str
    verdict: str
    why: str = ""

    def __str__(self) -> str:
        """A line of the printed matrix."""
        reason = f" ({self.why})" if self.why else ""
        return f"{self.operation:32}{self.error.removesuffix('Exception'):24}{self.verdict}{reason}"


def matrix(world: World) -> Iterator[Cell]:
    """All cells, row by row."""
    for operation, error in PAIRS:
        with world.rolled_back():
            yield Cell(operation, error, *verdict(world, operation, error))


def verdict(world: World, operation: str, error: str) -> tuple[str, str]:
    """What comes of an error of an operation, and why."""
    if operation not in IMPLEMENTED:
        return UNANSWERED, ""
    if (operation, error) in UNRAISABLE:
        return CANNOT, UNRAISABLE[operation, error]
    if (operation, error) not in SCENARIOS:
        return OPEN, "no scenario and no reason"
    got = _refusal(world, operation, error)
    return (RAISED, "") if got == error else (OPEN, f"the scenario ends in {got}")


def _refusal(world: World, operation: str, error: str) -> str:
    request = SCENARIOS[operation, error](world, operation)
    try:
        world.call(operation, **request)
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "an answer"


def main() -> int:
    """Prints the matrix; fails where something is open."""
    plenty = {name: 10_000 for name, quota in QUOTAS.items() if quota.kind}
    with mock_personalize(clock="2024-05-01T00:00:00Z", quotas=plenty, autojump=False) as mock:
        cells = list(matrix(World(mock)))
    verdicts = Counter(cell.verdict for cell in cells)
    totals = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    operations = len({cell.operation for cell in cells})
    sys.stdout.write("\n".join([*map(str, cells), "", f"{operations} operations, {len(cells)} pairs: {totals}", ""]))
    return int(OPEN in verdicts)


if __name__ == "__main__":
    sys.exit(main())
