"""Recommendations of a web shop from Amazon Personalize, with bestsellers as a fallback."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Product:
    id: str
    title: str
    category: str


@dataclass(frozen=True)
class Shelf:
    """Products on a page. Send `recommendation_id` with the click events."""

    products: tuple[Product, ...]
    recommendation_id: str | None = None

    @property
    def personal(self) -> bool:
        return self.recommendation_id is not None


class RecommendationService:
    def __init__(
        self,
        runtime: Any,
        *,
        campaign_arn: str,
        catalogue: Mapping[str, Product],
        bestsellers: Sequence[str],
    ) -> None:
        self.runtime = runtime
        self.campaign_arn = campaign_arn
        self.catalogue = catalogue
        self.bestsellers = bestsellers

    def for_user(self, user_id: str, *, limit: int = 10) -> Shelf:
        """Return recommendations, or the bestsellers if there is no campaign or it rejects the request."""
        errors = self.runtime.exceptions
        try:
            response = self.runtime.get_recommendations(campaignArn=self.campaign_arn, userId=user_id, numResults=limit)
        except (errors.ResourceNotFoundException, errors.InvalidInputException) as error:
            log.warning("no recommendations for %s: %s", user_id, error)
            return Shelf(self._products(self.bestsellers, limit))
        ids = [item["itemId"] for item in response["itemList"]]
        return Shelf(self._products(ids, limit), response["recommendationId"])

    def _products(self, ids: Iterable[str], limit: int) -> tuple[Product, ...]:
        """Drop products that are no longer sold. They may be recommended until the next training."""
        return tuple(self.catalogue[id_] for id_ in ids if id_ in self.catalogue)[:limit]
