"""Metadata of items in answers."""

import pytest

SHOWN = {"enableMetadataWithRecommendations": True}


def test_columns_come_as_text_under_their_names_in_lower_case(shop):
    found = shop.recommend(config=SHOWN, numResults=50, metadataColumns={"ITEMS": ["GENRES", "price", "On_Sale"]})
    item = next(each for each in found if each["itemId"] == "i3")
    assert item["metadata"] == {"genres": "Horror", "on_sale": "true", "price": "3.5"}


def test_textual_columns_can_be_shown(shop):
    found = shop.recommend(config=SHOWN, numResults=5, metadataColumns={"ITEMS": ["DESCRIPTION"]})
    assert all(item["metadata"]["description"].startswith("A story") for item in found if item["itemId"] != "i8")


def test_items_without_a_row_have_no_metadata_and_nulls_are_left_out(shop):
    found = shop.recommend(config=SHOWN, numResults=50, metadataColumns={"ITEMS": ["STOCK", "PRICE"]})
    by_id = {item["itemId"]: item for item in found}
    if "i8" in by_id:
        assert "metadata" not in by_id["i8"]
    if "i7" in by_id:
        assert by_id["i7"]["metadata"] == {"price": "7.5"}
    assert {"i7", "i8"} & by_id.keys()


def test_it_must_be_enabled(shop, refused):
    assert "enableMetadataWithRecommendations" in refused(metadataColumns={"ITEMS": ["PRICE"]})


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"metadataColumns": {"ITEMS": ["WEIGHT"]}}, "WEIGHT"),
        ({"metadataColumns": {"ITEMS": ["PRICE"]}, "numResults": 51}, "50"),
        ({"metadataColumns": {"ITEMS": [f"C{number}" for number in range(11)]}}, "10"),
    ],
)
def test_what_cannot_be_shown_is_refused(shop, refused, members, names):
    assert names in refused(config=SHOWN, **members)


def test_rankings_show_metadata_too(shop):
    found = shop.rank(["i1", "i2", "x0"], config=SHOWN, metadataColumns={"ITEMS": ["PRICE"]})
    assert {item["itemId"]: item["metadata"]["price"] for item in found} == {"i1": "1.5", "i2": "2.5", "x0": "1.0"}
