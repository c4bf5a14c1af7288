"""Output lines of batch segment jobs: the users most interested in an item or in item attributes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from personalize_mock.batch.attribute_query import InvalidItemAttributes, parse_item_attributes
from personalize_mock.batch.input_lines import InputLine, parse_line
from personalize_mock.batch.mask_cache import MaskCache
from personalize_mock.batch.output_lines import segment_line
from personalize_mock.filtering.condition_masks import Mask
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.segments.item_attribute_affinity import AttributeSegments
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

# Ours.
UNKNOWN_ITEM = "The item {item} was not in the training data. Use another itemId, or train a new solution version."
NO_ATTRIBUTE = "The training data have no attribute {column}. Use a column that the Items dataset had at the training."


class LineError(Exception):
    """The reason why a line has no segment."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentProcessor:
    """Processor of the input lines of a batch segment job. It keeps the order of the input. Recorded 2024-07.

    Attributes:
        serving: The serving context.
        masks: The masks of the job's filter.
        count: The numResults of the job.
        remaining_users: The mask of the users who were not deleted. None if no user was deleted.
    """

    serving: ServingContext
    masks: MaskCache
    count: int
    remaining_users: Mask | None = None

    def process(self, block: Sequence[bytes]) -> list[str]:
        """Return the output lines of a block of input lines."""
        required = ("itemId",) if self.serving.fitted_model.model.uses_item else ("itemAttributes",)
        return [self._output_line(parse_line(line, required=required)) for line in block]

    def _output_line(self, line: InputLine) -> str:
        try:
            return segment_line(line.input, {"usersList": self._users(line)}, None)
        except (LineError, InvalidInputException, InvalidItemAttributes) as problem:
            return segment_line(line.input, None, str(problem))

    def _users(self, line: InputLine) -> list[str]:
        if line.error is not None:
            raise LineError(line.error)
        query, candidates = self._query(line), self.masks.for_line(line)
        if self.remaining_users is not None:
            candidates = self.remaining_users if candidates is None else candidates & self.remaining_users
        ranking = self.serving.fitted_model.model.rank(query, n=self.count, candidates=candidates)
        return self.serving.fitted_model.ids.at(ranking.indices)

    def _query(self, line: InputLine) -> Query:
        query = self.serving.model_query(None, line.item_id, {})
        if not self.serving.fitted_model.model.uses_item:
            return replace(query, attributes=self._attributes(line.item_attributes))
        if query.item < 0:
            raise LineError(UNKNOWN_ITEM.format(item=line.item_id))
        return query

    def _attributes(self, text: str) -> Sequence[tuple[str, str]]:
        """Return columns and values of an attribute query; raise LineError if the model does not know a column."""
        attributes, model = parse_item_attributes(text), self.serving.fitted_model.model
        assert isinstance(model, AttributeSegments)  # noqa: S101  # the other segment model takes items
        for column, _ in attributes:
            if column.casefold() not in model.attributes.columns:
                raise LineError(NO_ATTRIBUTE.format(column=column))
        return attributes
