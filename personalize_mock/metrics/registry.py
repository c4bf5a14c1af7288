"""The evaluations, by the name that recipes give."""

from collections.abc import Mapping

from personalize_mock.metrics import base
from personalize_mock.metrics.actions import ActionsEvaluation
from personalize_mock.metrics.items import ItemsEvaluation
from personalize_mock.metrics.related import RelatedEvaluation
from personalize_mock.metrics.segments import SegmentsEvaluation
from personalize_mock.metrics.texts import TextsEvaluation
from personalize_mock.metrics.trends import TrendsEvaluation

EVALUATIONS: Mapping[str, type[base.Evaluation]] = {
    "actions": ActionsEvaluation,
    "items": ItemsEvaluation,
    "related": RelatedEvaluation,
    "segments": SegmentsEvaluation,
    "texts": TextsEvaluation,
    "trends": TrendsEvaluation,
}
