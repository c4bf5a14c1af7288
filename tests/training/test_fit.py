import json

import numpy as np
import pytest
from builders import INTERACTIONS, ITEMS, avro_schema, csv_text, interactions_csv, items_csv

from personalize_mock.data import avro, csv_files
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.recipes.base import Query, TrainingFailed
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.training.fit import FittedModel, prepare
from personalize_mock.training.request import TrainingConfig, TrainingRequest

VALUED = {**INTERACTIONS, "EVENT_VALUE": ["null", "float"]}


def table(text, kind="Interactions", fields=None):
    return csv_files.read([text.encode()], avro.parse(avro_schema(kind, fields)))


def request(*, config=None, event_type=None, **members):
    given = {"recipe": "aws-popularity-count", **members}
    return TrainingRequest(config=TrainingConfig.from_wire(config or {}, event_type=event_type), **given)


def train(request, *, interactions, items=None) -> FittedModel:
    tables = {"INTERACTIONS": (interactions, VALUED), "ITEMS": (items, ITEMS)}
    datasets = {
        dataset_type: DatasetTable(table=given, schema=avro.parse(avro_schema(dataset_type.capitalize(), fields)))
        for dataset_type, (given, fields) in tables.items()
        if given is not None
    }
    return prepare(request, datasets).fit(request.config.hyperparameters)


def ranked(fitted, user, n):
    return fitted.model.rank(Query(history=fitted.history(user), user=fitted.user(user)), n=n)


def popular(interactions, **members):
    """The items of a popularity model, most popular first."""
    fitted = train(request(**members), interactions=interactions)
    return fitted.interactions.items.at(ranked(fitted, None, 500).indices)


def events(*rows):
    return table(csv_text(list(VALUED), rows), fields=VALUED)


def test_popularity_counts_all_users_but_is_measured_without_the_held_out_ones():
    """Developer guide, "Popularity-Count recipe" (2025)."""
    wanted = request(seed=3)
    tables = {"INTERACTIONS": DatasetTable(table=table(interactions_csv()), schema=avro.parse(avro_schema()))}
    job = prepare(wanted, tables)
    fitted = job.fit({})
    users = fitted.interactions.csr().getnnz(axis=0)
    assert np.array_equal(users[ranked(fitted, None, 500).indices], np.sort(users)[::-1])
    learned = PopularityCount().fit(job.evaluation.train, config={}, objective=None, seed=3)
    assert fitted.metrics == job.evaluation.measure(learned)
    assert fitted.metrics != job.evaluation.measure(fitted.model)


def test_only_interactions_of_the_event_type_count():
    rows = [(f"u{n}", "seen", "View", n, "") for n in range(5)] + [(f"u{n}", "bought", "Buy", n, "") for n in range(3)]
    assert popular(events(*rows)) == ["seen", "bought"]
    assert popular(events(*rows), event_type="Buy") == ["bought"]


def test_only_values_at_or_above_the_threshold_count():
    rows = [("u1", "low", "Rate", 1, 2.9), ("u1", "even", "Rate", 2, 3.0), ("u2", "high", "Rate", 3, 5)]
    rows += [("u2", "none", "Rate", 4, "")]
    assert set(popular(events(*rows), config={"eventValueThreshold": "3"})) == {"even", "high"}


def test_event_type_and_threshold_apply_together():
    rows = [("u1", "a", "Rate", 1, 5), ("u1", "b", "View", 2, 5), ("u1", "c", "Rate", 3, 1), ("u2", "a", "Rate", 4, 5)]
    assert popular(events(*rows), event_type="Rate", config={"eventValueThreshold": "2"}) == ["a"]


def test_repeated_rows_count_once():
    rows = [("u1", "a", "View", 1, "")] * 10 + [("u1", "a", "View", 2, "")]
    with pytest.raises(TrainingFailed, match="fewer than 3 interactions"):
        train(request(minimum_interactions=3), interactions=events(*rows))
    assert len(train(request(minimum_interactions=2), interactions=events(*rows)).interactions) == 2


def test_the_minimum_applies_after_filtering():
    rows = [(f"u{n}", "i", "View", n, "") for n in range(10)] + [(f"u{n}", "i", "Buy", n, "") for n in range(4)]
    with pytest.raises(TrainingFailed) as failure:
        train(request(minimum_interactions=5, event_type="Buy"), interactions=events(*rows))
    assert str(failure.value) == "Dataset has fewer than 5 interactions after filtering by event type: Buy"
    train(request(minimum_interactions=5, event_type="View"), interactions=events(*rows))


def test_users_with_a_single_interaction_do_not_count():
    rows = [(f"u{n}", f"i{turn}", "View", turn, "") for n in range(24) for turn in range(2)]
    singles = [(f"single{n}", "i0", "View", n, "") for n in range(50)]
    with pytest.raises(TrainingFailed) as failure:
        train(request(minimum_users=25), interactions=events(*rows, *singles))
    assert str(failure.value) == "Dataset has fewer than 25 users with at least 2 interactions each."
    train(request(minimum_users=24), interactions=events(*rows, *singles))


