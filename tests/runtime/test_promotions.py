"""Promotions. The expected behaviour was recorded 2024-07."""

import pytest
from botocore.exceptions import ClientError

UP = "aws-user-personalization"


def promotion(shop, percent, expression='INCLUDE ItemID WHERE Items.GENRES IN ("Horror")', **members):
    return [{"name": "horror", "percentPromotedItems": percent, "filterArn": shop.filter(expression), **members}]


@pytest.mark.parametrize(("count", "percent", "promoted"), [(15, 30, 4), (5, 60, 3), (10, 100, 10), (3, 10, 0)])
def test_the_share_is_rounded_down(shop, count, percent, promoted):
    items = shop.recommend(UP, userId="u1", numResults=count, promotions=promotion(shop, percent))
    assert len(items) == count
    assert sum(item.get("promotionName") == "horror" for item in items) == promoted


def test_promoted_and_other_items_are_the_first_of_two_separate_lists(shop):
    items = shop.recommend(UP, userId="u1", numResults=15, promotions=promotion(shop, 30))
    promoted = [item["itemId"] for item in items if "promotionName" in item]
    others = [item["itemId"] for item in items if "promotionName" not in item]
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    assert promoted == shop.ids(UP, userId="u1", filterArn=arn, numResults=4)
    usual = [item for item in shop.ids(UP, userId="u1", numResults=15) if item not in promoted]
    assert others == usual[:11]


def test_no_item_is_repeated(shop):
    for user in range(10):
        items = shop.ids(UP, userId=f"u{user}", numResults=20, promotions=promotion(shop, 50))
        assert len(set(items)) == len(items) == 20


def test_the_filter_of_the_request_does_not_apply_to_promoted_items(shop):
    cheap = shop.filter("INCLUDE ItemID WHERE Items.PRICE < 12")
    items = shop.recommend(UP, userId="u1", numResults=10, filterArn=cheap, promotions=promotion(shop, 50))
    promoted = [item["itemId"] for item in items if "promotionName" in item]
    assert all(int(item["itemId"][1:]) < 12 for item in items if item["itemId"] not in promoted)
    assert any(int(item[1:]) >= 12 for item in promoted)


def test_missing_promoted_items_are_replaced_by_others(shop):
    one = "INCLUDE ItemID WHERE Items.PRICE = 3.5"
    items = shop.recommend(UP, userId="u1", numResults=10, promotions=promotion(shop, 50, one))
    assert len(items) == 10
    assert [item["itemId"] for item in items if "promotionName" in item] == ["i3"]


def test_a_promotion_has_its_own_filter_values(shop):
    expression = "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)"
    items = shop.recommend(
        UP,
        userId="u1",
        numResults=10,
        filterArn=shop.filter(expression),
        filterValues={"GENRE": '"Comedy"'},
        promotions=promotion(shop, 50, expression, filterValues={"GENRE": '"Horror"'}),
    )
    promoted = {int(item["itemId"][1:]) % 4 for item in items if "promotionName" in item}
    assert promoted == {3}


def test_positions_differ_between_users_and_are_repeatable(shop):
    def positions(user):
        items = shop.recommend(UP, userId=user, numResults=15, promotions=promotion(shop, 30))
        return tuple(position for position, item in enumerate(items) if "promotionName" in item)

    assert positions("u1") == positions("u1")
    assert len({positions(f"u{user}") for user in range(8)}) > 1


def test_an_incomplete_promotion_is_refused(shop, error_message):
    assert "filterArn" in error_message(UP, userId="u1", promotions=[{"name": "x", "percentPromotedItems": 10}])


def test_two_promotions_are_refused(shop):
    with pytest.raises(ClientError, match="promotions"):
        shop.recommend(UP, userId="u1", promotions=promotion(shop, 10) * 2)


def test_an_unneeded_item_id_changes_nothing(shop):
    usual = shop.recommend("aws-popularity-count", numResults=20, promotions=promotion(shop, 30))
    items = shop.recommend("aws-popularity-count", itemId="i1", numResults=20, promotions=promotion(shop, 30))
    assert items == usual
