import numpy as np
import pytest
from dataset_tables import aligned
from recipes.materials import make_query, training_data

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.numerics.item_vectors import metadata_features, principal_components
from personalize_mock.recipes.related.item_evidence import WARM_INTERACTIONS
from personalize_mock.recipes.related.similar_items import SimilarItems


def items(interactions, *, ids=None, **columns):
    """Return an Items dataset with columns given as `name=(values, attributes of the field)`."""
    ids = ids or interactions.items.values
    table = {"ITEM_ID": Strings.from_values(ids)}
    fields = []
    for name, (values, attributes) in columns.items():
        text = isinstance(values[0], str)
        table[name] = Strings.from_values(values) if text else Numbers(values=np.asarray(values, dtype=np.float64))
        fields.append(SchemaField(name=name, type="string" if text else "double", **attributes))
    return aligned(Table(columns=table, rows=len(ids)), interactions.items, key="ITEM_ID", fields=fields)


def genres(interactions):
    """Return an Items dataset whose genres are the groups of items that users of `films` prefer."""
    return items(
        interactions,
        GENRE=([f"genre {int(name[1:]) % 5}" for name in interactions.items.values], {"categorical": True}),
    )


def fitted(interactions, metadata=None, *, seed=0, recipe=None, **config):
    return (recipe or SimilarItems()).fit(
        training_data(interactions, items=metadata), config=config, objective=None, seed=seed
    )


def similar_to(model, item, *, n=10, candidates=None):
    return model.rank(make_query(item=item), n=n, candidates=candidates).indices


@pytest.fixture
def catalogue(interactions_of, preferences):
    """The films and 20 items without interactions."""
    return interactions_of(preferences(), catalogue=map("i{:03}".format, range(320)))


def purity(model, items):
    return np.mean([(similar_to(model, item) % 5 == item % 5).mean() for item in items])


def test_items_with_the_same_users_are_similar_without_metadata(films):
    assert purity(fitted(films), range(50)) > 0.95


def test_a_cold_item_is_similar_to_items_with_the_same_metadata(catalogue):
    model = fitted(catalogue, genres(catalogue))
    assert purity(model, range(300, 320)) == 1
    only_cold = np.arange(300, 320, dtype=np.int32)
    assert all(index % 5 == 3 for index in similar_to(model, 3, n=4, candidates=only_cold))


def test_a_cold_item_without_metadata_gets_popular_items(catalogue):
    model = fitted(catalogue)
    assert similar_to(model, 310).tolist() == model.popular.order[:10].tolist()
    assert not set(range(300, 320)) & set(similar_to(model, 0, n=500).tolist())


def test_an_item_with_five_interactions_is_warm(interactions_of, preferences):
    few_interactions = [
        (f"u{user:03}", "i300", 5000) for user in range(1, 5 * WARM_INTERACTIONS, 5)
    ]  # users who prefer the group of i001
    cold, warm = (interactions_of([*preferences(), *extra]) for extra in (few_interactions[:-1], few_interactions))
    model = fitted(cold)
    assert similar_to(model, 300).tolist() == model.popular.order[:10].tolist()
    assert (similar_to(fitted(warm), 300) % 5 == 1).all()
    assert 300 not in similar_to(model, 1, n=60)
    assert 300 in similar_to(fitted(warm), 1, n=60)
    assert (similar_to(fitted(cold, genres(cold)), 300) % 5 == 0).all()


def test_metadata_also_count_for_warm_items(films):
    halves = items(
        films, HALF=(["even" if index % 2 else "odd" for index in range(len(films.items))], {"categorical": True})
    )
    share = [
        np.mean([(similar_to(model, item) % 2 == item % 2).mean() for item in range(50)])
        for model in (
            fitted(films),
            fitted(films, halves),
            fitted(films, halves, recipe=SimilarItems(interaction_share=0.1)),
        )
    ]
    assert share[0] < share[1] < share[2]


def test_numbers_and_texts_are_metadata(catalogue):
    count = len(catalogue.items)
    columns = {
        "PRICE": ([float(index % 5) for index in range(count)], {}),
        "TEXT": ([f"word{index % 5} and" for index in range(count)], {"textual": True}),
    }
    for name, column in columns.items():
        assert purity(fitted(catalogue, items(catalogue, **{name: column})), range(300, 320)) == 1


