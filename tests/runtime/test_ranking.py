"""GetPersonalizedRanking."""

import pytest

LIST = [f"i{number}" for number in (54, 21, 31, 25, 58, 28)]  # unseen by u0 and u1


def ids(ranking):
    return [item["itemId"] for item in ranking]


def test_all_items_are_ranked_best_first_with_scores_that_sum_to_one(shop):
    ranking = shop.rank(LIST)
    assert sorted(ids(ranking)) == sorted(LIST)
    scores = [item["score"] for item in ranking]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-6)


def test_rankings_are_personal(shop):
    """Even users have seen items of the first half, odd users items of the second half."""
    assert set(ids(shop.rank(LIST, userId="u0"))[:3]) == {"i21", "i25", "i28"}
    assert set(ids(shop.rank(LIST, userId="u1"))[:3]) == {"i54", "i31", "i58"}


def test_unknown_items_come_last_in_the_order_of_the_list_without_a_score(shop):
    ranking = shop.rank(["zz", *LIST, "aa", "x0"])
    assert ids(ranking)[-3:] == ["zz", "aa", "x0"]
    assert all("score" not in item for item in ranking[-3:])
    assert all("score" in item for item in ranking[:-3])


def test_repeated_ids_count_once(shop):
    assert sorted(ids(shop.rank([*LIST, *LIST]))) == sorted(LIST)


def test_an_unknown_user_gets_popular_items_first_with_scores(shop):
    ranking = shop.rank(LIST, userId="nobody")
    assert sum(item["score"] for item in ranking) == pytest.approx(1, abs=1e-6)


def test_the_order_of_the_list_does_not_matter(shop):
    assert shop.rank(LIST) == shop.rank(LIST[::-1])


def test_filters_remove_items_from_the_list_also_unknown_ones(shop):
    arn = shop.filter('EXCLUDE ItemID WHERE Items.GENRES IN ("Drama")')
    item_ids = ids(shop.rank([*LIST, "x0", "zz"], filterArn=arn))
    assert set(item_ids) == {"i31", "i28", "zz"}


def test_seen_items_can_be_removed(shop):
    arn = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    all_items = [f"i{number}" for number in range(60)]
    assert len(shop.rank(all_items, filterArn=arn)) == 40


@pytest.mark.parametrize("recipe", ["aws-personalized-ranking", "aws-personalized-ranking-v2"])
def test_both_recipes_rank(shop, recipe):
    assert sorted(ids(shop.rank(LIST, recipe))) == sorted(LIST)


def test_a_list_must_have_1_to_500_items(shop):
    assert len(shop.rank([f"i{number}" for number in range(500)])) == 500
    for input_list in ([f"i{number}" for number in range(501)], []):
        with pytest.raises(shop.runtime.exceptions.InvalidInputException):
            shop.rank(input_list)


def test_recipes_support_one_operation(shop, error_message):
    assert "GetRecommendations" in error_message("aws-personalized-ranking", userId="u1")
    with pytest.raises(shop.runtime.exceptions.InvalidInputException, match="GetPersonalizedRanking"):
        shop.rank(LIST, "aws-popularity-count")


def test_a_ranking_is_the_same_with_and_without_http(shop):
    arn = shop.campaign("aws-personalized-ranking")
    direct = shop.mock.call("GetPersonalizedRanking", campaignArn=arn, userId="u1", inputList=LIST)
    assert direct["personalizedRanking"] == shop.rank(LIST)
