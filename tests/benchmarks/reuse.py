"""Work that is done once in a process, and its reuse in the next test.

`mock.load()` trains a model on the demo data. Later loads, also in other mocks, find it in the cache of the process.
`mock.restore` brings back the state of a snapshot, which shares models and tables. The targets are absolute times: a
fixture that runs before each test must not be felt.
"""

from collections.abc import Iterator

from measure import Result, alone, alternate, seconds
from report import main

from personalize_mock import mock_personalize

TARGETS = {"load again": 0.005, "restore": 0.010}
ROUNDS = 15


def results() -> Iterator[Result]:
    """Yield the times of a second load and of a restore."""
    taken = alternate({"load": load_time, "restore": restore_time}, rounds=ROUNDS)
    yield alone("mock.load() in a new mock", taken["load"], target=TARGETS["load again"])
    yield alone("mock.restore(snapshot) of loaded data", taken["restore"], target=TARGETS["restore"])


def load_time() -> float:
    """Return the seconds of a load in a new mock."""
    with mock_personalize() as mock:
        return seconds(mock.load)


def restore_time() -> float:
    """Return the seconds of a restore after a few calls."""
    with mock_personalize() as mock:
        films = mock.load()
        snapshot = mock.snapshot()
        films.recommend("ada")
        mock.clock.jump(days=1)
        return seconds(lambda: mock.restore(snapshot))


if __name__ == "__main__":
    main(results)
