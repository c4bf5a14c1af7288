"""The evaluations, by the name that recipes give."""

from collections.abc import Mapping

from personalize_mock.metrics import base
from personalize_mock.metrics.items import ItemsEvaluation

EVALUATIONS: Mapping[str, type[base.Evaluation]] = {
    "items": ItemsEvaluation,
}
