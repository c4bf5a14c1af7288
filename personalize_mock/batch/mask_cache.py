"""What a filter lets through, for many lines of one job: where lines do not differ, it is computed once."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from personalize_mock.batch.input_lines import InputLine
from personalize_mock.resources.filters import Filter
from personalize_mock.runtime.candidate_filter import CandidateFilter
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

Mask = NDArray[np.bool_]
Key = tuple[tuple[str, str], ...]

KEPT = 32  # masks
# Ours.
NEEDS_USER = "The filter {arn} depends on the user; the line has no userId."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskCache:
    """The filter of a job.

    Attributes:
        source: What answers.
        filter: None lets everything pass.
        target: What is answered with, in the words of filters.
        known: By filterValues, where neither user nor item matters.
    """

    source: ServingContext
    filter: Filter | None
    target: str = "ItemID"
    known: dict[Key, Mask] = field(default_factory=dict)

    def of(self, line: InputLine) -> Mask | None:
        """What may answer a line; None if everything may.

        Raises:
            InvalidInputException: the line lacks a value or a user, or its values do not fit the filter.
        """
        if self.filter is None:
            return None
        plan = self.filter.compiled
        if plan.needs_user and self.target != "UserID" and line.user_id is None:
            raise InvalidInputException(NEEDS_USER.format(arn=self.filter.arn))
        if plan.needs_item or (plan.needs_user and self.target != "UserID"):
            return self._mask(line)
        key = tuple(sorted(line.filter_values.items())) if plan.placeholders else ()
        if key not in self.known:
            if len(self.known) >= KEPT:
                self.known.clear()
            found = self._mask(line)
            assert found is not None  # noqa: S101  # there is a filter
            self.known[key] = found
        return self.known[key]

    def _mask(self, line: InputLine) -> Mask | None:
        candidate_filter = CandidateFilter(
            source=self.source,
            ids=self.source.fitted_model.ids,
            target=self.target,
            user_id=line.user_id,
            item_id=line.item_id,
        )
        return candidate_filter.allowed(self.filter, line.filter_values)
