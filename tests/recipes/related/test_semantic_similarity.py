from dataclasses import replace

import numpy as np
import pytest
from dataset_tables import aligned, with_fields
from recipes.materials import make_query, training_data
from recipes.shop_texts import FIELDS, SHOP, fitted, items_table, text_data

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import empty_interaction_matrix
from personalize_mock.recipes.base import TrainingData, TrainingFailed
from personalize_mock.recipes.related.semantic_similarity import SemanticSimilarity


def recommended(model, data, item, *, n=25, candidates=None, **influence):
    index = data.interactions.items.index(item)
    return data.interactions.items.at(
        model.rank(make_query(item=index, influence=influence), n=n, candidates=candidates).indices
    )


def test_items_with_common_words_are_similar_without_interactions():
    data = text_data()
    model = fitted(data)
    assert recommended(model, data, "boot", n=2) == ["glove", "skate"]
    assert recommended(model, data, "hat", n=1) == ["sandal"]


def test_words_of_item_names_count():
    data = text_data({"a": ("Red fox", "x1"), "b": ("Blue bird", "x2"), "c": ("Red wine", "x3")})
    assert recommended(fitted(data), data, "a", n=1) == ["c"]


def test_rare_words_weigh_more_than_frequent_words():
    texts = {
        "a": ("", "the quartz"),
        "b": ("", "the quartz clock"),
        **{f"c{n}": ("", f"the thing{n}") for n in range(9)},
    }
    data = text_data(texts)
    assert recommended(fitted(data), data, "a", n=1) == ["b"]


@pytest.mark.parametrize("texts", [{"a": ("Name", None), "b": ("Other name", "  ")}, {"a": (None, None)}])
def test_training_fails_without_text(texts):
    with pytest.raises(TrainingFailed, match="textual"):
        fitted(text_data(texts))


def test_training_fails_without_an_items_dataset(films):
    with pytest.raises(TrainingFailed, match="textual"):
        fitted(training_data(films))


def test_training_fails_without_a_field_for_item_names():
    data = text_data()
    unnamed = tuple(replace(field, item_name=False) for field in data.items.fields)
    with pytest.raises(TrainingFailed, match="itemName"):
        fitted(replace(data, items=with_fields(data.items, unnamed)))


def test_an_item_without_text_gets_the_newest_items_if_no_item_is_popular():
    data = text_data({**SHOP, "blank": (None, None)})
    assert recommended(fitted(data), data, "blank") == ["skate", "sandal", "hat", "glove", "boot"]


def test_an_unknown_item_gets_popular_items(interactions_of):
    data = text_data(interactions=interactions_of([("u", "hat", 1), ("v", "hat", 1), ("u", "boot", 2)], SHOP))
    assert recommended(fitted(data), data, "nothing", n=3) == ["hat", "boot", "skate"]


def test_other_items_follow_similar_items_by_popularity(interactions_of):
    texts = {"a": ("A", "oak"), "b": ("B", "oak table"), "c": ("C", "tin"), "d": ("D", "iron"), "e": ("E", "brass")}
    data = text_data(texts, interactions_of([("u", "d", 1), ("v", "d", 1), ("u", "e", 2)], texts))
    assert recommended(fitted(data), data, "a") == ["b", "d", "e", "c"]


TWINS = {
    name: ("Thing", text) for name, text in (("a", "oak table"), ("b", "oak chair"), ("c", "oak chair"), ("d", "tin"))
}


def test_popularity_influences_the_order_of_similar_items(interactions_of):
    data = text_data(
        TWINS,
        interactions_of([("u", "c", 1), ("v", "c", 1), ("u", "b", 2), *[(f"w{n}", "d", 3) for n in range(9)]], TWINS),
    )
    model = fitted(data)
    assert recommended(model, data, "a", n=2) == ["b", "c"]
    assert recommended(model, data, "a", n=2, POPULARITY=0.5) == ["c", "b"]
    assert recommended(model, data, "a", n=2, POPULARITY=0.0) == ["b", "c"]


def test_freshness_influences_the_order_of_similar_items():
    data = text_data(TWINS)
    assert recommended(fitted(data), data, "a", n=2) == ["b", "c"]
    assert recommended(fitted(data), data, "a", n=2, FRESHNESS=0.2) == ["c", "b"]


def test_items_without_creation_time_do_not_lower_the_freshness_of_others():
    data = text_data({str(number): ("Thing", "oak") for number in range(8)})
    valid = np.arange(8) < 4
    created = replace(data.items.table.columns["CREATION_TIMESTAMP"], valid=valid)
    table = replace(data.items.table, columns={**data.items.table.columns, "CREATION_TIMESTAMP": created})
    items = aligned(table, data.interactions.items, key="ITEM_ID", fields=FIELDS)
    freshness = fitted(replace(data, items=items)).item_scores["FRESHNESS"]
    assert freshness.tolist() == [0, 0.25, 0.5, 0.75, 0, 0, 0, 0]


