"""Registry of the evaluation classes by name. `Recipe.evaluation` holds the name of the class for a recipe."""

from collections.abc import Mapping

from personalize_mock.evaluation import base
from personalize_mock.evaluation.actions import ActionsEvaluation
from personalize_mock.evaluation.items import ItemsEvaluation
from personalize_mock.evaluation.related import RelatedEvaluation
from personalize_mock.evaluation.segments import SegmentsEvaluation
from personalize_mock.evaluation.semantic_similarity import SemanticSimilarityEvaluation
from personalize_mock.evaluation.trends import TrendsEvaluation

EVALUATIONS: Mapping[str, type[base.Evaluation]] = {
    "actions": ActionsEvaluation,
    "items": ItemsEvaluation,
    "related": RelatedEvaluation,
    "segments": SegmentsEvaluation,
    "texts": SemanticSimilarityEvaluation,
    "trends": TrendsEvaluation,
}
