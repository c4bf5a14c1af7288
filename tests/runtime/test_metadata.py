"""Item metadata in responses."""

import pytest

ENABLED = {"enableMetadataWithRecommendations": True}


def test_columns_are_returned_as_text_with_lower_case_names(shop):
    items = shop.recommend(config=ENABLED, numResults=50, metadataColumns={"ITEMS": ["GENRES", "price", "On_Sale"]})
    item = next(item for item in items if item["itemId"] == "i3")
    assert item["metadata"] == {"genres": "Horror", "on_sale": "true", "price": "3.5"}


def test_textual_columns_can_be_returned(shop):
    items = shop.recommend(config=ENABLED, numResults=5, metadataColumns={"ITEMS": ["DESCRIPTION"]})
    assert all(item["metadata"]["description"].startswith("A story") for item in items if item["itemId"] != "i8")


def test_items_without_a_row_have_no_metadata_and_nulls_are_left_out(shop):
    cheap = shop.filter("EXCLUDE ItemID WHERE Items.PRICE > 8")
    items = shop.recommend(
        config=ENABLED, numResults=50, filterArn=cheap, metadataColumns={"ITEMS": ["STOCK", "PRICE"]}
    )
    by_id = {item["itemId"]: item for item in items}
    assert "metadata" not in by_id["i8"]
    assert by_id["i7"]["metadata"] == {"price": "7.5"}


def test_metadata_must_be_enabled(shop, error_message):
    assert "enableMetadataWithRecommendations" in error_message(metadataColumns={"ITEMS": ["PRICE"]})


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"metadataColumns": {"ITEMS": ["WEIGHT"]}}, "WEIGHT"),
        ({"metadataColumns": {"ITEMS": ["PRICE"]}, "numResults": 51}, "50"),
        ({"metadataColumns": {"ITEMS": [f"C{number}" for number in range(11)]}}, "10"),
    ],
)
def test_unknown_and_too_many_columns_or_results_are_refused(shop, error_message, members, names):
    assert names in error_message(config=ENABLED, **members)


def test_rankings_return_metadata_too(shop):
    items = shop.rank(["i1", "i2", "x0"], config=ENABLED, metadataColumns={"ITEMS": ["PRICE"]})
    assert {item["itemId"]: item["metadata"]["price"] for item in items} == {"i1": "1.5", "i2": "2.5", "x0": "1.0"}
