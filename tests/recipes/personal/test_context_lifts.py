"""Effects of contextual metadata and the Users dataset."""

from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import with_table
from recipes.materials import training_data, users_of

from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.personal.user_personalization import UserPersonalization

NEW_USER = Query()
SMALL = {"hidden_dimension": "32"}


def fitted(data, **config):
    return UserPersonalization().fit(data, config=SMALL | config, objective=None, seed=0)


def with_columns(data, **columns):
    """Return the data with more columns of interactions."""
    table = data.interactions_table
    return replace(data, interactions_table=Table(columns=table.columns | columns, rows=table.rows))


@pytest.fixture(scope="module")
def data(films):
    """On the phone users interact with one half of the catalogue, on TV with the other; hours differ alike."""
    early = is_mobile(films.item)
    device = Strings.from_values(np.where(early, "phone", "tv|hall").tolist())
    hour = Numbers(values=np.where(early, 9, 20) + np.arange(len(films)) % 3)
    return with_columns(
        training_data(films), DEVICE=device, HOUR=hour, EVENT_TYPE=Strings.from_values(["Watch"] * len(films))
    )


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def is_mobile(indices):
    """Return which items belong to the half seen on the phone: every second one of each group."""
    return indices // 5 % 2 == 0


def mobile_share(model, query, **context):
    return np.mean(is_mobile(model.rank(replace(query, context=context), n=20).indices))


@pytest.mark.parametrize("known", [True, False])
def test_items_that_match_the_context_come_first(model, films, known):
    query = Query(history=films.history(3)) if known else NEW_USER
    phone, none, tv = (mobile_share(model, query, **context) for context in ({"DEVICE": "phone"}, {}, {"DEVICE": "tv"}))
    assert tv + 0.1 < none < phone - 0.1


def test_a_number_can_be_a_context(model):
    assert mobile_share(model, NEW_USER, HOUR="9") > 0.9
    assert mobile_share(model, NEW_USER, HOUR="21.5") < 0.1


def logits(model, **context):
    ranking = model.rank(replace(NEW_USER, context=context), n=300)
    return np.log(ranking.scores[np.argsort(ranking.indices)])


def test_the_lifts_of_two_values_add_up_in_logits(model):
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
def test_an_unknown_context_changes_nothing(model, films, context):
    query = Query(history=films.history(3))
    plain, asked = model.rank(query, n=100), model.rank(replace(query, context=context), n=100)
    assert plain.indices.tobytes() == asked.indices.tobytes()
    assert plain.scores.tobytes() == asked.scores.tobytes()


def test_names_match_in_any_case_and_values_match_by_category(model):
    lists = {
        model.rank(replace(NEW_USER, context={name: value}), n=50).indices.tobytes()
        for name, value in (("DEVICE", "tv"), ("device", "tv"), ("Device", "hall"), ("DEVICE", "hall|tv"))
    }
    assert len(lists) == 1


def test_a_user_without_history_gets_the_popular_items_of_the_context(data, films):
    model = fitted(data, recency_mask="false")
    indices = model.rank(replace(NEW_USER, context={"DEVICE": "phone"}), n=10).indices
    counts = np.bincount(films.item[is_mobile(films.item)], minlength=300)
    assert set(indices[:5].tolist()) <= set(np.argsort(-counts)[:8].tolist())


def test_data_without_contextual_columns_have_no_lifts(films):
    assert fitted(training_data(films)).context is None


def test_a_context_applies_to_filtered_candidates_and_in_batch(model, films):
    query = Query(history=films.history(3), context={"DEVICE": "phone"})
    whole = model.rank(query, n=300)
    candidates = np.sort(whole.indices[:40:2])
    assert model.rank(query, n=40, candidates=candidates).indices.tolist() == whole.indices[:40:2].tolist()
    (together,) = model.rank_each([query], n=25, candidates=[None])
    assert together.indices.tolist() == whole.indices[:25].tolist()


class TestUsersDataset:
    """Users without history are ranked for by their attributes in the Users dataset."""

    def with_memberships(self, films):
        kinds = Strings.from_values(f"kind{int(user[1:]) % 5}" for user in films.users.values)
        users = users_of(films.users)
        columns = users.table.columns | {"MEMBERSHIP": kinds}
        return training_data(films, users=with_table(users, Table(columns=columns, rows=users.table.rows)))

    def test_a_user_without_history_gets_items_of_users_with_the_same_attributes(self, films):
        model = fitted(self.with_memberships(films))
        for user in range(5):
            indices = model.rank(Query(user=user), n=10).indices
            assert np.mean(indices % 5 == user % 5) > 0.7
        assert np.mean(model.rank(NEW_USER, n=10).indices % 5 == 3) < 0.5

    def test_the_dataset_does_not_matter_for_a_user_with_history(self, films):
        model = fitted(self.with_memberships(films))
        history = films.history(1)
        one, other = (model.rank(Query(history=history, user=user), n=50) for user in (-1, 3))
        assert one.scores.tobytes() == other.scores.tobytes()

    def test_attributes_of_the_query_describe_users_without_interactions(self, films):
        model = fitted(self.with_memberships(films))
        for user in range(5):
            indices = model.rank(Query(user_attributes={"membership": f"kind{user}", "AGE": None}), n=10).indices
            assert np.mean(indices % 5 == user) > 0.7
        aged = model.rank(Query(user_attributes={"AGE": 30}), n=300).scores
        assert not np.array_equal(aged, model.rank(NEW_USER, n=300).scores)

    def test_users_outside_the_dataset_get_popular_items(self, films):
        model = fitted(self.with_memberships(films))
        stranger = model.rank(Query(user=10_000), n=50)
        assert stranger.indices.tobytes() == model.rank(NEW_USER, n=50).indices.tobytes()
