import numpy as np
from recipes.materials import everything

from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.personal.recommended_for_you import RecommendedForYou
from personalize_mock.recipes.personal.user_personalization import UserPersonalization


def test_the_items_are_those_of_user_personalization_without_scores(films):
    world = everything(films)
    ours = RecommendedForYou().fit(world, config={"bptt": "2"}, objective=None, seed=0)
    custom = {"max_user_history_length_percentile": "1.0"}
    theirs = UserPersonalization().fit(world, config=custom, objective=None, seed=0)
    assert not ours.scored
    for user in range(10):
        exploration = Exploration(weight=0.3, age_cut_off=30.0, seed=user)
        query = Query(history=films.history(user), exploration=exploration)
        found = ours.rank(query, n=25)
        assert found.scores is None
        assert np.array_equal(found.indices, theirs.rank(query, n=25).indices)
