"""Registry of all recipes by name, such as aws-sims."""

import numpy as np

from personalize_mock.recipes.actions.next_best_action import NextBestAction
from personalize_mock.recipes.base import Recipe
from personalize_mock.recipes.personal.exploration import ExplorationPolicy
from personalize_mock.recipes.personal.hrnn_coldstart import HrnnColdstart
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters
from personalize_mock.recipes.personal.shortlist import ShortlistPersonalization
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.popular.trending_now import TrendingNow
from personalize_mock.recipes.related.semantic_similarity import SemanticSimilarity
from personalize_mock.recipes.related.similar_items import SimilarItems
from personalize_mock.recipes.related.sims import DAY, Sims, SimsHyperparameters
from personalize_mock.recipes.segments.item_affinity import ItemAffinity
from personalize_mock.recipes.segments.item_attribute_affinity import ItemAttributeAffinity

HRNN = Hyperparameters(hidden_dimension=43)
ALL_USERS = Hyperparameters(max_user_history_length_percentile=1.0)
V2 = frozenset(("apply_recency_bias",))
# Developer guide, "User-Personalization-v2 recipe" (2024): about 0.1 % of recommended items are at most 30 days old.
EXPLORATION_V2 = ExplorationPolicy(fewer_interactions_than=np.inf, age_cut_off=30.0, probability=0.001)
RECOMMENDED_FOR_YOU = UserPersonalization(scored=False, hyperparameters=frozenset(), defaults=ALL_USERS)

RECIPES: dict[str, Recipe] = {
    "aws-next-best-action": NextBestAction(),
    "aws-item-attribute-affinity": ItemAttributeAffinity(),
    "aws-item-affinity": ItemAffinity(),
    "aws-user-personalization": UserPersonalization(),
    "aws-hrnn": UserPersonalization(
        defaults=HRNN, exploration=None, context=False, user_attributes=False, categories=False
    ),
    "aws-hrnn-coldstart": HrnnColdstart(),
    "aws-hrnn-metadata": UserPersonalization(defaults=HRNN, exploration=None),
    "aws-user-personalization-v2": UserPersonalization(
        model=ShortlistPersonalization, hyperparameters=V2, defaults=ALL_USERS, exploration=EXPLORATION_V2
    ),
    "aws-personalized-ranking": UserPersonalization(exploration=None),
    "aws-personalized-ranking-v2": UserPersonalization(hyperparameters=V2, defaults=ALL_USERS, exploration=None),
    "aws-ecomm-recommended-for-you": RECOMMENDED_FOR_YOU,
    "aws-vod-top-picks": RECOMMENDED_FOR_YOU,
    "aws-ecomm-popular-items-by-purchases": PopularityCount(counts="interactions"),
    "aws-ecomm-popular-items-by-views": PopularityCount(counts="interactions"),
    "aws-popularity-count": PopularityCount(),
    "aws-vod-most-popular": PopularityCount(),
    "aws-semantic-similarity": SemanticSimilarity(),
    "aws-similar-items": SimilarItems(),
    "aws-vod-more-like-x": SimilarItems(interaction_share=0.5),
    "aws-ecomm-customers-who-viewed-x-also-viewed": Sims(defaults=SimsHyperparameters(min_cointeraction_count=2)),
    "aws-ecomm-frequently-bought-together": Sims(
        defaults=SimsHyperparameters(min_cointeraction_count=0), half_time=DAY
    ),
    "aws-sims": Sims(),
    "aws-vod-because-you-watched-x": Sims(defaults=SimsHyperparameters(min_cointeraction_count=2)),
    "aws-trending-now": TrendingNow(),
    "aws-vod-trending-now": TrendingNow(),
}