def test_no_influence_recommends_an_item_that_is_not_similar():
    data = text_data({"a": ("A", "oak"), "b": ("B", "oak table"), "z": ("Z", "newest tin")})
    assert recommended(fitted(data), data, "a", POPULARITY=1.0, FRESHNESS=1.0) == ["b", "z"]


def test_each_query_of_a_batch_has_its_own_influence():
    data = text_data(TWINS)
    model = fitted(data)
    queries = [make_query(item=0), make_query(item=0, influence={"FRESHNESS": 1.0}), make_query(item=-1)]
    alone = [model.rank(query, n=3).indices.tolist() for query in queries]
    together = model.rank_each(queries, n=3, candidates=[None] * 3)
    assert [ranking.indices.tolist() for ranking in together] == alone
    assert alone[0] != alone[1]


def test_a_mask_and_indices_of_candidates_give_the_same_items():
    data = text_data()
    model = fitted(data)
    mask = np.array([data.interactions.items[index] in {"skate", "hat"} for index in range(5)])
    for candidates in (mask, np.flatnonzero(mask).astype(np.int32)):
        assert recommended(model, data, "boot", candidates=candidates)[0] == "skate"
        assert set(recommended(model, data, "boot", candidates=candidates)) == {"skate", "hat"}


def updated(model, before, texts):
    """Return the updated model and data after items were added; known ids keep their indices."""
    rows = items_table(texts)
    old = before.interactions.items.values
    ids = IdMap((*old, *sorted(set(texts) - set(old))))
    empty_table, interactions = empty_interaction_matrix(rows)
    interactions = replace(interactions, items=ids)
    after = TrainingData(
        interactions=interactions,
        interactions_table=empty_table,
        items=aligned(rows, ids, key="ITEM_ID", fields=FIELDS),
    )
    return SemanticSimilarity().updated(model, after, objective=None), after


def test_new_items_are_recommended_and_can_be_queried_after_an_update():
    before = text_data()
    model = fitted(before)
    assert recommended(model, before, "apron", n=1) == ["skate"]
    newer, after = updated(model, before, {**SHOP, "apron": ("Apron", "leather boot for ice")})
    assert recommended(newer, after, "boot", n=1) == ["apron"]
    assert recommended(newer, after, "apron", n=1) == ["boot"]
    assert recommended(newer, after, "hat", n=1) == ["sandal"]


def test_an_update_adds_no_words():
    before = text_data()
    model = fitted(before)
    newer, _ = updated(model, before, {**SHOP, "a": ("", "velvet"), "b": ("", "velvet")})
    assert newer.vectors.shape == (7, model.vectors.shape[1])
    assert newer.vectors[5:].nnz == 0
    assert (newer.vectors[:5] != model.vectors).nnz == 0


def test_an_update_reads_the_texts_of_known_items_again():
    before = text_data()
    model = fitted(before)
    newer, after = updated(model, before, {**SHOP, "sandal": ("Winter sandal", "warm leather for snow and ice")})
    assert recommended(newer, after, "boot", n=1) == ["sandal"]
    assert recommended(model, before, "boot", n=1) == ["glove"]


def test_an_update_keeps_the_texts_of_deleted_items():
    before = text_data()
    left = {name: text for name, text in SHOP.items() if name != "glove"}
    newer, after = updated(fitted(before), before, {**left, "apron": ("Apron", "cotton")})
    assert recommended(newer, after, "boot", n=1) == ["glove"]


def test_an_update_keeps_popularity_and_freshness(interactions_of):
    texts = {**TWINS, "e": ("Thing", "oak chair")}
    before = text_data(TWINS, interactions_of([("u", "b", 1)], TWINS))
    after = text_data(texts, interactions_of([("u", "c", 1), ("v", "c", 2), ("w", "e", 1)], texts))
    newer = SemanticSimilarity().updated(fitted(before), after, objective=None)
    assert recommended(newer, after, "a", n=1, POPULARITY=1.0) == ["b"]
    assert recommended(newer, after, "a", n=3, FRESHNESS=1.0) == ["c", "b", "e"]
    assert recommended(newer, after, "nothing") == ["b", "d", "c", "a", "e"]


def test_candidates_may_include_new_items_before_an_update():
    before = text_data()
    mask = np.ones(9, dtype=bool)
    assert recommended(fitted(before), before, "boot", n=1, candidates=mask) == ["glove"]
