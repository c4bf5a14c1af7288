"""Who does the work of batch jobs: from the files of the input to what will be the files of the output."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.batch_inference_jobs import BatchInferenceJob
from personalize_mock.resources.batch_jobs import BAD_INPUT, OUT, BatchJob, inputs, recheck_input_access
from personalize_mock.resources.batch_segment_jobs import BatchSegmentJob
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.data_deletion_jobs import deleted_since
from personalize_mock.resources.filters import Filter
from personalize_mock.resources.recipes import find_recipe
from personalize_mock.resources.solution_version_training import refresh_model
from personalize_mock.resources.solution_versions import SolutionVersion
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.batch.mask_cache import Mask, MaskCache
    from personalize_mock.batch.output_buffer import OutputBuffer
    from personalize_mock.batch.theme_generator import ThemeGenerator
    from personalize_mock.runtime.serving_context import ServingContext

Answer = Callable[[Sequence[bytes]], Sequence[str]]

# Documented.
MAX_BYTES = 1 << 30
MAX_LINES = 50_000_000
MAX_THEME_LINES = 100
BLOCK = 1024  # lines
BLOCK_SCORES = 1 << 24  # lines times candidates
# Ours.
TOO_MUCH = "The input has more than 1 GB."
TOO_MANY_LINES = "The input file {key} has more than {most} lines."
NO_ITEMS = "There is no Items data to make themes of."
GONE = "Solution version {arn} does not exist any more."


@effect(BatchInferenceJob)
def infer(store: Store, job: BatchInferenceJob) -> None:
    """Recommends for every line.

    Raises:
        JobFailed: the input is gone or too large, or the version is gone.
    """
    from personalize_mock.batch.inference import InferenceProcessor

    recheck_input_access(store, job)
    source = _source(store, job, job.batch_inference_job_config or {})
    themes = None if job.item_name is None else _themes(source, job.item_name)
    inference = InferenceProcessor(
        source=source, masks=_masks(source, job, "ItemID"), count=job.num_results, themes=themes
    )
    most = MAX_LINES if themes is None else MAX_THEME_LINES
    job.written = _written(store, job, inference.answer, candidates=len(source.fitted_model.ids), most_lines=most)


@effect(BatchSegmentJob)
def segment(store: Store, job: BatchSegmentJob) -> None:
    """Finds users for every line.

    Raises:
        JobFailed: the input is gone or too large, or the version is gone.
    """
    from personalize_mock.batch.segments import SegmentProcessor

    recheck_input_access(store, job)
    source = _source(store, job, {})
    segments = SegmentProcessor(
        source=source, masks=_masks(source, job, "UserID"), count=job.num_results, present=_present(source)
    )
    most = source.recipe.max_queries_per_input_file or MAX_LINES
    job.written = _written(store, job, segments.answer, candidates=len(source.fitted_model.ids), most_lines=most)


def _source(store: Store, job: BatchJob, config: Mapping[str, Any]) -> "ServingContext":
    """What answers; a version that campaigns would have brought up to date is brought up to date first."""
    from personalize_mock.runtime.serving_context import ServingContext

    version = store.all(SolutionVersion).get(job.solution_version_arn)
    if version is None:
        raise JobFailed(GONE.format(arn=job.solution_version_arn))
    recipe = find_recipe(version.recipe_arn or "")
    if recipe.auto_update:
        refresh_model(store, version)
    assert version.fitted_model is not None  # noqa: S101  # CreateBatch... has seen it ACTIVE
    return ServingContext(
        store=store, resource=version, recipe=recipe, fitted_model=version.fitted_model, config=config
    )


def _masks(source: "ServingContext", job: BatchJob, target: str) -> "MaskCache":
    from personalize_mock.batch.mask_cache import MaskCache

    found = None if job.filter_arn is None else source.store.all(Filter)[job.filter_arn]  # which the job blocks
    return MaskCache(source=source, filter=found, target=target)


def _present(source: "ServingContext") -> "Mask | None":
    """The users who were not deleted since the training (documented); None if nobody was."""
    import numpy as np

    ids, trained = source.fitted_model.ids, source.fitted_model
    gone = ids.indices([*deleted_since(source.store, source.resource.dataset_group_arn, trained.request.now)])
    if not (gone >= 0).any():
        return None
    present = np.ones(len(ids), dtype=bool)
    present[gone[gone >= 0]] = False
    return present


def _themes(source: "ServingContext", item_name: str) -> "ThemeGenerator | None":
    from personalize_mock.batch.theme_generator import themes_of

    rows = source.rows("ITEMS")
    if rows is None:
        raise JobFailed(NO_ITEMS)
    return themes_of(rows.metadata(source.fitted_model.ids), item_name=item_name)


def _written(store: Store, job: BatchJob, answer: Answer, *, candidates: int, most_lines: int) -> "OutputBuffer":
    """The answers to all files, block by block: no more than one block is ever in memory."""
    from personalize_mock.batch.input_lines import in_blocks
    from personalize_mock.batch.output_buffer import OutputBuffer
    from personalize_mock.recipes.numerics.blas import one_blas_thread

    found, written, budget = inputs(store, job), OutputBuffer(), _Budget(MAX_BYTES)
    if not found:
        raise JobFailed(BAD_INPUT)
    size = max(1, min(BLOCK, BLOCK_SCORES // max(1, candidates)))
    with one_blas_thread(), _old_objects_passed_over():
        for key, name in _outputs(found, job).items():
            pieces = budget.spent(store.objects.read_chunks(job.source.bucket, key) or ())
            counted = _counted(pieces, key=key, most=most_lines)
            written.add(name, map(answer, in_blocks(counted, size=size)))
    return written


@contextmanager
def _old_objects_passed_over() -> Iterator[None]:
    """Collections of garbage look at what came since alone: of all that is loaded they would make a tenth of a job."""
    if gc.get_freeze_count():
        yield  # somebody else has done so, and would not want it undone
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _outputs(found: Sequence[str], job: BatchJob) -> Mapping[str, str]:
    """The output's key for each input's: the file's name; where several have the same, all of the path (ours)."""
    names = {key: key.rpartition("/")[2] for key in found}
    times = Counter(names.values())
    base = job.source.key.rpartition("/")
    start = len(base[0] + base[1])
    return {
        key: f"{job.destination.key}{name if times[name] == 1 else key[start:]}{OUT}" for key, name in names.items()
    }


def _counted(pieces: Iterator[bytes], *, key: str, most: int) -> Iterator[bytes]:
    from personalize_mock.batch.input_lines import split_lines

    for number, line in enumerate(split_lines(pieces)):
        if number == most:
            raise JobFailed(TOO_MANY_LINES.format(key=key, most=most))
        yield line


class _Budget:
    """How many bytes a job may still read."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spent(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.left -= len(piece)
            if self.left < 0:
                raise JobFailed(TOO_MUCH)
            yield piece
