"""Output lines of batch segment jobs: the users most interested in an item or in items with some attributes."""

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

# Messages of the mock; the service's are not documented.
UNKNOWN_ITEM = "The item {item} was not in the training data. Use another itemId, or train a new solution version."
NO_ATTRIBUTE = (
    "The training data has no attribute {column}. Use a column that the Items dataset had when the model was trained."
)


class LineError(Exception):
    """Raised when an input line is invalid. The message is written to the output line in place of user ids."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentProcessor:
    """Processor that turns input lines of a batch segment job into output lines.

    The lines keep their order, as in a job output that was recorded from the service in 2024-07.

    Attributes:
        serving: Model, recipe and current data of the solution version that the job uses.
        masks: Cache for the results of the job's filter.
        count: numResults of the job, the maximum number of users for each line.
        remaining_users: bool[users], False for users deleted since the model was trained. None if no user was deleted.
    """

    serving: ServingContext
    masks: MaskCache
    count: int
    remaining_users: Mask | None = None

    def process(self, block: Sequence[bytes]) -> list[str]:
        """Return the output lines for a block of input lines, as JSON text without line breaks."""
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
        """Parse the itemAttributes of an input line and return the column and value of each condition.

        Raises:
            InvalidItemAttributes: The text cannot be parsed.
            LineError: A column was not in the training data.
        """
        attributes, model = parse_item_attributes(text), self.serving.fitted_model.model
        assert isinstance(model, AttributeSegments)  # noqa: S101  # the other segment model takes items
        for column, _ in attributes:
            if column.casefold() not in model.attributes.columns:
                raise LineError(NO_ATTRIBUTE.format(column=column))
        return attributes
