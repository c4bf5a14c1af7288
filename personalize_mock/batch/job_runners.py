"""Functions that run batch jobs, which read the input files and keep the output until the job is done.

The decorator `effect` registers the functions. The mock calls one when the status of a job becomes CREATE IN_PROGRESS.
Limits follow the developer guide, "Amazon Personalize endpoints and quotas" (2025).
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from personalize_mock.filtering.syntax import Target
from personalize_mock.progress import logger, tracked
from personalize_mock.resources.batch_inference_jobs import BatchInferenceJob
from personalize_mock.resources.batch_jobs import BAD_INPUT, OUT, BatchJob, input_keys, recheck_input_access
from personalize_mock.resources.batch_segment_jobs import BatchSegmentJob
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.data_deletion_jobs import deleted_since
from personalize_mock.resources.filters import Filter
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_version_training import refresh_model
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store
from personalize_mock.timing.stopwatch import Stopwatch

if TYPE_CHECKING:
    from personalize_mock.batch.mask_cache import MaskCache
    from personalize_mock.batch.theme_generator import ThemeGenerator
    from personalize_mock.filtering.condition_masks import Mask
    from personalize_mock.runtime.serving_context import ServingContext

ProcessBlock = Callable[[Sequence[bytes]], Sequence[str]]

MAX_BYTES = 1 << 30  # 1 GB in the developer guide, which does not say whether it means 1 GiB
MAX_LINES = 50_000_000
MAX_THEME_LINES = 100
BLOCK_LINES = 1024
BLOCK_SCORES = 1 << 24  # lines times candidates

# Messages of the mock; the service's are not documented.
TOO_MUCH = "The input files have more than {limit} bytes in total. Split them across several jobs."
TOO_MANY_LINES = "The input file {key} has more than {limit} lines. Split it into several files."
NO_ITEMS = "Theme generation requires an Items dataset with data. Import items first."
GONE = "Solution version {arn} no longer exists. Create a job with another solution version."


@effect(BatchInferenceJob)
def infer(store: Store, job: BatchInferenceJob) -> None:
    """Run a batch inference job: recommend or rank items for each line of its input.

    Raises:
        JobFailed: The input or the solution version no longer exists, or the input is too large or not accessible.
    """
    from personalize_mock.batch.inference import InferenceProcessor

    recheck_input_access(store, job)
    serving = _serving_context(store, job, job.batch_inference_job_config or {})
    themes = None if job.item_name is None else _theme_generator(serving, job.item_name)
    processor = InferenceProcessor(
        serving=serving, masks=_mask_cache(serving, job, "ItemID"), count=job.num_results, themes=themes
    )
    max_lines = MAX_LINES if themes is None else MAX_THEME_LINES
    _run(store, job, processor.process, candidates=len(serving.fitted_model.ids), max_lines=max_lines)


@effect(BatchSegmentJob)
def segment(store: Store, job: BatchSegmentJob) -> None:
    """Run a batch segment job: for each line of its input, find the users most interested in its item or attributes.

    Raises:
        JobFailed: The input or the solution version no longer exists, or the input is too large or not accessible.
    """
    from personalize_mock.batch.segments import SegmentProcessor

    recheck_input_access(store, job)
    serving = _serving_context(store, job, {})
    processor = SegmentProcessor(
        serving=serving,
        masks=_mask_cache(serving, job, "UserID"),
        count=job.num_results,
        remaining_users=_remaining_users(serving),
    )
    max_lines = serving.recipe.max_queries_per_input_file or MAX_LINES
    _run(store, job, processor.process, candidates=len(serving.fitted_model.ids), max_lines=max_lines)


def _serving_context(store: Store, job: BatchJob, config: Mapping[str, Any]) -> "ServingContext":
    """Return the model, recipe and current data of the solution version that a job uses.

    If the recipe has automatic updates, the model is first updated with data that arrived after it was trained.

    Args:
        store: The resources of the job's account and region.
        job: The batch job.
        config: The batchInferenceJobConfig, or an empty mapping for a batch segment job.

    Raises:
        JobFailed: The solution version no longer exists.
    """
    from personalize_mock.runtime.serving_context import ServingContext

    version = store.all(SolutionVersion).get(job.solution_version_arn)
    if version is None:
        raise JobFailed(GONE.format(arn=job.solution_version_arn))
    recipe = find_recipe(version.recipe_arn or "")
    if recipe.auto_update:
        refresh_model(store, version)
    assert version.fitted_model is not None  # noqa: S101  # the version was ACTIVE when the job was created
    return ServingContext(
        store=store, resource=version, recipe=recipe, fitted_model=version.fitted_model, config=config
    )


def _mask_cache(serving: "ServingContext", job: BatchJob, target: Target) -> "MaskCache":
    from personalize_mock.batch.mask_cache import MaskCache

    # A filter cannot be deleted while a job uses it.
    filter_ = None if job.filter_arn is None else serving.store.all(Filter)[job.filter_arn]
    return MaskCache(serving=serving, filter=filter_, target=target)


def _remaining_users(serving: "ServingContext") -> "Mask | None":
    """Return a mask of the users not deleted since the model was trained, or None if no user was deleted.

    Deleted users must not appear in user segments: API reference, "CreateDataDeletionJob" (2025).

    Returns:
        bool[users], in the order of the model's users.
    """
    import numpy as np

    ids, fitted_model = serving.fitted_model.ids, serving.fitted_model
    deleted = ids.indices([*deleted_since(serving.store, serving.resource.dataset_group_arn, fitted_model.request.now)])
    if not (deleted >= 0).any():
        return None
    mask = np.ones(len(ids), dtype=bool)
    mask[deleted[deleted >= 0]] = False
    return mask


def _theme_generator(serving: "ServingContext", item_name: str) -> "ThemeGenerator":
    from personalize_mock.batch.theme_generator import ThemeGenerator

    rows = serving.rows("ITEMS")
    if rows is None:
        raise JobFailed(NO_ITEMS)
    return ThemeGenerator.from_metadata(rows.metadata(serving.fitted_model.ids), item_name=item_name)


def _run(store: Store, job: BatchJob, process_block: ProcessBlock, *, candidates: int, max_lines: int) -> None:
    """Process all input files of a job and store the output in `job.pending_output`.

    Args:
        store: The resources of the job's account and region.
        job: The batch job.
        process_block: Function that takes a block of input lines and returns their output lines.
        candidates: Number of items or users that the model scores for each line. The more there are, the fewer lines
            are in a block, so that the scores of a block fit into memory.
        max_lines: Maximum number of lines in an input file.
    """
    from personalize_mock.batch.input_lines import in_blocks
    from personalize_mock.batch.output_buffer import OutputBuffer
    from personalize_mock.recipes.numerics.blas import one_blas_thread

    keys, buffer, budget, watch = input_keys(store, job), OutputBuffer(), _ByteBudget(MAX_BYTES), Stopwatch()
    if not keys:
        raise JobFailed(BAD_INPUT)
    size = max(1, min(BLOCK_LINES, BLOCK_SCORES // max(1, candidates)))
    with one_blas_thread(), _frozen_objects():
        for key, output_key in _output_keys(keys, job).items():
            pieces = budget.spend(store.objects.read_chunks(job.source.bucket, key) or ())
            lines = _limited_lines(pieces, key=key, limit=max_lines)
            blocks = map(process_block, in_blocks(lines, size=size))
            buffer.add(output_key, tracked(blocks, title=key, unit="lines", count=len))
    job.pending_output = buffer
    logger.info("%s: processed %s in %.2f s", job.arn, ", ".join(keys), watch.seconds())


@contextmanager
def _frozen_objects() -> Iterator[None]:
    """Return a context manager that excludes all existing objects from garbage collection during its block.

    Without it, the garbage collector scans these objects repeatedly, which takes a tenth of a job's time.
    """
    if gc.get_freeze_count():
        yield  # the program has frozen objects itself, and unfreezing would undo that
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _output_keys(keys: Sequence[str], job: BatchJob) -> Mapping[str, str]:
    """Return the S3 keys of the output files, by the S3 keys of the input files.

    An output key consists of the output folder, the name of the input file and `.out`. If several input files have the
    same name, their paths below the input folder are used instead, so that no output file overwrites another. The
    service's keys in this case are not documented.
    """
    names = {key: key.rpartition("/")[2] for key in keys}
    counts = Counter(names.values())
    folder, slash, _ = job.source.key.rpartition("/")
    start = len(folder + slash)
    return {
        key: f"{job.destination.key}{name if counts[name] == 1 else key[start:]}{OUT}" for key, name in names.items()
    }


def _limited_lines(pieces: Iterator[bytes], *, key: str, limit: int) -> Iterator[bytes]:
    from personalize_mock.batch.input_lines import split_lines

    for number, line in enumerate(split_lines(pieces)):
        if number == limit:
            raise JobFailed(TOO_MANY_LINES.format(key=key, limit=limit))
        yield line


class _ByteBudget:
    """Limit on the total number of bytes that a job reads.

    Attributes:
        left: The number of bytes that the job may still read.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.left -= len(piece)
            if self.left < 0:
                raise JobFailed(TOO_MUCH.format(limit=MAX_BYTES))
            yield piece
