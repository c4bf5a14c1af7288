import numpy as np
import pytest
from dataset_tables import dataset_table

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


def theme_generator(films=FILMS):
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


def output(item, *others):
    names = list(FILMS)
    indices = np.array([names.index(other) for other in others], dtype=np.int32)
    return theme_generator().output(names.index(item), Ranking(indices=indices))


def test_a_theme_names_shared_terms():
    assert output("alien", "gravity")["theme"] == "Space"
    assert output("alien", "gravity", "solaris")["theme"] == "Drama and space"
    assert output("casino", "heat")["theme"] == "Crime and money"


def test_matching_items_come_first():
    result = output("alien", "casino", "solaris", "gravity")
    assert result["recommendedItems"][-1] == "casino"
    scores = result["itemsThemeRelevanceScores"]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_equal_lists_have_equal_themes():
    assert output("alien", "gravity", "heat") == output("alien", "gravity", "heat")


@pytest.mark.parametrize("item", [-1, 0])
def test_items_without_terms_have_the_default_name(item):
    result = theme_generator(dict.fromkeys("abc", ("", "", ""))).output(
        item, Ranking(indices=np.array([1, 2], dtype=np.int32))
    )
    assert result == {"recommendedItems": ["b", "c"], "theme": DEFAULT_NAME, "itemsThemeRelevanceScores": [0.0, 0.0]}
