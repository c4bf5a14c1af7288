"""What contextual metadata and the Users dataset change."""

from dataclasses import replace

import numpy as np
import pytest
from aligning import with_table
from recipes.materials import training_data, users_of

from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

NOBODY = Query()
SMALL = {"hidden_dimension": "32"}


def fitted(world, **config):
    return UserPersonalization().fit(world, config=SMALL | config, objective=None, seed=0)


def told(world, **columns):
    """The data with more columns of interactions."""
    table = world.interactions_table
    return replace(world, interactions_table=Table(columns=table.columns | columns, rows=table.rows))


@pytest.fixture(scope="module")
def world(films):
    """On the phone users of all tastes touch one half of the catalogue, on TV the other; hours tell as much."""
    early = mobile(films.item)
    device = Strings.from_values(np.where(early, "phone", "tv|hall").tolist())
    hour = Numbers(values=np.where(early, 9, 20) + np.arange(len(films)) % 3)
    return told(training_data(films), DEVICE=device, HOUR=hour, EVENT_TYPE=Strings.from_values(["Watch"] * len(films)))


@pytest.fixture(scope="module")
def model(world):
    return fitted(world)


def mobile(codes):
    """Whether items belong to the half that is touched on the phone; in each taste every second one does."""
    return codes // 5 % 2 == 0


def mobile_share(model, query, **context):
    return np.mean(mobile(model.rank(replace(query, context=context), n=20).indices))


@pytest.mark.parametrize("known", [True, False])
def test_items_of_the_context_come_first(model, films, known):
    query = Query(history=films.history(3)) if known else NOBODY
    phone, none, tv = (mobile_share(model, query, **each) for each in ({"DEVICE": "phone"}, {}, {"DEVICE": "tv"}))
    assert tv + 0.1 < none < phone - 0.1


def test_numbers_are_a_context_too(model):
    assert mobile_share(model, NOBODY, HOUR="9") > 0.9
    assert mobile_share(model, NOBODY, HOUR="21.5") < 0.1


def logits(model, **context):
    ranking = model.rank(replace(NOBODY, context=context), n=300)
    return np.log(ranking.scores[np.argsort(ranking.indices)])


def test_two_values_add_up_in_logits(model):
    none, tv, nine = logits(model), logits(model, DEVICE="tv"), logits(model, HOUR="9")
    surplus = logits(model, DEVICE="tv", HOUR="9") - tv - nine + none
    assert surplus == pytest.approx(np.full(len(none), surplus[0]), abs=1e-4)


@pytest.mark.parametrize(
    "context",
    [
        {"DEVICE": "Phone"},
        {"DEVICE": ""},
        {"WEATHER": "rain"},
        {"HOUR": "noon"},
        {"HOUR": "nan"},
        {"EVENT_TYPE": "Watch"},
        {"USER_ID": "u001"},
    ],
    ids=str,
)
def test_what_is_no_known_context_changes_no_byte(model, films, context):
    query = Query(history=films.history(3))
    plain, asked = model.rank(query, n=100), model.rank(replace(query, context=context), n=100)
    assert plain.indices.tobytes() == asked.indices.tobytes()
    assert plain.scores.tobytes() == asked.scores.tobytes()


def test_names_match_in_any_case_and_categories_one_by_one(model):
    lists = {
        model.rank(replace(NOBODY, context={name: value}), n=50).indices.tobytes()
        for name, value in (("DEVICE", "tv"), ("device", "tv"), ("Device", "hall"), ("DEVICE", "hall|tv"))
    }
    assert len(lists) == 1


def test_for_a_user_without_history_it_is_the_popularity_in_the_context(world, films):
    model = fitted(world, recency_mask="false")
    codes = model.rank(replace(NOBODY, context={"DEVICE": "phone"}), n=10).indices
    counts = np.bincount(films.item[mobile(films.item)], minlength=300)
    assert set(codes[:5].tolist()) <= set(np.argsort(-counts)[:8].tolist())


def test_without_contextual_columns_there_is_none(films):
    assert fitted(training_data(films)).context is None


def test_context_counts_on_filtered_candidates_and_in_batch(model, films):
    query = Query(history=films.history(3), context={"DEVICE": "phone"})
    whole = model.rank(query, n=300)
    listed = np.sort(whole.indices[:40:2])
    assert model.rank(query, n=40, candidates=listed).indices.tolist() == whole.indices[:40:2].tolist()
    (together,) = model.rank_each([query], n=25, candidates=[None])
    assert together.indices.tolist() == whole.indices[:25].tolist()


class TestUsersDataset:
    """Users whose events say nothing are served by what Users says of them."""

    def of_tastes(self, films):
        kinds = Strings.from_values(f"kind{int(user[1:]) % 5}" for user in films.users.values)
        users = users_of(films.users)
        columns = users.table.columns | {"MEMBERSHIP": kinds}
        return training_data(films, users=with_table(users, Table(columns=columns, rows=users.table.rows)))

    def test_a_user_without_history_gets_what_users_like_them_touched(self, films):
        model = fitted(self.of_tastes(films))
        for user in range(5):
            codes = model.rank(Query(user=user), n=10).indices
            assert np.mean(codes % 5 == user % 5) > 0.7
        assert np.mean(model.rank(NOBODY, n=10).indices % 5 == 3) < 0.5

    def test_a_history_says_more_than_the_dataset(self, films):
        model = fitted(self.of_tastes(films))
        history = films.history(1)
        one, other = (model.rank(Query(history=history, user=user), n=50) for user in (-1, 3))
        assert one.scores.tobytes() == other.scores.tobytes()

    def test_users_without_any_event_are_known_by_their_traits(self, films):
        model = fitted(self.of_tastes(films))
        for user in range(5):
            codes = model.rank(Query(user_attributes={"membership": f"kind{user}", "AGE": None}), n=10).indices
            assert np.mean(codes % 5 == user) > 0.7
        aged = model.rank(Query(user_attributes={"AGE": 30}), n=300).scores
        assert not np.array_equal(aged, model.rank(NOBODY, n=300).scores)

    def test_users_beyond_the_dataset_are_like_all(self, films):
        model = fitted(self.of_tastes(films))
        stranger = model.rank(Query(user=10_000), n=50)
        assert stranger.indices.tobytes() == model.rank(NOBODY, n=50).indices.tobytes()
