"""The answers of a batch segment job: the users most interested in an item or in attributes, in the input's order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from personalize_mock.batch import output_lines
from personalize_mock.batch.attribute_query import InvalidItemAttributes, parse_item_attributes
from personalize_mock.batch.input_lines import InputLine, parse_line
from personalize_mock.batch.mask_cache import Mask, MaskCache
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.segments.item_attribute_affinity import AttributeSegments
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

# Ours.
UNKNOWN_ITEM = "The item {item} was not in the training data."
NO_ATTRIBUTE = "The training data have no attribute {column}."


class LineError(Exception):
    """A line that cannot be answered; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SegmentProcessor:
    """A job that finds users.

    Attributes:
        source: What answers.
        masks: The job's filter.
        count: numResults.
        present: Who can be in a segment, None if everybody whom the model knows can.
    """

    source: ServingContext
    masks: MaskCache
    count: int
    present: Mask | None = None

    def answer(self, block: Sequence[bytes]) -> list[str]:
        """The answers to some lines, each a line."""
        needs = ("itemId",) if self.source.fitted_model.model.related else ("itemAttributes",)
        return [self._shown(parse_line(line, needs=needs)) for line in block]

    def _shown(self, line: InputLine) -> str:
        try:
            return output_lines.segment_line(line.input, {"usersList": self._users(line)}, None)
        except (LineError, InvalidInputException, InvalidItemAttributes) as problem:
            return output_lines.segment_line(line.input, None, str(problem))

    def _users(self, line: InputLine) -> list[str]:
        if line.error is not None:
            raise LineError(line.error)
        query, mask = self._query(line), self.masks.of(line)
        candidates = mask if self.present is None else self.present if mask is None else mask & self.present
        ranking = self.source.fitted_model.model.rank(query, n=self.count, candidates=candidates)
        return self.source.fitted_model.ids.at(ranking.indices)

    def _query(self, line: InputLine) -> Query:
        query = self.source.query(None, line.item_id, {})
        if not self.source.fitted_model.model.related:
            return replace(query, attributes=self._attributes(line.item_attributes))
        if query.item < 0:
            raise LineError(UNKNOWN_ITEM.format(item=line.item_id))
        return query

    def _attributes(self, text: str) -> Sequence[tuple[str, str]]:
        """The attributes that a line asks for, all of them columns that the model knows."""
        pairs, model = parse_item_attributes(text), self.source.fitted_model.model
        assert isinstance(model, AttributeSegments)  # noqa: S101  # the other model of segments asks for items
        for column, _ in pairs:
            if column.casefold() not in model.attributes.columns:
                raise LineError(NO_ATTRIBUTE.format(column=column))
        return pairs
