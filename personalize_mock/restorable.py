"""Methods of a mock that take and restore snapshots."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from personalize_mock.access import SimulationAccess

if TYPE_CHECKING:
    from os import PathLike

    from personalize_mock.snapshots.snapshot import Snapshot


def load_snapshot(path: "str | PathLike[str]") -> "Snapshot":
    """Read a snapshot that `Snapshot.save` has written, for `mock.restore`.

        mock.snapshot().save("world.snapshot")
        ...
        mock.restore(load_snapshot("world.snapshot"))

    The file can come from another process with the same version of personalize_mock. Reading a file of unknown origin
    is safe, because it runs no code.

    Args:
        path: The path of the file.

    Raises:
        PersonalizeMockError: The file does not exist, is not a snapshot of this version, or was damaged or edited.
    """
    from personalize_mock.journal import Journal
    from personalize_mock.snapshots.files import read
    from personalize_mock.snapshots.snapshot import Snapshot

    parts = read(path)
    return Snapshot(journal=Journal(parts.pop("records")), **parts)


class Restorable(SimulationAccess):
    """Base class of mocks, with the methods that take and restore snapshots."""

    def snapshot(self) -> "Snapshot":
        """Return the current state of the mock, which `restore` brings back.

            state = mock.snapshot()
            ...
            mock.restore(state)

        The time that this takes does not depend on the amount of data. See `Snapshot` for what the state contains.

        Raises:
            PersonalizeMockError: No mock is active, or a call to Personalize is running in this thread.
        """
        from personalize_mock.snapshots.snapshot import take

        return take(self._simulation())

    def restore(self, snapshot: "Snapshot") -> None:
        """Restore the state of a snapshot: resources, data, clock, scheduled events, journal, rules and counters.

        The snapshot may come from this mock, from an earlier mock of the process or from `load_snapshot`. It can be
        restored any number of times, and the same calls then give the same answers. If it comes from another mock,
        `journal.calls()` and `calls()` leave out the calls of that mock, as they leave out those of `load`. The clock
        can move backwards. Objects in S3, roles in IAM and everything else that belongs to moto stay as they are.

        Args:
            snapshot: A snapshot of a mock with the same options, except `clock`, `autojump` and others that the state
                does not depend on.

        Raises:
            PersonalizeMockError: No mock is active, this is not a snapshot, or the options differ.
            UnusedRuleError: A rule that was never applied is dropped. The state is restored nevertheless.
        """
        from personalize_mock.snapshots.snapshot import restore

        restore(self._simulation(), snapshot)

    def checkpoint(self) -> "AbstractContextManager[Snapshot]":
        """Return a context manager that restores the current state at the end of its block.

            with mock.checkpoint():
                mock.call("DeleteCampaign", campaignArn=arn)
            mock.call("DescribeCampaign", campaignArn=arn)  # it still exists

        The calls of the block are not in the journal afterwards.

        Raises:
            PersonalizeMockError: No mock is active, or a call to Personalize is running in this thread.
            UnusedRuleError: A rule that was declared in the block was never applied.
        """
        from personalize_mock.snapshots.snapshot import checkpoint

        return checkpoint(self._simulation())

    def reset(self) -> None:
        """Drop all resources of Personalize, scheduled events, rules and the journal. The clock keeps its time.

        S3, IAM and all other services of moto stay as they are. Dropping a rule that was never applied is not an error.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        self._simulation().reset()