def test_strings_without_a_flag_are_not_used(catalogue):
    plain = items(catalogue, CODE=([f"c{index % 5}" for index in range(len(catalogue.items))], {}))
    assert metadata_features(plain) is None
    assert similar_to(fitted(catalogue, plain), 310).tolist() == similar_to(fitted(catalogue), 310).tolist()


def test_missing_values_are_similar_to_nothing(films):
    ids = films.items.values[:100]
    extra = items(films, ids=ids, GENRE=([f"genre {index % 5}" for index in range(100)], {"categorical": True}))
    features = metadata_features(extra)
    assert features[100:].nnz == 0
    assert np.allclose(np.linalg.norm(features[:100].toarray(), axis=1), 1)


def test_rare_categories_weigh_more_than_frequent_categories(films):
    names = [
        "common|rare" if index < 3 else "common|other" if index < 200 else "other" for index in range(len(films.items))
    ]
    vectors = metadata_features(items(films, GENRE=(names, {"categorical": True}))).toarray()
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[100] > 0


def test_near_numbers_are_more_similar_than_distant_numbers(films):
    vectors = metadata_features(items(films, YEAR=([float(index) for index in range(len(films.items))], {}))).toarray()
    assert vectors[0] @ vectors[10] > vectors[0] @ vectors[40] > vectors[0] @ vectors[200] == 0


def test_a_larger_discount_recommends_less_popular_items(films):
    users = films.csr().getnnz(axis=0)
    means = []
    for discount in ("0.0", "0.5", "1.0"):
        model = fitted(films, popularity_discount_factor=discount)
        means.append(np.mean([users[similar_to(model, item)].mean() for item in range(50)]))
    assert means[0] > means[1] > means[2]


@pytest.mark.parametrize("name", ["item_id_hidden_dim", "item_metadata_hidden_dim"])
def test_each_hidden_dimension_changes_the_recommendations(films, name):
    texts = [f"w{index % 7} v{index % 11} x{index % 13} y{index % 17} z{index}" for index in range(len(films.items))]
    metadata = items(films, TEXT=(texts, {"textual": True}))
    lists = {
        tuple(similar_to(fitted(films, metadata, **{name: size}), 7, n=50).tolist()) for size in ("30", "60", "200")
    }
    assert len(lists) == 3


def test_the_projection_keeps_the_principal_directions(films):
    rng = np.random.default_rng(0)
    words = np.array([f"w{word}" for word in range(60)])
    frequency = 0.7 ** np.arange(60) / (0.7 ** np.arange(60)).sum()
    texts = [" ".join(rng.choice(words, size=8, p=frequency)) for _ in films.items.values]
    features = metadata_features(items(films, TEXT=(texts, {"textual": True})))
    left, scale, _ = np.linalg.svd(features.toarray(), full_matrices=False)
    exact = left[:, :5] * scale[:5]
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    vectors = principal_components(features, dimensions=5, seed=0)
    assert vectors.shape == (len(films.items), 5)
    assert np.abs(vectors @ vectors.T - exact @ exact.T).mean() < 0.02


def test_few_and_many_candidates_give_the_same_order(films):
    model = fitted(films, genres(films))
    ranking = similar_to(model, 5, n=500)
    for share in (0.05, 0.3, 0.9):
        mask = np.random.default_rng(0).random(len(films.items)) < share
        expected = ranking[mask[ranking]].tolist()
        assert similar_to(model, 5, n=500, candidates=mask).tolist() == expected
        assert similar_to(model, 5, n=500, candidates=np.flatnonzero(mask).astype(np.int32)).tolist() == expected


def test_unknown_items_get_popular_items(films):
    model = fitted(films, genres(films))
    for item in (-1, len(films.items)):
        assert similar_to(model, item).tolist() == model.popular.order[:10].tolist()
        (ranking,) = model.rank_each([make_query(item=item)], n=10, candidates=[None])
        assert ranking.indices.tolist() == model.popular.order[:10].tolist()


def test_the_same_seed_gives_the_same_vectors(films):
    one, same, other = (fitted(films, genres(films), seed=seed) for seed in (0, 0, 1))
    assert one.vectors.tobytes() == same.vectors.tobytes()
    assert one.vectors.tobytes() != other.vectors.tobytes()
    assert one.vectors.dtype == np.float32
    assert one.vectors.flags.c_contiguous
