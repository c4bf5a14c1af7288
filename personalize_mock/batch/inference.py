"""Output lines of batch inference jobs: recommendations or ranked items for each input line.

Models and filters are the same as in the runtime API, but many lines are computed at once, which is faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any
from zlib import crc32

from personalize_mock.batch.input_lines import InputLine, parse_line
from personalize_mock.batch.mask_cache import MaskCache
from personalize_mock.batch.output_lines import LineOutput, compact_line, spaced_line
from personalize_mock.batch.theme_generator import ThemeGenerator
from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.runtime.answers import RankingRequest, rank_many, to_ranking_request
from personalize_mock.runtime.entries import DECIMALS, Entry
from personalize_mock.runtime.request import RecommendationRequest, RequestFilter
from personalize_mock.runtime.request_context import check_context
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

# By recipe type: the members that a line requires.
REQUIRED_MEMBERS = {
    "USER_PERSONALIZATION": ("userId",),
    "PERSONALIZED_RANKING": ("userId", "itemList"),
    "RELATED_ITEMS": ("itemId",),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InferenceProcessor:
    """Processor that turns input lines of a batch inference job into output lines.

    The output lines are not in the order of the input lines, as in outputs recorded from the service. The lines of a
    block are sorted by the CRC-32 checksums of the input lines, so that the order is repeatable.

    Attributes:
        serving: Model, recipe and current data of the solution version that the job uses.
        masks: Cache for the results of the job's filter.
        count: numResults of the job, the maximum number of items for each line.
        themes: Generator of themes, or None if the job does not generate themes.
    """

    serving: ServingContext
    masks: MaskCache
    count: int
    themes: ThemeGenerator | None = None

    def process(self, block: Sequence[bytes]) -> list[str]:
        """Return the output lines for a block of input lines, as JSON text without line breaks."""
        recipe_type = self.serving.recipe.recipe_type or ""
        lines = [parse_line(line, required=REQUIRED_MEMBERS[recipe_type]) for line in sorted(block, key=crc32)]
        outputs = self._rankings(lines) if recipe_type == "PERSONALIZED_RANKING" else self._recommendations(lines)
        return [self._output_line(line, output) for line, output in zip(lines, outputs, strict=True)]

    def _output_line(self, line: InputLine, output: "LineOutput | str") -> str:
        plain = not self.serving.fitted_model.model.scored and self.themes is None
        to_line = spaced_line if plain else compact_line
        return to_line(line.input, None, output) if isinstance(output, str) else to_line(line.input, output, None)

    def _recommendations(self, lines: Sequence[InputLine]) -> "list[LineOutput | str]":
        """Return, for each input line, the recommended items or an error message."""
        outputs: list[LineOutput | str] = [line.error or "" for line in lines]
        positions: list[int] = []
        queries: list[Query] = []
        masks: list[Candidates | None] = []
        for position, line in enumerate(lines):
            if line.error is not None:
                continue
            try:
                context = check_context(self.serving, line.context)
                masks.append(self.masks.for_line(line))
            except InvalidInputException as problem:
                outputs[position] = str(problem)
                continue
            positions.append(position)
            item_id = line.item_id if self.serving.requires_item else None
            queries.append(self.serving.model_query(line.user_id, item_id, context))
        rankings = self.serving.fitted_model.model.rank_each(queries, n=self.count, candidates=masks)
        for position, query, ranking in zip(positions, queries, rankings, strict=True):
            outputs[position] = (
                self._output(ranking) if self.themes is None else self.themes.output(query.item, ranking)
            )
        return outputs

    def _output(self, ranking: Ranking) -> LineOutput:
        """Convert a ranking to the `output` member of an output line.

        A missing score becomes null, and a missing reason becomes an empty list. The service's format for these cases
        is not documented.
        """
        output: dict[str, Any] = {"recommendedItems": self.serving.fitted_model.ids.at(ranking.indices)}
        if ranking.scores is not None:
            scores = ranking.scores.round(DECIMALS).tolist()
            output["scores"] = list(map(_null_if_nan, scores)) if isnan(sum(scores)) else scores
        if ranking.reasons is not None:
            output["reason"] = [[] if reason is None else [reason] for reason in ranking.reasons]
        return output

    def _rankings(self, lines: Sequence[InputLine]) -> "list[LineOutput | str]":
        """Return, for each input line, its items in ranked order or an error message.

        Items that the model does not know come last, with null as their score.
        """
        requests = [self._ranking_request(line) for line in lines]
        rankings = iter(rank_many(self.serving, [request for request in requests if not isinstance(request, str)]))
        return [request if isinstance(request, str) else _ranking_output(next(rankings)) for request in requests]

    def _ranking_request(self, line: InputLine) -> RankingRequest | str:
        """Convert an input line to a ranking request, or return an error message."""
        if line.error is not None:
            return line.error
        request_filter = RequestFilter(filter=self.masks.filter, values=line.filter_values)
        try:
            context = check_context(self.serving, line.context)
            request = RecommendationRequest(
                user_id=line.user_id, context=context, count=len(line.item_list), filter=request_filter
            )
            return to_ranking_request(self.serving, request, line.item_list)
        except InvalidInputException as problem:
            return str(problem)


def _ranking_output(entries: Sequence[Entry]) -> LineOutput:
    return {
        "recommendedItems": [entry["itemId"] for entry in entries],
        "scores": [entry.get("score") for entry in entries],
    }


def _null_if_nan(score: float) -> float | None:
    return None if isnan(score) else score
