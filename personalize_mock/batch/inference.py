"""The answers of a batch inference job: the same as the runtime would give, many at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any
from zlib import crc32

from personalize_mock.batch import output_lines
from personalize_mock.batch.input_lines import InputLine, parse_line
from personalize_mock.batch.mask_cache import MaskCache
from personalize_mock.batch.theme_generator import ThemeGenerator
from personalize_mock.recipes.base import Candidates, Query, Ranking
from personalize_mock.runtime import answers, request_context
from personalize_mock.runtime.answers import RankingRequest, RecommendationRequest, RequestFilter
from personalize_mock.runtime.entries import DECIMALS, Entry
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

Found = Mapping[str, Any]
Style = Callable[[object, Found | None, str | None], str]

# By recipe type: the members that a line needs.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "USER_PERSONALIZATION": ("userId",),
    "PERSONALIZED_RANKING": ("userId", "itemList"),
    "RELATED_ITEMS": ("itemId",),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InferenceProcessor:
    """A job that recommends.

    Answers of a block come in another order than its lines, always the same, because on the service they do not come
    in the order of the input either (recorded): here in that of a checksum.

    Attributes:
        source: What answers.
        masks: The job's filter.
        count: numResults.
        themes: What makes themes, None if none are asked for.
    """

    source: ServingContext
    masks: MaskCache
    count: int
    themes: ThemeGenerator | None = None

    def answer(self, block: Sequence[bytes]) -> list[str]:
        """The answers to some lines, each a line."""
        order = sorted(range(len(block)), key=lambda place: crc32(block[place]))
        asked = [parse_line(block[place], needs=NEEDS[self._type]) for place in order]
        found = self._ranked(asked) if self._type == "PERSONALIZED_RANKING" else self._listed(asked)
        return [self._shown(line, answer) for line, answer in zip(asked, found, strict=True)]

    @property
    def _type(self) -> str:
        return self.source.recipe.recipe_type or ""

    def _shown(self, line: InputLine, answer: "Found | str") -> str:
        plain = not self.source.fitted_model.model.scored and self.themes is None
        style: Style = output_lines.spaced_line if plain else output_lines.compact_line
        return style(line.input, None, answer) if isinstance(answer, str) else style(line.input, answer, None)

    def _listed(self, asked: Sequence[InputLine]) -> "list[Found | str]":
        """For each line a list, or why there is none."""
        found: list[Found | str] = [line.error or "" for line in asked]
        places: list[int] = []
        queries: list[Query] = []
        masks: list[Candidates | None] = []
        for place, line in enumerate(asked):
            if line.error is not None:
                continue
            try:
                context = request_context.checked(self.source, line.context)
                masks.append(self.masks.of(line))
            except InvalidInputException as problem:
                found[place] = str(problem)
                continue
            places.append(place)
            item_id = line.item_id if self.source.requires_item else None
            queries.append(self.source.query(line.user_id, item_id, context))
        rankings = self.source.fitted_model.model.rank_each(queries, n=self.count, candidates=masks)
        for place, query, ranking in zip(places, queries, rankings, strict=True):
            found[place] = self._output(ranking) if self.themes is None else self.themes.output(query.item, ranking)
        return found

    def _output(self, ranking: Ranking) -> Found:
        """What is shown of a ranking; where an entry has no score or reason, its place in the list stays (ours)."""
        output: dict[str, Any] = {"recommendedItems": self.source.fitted_model.ids.at(ranking.indices)}
        if ranking.scores is not None:
            scores = ranking.scores.round(DECIMALS).tolist()
            output["scores"] = list(map(_number, scores)) if isnan(sum(scores)) else scores
        if ranking.reasons is not None:
            output["reason"] = [[] if reason is None else [reason] for reason in ranking.reasons]
        return output

    def _ranked(self, asked: Sequence[InputLine]) -> "list[Found | str]":
        """For each line its items in order, those that the model does not know last and without a score."""
        sought = [self._sought(line) for line in asked]
        rankings = iter(answers.rankings(self.source, [each for each in sought if not isinstance(each, str)]))
        return [each if isinstance(each, str) else _in_order(next(rankings)) for each in sought]

    def _sought(self, line: InputLine) -> RankingRequest | str:
        """What a line wants to have ranked, or why there is no answer."""
        if line.error is not None:
            return line.error
        filtering = RequestFilter(filter=self.masks.filter, values=line.filter_values)
        try:
            context = request_context.checked(self.source, line.context)
            request = RecommendationRequest(
                user_id=line.user_id, context=context, count=len(line.item_list), filtering=filtering
            )
            return answers.sought(self.source, request, line.item_list)
        except InvalidInputException as problem:
            return str(problem)


def _in_order(entries: Sequence[Entry]) -> Found:
    return {
        "recommendedItems": [entry["itemId"] for entry in entries],
        "scores": [entry.get("score") for entry in entries],
    }


def _number(score: float) -> float | None:
    return score if score == score else None  # noqa: PLR0124  # only NaN differs from itself
