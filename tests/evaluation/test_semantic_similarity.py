import numpy as np
import pytest
from recipes.conftest import make_interactions, preference_triples
from recipes.materials import make_query, training_data
from recipes.shop_texts import SHOP, fitted, text_data

from personalize_mock.evaluation.registry import EVALUATIONS
from personalize_mock.evaluation.semantic_similarity import SemanticSimilarityEvaluation
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.related.semantic_similarity import SemanticSimilarity

ITEM_METRICS = ["item_freshness", "item_popularity", "item_similarity"]


def measured(data):
    return SemanticSimilarityEvaluation.from_data(data, seed=0).measure(fitted(data))


def test_semantic_similarity_uses_this_evaluation():
    assert EVALUATIONS[SemanticSimilarity.evaluation] is SemanticSimilarityEvaluation


def test_metrics_without_interactions():
    metrics = measured(text_data())
    assert list(metrics) == ["coverage", *ITEM_METRICS]
    assert metrics["item_popularity"] == 0
    # Each item is recommended to the four others, and 0, 1, 2, 3, 4 of the five are older.
    assert metrics["item_freshness"] == pytest.approx(np.mean([0, 0.2, 0.4, 0.6, 0.8]))


def test_similarity_is_the_mean_cosine_of_the_recommendations():
    data = text_data()
    model = fitted(data)
    vectors = model.vectors.toarray()
    cosines = [
        float(vectors[item] @ vectors[other])
        for item in range(5)
        for other in model.rank(make_query(item=item), n=25).indices
    ]
    assert measured(data)["item_similarity"] == round(float(np.mean(cosines)), 4) > 0


def test_metrics_with_interactions_include_those_of_related_items():
    rows = [(f"u{user}", item, turn) for user in range(30) for turn, item in enumerate(list(SHOP)[user % 3 :])]
    metrics = measured(text_data(interactions=make_interactions(rows, SHOP)))
    assert set(ITEM_METRICS) < set(metrics)
    assert list(metrics) == sorted(metrics)
    assert metrics["item_popularity"] > 0
    assert metrics["precision_at_5"] > 0


def test_a_model_without_item_scores_is_rejected():
    films = make_interactions(preference_triples())
    model = PopularityCount().fit(training_data(films), config={}, objective=None, seed=0)
    with pytest.raises(TypeError, match="has no attribute item_scores"):
        SemanticSimilarityEvaluation.from_data(training_data(films), seed=0).measure(model)
