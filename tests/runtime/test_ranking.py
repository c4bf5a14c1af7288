"""GetPersonalizedRanking."""

import pytest

LIST = [f"i{number}" for number in (54, 21, 31, 25, 58, 28)]  # neither u0 nor u1 has touched them


def ids(ranking):
    return [item["itemId"] for item in ranking]


def test_all_ids_come_back_once_best_first_and_their_scores_sum_to_one(shop):
    found = shop.rank(LIST)
    assert sorted(ids(found)) == sorted(LIST)
    scores = [item["score"] for item in found]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-6)


def test_users_differ(shop):
    """Even users know the first half of the items, odd ones the second."""
    assert set(ids(shop.rank(LIST, userId="u0"))[:3]) == {"i21", "i25", "i28"}
    assert set(ids(shop.rank(LIST, userId="u1"))[:3]) == {"i54", "i31", "i58"}


def test_unknown_items_follow_in_the_order_of_the_list_and_have_no_score(shop):
    found = shop.rank(["zz", *LIST, "aa", "x0"])
    assert ids(found)[-3:] == ["zz", "aa", "x0"]
    assert all("score" not in item for item in found[-3:])
    assert all("score" in item for item in found[:-3])


def test_an_id_that_stands_twice_comes_once(shop):
    assert sorted(ids(shop.rank([*LIST, *LIST]))) == sorted(LIST)


def test_an_unknown_user_gets_popular_items_first_with_scores(shop):
    found = shop.rank(LIST, userId="nobody")
    assert sum(item["score"] for item in found) == pytest.approx(1, abs=1e-6)


def test_the_order_of_the_list_is_nothing(shop):
    assert shop.rank(LIST) == shop.rank(LIST[::-1])


def test_filters_take_out_of_the_list_what_does_not_pass_unknown_items_too(shop):
    arn = shop.filter('EXCLUDE ItemID WHERE Items.GENRES IN ("Drama")')
    found = ids(shop.rank([*LIST, "x0", "zz"], filterArn=arn))
    assert set(found) == {"i31", "i28", "zz"}


def test_seen_items_can_be_taken_out(shop):
    arn = shop.filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")')
    every = [f"i{number}" for number in range(60)]
    assert len(shop.rank(every, filterArn=arn)) == 40


@pytest.mark.parametrize("recipe", ["aws-personalized-ranking", "aws-personalized-ranking-v2"])
def test_both_recipes_rank(shop, recipe):
    assert sorted(ids(shop.rank(LIST, recipe))) == sorted(LIST)


def test_lists_of_five_hundred_are_ranked_and_longer_or_empty_ones_refused(shop):
    assert len(shop.rank([f"i{number}" for number in range(500)])) == 500
    for wrong in ([f"i{number}" for number in range(501)], []):
        with pytest.raises(shop.runtime.exceptions.InvalidInputException):
            shop.rank(wrong)


def test_each_recipe_answers_its_own_operation(shop, refused):
    assert "GetRecommendations" in refused("aws-personalized-ranking", userId="u1")
    with pytest.raises(shop.runtime.exceptions.InvalidInputException, match="GetPersonalizedRanking"):
        shop.rank(LIST, "aws-popularity-count")