def test_one_percent_of_the_users_must_have_two_interactions():
    twice = [(f"u{n}", f"i{turn}", "View", turn, "") for n in range(25) for turn in range(2)]
    once = [(f"single{n}", "i0", "View", n, "") for n in range(2476)]
    with pytest.raises(TrainingFailed, match="1 percent of users"):
        train(request(minimum_users=25), interactions=events(*twice, *once))
    train(request(minimum_users=25), interactions=events(*twice, *once[1:]))
    train(request(minimum_users=0), interactions=events(*twice, *once))


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-popularity-count"])
@pytest.mark.parametrize("interactions", [None, "empty"])
def test_training_without_interactions_fails_even_without_a_minimum(recipe, interactions):
    data = None if interactions is None else events()
    with pytest.raises(TrainingFailed):
        train(request(recipe=recipe), interactions=data)


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-popularity-count"])
def test_a_single_interaction_is_enough_without_a_minimum(recipe):
    fitted = train(request(recipe=recipe), interactions=events(("u", "i", "View", 1, "")))
    assert fitted.interactions.items.at(ranked(fitted, "u", 5).indices) == ["i"]
    assert set(fitted.metrics.values()) == {0.0}


def test_items_without_interactions_are_in_the_catalogue_but_not_recommended():
    items = table(items_csv(items=100), "Items")
    fitted = train(request(), interactions=table(interactions_csv()), items=items)
    assert len(fitted.interactions.items) == 100
    assert len(ranked(fitted, None, 500).indices) == 60
    without_items = train(request(), interactions=table(interactions_csv()))
    assert fitted.metrics["coverage"] == pytest.approx(without_items.metrics["coverage"] * 60 / 100, abs=1e-4)


def test_a_users_history_includes_held_out_interactions():
    fitted = train(request(recipe="aws-user-personalization"), interactions=table(interactions_csv()))
    assert [len(fitted.history(user)) for user in ("u0", "u49", "nobody")] == [20, 20, 0]
    assert len(fitted.history(None)) == 0


def test_the_order_of_rows_does_not_matter():
    header, *rows = interactions_csv().splitlines()
    shuffled = "\n".join([header, *np.random.default_rng(0).permutation(rows)])
    one, other = (
        train(request(recipe="aws-user-personalization"), interactions=table(text))
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
def test_parameters_of_the_configuration_change_the_model(config):
    rows = interactions_csv().splitlines() + [f"u{n},i{(n * 7) % 60},Watch,1800000000" for n in range(15)]
    interactions = table("\n".join(rows))
    scores = []
    for given in ({}, config):
        fitted = train(request(recipe="aws-user-personalization", config=given), interactions=interactions)
        scores.append(ranked(fitted, "u3", 60).scores)
    assert not np.array_equal(*scores)


def items_ranked_by_price(text, fields=None):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "HIGH"}}
    fitted = train(
        request(recipe="aws-user-personalization", config=config),
        interactions=table(interactions_csv()),
        items=table(text, "Items", fields),
    )
    return fitted.interactions.items.at(ranked(fitted, "nobody", 500).indices)


def test_the_objective_does_not_depend_on_the_order_of_the_items():
    header, *rows = items_csv().splitlines()
    assert items_ranked_by_price("\n".join([header, *reversed(rows)])) == items_ranked_by_price(items_csv())


def test_the_objective_treats_items_without_a_row_like_items_without_a_value():
    fields = {"ITEM_ID": "string", "PRICE": ["null", "float"]}  # an absent row must not lack anything else
    prices = {f"i{number}": f"{number + 1.5}" for number in range(60)}

    def text(rows):
        return "\n".join(["ITEM_ID,PRICE", *(f"{item},{price}" for item, price in rows.items())])

    absent = text({item: price for item, price in prices.items() if item != "i30"})
    empty = text(prices | {"i30": ""})
    assert items_ranked_by_price(absent, fields) == items_ranked_by_price(empty, fields)
    position = items_ranked_by_price(absent, fields).index("i30")
    assert 10 < position < 50


def test_served_segments_know_the_held_out_interactions():
    """Nobody repeats an item, so all users who have the item of the query come after a user who may still want it."""
    rows = [(f"u{user}", f"i{(user + step) % 20}", "View", step, "") for user in range(40) for step in range(10)]
    fitted = train(request(recipe="aws-item-affinity"), interactions=events(*rows))
    wanted = fitted.interactions.items.index("i9")
    newest = fitted.interactions.users.index("u0")  # has i9 since its last interaction, which was held out
    segment = fitted.model.rank(Query(item=wanted), n=40).indices.tolist()
    later = fitted.interactions.users.index("u10")  # begins with i10 and does not have i9
    assert segment.index(later) < segment.index(newest)
