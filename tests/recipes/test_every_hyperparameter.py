"""Effects of every hyperparameter of every recipe, on data on which it makes a difference."""

from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import aligned
from recipes.materials import GENRES, full_training_data
from recipes.shop_actions import preference_rows, shop

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Exploration, Query
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue

DAY = 86_400
NEWEST = 1_700_000_000
OTHER_VALUES = {
    "hidden_dimension": "32",
    "bptt": "2",
    "recency_mask": "false",
    "apply_recency_bias": "false",
    "min_user_history_length_percentile": "0.8",
    "max_user_history_length_percentile": "0.5",
    "min_item_interaction_count_percentile": "0.8",
    "max_item_interaction_count_percentile": "0.5",
    "cold_start_max_interactions": "2",
    "cold_start_max_duration": "20",
    "cold_start_relative_from": "currentTime",
    "popularity_discount_factor": "1.0",
    "min_cointeraction_count": "9",
    "item_id_hidden_dim": "30",
    "item_metadata_hidden_dim": "30",
    "trend_discovery_frequency": "1 day",
    "action_optimization_period": "28",
}
EXPLORATION = {"exploration_weight": {"weight": 1.0}, "exploration_item_age_cut_off": {"age_cut_off": 2.0}}
CASES = [
    (entry.name, parameter.name)
    for entry in (catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for name in RECIPES)
    for parameter in entry.hyperparameters
]


@pytest.fixture(scope="module")
def data():
    """Users with short and long histories and five preferences; items with many words, 150 of them new; trends."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(150):
        for turn in range(int(rng.integers(2, 60))):
            item = int(min(299, rng.exponential(60))) // 5 * 5 + user % 5
            rows.append((f"u{user:03}", f"i{item:03}", NEWEST - int(rng.integers(100 * DAY)) - turn))
    rows += [(f"n{user:03}", f"x{user:03}", NEWEST - DAY * user // 10) for user in range(150)]
    rows += [(f"n{user:03}", f"x{150 - user:03}", NEWEST - DAY * user // 9) for user in range(1, 151)]
    rows += [(f"s{turn:03}", f"x{100 + turn % 20}", NEWEST - turn) for turn in range(60)]
    rows += [(f"t{turn:03}", f"x{turn % 9:03}", NEWEST - 1000 * turn) for turn in range(200)]
    users, items, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    given = full_training_data(interaction_matrix(Table(columns=columns, rows=len(rows))))
    return replace(given, items=metadata_of(given.interactions.items, rng), now=NEWEST + 3600.0)


def metadata_of(ids, rng):
    """Return items of five genres whose texts have 150 words."""
    count = len(ids)
    texts = [" ".join(f"word{n:03}" for n in rng.integers(150, size=8)) for _ in range(count)]
    ages = [number % 6 if name[0] == "x" else (15, 400)[number % 2] for number, name in enumerate(ids.values)]
    columns = {
        "ITEM_ID": Strings.from_values(ids.values),
        "GENRES": Strings.from_values(GENRES[number % 5] for number in range(count)),
        "TITLE": Strings.from_values(ids.values),
        "STORY": Strings.from_values(texts),
        "CREATION_TIMESTAMP": Numbers(values=NEWEST - DAY * np.array(ages, dtype=np.int64)),
    }
    fields = [
        SchemaField(name="ITEM_ID", type="string"),
        SchemaField(name="GENRES", type="string", categorical=True),
        SchemaField(name="TITLE", type="string", item_name=True),
        SchemaField(name="STORY", type="string", textual=True),
        SchemaField(name="CREATION_TIMESTAMP", type="long"),
    ]
    return aligned(Table(columns=columns, rows=count), ids, key="ITEM_ID", fields=fields)


def rankings(name, data, config, **settings):
    """Return rankings for known and unknown users, items and attributes."""
    data = shop(preference_rows(preferred=0.3)) if name == "aws-next-best-action" else data
    model = RECIPES[name].fit(data, config=config, objective=None, seed=0)
    exploration = Exploration(**{"weight": 0.3, "age_cut_off": 30.0, "seed": 1, **settings})
    results = []
    count = len(data.interactions.users)
    for user in (-1, *range(0, 60, 4), *range(count - 40, count, 4)):  # the last users have long histories
        query = Query(
            history=data.interactions.history(user) if user >= 0 else np.empty(0, dtype=np.int32),
            user=user,
            item=user * 3 % len(data.interactions.items),
            attributes=(("GENRES", GENRES[user % 5]),),
            exploration=exploration,
            now=data.now,
        )
        ranking = model.rank(query, n=50)
        results.append((ranking.indices.tolist(), None if ranking.scores is None else ranking.scores.tolist()))
    return results


@pytest.mark.parametrize(("name", "hyperparameter"), CASES)
def test_a_hyperparameter_changes_the_rankings(data, name, hyperparameter):
    exploration = EXPLORATION.get(hyperparameter, {})
    config = {} if exploration else {hyperparameter: OTHER_VALUES[hyperparameter]}
    assert rankings(name, data, {}) == rankings(name, data, {})
    assert rankings(name, data, config, **exploration) != rankings(name, data, {})


def test_every_hyperparameter_of_the_catalogue_is_among_the_cases():
    assert {hyperparameter for _, hyperparameter in CASES} == {*OTHER_VALUES, *EXPLORATION}
