import numpy as np
import pytest
from aligning import dataset_table

from personalize_mock.batch.theme_generator import DEFAULT_NAME, ThemeGenerator
from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Strings, Table
from personalize_mock.recipes.base import Ranking

FILMS = {
    "alien": ("Horror", "Alien", "a ship in space"),
    "gravity": ("Drama", "Gravity", "alone in space"),
    "solaris": ("Drama", "Solaris", "a station in space"),
    "casino": ("Crime", "Casino", "the money of Las Vegas"),
    "heat": ("Crime", "Heat", "a robbery and its money"),
}


def themes(films=FILMS):
    columns = dict(
        zip(("GENRES", "TITLE", "STORY"), map(Strings.from_values, zip(*films.values(), strict=True)), strict=True)
    )
    fields = (
        SchemaField(name="GENRES", type="string", nullable=False, categorical=True, textual=False),
        SchemaField(name="TITLE", type="string", nullable=False, categorical=False, textual=False),
        SchemaField(name="STORY", type="string", nullable=False, categorical=False, textual=True),
    )
    count = len(films)
    row = np.arange(count, dtype=np.int32)
    dataset = dataset_table(Table(columns=columns, rows=count), key="ITEM_ID", fields=fields)
    items = Metadata(ids=IdMap(films), dataset=dataset, row=row)
    return ThemeGenerator.from_metadata(items, item_name="title")


def made(item, *others):
    names = list(FILMS)
    codes = np.array([names.index(each) for each in others], dtype=np.int32)
    return themes().output(names.index(item), Ranking(indices=codes))


def test_a_theme_is_what_items_share():
    assert made("alien", "gravity")["theme"] == "Space"
    assert made("alien", "gravity", "solaris")["theme"] == "Drama and space"
    assert made("casino", "heat")["theme"] == "Crime and money"


def test_items_that_fit_come_first():
    found = made("alien", "casino", "solaris", "gravity")
    assert found["recommendedItems"][-1] == "casino"
    scores = found["itemsThemeRelevanceScores"]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_the_same_items_have_the_same_theme():
    assert made("alien", "gravity", "heat") == made("alien", "gravity", "heat")


@pytest.mark.parametrize("item", [-1, 0])
def test_items_of_which_nothing_is_said_have_a_theme_without_a_name(item):
    found = themes(dict.fromkeys("abc", ("", "", ""))).output(item, Ranking(indices=np.array([1, 2], dtype=np.int32)))
    assert found == {"recommendedItems": ["b", "c"], "theme": DEFAULT_NAME, "itemsThemeRelevanceScores": [0.0, 0.0]}
