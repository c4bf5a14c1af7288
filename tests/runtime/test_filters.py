"""Filters at the runtime."""

import json

import pytest
from builders import client, settle


def test_only_included_items_are_recommended_and_the_list_is_filled_from_further_down(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    found = shop.ids(filterArn=arn, numResults=10)
    assert len(found) == 10
    assert all(int(item[1:]) % 4 == 3 for item in found)


def test_a_filter_keeps_the_order(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    whole = shop.ids(numResults=500)
    assert shop.ids(filterArn=arn, numResults=500) == [item for item in whole if int(item[1:]) % 4 == 3]


def test_what_the_user_touched_can_be_excluded_or_included(shop):
    excluded = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    included = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    for user in ("u0", "u1"):
        seen = shop.ids(filterArn=included, userId=user, numResults=100)
        unseen = shop.ids(filterArn=excluded, userId=user, numResults=100)
        assert len(seen) == 20
        assert sorted(seen + unseen) == sorted(shop.ids(numResults=100))


def test_an_unknown_user_has_touched_nothing(shop):
    included = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    assert shop.ids(filterArn=included, userId="nobody") == []


def test_values_of_placeholders_come_with_the_request(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.GENRES IN ($GENRE) AND Items.PRICE < $LIMIT")
    found = shop.ids(filterArn=arn, filterValues={"GENRE": '"Horror"', "LIMIT": "20"}, numResults=100)
    assert sorted(found) == ["i11", "i15", "i19", "i3", "i7"]


def test_a_missing_value_is_refused_where_it_includes_and_ignored_where_it_excludes(shop, refused):
    include = shop.filter("INCLUDE ItemID WHERE Items.GENRES IN ($GENRE) AND Items.PRICE < $LIMIT")
    assert "GENRE" in refused(filterArn=include, filterValues={"LIMIT": "20"})
    exclude = shop.filter("EXCLUDE ItemID WHERE Items.GENRES IN ($GENRE)")
    assert len(shop.ids(filterArn=exclude, numResults=100)) == 60


def test_the_current_user_can_be_asked_about(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Drama") IF CurrentUser.AGE > 100')
    assert len(shop.ids(filterArn=arn, userId="u1", numResults=100)) == 60


def test_a_current_user_may_have_several_categories(shop):
    properties = json.dumps({"age": 30, "membership": "Free|Trial"})
    users = f"{shop.group.replace('dataset-group', 'dataset')}/USERS"
    client("personalize-events").put_users(datasetArn=users, users=[{"userId": "both", "properties": properties}])
    arn = shop.filter('EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.MEMBERSHIP = "Trial"')
    assert shop.ids(filterArn=arn, userId="both", numResults=100) == ["i8"]  # it has no price
    assert len(shop.ids(filterArn=arn, userId="u1", numResults=100)) == 60


def test_the_current_item_can_be_asked_about(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE")
    found = shop.ids("aws-similar-items", itemId="i10", filterArn=arn, numResults=100)
    assert found
    assert all(int(item[1:]) < 10 for item in found)


def test_scores_are_normalised_over_what_passes(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    whole = {
        item["itemId"]: item["score"]
        for item in shop.recommend("aws-user-personalization", userId="u1", numResults=100)
    }
    found = shop.recommend("aws-user-personalization", userId="u1", numResults=100, filterArn=arn)
    assert sum(item["score"] for item in found) == pytest.approx(1, abs=1e-5)
    best, last = found[0], found[-1]
    if whole[last["itemId"]] > 1e-5:
        ratio = best["score"] / last["score"]
        assert ratio == pytest.approx(whole[best["itemId"]] / whole[last["itemId"]], rel=0.05)


def test_a_filter_that_leaves_one_item_gives_it_a_score_of_one(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE = 3.5")
    assert shop.recommend("aws-user-personalization", userId="u1", filterArn=arn) == [{"itemId": "i3", "score": 1.0}]


def test_items_without_a_row_pass_no_positive_condition(shop):
    known = shop.filter("INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 0")
    assert "i8" in shop.ids(numResults=100)
    assert "i8" not in shop.ids(filterArn=known, numResults=100)


def test_a_filter_that_depends_on_the_user_needs_one(shop, refused):
    arn = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    assert "userId" in refused(filterArn=arn)


def test_current_item_needs_a_recipe_that_takes_one(shop, refused):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE")
    assert "aws-popularity-count" in refused(filterArn=arn, itemId="i3")


def test_filters_for_users_are_for_segments(shop, refused):
    assert "UserID" in refused(filterArn=shop.filter("INCLUDE UserID WHERE Users.AGE > 3"))


def test_a_filter_that_is_not_there_or_not_yet_active_is_refused_alike(shop, refused):
    missing = shop.group.replace("dataset-group/shop", "filter/missing")
    assert refused(filterArn=missing) == f"{missing} does not exist or is not active yet."
    arn = shop.mock.call(
        "CreateFilter",
        name="young",
        datasetGroupArn=shop.group,
        filterExpression="EXCLUDE ItemID WHERE Items.PRICE > 3",
    )["filterArn"]
    assert refused(filterArn=arn) == f"{arn} does not exist or is not active yet."
    settle(shop.mock, arn)
    assert shop.ids(filterArn=arn)
