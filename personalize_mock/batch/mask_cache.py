"""Cache for the results of a batch job's filter, so that lines with the same filterValues are filtered only once."""

from dataclasses import dataclass, field

from personalize_mock.batch.input_lines import InputLine
from personalize_mock.filtering.condition_masks import Mask
from personalize_mock.filtering.syntax import Target
from personalize_mock.resources.filters import Filter
from personalize_mock.runtime.candidate_filter import CandidateFilter
from personalize_mock.runtime.request import RequestFilter
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

MAX_MASKS = 32

# Messages of the mock; the service's are not documented.
NEEDS_USER = "The filter {arn} depends on the user, but the input line has no userId. Add one."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskCache:
    """Cache of boolean masks of the candidates that pass a batch job's filter.

    Attributes:
        serving: Model, recipe and current data of the solution version that the job uses.
        filter: The job's filter, or None to allow all candidates.
        target: "ItemID" for inference jobs, whose candidates are items; "UserID" for segment jobs.
        masks: The cached masks, by the filterValues of a line. Masks that also depend on the line's user or item are
            not cached.
    """

    serving: ServingContext
    filter: Filter | None
    target: Target = "ItemID"
    masks: dict[tuple[tuple[str, str], ...], Mask] = field(default_factory=dict)

    def for_line(self, line: InputLine) -> Mask | None:
        """Return the mask of the candidates that pass the filter for an input line.

        The result is None if the job has no filter. Then all candidates pass.

        Raises:
            InvalidInputException: The line has no userId but the filter needs it, or its filterValues do not fit the
                filter.
        """
        if self.filter is None:
            return None
        compiled = self.filter.compiled
        needs_user = compiled.needs_user and self.target != "UserID"
        if needs_user and line.user_id is None:
            raise InvalidInputException(NEEDS_USER.format(arn=self.filter.arn))
        if compiled.needs_item or needs_user:
            return self._compute(line)
        key = tuple(sorted(line.filter_values.items())) if compiled.placeholders else ()
        if key not in self.masks:
            if len(self.masks) >= MAX_MASKS:
                self.masks.clear()
            mask = self._compute(line)
            assert mask is not None  # noqa: S101  # there is a filter
            self.masks[key] = mask
        return self.masks[key]

    def _compute(self, line: InputLine) -> Mask | None:
        candidates = CandidateFilter(
            serving=self.serving,
            ids=self.serving.fitted_model.ids,
            target=self.target,
            user_id=line.user_id,
            item_id=line.item_id,
        )
        return candidates.mask(RequestFilter(filter=self.filter, values=line.filter_values))
