"""Explanations of why items were recommended, as text, as a dictionary or as an HTML table."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.inspection.html import table

ChosenBy = Literal["relevance", "exploration", "popularity", "promotion", "request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemExplanation:
    """Explanation of an item in a list of recommendations. An attribute that the model does not provide is None.

    Attributes:
        item_id: The id of the item, or of the action in an answer of GetActionRecommendations.
        title: The title of the item, from a column of the dataset such as TITLE, NAME or MOVIE_TITLE, or None.
        position: The position in the list, starting with 1.
        score: The score in the answer, or None if it has none.
        chosen_by: The reason for the item: "relevance" (to the user or item of the request, with the objective if there
            is one), "exploration", "popularity" (items that fill a list), "promotion", or "request" (items in the
            inputList of GetPersonalizedRanking that the model does not know; they come last).
        nearest: The most similar items of the user's history, best first, as pairs of an id and the cosine similarity
            of that item's latent factors and those of this item, from -1 to 1. Empty for a user without history.
        relevance: The relevance of the item without the optimization objective, as a difference from the mean of all
            items.
        objective: The amount that the optimization objective adds to the relevance. It is 0 without an objective.
        objective_share: The absolute value of `objective`, divided by the sum of the absolute values of `relevance` and
            `objective`. It is 0 if both are 0.
    """

    item_id: str
    position: int
    score: float | None
    chosen_by: ChosenBy
    title: str | None = None
    nearest: tuple[tuple[str, float], ...] | None = None
    relevance: float | None = None
    objective: float | None = None
    objective_share: float | None = None

    @property
    def explored(self) -> bool:
        """Whether exploration chose the item."""
        return self.chosen_by == "exploration"

    def __str__(self) -> str:
        """Return the explanation as one line of text."""
        score = "" if self.score is None else f"  score {self.score:.4f}"
        near = ", ".join(f"{item} {similarity:.2f}" for item, similarity in self.nearest or ())
        share = f"  objective {self.objective_share:.0%}" if self.objective_share else ""
        name = self.item_id if self.title in (None, self.item_id) else f"{self.item_id} ({self.title})"
        return f"{self.position}. {name}{score}  by {self.chosen_by}{share}{f'  near {near}' if near else ''}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Explanation:
    """Explanation of an answer with recommendations or a ranking. `mock.explain` returns it.

    `explanation["film-1"]` is the explanation of the item with this id, and iteration yields the explanations of all
    items.

    Attributes:
        recommendation_id: The id of the answer.
        arn: The ARN of the campaign or recommender.
        recipe: The name of the recipe of the campaign or recommender.
        user_id: The user of the request, or None.
        item_id: The item of the request, or None.
        items: The explanations of the items, in the order of the answer.
        filtered_out: The ids of the items that filters removed from the list, best first. For a ranking, they are in
            the order of the inputList.
        is_current: Whether the same request still gets the same items. If not, the list that it gets now is explained.
            For actions, it is always True if only the recommendationId was given.
        notes: Remarks for the reader, for example that the user has no history.
    """

    recommendation_id: str
    arn: str
    recipe: str
    user_id: str | None
    item_id: str | None
    items: tuple[ItemExplanation, ...]
    filtered_out: tuple[str, ...]
    is_current: bool
    notes: tuple[str, ...]

    def __getitem__(self, item_id: str) -> ItemExplanation:
        """Return the explanation of an item, or raise PersonalizeMockError if it is not in the list."""
        for item in self.items:
            if item.item_id == item_id:
                return item
        ids = [item.item_id for item in self.items]
        hint = did_you_mean(item_id, ids) if ids else "The list is empty."
        filtered = " The filter of the request removed it." if item_id in self.filtered_out else ""
        raise PersonalizeMockError(f"The item {item_id!r} is not in the list.{filtered} {hint}")

    def __iter__(self) -> Iterator[ItemExplanation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        lines = [self._title(), *(f"  {item}" for item in self.items)]
        if self.filtered_out:
            lines.append(f"  Removed by filters: {', '.join(self.filtered_out)}")
        return "\n".join([*lines, *(f"  Note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        """Return the explanations of the items as an HTML table, for notebooks."""
        header = ["", "item", "title", "score", "chosen by", "objective", "nearest of the history"]
        return table(self._title(), header, map(_row, self.items))

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as dictionaries, tuples, strings and numbers."""
        return {**asdict(self), "items": tuple(asdict(item) for item in self.items)}

    def _title(self) -> str:
        subject = "" if self.user_id is None else f" for user {self.user_id}"
        if self.item_id is not None:
            subject = f" for item {self.item_id}"
        return f"{len(self.items)} recommendations of {self.recipe}{subject}"


def _row(item: ItemExplanation) -> tuple[Any, ...]:
    share = _shown(item.objective_share)
    return item.position, item.item_id, item.title or "", _shown(item.score), item.chosen_by, share, _near(item)


def _shown(value: float | None) -> Any:
    return "" if value is None else value


def _near(item: ItemExplanation) -> str:
    return ", ".join(f"{id_} ({similarity:.2f})" for id_, similarity in item.nearest or ())


def answer_id(answer: Mapping[str, Any] | str) -> str:
    """Return the recommendationId of a response.

    Args:
        answer: The response, or its recommendationId, which is returned unchanged.

    Raises:
        PersonalizeMockError: The response has no recommendationId.
    """
    identifier = answer.get("recommendationId") if isinstance(answer, Mapping) else answer
    if not isinstance(identifier, str) or not identifier:
        raise PersonalizeMockError(
            f"explain({str(answer)[:60]!r}): not an answer with a recommendationId. Pass the answer of "
            "get_recommendations, or its recommendationId."
        )
    return identifier
