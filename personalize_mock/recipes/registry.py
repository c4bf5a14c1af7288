"""The recipes that can be trained, by name."""

from personalize_mock.recipes.actions.next_best_action import NextBestAction
from personalize_mock.recipes.base import Recipe
from personalize_mock.recipes.personal.hrnn import Hrnn, HrnnColdstart, HrnnMetadata
from personalize_mock.recipes.personal.personalized_ranking import PersonalizedRanking, PersonalizedRankingV2
from personalize_mock.recipes.personal.recommended_for_you import RecommendedForYou
from personalize_mock.recipes.personal.user_personalization import UserPersonalization
from personalize_mock.recipes.personal.user_personalization_v2 import UserPersonalizationV2
from personalize_mock.recipes.popular.popularity_count import PopularityCount
from personalize_mock.recipes.popular.trending_now import TrendingNow
from personalize_mock.recipes.related.semantic_similarity import SemanticSimilarity
from personalize_mock.recipes.related.similar_items import SimilarItems
from personalize_mock.recipes.related.sims import DAY, Sims, SimsHyperparameters
from personalize_mock.recipes.segments.item_affinity import ItemAffinity
from personalize_mock.recipes.segments.item_attribute_affinity import ItemAttributeAffinity

RECIPES: dict[str, Recipe] = {
    "aws-next-best-action": NextBestAction(),
    "aws-item-attribute-affinity": ItemAttributeAffinity(),
    "aws-item-affinity": ItemAffinity(),
    "aws-user-personalization": UserPersonalization(),
    "aws-hrnn": Hrnn(),
    "aws-hrnn-coldstart": HrnnColdstart(),
    "aws-hrnn-metadata": HrnnMetadata(),
    "aws-user-personalization-v2": UserPersonalizationV2(),
    "aws-personalized-ranking": PersonalizedRanking(),
    "aws-personalized-ranking-v2": PersonalizedRankingV2(),
    "aws-ecomm-recommended-for-you": RecommendedForYou(),
    "aws-vod-top-picks": RecommendedForYou(),
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
