"""Engine of the mock without transports, and an in-memory S3 with a few tiny files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stateful import samples
from stateful.resource_types import RESOURCE_TYPES

from personalize_mock import events, resources
from personalize_mock.batch import job_runners
from personalize_mock.resources.core.lifecycle import fire
from personalize_mock.runtime import operations
from personalize_mock.simulation import Options, Simulation

IMPORTED = (events, resources, operations, job_runners)  # importing them fills the operation table
START = 1_714_521_600.0
SMALL_QUOTAS = {
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
    """S3 with the files of `samples`, as the environment of a simulation.

    Attributes:
        missing_files: Names of the files that are missing at the moment.
    """

    def __init__(self) -> None:
        self.missing_files: set[str] = set()

    def objects(self, *_: str) -> "Files":
        return self

    def caller(self, _: str) -> None:
        return None

    def transition(self, _: str) -> None:
        return None

    def read(self, bucket: str, key: str) -> bytes | None:
        name = key.removesuffix(".csv")
        exists = bucket == samples.BUCKET and name in samples.FILES and name not in self.missing_files
        return samples.FILES[name].encode() if exists else None

    def read_start(self, bucket: str, key: str, size: int) -> bytes | None:
        content = self.read(bucket, key)
        return None if content is None else content[:size]

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        content = self.read(bucket, key)
        return None if content is None else iter([content])

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        names = sorted(f"{name}.csv" for name in samples.FILES if name not in self.missing_files)
        return [name for name in names if name.startswith(prefix)] if bucket == samples.BUCKET else None

    def write(self, bucket: str, _: str, content: Any, **__: Any) -> bool:
        return bucket == samples.BUCKET and content.read() is not None

    def policy(self, _: str) -> str | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Options of a sequence.

    Attributes:
        autojump: Whether polls move the clock.
        factor: Factor for the durations in `RESOURCE_TYPES`.
        small_quotas: Whether small quotas replace the documented ones.
    """

    autojump: bool = False
    factor: float = 1.0
    small_quotas: bool = True

    @property
    def quotas(self) -> Mapping[str, int]:
        return SMALL_QUOTAS if self.small_quotas else {}

    def simulation(self) -> Simulation:
        durations = {
            f"{name.path}{step}": seconds * self.factor
            for name in RESOURCE_TYPES.values()
            for step, seconds in (name.seconds or {}).items()
        }
        options = Options(
            clock=START, autojump=self.autojump, minimum_interactions=0, durations=durations, quotas=self.quotas
        )
        return Simulation(options, Files(), fire)
