"""Filters of GetRecommendations."""

import json

import pytest
from builders import client, settle

from personalize_mock.data.contents import DatasetContents
from personalize_mock.runtime import candidate_filter


def test_a_filtered_list_is_filled_with_further_included_items(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    items = shop.ids(filterArn=arn, numResults=10)
    assert len(items) == 10
    assert all(int(item[1:]) % 4 == 3 for item in items)


def test_a_filter_keeps_the_order(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    unfiltered = shop.ids(numResults=500)
    assert shop.ids(filterArn=arn, numResults=500) == [item for item in unfiltered if int(item[1:]) % 4 == 3]


def test_seen_items_can_be_excluded_or_included(shop):
    excluded = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    included = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    for user in ("u0", "u1"):
        seen = shop.ids(filterArn=included, userId=user, numResults=100)
        unseen = shop.ids(filterArn=excluded, userId=user, numResults=100)
        assert len(seen) == 20
        assert sorted(seen + unseen) == sorted(shop.ids(numResults=100))


def test_an_unknown_user_has_seen_no_items(shop):
    included = shop.filter('INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")')
    assert shop.ids(filterArn=included, userId="nobody") == []


def test_requests_provide_the_values_of_placeholders(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.GENRES IN ($GENRE) AND Items.PRICE < $LIMIT")
    items = shop.ids(filterArn=arn, filterValues={"GENRE": '"Horror"', "LIMIT": "20"}, numResults=100)
    assert sorted(items) == ["i11", "i15", "i19", "i3", "i7"]


def test_a_missing_value_is_an_error_in_include_and_ignored_in_exclude(shop, error_message):
    include = shop.filter("INCLUDE ItemID WHERE Items.GENRES IN ($GENRE) AND Items.PRICE < $LIMIT")
    assert "GENRE" in error_message(filterArn=include, filterValues={"LIMIT": "20"})
    exclude = shop.filter("EXCLUDE ItemID WHERE Items.GENRES IN ($GENRE)")
    assert len(shop.ids(filterArn=exclude, numResults=100)) == 60


def test_a_condition_on_the_current_user_can_switch_a_rule_off(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Drama") IF CurrentUser.AGE > 100')
    assert len(shop.ids(filterArn=arn, userId="u1", numResults=100)) == 60


def test_the_current_user_can_have_several_categories(shop):
    properties = json.dumps({"age": 30, "membership": "Free|Trial"})
    users = f"{shop.group.replace('dataset-group', 'dataset')}/USERS"
    client("personalize-events").put_users(datasetArn=users, users=[{"userId": "both", "properties": properties}])
    arn = shop.filter('EXCLUDE ItemID WHERE Items.PRICE > 0 IF CurrentUser.MEMBERSHIP = "Trial"')
    assert shop.ids(filterArn=arn, userId="both", numResults=100) == ["i8"]  # it has no price
    assert len(shop.ids(filterArn=arn, userId="u1", numResults=100)) == 60


def test_items_can_be_compared_with_the_current_item(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE")
    items = shop.ids("aws-similar-items", itemId="i10", filterArn=arn, numResults=100)
    assert items
    assert all(int(item[1:]) < 10 for item in items)


def test_scores_are_normalised_over_the_items_that_pass(shop):
    arn = shop.filter('INCLUDE ItemID WHERE Items.GENRES IN ("Horror")')
    unfiltered, filtered = (
        {
            item["itemId"]: item["score"]
            for item in shop.recommend("aws-user-personalization", userId="u1", numResults=100, **members)
        }
        for members in ({}, {"filterArn": arn})
    )
    assert sum(filtered.values()) == pytest.approx(1, abs=1e-5)
    best, second = list(filtered)[:2]
    assert unfiltered[second] > 1e-5  # otherwise rounding hides the ratio
    assert filtered[best] / filtered[second] == pytest.approx(unfiltered[best] / unfiltered[second], rel=0.05)


def test_a_filter_that_leaves_one_item_gives_it_a_score_of_one(shop):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE = 3.5")
    assert shop.recommend("aws-user-personalization", userId="u1", filterArn=arn) == [{"itemId": "i3", "score": 1.0}]


def test_items_without_a_row_meet_no_positive_condition(shop):
    with_row = shop.filter("INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 0")
    assert "i8" in shop.ids(numResults=100)
    assert "i8" not in shop.ids(filterArn=with_row, numResults=100)


def test_a_filter_that_depends_on_the_user_needs_one(shop, error_message):
    arn = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    assert "userId" in error_message(filterArn=arn)


def test_the_current_item_needs_a_recipe_that_takes_an_item(shop, error_message):
    arn = shop.filter("INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE")
    assert "aws-popularity-count" in error_message(filterArn=arn, itemId="i3")


def test_filters_for_users_are_refused(shop, error_message):
    assert "UserID" in error_message(filterArn=shop.filter("INCLUDE UserID WHERE Users.AGE > 3"))


def test_a_filter_can_be_used_from_its_creation_to_its_deletion(shop, error_message):
    """Tutorials use a filter right after its creation."""
    missing = shop.group.replace("dataset-group/shop", "filter/missing")
    assert error_message(filterArn=missing) == f"{missing} does not exist or is not active yet."
    arn = shop.mock.call(
        "CreateFilter",
        name="young",
        datasetGroupArn=shop.group,
        filterExpression="EXCLUDE ItemID WHERE Items.PRICE > 3",
    )["filterArn"]
    for _ in range(2):
        assert set(shop.ids(filterArn=arn)) == {"i0", "i1", "i2", "i8"}  # i8 has no price
        settle(shop.mock, arn)
    client().delete_filter(filterArn=arn)
    assert error_message(filterArn=arn) == f"{arn} does not exist or is not active yet."


def test_only_filters_on_events_read_the_events_of_the_user(shop, monkeypatch):
    read, stock = [], DatasetContents.retained_items
    monkeypatch.setattr(
        DatasetContents, "retained_items", lambda self, user, **more: read.append(user) or stock(self, user, **more)
    )
    shop.ids(filterArn=shop.filter("INCLUDE ItemID WHERE Items.PRICE > 0"), userId="u1")
    assert read == []
    shop.ids(filterArn=shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'), userId="u1")
    assert read == ["u1"]


def test_the_items_that_a_user_has_seen_are_looked_up_once(shop, monkeypatch):
    arn = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    first = shop.ids(filterArn=arn, userId="u4", numResults=100)
    monkeypatch.delattr(candidate_filter, "_known_indices")
    assert shop.ids(filterArn=arn, userId="u4", numResults=100) == first
