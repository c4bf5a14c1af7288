"""Promotions, as recorded on the service."""

import pytest
from botocore.exceptions import ClientError

UP = "aws-user-personalization"


def promotion(shop, percent, expression='INCLUDE ItemID WHERE Items.GENRES IN ("Horror")', **members):
    return [{"name": "horror", "percentPromotedItems": percent, "filterArn": shop.filter(expression), **members}]


@pytest.mark.parametrize(("count", "percent", "promoted"), [(15, 30, 4), (5, 60, 3), (10, 100, 10), (3, 10, 0)])
def test_the_share_is_rounded_down(shop, count, percent, promoted):
    found = shop.recommend(UP, userId="u1", numResults=count, promotions=promotion(shop, percent))
    assert len(found) == count
    assert sum(item.get("promotionName") == "horror" for item in found) == promoted


def test_promoted_items_are_the_first_of_their_filters_list_and_others_of_the_usual_one(shop):
    found = shop.recommend(UP, userId="u1", numResults=15, promotions=promotion(shop, 30))
    promoted = [item["itemId"] for item in found if "promotionName" in item]
    others = [item["itemId"] for item in found if "promotionName" not in item]
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    assert promoted == shop.ids(UP, userId="u1", filterArn=arn, numResults=4)
    usual = [item for item in shop.ids(UP, userId="u1", numResults=15) if item not in promoted]
    assert others == usual[:11]


def test_no_item_comes_twice(shop):
    for user in range(10):
        found = shop.ids(UP, userId=f"u{user}", numResults=20, promotions=promotion(shop, 50))
        assert len(set(found)) == len(found) == 20


def test_the_filter_of_the_request_is_for_the_others_alone(shop):
    cheap = shop.filter("INCLUDE ItemID WHERE Items.PRICE < 12")
    found = shop.recommend(UP, userId="u1", numResults=10, filterArn=cheap, promotions=promotion(shop, 50))
    promoted = [item["itemId"] for item in found if "promotionName" in item]
    assert all(int(item["itemId"][1:]) < 12 for item in found if item["itemId"] not in promoted)
    assert any(int(item[1:]) >= 12 for item in promoted)


def test_too_few_promoted_items_leave_their_places_to_others(shop):
    one = "INCLUDE ItemID WHERE Items.PRICE = 3.5"
    found = shop.recommend(UP, userId="u1", numResults=10, promotions=promotion(shop, 50, one))
    assert len(found) == 10
    assert [item["itemId"] for item in found if "promotionName" in item] == ["i3"]


def test_the_values_of_a_promotions_filter_are_its_own(shop):
    expression = "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)"
    found = shop.recommend(
        UP,
        userId="u1",
        numResults=10,
        filterArn=shop.filter(expression),
        filterValues={"GENRE": '"Comedy"'},
        promotions=promotion(shop, 50, expression, filterValues={"GENRE": '"Horror"'}),
    )
    promoted = {int(item["itemId"][1:]) % 4 for item in found if "promotionName" in item}
    assert promoted == {3}


def test_places_differ_between_users_and_stay_for_one(shop):
    def places(user):
        found = shop.recommend(UP, userId=user, numResults=15, promotions=promotion(shop, 30))
        return tuple(place for place, item in enumerate(found) if "promotionName" in item)

    assert places("u1") == places("u1")
    assert len({places(f"u{user}") for user in range(8)}) > 1


def test_an_incomplete_promotion_is_refused(shop, refused):
    assert "filterArn" in refused(UP, userId="u1", promotions=[{"name": "x", "percentPromotedItems": 10}])


def test_two_promotions_are_too_many(shop):
    with pytest.raises(ClientError, match="promotions"):
        shop.recommend(UP, userId="u1", promotions=promotion(shop, 10) * 2)


def test_an_item_that_is_not_asked_about_moves_nothing(shop):
    usual = shop.recommend("aws-popularity-count", numResults=20, promotions=promotion(shop, 30))
    found = shop.recommend("aws-popularity-count", itemId="i1", numResults=20, promotions=promotion(shop, 30))
    assert found == usual
