"""The engine of the mock without its transports, on an S3 with a few tiny files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stateful import texts
from stateful.kinds import KINDS

from personalize_mock import events, resources
from personalize_mock.batch import job_runners
from personalize_mock.resources.core.lifecycle import fire
from personalize_mock.runtime import operations
from personalize_mock.simulation import Options, Simulation

IMPORTED = (events, resources, operations, job_runners)  # they fill the tables
START = 1_714_521_600.0
FEW = {
    "active_dataset_groups": 3,
    "schemas": 9,
    "import_jobs_in_flight": 2,
    "filters_per_group": 2,
    "solutions_per_group": 2,
    "solution_versions_in_flight": 2,
    "campaigns_per_group": 2,
    "recommenders_per_group": 2,
    "data_deletion_jobs_pending": 1,
    "batch_inference_jobs_in_flight": 1,
    "batch_segment_jobs_in_flight": 1,
}


class Files:
    """S3 with the few files of `texts`, and the world around a simulation that consists of it.

    Attributes:
        hidden: the kinds of files that are not there at the moment.
    """

    def __init__(self) -> None:
        self.hidden: set[str] = set()

    def objects(self, *_: str) -> "Files":
        return self

    def transition(self, _: str) -> None:
        return None

    def read(self, bucket: str, key: str) -> bytes | None:
        kind = key.removesuffix(".csv")
        there = bucket == texts.BUCKET and kind in texts.FILES and kind not in self.hidden
        return texts.FILES[kind].encode() if there else None

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        content = self.read(bucket, key)
        return None if content is None else iter([content])

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        names = sorted(f"{kind}.csv" for kind in texts.FILES if kind not in self.hidden)
        return [name for name in names if name.startswith(prefix)] if bucket == texts.BUCKET else None

    def write(self, bucket: str, _: str, content: Any, **__: Any) -> bool:
        return bucket == texts.BUCKET and content.read() is not None

    def policy(self, _: str) -> str | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a sequence begins with.

    Attributes:
        factor: what the durations of `KINDS` are multiplied with.
        few: quotas that are soon met instead of the documented ones.
    """

    autojump: bool = False
    factor: float = 1.0
    few: bool = True

    @property
    def quotas(self) -> Mapping[str, int]:
        return FEW if self.few else {}

    def simulation(self) -> Simulation:
        durations = {
            f"{kind.path}{step}": seconds * self.factor
            for kind in KINDS.values()
            for step, seconds in (kind.seconds or {}).items()
        }
        options = Options(
            clock=START, autojump=self.autojump, minimum_interactions=0, durations=durations, quotas=self.quotas
        )
        return Simulation(options, Files(), fire)
