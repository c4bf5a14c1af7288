import json

import numpy as np
import pytest
from builders import INTERACTIONS, ITEMS, avro_schema, csv_text, interactions_csv, items_csv

from personalize_mock.data import avro, csv_files
from personalize_mock.recipes.base import Query, TrainingFailed
from personalize_mock.training.dataset import TrainingDataset, TrainingRequest
from personalize_mock.training.fit import FittedModel
from personalize_mock.training.fit import train as train_on

VALUED = {**INTERACTIONS, "EVENT_VALUE": ["null", "float"]}


def table(text, kind="Interactions", fields=None):
    return csv_files.read([text.encode()], avro.parse(avro_schema(kind, fields)))


def order(**members):
    given = {
        "recipe": "aws-popularity-count",
        "config": {},
        "event_type": None,
        "minimum_interactions": 0,
        "minimum_users": 0,
        "seed": 0,
    }
    return TrainingRequest(**{**given, **members})


def train(order, *, interactions, items=None) -> FittedModel:
    kinds = {"INTERACTIONS": (interactions, VALUED), "ITEMS": (items, ITEMS)}
    return train_on(
        order,
        {
            kind: TrainingDataset(table=given, fields=avro.parse(avro_schema(kind.capitalize(), fields)).fields)
            for kind, (given, fields) in kinds.items()
            if given is not None
        },
    )


def ranked(trained, user, n):
    return trained.model.rank(Query(history=trained.history(user), user=trained.user(user)), n=n)


def popular(interactions, **members):
    """The items of a popularity model, most popular first."""
    trained = train(order(**members), interactions=interactions)
    return trained.interactions.items.at(ranked(trained, None, 500).indices)


def events(*rows):
    return table(csv_text(list(VALUED), rows), fields=VALUED)


def test_only_events_of_the_type_count():
    rows = [(f"u{n}", "seen", "View", n, "") for n in range(5)] + [(f"u{n}", "bought", "Buy", n, "") for n in range(3)]
    assert popular(events(*rows)) == ["seen", "bought"]
    assert popular(events(*rows), event_type="Buy") == ["bought"]


def test_only_values_that_reach_the_threshold_count():
    rows = [("u1", "low", "Rate", 1, 2.9), ("u1", "even", "Rate", 2, 3.0), ("u2", "high", "Rate", 3, 5)]
    rows += [("u2", "none", "Rate", 4, "")]
    assert set(popular(events(*rows), config={"eventValueThreshold": "3"})) == {"even", "high"}


def test_type_and_threshold_work_together():
    rows = [("u1", "a", "Rate", 1, 5), ("u1", "b", "View", 2, 5), ("u1", "c", "Rate", 3, 1), ("u2", "a", "Rate", 4, 5)]
    assert popular(events(*rows), event_type="Rate", config={"eventValueThreshold": "2"}) == ["a"]


def test_an_event_counts_once_however_often_it_was_sent():
    rows = [("u1", "a", "View", 1, "")] * 10 + [("u1", "a", "View", 2, "")]
    with pytest.raises(TrainingFailed, match="fewer than 3 interactions"):
        train(order(minimum_interactions=3), interactions=events(*rows))
    assert len(train(order(minimum_interactions=2), interactions=events(*rows)).interactions) == 2


def test_the_minimum_is_counted_after_filtering():
    rows = [(f"u{n}", "i", "View", n, "") for n in range(10)] + [(f"u{n}", "i", "Buy", n, "") for n in range(4)]
    with pytest.raises(TrainingFailed) as failure:
        train(order(minimum_interactions=5, event_type="Buy"), interactions=events(*rows))
    assert str(failure.value) == "Dataset has fewer than 5 interactions after filtering by event type: Buy"
    train(order(minimum_interactions=5, event_type="View"), interactions=events(*rows))


def test_users_with_a_single_event_do_not_count_as_users():
    rows = [(f"u{n}", f"i{turn}", "View", turn, "") for n in range(24) for turn in range(2)]
    singles = [(f"single{n}", "i0", "View", n, "") for n in range(50)]
    with pytest.raises(TrainingFailed) as failure:
        train(order(minimum_users=25), interactions=events(*rows, *singles))
    assert str(failure.value) == "Dataset has fewer than 25 users with at least 2 interactions each."
    train(order(minimum_users=24), interactions=events(*rows, *singles))


