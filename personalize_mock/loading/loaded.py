"""The result of `mock.load`, with the ARNs of the created resources, and methods that request recommendations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.resources.catalogue import RecipeEntry

Call = Callable[..., dict[str, Any]]
V = TypeVar("V")
ANYONE = "a-user-without-history"  # for use cases that need a user besides the item


class UnknownName(PersonalizeMockError, KeyError):  # noqa: N818  # named after what it says
    """Raised when a `ByName` mapping does not contain a requested name. It is a KeyError, as in other mappings."""

    __str__ = Exception.__str__


class ByName(Mapping[str, V]):
    """Read-only dictionary that ignores the case of its keys. An unknown key raises PersonalizeMockError.

    Values can also be read by position: `filter_arns[0]` is the first one.
    """

    def __init__(self, title: str, values: Mapping[str, V]) -> None:
        self._title = title
        self._values = dict(values)

    def __getitem__(self, name: str | int) -> V:
        if isinstance(name, int) and -len(self) <= name < len(self):
            return list(self._values.values())[name]
        key = next((key for key in self._values if key.casefold() == str(name).casefold()), None)
        if key is None:
            hint = did_you_mean(name, self._values) if self._values else "There are no names."
            raise UnknownName(f"{self._title}[{name!r}]: there is no such name. {hint}")
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LoadedData:
    """The ACTIVE resources that `mock.load` has created.

    Attributes:
        name: The name of the dataset group, of the solution and of the campaign.
        dataset_group_arn: The ARN of the dataset group.
        dataset_arns: The ARNs of the datasets, by the argument of `mock.load` with their data, such as "interactions".
        schema_arns: The ARNs of the schemas, by the same arguments.
        schemas: The Avro schemas as dictionaries, by the same arguments.
        recommender_arns: The ARNs of the recommenders by recipe, in the order of the argument `recommenders`.
        filter_arns: The ARNs of the filters, by their names in the argument `filters`.
        metrics: The offline metrics of the solution version and of the recommenders, by recipe.
    """

    name: str
    dataset_group_arn: str
    dataset_arns: ByName[str]
    schema_arns: ByName[str]
    schemas: ByName[Mapping[str, Any]]
    recommender_arns: ByName[str]
    filter_arns: ByName[str]
    metrics: ByName[Mapping[str, float]]
    _arns: Mapping[str, str]
    _recipes: Mapping[str, RecipeEntry]
    _call: Call

    def __repr__(self) -> str:
        recipes = ", ".join(recipe.name for recipe in self._recipes.values())
        return f"<LoadedData {self.name!r}: {', '.join(self.schemas)}; {recipes}>"

    def _repr_html_(self) -> str:
        """Return the offline metrics of the models as an HTML table, for notebooks."""
        from personalize_mock.inspection.html import metrics_table

        return metrics_table(self.name, self.metrics)

    @property
    def campaign_arn(self) -> str:
        """The ARN of the campaign that was created. If there is no campaign, PersonalizeMockError is raised."""
        return self._arn("campaign_arn", "a campaign", "Pass recipe= with a recipe that campaigns support.")

    @property
    def solution_arn(self) -> str:
        """The ARN of the solution that was created. If there is no solution, PersonalizeMockError is raised."""
        return self._arn("solution_arn", "a solution", "Pass recipe= to create one.")

    @property
    def solution_version_arn(self) -> str:
        """The ARN of the solution version that was created. If there is none, PersonalizeMockError is raised."""
        return self._arn("solution_version_arn", "a solution version", "Pass recipe= to create one.")

    @property
    def tracking_id(self) -> str:
        """The tracking id for PutEvents. If no event tracker was created, PersonalizeMockError is raised."""
        return self._arn("tracking_id", "an event tracker", "Pass interactions= to create one.")

    def recommend(
        self,
        user_or_item: str | None = None,
        n: int = 25,
        *,
        filter: str | None = None,  # noqa: A002  # the word of the service
        recommender: str | None = None,
        user: str | None = None,
        **members: Any,
    ) -> list[str]:
        """Return the ids of recommended items or actions, best first.

        This calls GetRecommendations or GetActionRecommendations, as an application would.

        Example:
            films = mock.load(interactions=[("ada", "alien"), ("ada", "brazil"), ("bob", "alien")])
            assert "brazil" in films.recommend("bob")

        Args:
            user_or_item: The id of the user, or of the item if the recipe recommends items for an item. None for
                recipes that need neither.
            n: The number of results (numResults).
            filter: The name of a filter in `filter_arns`.
            recommender: The recipe of the recommender to ask. By default, the campaign is asked or, if no solution was
                created, the first recommender.
            user: The id of the user, for use cases that need both an item and a user. The default is a user without
                history.
            **members: Further members of the request, such as `context={"DEVICE": "tv"}`.

        Raises:
            botocore.exceptions.ClientError: The call fails.
            PersonalizeMockError: The recipe gives no recommendations, or a name is unknown.
        """
        recipe, target = self._target(recommender)
        if recipe.operation not in ("GetRecommendations", "GetActionRecommendations"):
            raise PersonalizeMockError(
                f"The recipe {recipe.name} ranks a given list of items. Call rank(user, items) instead of recommend()."
                if recipe.operation
                else f"The recipe {recipe.name} makes no recommendations. Create a batch segment job with "
                "solution_version_arn."
            )
        ids = _ids(recipe, user_or_item, user)
        answer = self._call(recipe.operation, numResults=n, **target, **ids, **self._filter(filter), **members)
        return [entry["actionId" if "actionId" in entry else "itemId"] for entry in _list(answer)]

    def rank(
        self,
        user: str,
        items: Sequence[str],
        *,
        filter: str | None = None,  # noqa: A002  # the word of the service
        **members: Any,
    ) -> list[str]:
        """Return the given item ids, sorted by a user's interest, best first. This calls GetPersonalizedRanking.

        Args:
            user: The id of the user.
            items: The ids of the items to rank (inputList).
            filter: The name of a filter in `filter_arns`.
            **members: Further members of the request.

        Raises:
            botocore.exceptions.ClientError: The call fails.
            PersonalizeMockError: The recipe cannot rank given items, or the filter is unknown.
        """
        recipe, target = self._target(None)
        if recipe.operation != "GetPersonalizedRanking":
            raise PersonalizeMockError(
                f"The recipe {recipe.name} cannot rank a given list of items. Load the data with "
                "recipe='aws-personalized-ranking'."
            )
        answer = self._call(
            recipe.operation, userId=user, inputList=[*items], **target, **self._filter(filter), **members
        )
        return [entry["itemId"] for entry in answer["personalizedRanking"]]

    def _arn(self, name: str, resource: str, remedy: str) -> str:
        if name not in self._arns:
            raise PersonalizeMockError(f"load(name={self.name!r}) did not create {resource}. {remedy}")
        return self._arns[name]

    def _target(self, recommender: str | None) -> tuple[RecipeEntry, dict[str, str]]:
        """Return the recipe that answers a request, and the request member with the ARN of its campaign or recommender.

        Args:
            recommender: The recipe of the recommender to ask, or None for the campaign. If no solution was created,
                None stands for the first recommender.
        """
        if recommender is None and "solution_arn" in self._arns:
            recipe = self._recipes["solution"]
            return recipe, {"campaignArn": self._arns["campaign_arn"]} if recipe.campaign else {}
        name = recommender or next(iter(self.recommender_arns), "")
        arn = self.recommender_arns[name]
        return next(recipe for key, recipe in self._recipes.items() if key.casefold() == name.casefold()), {
            "recommenderArn": arn
        }

    def _filter(self, name: str | None) -> dict[str, str]:
        return {} if name is None else {"filterArn": self.filter_arns[name]}


def _ids(recipe: RecipeEntry, user_or_item: str | None, user: str | None) -> dict[str, str]:
    """Return the members `userId` and `itemId` of a request, without those that are None.

    Args:
        recipe: The recipe that answers the request.
        user_or_item: The id of the item if the recipe requires one, otherwise the id of the user.
        user: The id of the user. If it is None and the recipe requires a user and an item, a placeholder id is used.
    """
    if "itemId" not in recipe.required_ids:
        ids = {"userId": user_or_item or user}
    else:
        needs_user = "userId" in recipe.required_ids
        ids = {"itemId": user_or_item, "userId": user or (ANYONE if needs_user else None)}
    return {name: value for name, value in ids.items() if value is not None}


def _list(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = answer.get("itemList") or answer.get("actionList") or []
    return entries
