"""What holds for every model, whatever it was trained on."""

import numpy as np
import pytest

from personalize_mock.recipes.registry import RECIPES

NOBODY = np.empty(0, dtype=np.int32)

pytestmark = pytest.mark.parametrize("name", RECIPES)


def fitted(name, events, **options):
    return RECIPES[name].fit(events, **{"config": {}, "objective": None, "seed": 0} | options)


def same(one, other):
    equal = one.items.tobytes() == other.items.tobytes()
    return equal and (one.scores is None or one.scores.tobytes() == other.scores.tobytes())


def test_a_ranking_holds_distinct_items_and_as_many_as_asked_for(name, films):
    ranking = fitted(name, films).rank(films.history(3), n=25)
    assert len(set(ranking.items.tolist())) == 25
    assert ranking.items.dtype == np.int32


def test_more_than_the_catalogue_gives_every_warm_item_once(name, films):
    items = fitted(name, films).rank(films.history(3), n=5000).items
    assert sorted(items.tolist()) == np.flatnonzero(films.warm).tolist()


def test_only_eligible_items_are_ranked(name, films):
    for share in (0.05, 0.5):
        eligible = np.random.default_rng(0).random(len(films.items)) < share
        items = fitted(name, films).rank(films.history(3), n=500, eligible=eligible).items
        assert sorted(items.tolist()) == np.flatnonzero(eligible & films.warm).tolist()


def test_nothing_eligible_gives_an_empty_ranking(name, films):
    eligible = np.zeros(len(films.items), dtype=bool)
    ranking = fitted(name, films).rank(films.history(3), n=25, eligible=eligible)
    assert len(ranking.items) == 0
    assert ranking.scores is None or len(ranking.scores) == 0


def test_no_items_asked_for_gives_an_empty_ranking(name, films):
    assert len(fitted(name, films).rank(films.history(3), n=0).items) == 0


def test_a_mask_of_everything_changes_nothing(name, films):
    model, everything = fitted(name, films), np.ones(len(films.items), dtype=bool)
    assert same(model.rank(films.history(3), n=25, eligible=everything), model.rank(films.history(3), n=25))


def test_an_unknown_user_gets_popular_items(name, films):
    model = fitted(name, films)
    ranking = model.rank(NOBODY, n=10)
    assert ranking.items.tolist() == np.argsort(-films.csr().getnnz(axis=0), kind="stable")[:10].tolist()
    assert (ranking.scores is not None) == model.scored


def test_items_without_an_event_are_never_recommended_and_are_passed_over_in_histories(name, events_of, tasteful):
    events = events_of(tasteful(users=50), catalogue=["a", "zz"])
    model = fitted(name, events)
    history = events.history(0)
    strange = np.concatenate(([-1, events.items.row("zz")], history, [events.items.row("a"), -1])).astype(np.int32)
    assert not {events.items.row("a"), events.items.row("zz")} & set(model.rank(history, n=500).items.tolist())
    assert same(model.rank(strange, n=25), model.rank(history, n=25))


def test_many_users_at_once_get_what_each_gets_alone(name, films):
    model = fitted(name, films)
    histories = [NOBODY, *(films.history(user) for user in range(60)), films.history(7)[:1]]
    together = model.rank_many(histories, n=10)
    alone = np.array([model.rank(history, n=10).items for history in histories])
    assert np.mean(together == alone) > 0.99
    assert together.dtype == np.int32


def test_rankings_of_many_are_padded(name, tiny):
    assert fitted(name, tiny).rank_many([NOBODY, NOBODY], n=3).tolist() == [[0, -1, -1]] * 2


def test_nobody_at_all_can_be_ranked_for(name, films):
    assert fitted(name, films).rank_many([], n=3).shape == (0, 3)


def test_the_same_seed_gives_the_same_bytes_and_the_order_of_rows_is_nothing(name, events_of, tasteful):
    triples = tasteful(users=60)
    shuffled = [triples[row] for row in np.random.default_rng(1).permutation(len(triples))]
    one, other = (fitted(name, events_of(rows)) for rows in (triples, shuffled))
    history = events_of(triples).history(5)
    assert same(one.rank(history, n=100), other.rank(history, n=100))


def test_one_user_and_one_item_are_enough(name, tiny):
    ranking = fitted(name, tiny).rank(tiny.history(0), n=25)
    assert ranking.items.tolist() == [0]
    assert ranking.scores is None or ranking.scores.tolist() == [1.0]


def test_no_events_give_a_model_of_nothing(name, films):
    nothing = films.take(np.zeros(len(films), dtype=bool))
    model = fitted(name, nothing)
    assert len(model.rank(films.history(3), n=25).items) == 0
    assert model.rank_many([films.history(3)], n=2).tolist() == [[-1, -1]]


def test_scores_fall_and_sum_to_one_over_the_eligible(name, films):
    model = fitted(name, films)
    if not model.scored:
        pytest.skip("without scores")
    for share in (0.05, 0.5, 1):
        eligible = np.arange(len(films.items)) < share * len(films.items)
        scores = model.rank(films.history(3), n=500, eligible=eligible).scores
        assert np.all(np.diff(scores) <= 0)
        assert scores.sum() == pytest.approx(1)