def test_one_user_in_a_hundred_must_come_back():
    twice = [(f"u{n}", f"i{turn}", "View", turn, "") for n in range(25) for turn in range(2)]
    once = [(f"single{n}", "i0", "View", n, "") for n in range(2476)]
    with pytest.raises(TrainingFailed, match="1 percent of users"):
        train(order(minimum_users=25), interactions=events(*twice, *once))
    train(order(minimum_users=25), interactions=events(*twice, *once[1:]))
    train(order(minimum_users=0), interactions=events(*twice, *once))


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-popularity-count"])
@pytest.mark.parametrize("interactions", [None, "empty"])
def test_nothing_to_train_on_is_too_little_whatever_the_minimum(recipe, interactions):
    data = None if interactions is None else events()
    with pytest.raises(TrainingFailed):
        train(order(recipe=recipe), interactions=data)


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-popularity-count"])
def test_one_event_can_be_trained_on_without_minimums(recipe):
    trained = train(order(recipe=recipe), interactions=events(("u", "i", "View", 1, "")))
    assert trained.interactions.items.at(ranked(trained, "u", 5).indices) == ["i"]
    assert set(trained.metrics.values()) == {0.0}


def test_the_catalogue_holds_items_that_nobody_has_touched_but_they_are_not_recommended():
    items = table(items_csv(items=100), "Items")
    trained = train(order(), interactions=table(interactions_csv()), items=items)
    assert len(trained.interactions.items) == 100
    assert len(ranked(trained, None, 500).indices) == 60
    alone = train(order(), interactions=table(interactions_csv()))
    assert trained.metrics["coverage"] == pytest.approx(alone.metrics["coverage"] * 60 / 100, abs=1e-4)


def test_a_users_whole_history_is_served_held_out_events_included():
    trained = train(order(recipe="aws-user-personalization"), interactions=table(interactions_csv()))
    assert [len(trained.history(user)) for user in ("u0", "u49", "nobody")] == [20, 20, 0]
    assert len(trained.history(None)) == 0


def test_the_order_of_rows_makes_no_difference():
    header, *rows = interactions_csv().splitlines()
    shuffled = "\n".join([header, *np.random.default_rng(0).permutation(rows)])
    one, other = (
        train(order(recipe="aws-user-personalization"), interactions=table(text))
        for text in (interactions_csv(), shuffled)
    )
    assert one.metrics == other.metrics
    assert np.array_equal(ranked(one, "u3", 60).scores, ranked(other, "u3", 60).scores)


@pytest.mark.parametrize(
    "config",
    [
        {"algorithmHyperParameters": {"hidden_dimension": "32"}},
        {"algorithmHyperParameters": {"bptt": "2"}},
        {"algorithmHyperParameters": {"recency_mask": "false"}},
        {"featureTransformationParameters": {"max_user_history_length_percentile": "0.5"}},
    ],
    ids=json.dumps,
)
def test_parameters_as_they_travel_change_the_model(config):
    rows = interactions_csv().splitlines() + [f"u{n},i{(n * 7) % 60},Watch,1800000000" for n in range(15)]
    interactions = table("\n".join(rows))
    scores = []
    for each in ({}, config):
        trained = train(order(recipe="aws-user-personalization", config=each), interactions=interactions)
        scores.append(ranked(trained, "u3", 60).scores)
    assert not np.array_equal(*scores)


def objective(text, fields=None):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}}
    trained = train(
        order(recipe="aws-user-personalization", config=config),
        interactions=table(interactions_csv()),
        items=table(text, "Items", fields),
    )
    return trained.interactions.items.at(ranked(trained, "nobody", 500).indices)


def test_an_attribute_belongs_to_its_item_whatever_the_order_of_the_items():
    header, *rows = items_csv().splitlines()
    assert objective("\n".join([header, *reversed(rows)])) == objective(items_csv())


def test_items_without_a_row_are_neither_favoured_nor_punished():
    fields = {**ITEMS, "PRICE": ["null", "float"]}
    header, *rows = items_csv().splitlines()
    absent = "\n".join([header, *(row for row in rows if not row.startswith("i30,"))])
    empty = "\n".join([header, *(row.replace("31.5", "") if row.startswith("i30,") else row for row in rows)])
    assert objective(absent, fields) == objective(empty, fields)
    place = objective(absent, fields).index("i30")
    assert 10 < place < 50
