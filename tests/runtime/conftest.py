"""A shop for all tests of this folder: campaigns of several recipes on the same data. Tests must not change it."""

import pytest
from builders import (
    START,
    a_campaign,
    a_dataset,
    a_group_with_data,
    a_schema,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    settle,
)

from personalize_mock import mock_personalize

ITEMS = {
    "ITEM_ID": "string",
    "GENRES": {"type": "string", "categorical": True},
    "PRICE": "float",
    "STOCK": ["null", "int"],
    "ON_SALE": "boolean",
    "DESCRIPTION": {"type": ["null", "string"], "textual": True},
    "CREATION_TIMESTAMP": "long",
}
GENRES = ("Comedy", "Drama", "Comedy|Drama", "Horror")


def items_text(count: int = 60) -> str:
    """Return CSV text of i0, i1, ... with four genres in turn. i7 has no stock, i8 no row and x0 no interactions."""
    rows = [
        (
            f"i{number}",
            GENRES[number % 4],
            number + 0.5,
            "" if number == 7 else number % 3,
            "true" if number % 2 else "false",
            f"A story about number {number}.",
            START + number,
        )
        for number in range(count)
        if number != 8
    ]
    return csv_text(list(ITEMS), [*rows, ("x0", "Drama", 1, 1, "false", "New.", START + 10**6)])


class Shop:
    """A mock with a shop. Campaigns and filters are created when a test first uses them."""

    def __init__(self, mock):
        self.mock = mock
        self.group = a_group_with_data(mock, "shop", "Interactions", "Users")
        schema = a_schema(mock, "Items", name="items", schema=avro_schema("Items", ITEMS))
        self.items = a_dataset(mock, self.group, "Items", schemaArn=schema)
        an_import_job(mock, self.items, items_text())
        self.runtime = client("personalize-runtime")
        self._campaigns = {}
        self._filters = {}

    def campaign(self, recipe, **config):
        key = (recipe, *sorted(config.items()))
        if key not in self._campaigns:
            name = f"campaign-{len(self._campaigns)}"
            version = a_solution_version(
                self.mock, a_solution(self.mock, self.group, recipe, name=name, performAutoTraining=False)
            )
            self._campaigns[key] = a_campaign(self.mock, version, name=name, campaignConfig=config)
        return self._campaigns[key]

    def filter(self, expression, **members):
        if expression not in self._filters:
            name = f"filter-{len(self._filters)}"
            members = {"datasetGroupArn": self.group, **members}
            arn = self.mock.call("CreateFilter", name=name, filterExpression=expression, **members)["filterArn"]
            self._filters[expression] = settle(self.mock, arn)
        return self._filters[expression]

    def recommend(self, recipe="aws-popularity-count", *, config=None, **members):
        arn = self.campaign(recipe, **(config or {}))
        return self.runtime.get_recommendations(campaignArn=arn, **members)["itemList"]

    def ids(self, recipe="aws-popularity-count", **members):
        return [item["itemId"] for item in self.recommend(recipe, **members)]

    def rank(self, input_list, recipe="aws-personalized-ranking", *, config=None, **members):
        arn = self.campaign(recipe, **(config or {}))
        members = {"userId": "u1", **members}
        return self.runtime.get_personalized_ranking(campaignArn=arn, inputList=input_list, **members)[
            "personalizedRanking"
        ]


@pytest.fixture(scope="module")
def shop():
    with mock_personalize(clock="2024-05-01", quotas={"campaigns_per_group": 20}) as mock:
        yield Shop(mock)


@pytest.fixture
def error_message(shop):
    """Return a function that calls GetRecommendations and returns the message of the error."""

    def call(recipe="aws-popularity-count", *, config=None, **members):
        arn = shop.campaign(recipe, **(config or {}))
        with pytest.raises(shop.runtime.exceptions.InvalidInputException) as error:
            shop.runtime.get_recommendations(campaignArn=arn, **members)
        return error.value.response["Error"]["Message"]

    return call
