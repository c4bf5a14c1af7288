"""Recipe aws-semantic-similarity, which recommends items with similar texts and needs no interactions.

The service compares embeddings of a language model (developer guide, "Semantic-Similarity recipe" (2025)). Here texts
are similar if they share words, especially rare ones, so that a test can predict the recommendations. The textual
column makes up three quarters of a similarity, the name of the item one quarter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.base import (
    Candidates,
    EvaluationName,
    Model,
    Query,
    Ranking,
    Recipe,
    TrainingData,
    TrainingFailed,
)
from personalize_mock.recipes.numerics.tf_idf import TfIdf
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import PopularityModel
from personalize_mock.recipes.related.neighbours import padded_with_popular, top_positive

NAME_SHARE = 0.25
BLOCK_SCORES = 1 << 22
CREATED = "CREATION_TIMESTAMP"
# Ours.
NO_TEXT = "The Items dataset has no textual field with text. Import items with text in a textual field."
NO_NAME = "The Items dataset has no field whose itemName is true. Set itemName for one field of its schema."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextColumn:
    """A column of the Items dataset that is compared.

    Attributes:
        name: The name of the column.
        share: The share of the column in a similarity.
        words: The words of the column's texts at the training.
    """

    name: str
    share: float
    words: TfIdf

    def vectors(self, items: Metadata) -> sparse.csr_matrix:
        """Return item vectors, float32[items, words]. Their dot products are the column's part of a similarity."""
        return self.words.vectors([text or "" for text in items.texts(self.name)]) * np.float32(np.sqrt(self.share))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticSimilarityModel(Model):
    """Model that ranks items by the similarity of their text vectors.

    A ranking influence multiplies similarities by 1 + POPULARITY x popularity + FRESHNESS x freshness. The popularity
    of an item is the share of items that are less popular, its freshness the share of items that are older. The guide
    describes the effect of the influences; the formula is ours. An item with a similarity of 0 is never recommended
    because of them.

    Attributes:
        columns: The columns that are compared.
        vectors: float32[items, words], sparse.
        transposed: float32[words, items], the same matrix in compressed rows.
        item_scores: The influence scores "POPULARITY" and "FRESHNESS", each float32[items], from 0 to 1.
        popular: All items, most popular first. Of equally popular items, the newest comes first.
    """

    uses_item: ClassVar[bool] = True

    columns: tuple[TextColumn, ...]
    vectors: sparse.csr_matrix
    transposed: sparse.csr_matrix
    item_scores: Mapping[str, NDArray[np.float32]]
    popular: PopularityModel

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the items most similar to the item of the query; see `Model.rank`."""
        return self.rank_each([query], n=n, candidates=[candidates])[0]

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Rank items for many queries in blocks; see `Model.rank_each`."""
        count = self.vectors.shape[0]
        similar = [self.popular.order[:0]] * len(queries)
        known = [row for row, query in enumerate(queries) if 0 <= query.item < count]
        size = max(1, BLOCK_SCORES // max(1, count))
        for start in range(0, len(known), size):
            rows = known[start : start + size]
            for row, scores in zip(rows, self._scores([queries[row] for row in rows]), strict=True):
                similar[row] = top_positive(scores, n=n, item=queries[row].item, candidates=candidates[row])
        return [
            padded_with_popular(items, self.popular, query, n=n, candidates=own)
            for items, query, own in zip(similar, queries, candidates, strict=True)
        ]

    def similarity(self, items: NDArray[np.integer], others: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the similarity of pairs of items without any influence, float64[pairs], from 0 to 1."""
        return np.asarray(self.vectors[items].multiply(self.vectors[others]).sum(axis=1), dtype=np.float64).ravel()

    def _scores(self, queries: Sequence[Query]) -> NDArray[np.float32]:
        """Return similarities under the ranking influence of each query, float32[queries, items]."""
        scores = (self.vectors[[query.item for query in queries]] @ self.transposed).toarray()
        for row, query in enumerate(queries):
            influences = [(weight, self.item_scores[name]) for name, weight in query.influence.items() if weight]
            if influences:
                scores[row] *= 1 + sum(np.float32(weight) * item_scores for weight, item_scores in influences)
        return np.asarray(scores)


class SemanticSimilarity(Recipe):
    """The recipe aws-semantic-similarity."""

    evaluation: ClassVar[EvaluationName] = "texts"
    needs_interactions: ClassVar[bool] = False

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> SemanticSimilarityModel:
        """Count the words of the Items dataset; see `Recipe.fit`.

        Raises:
            TrainingFailed: No field holds the name of the item, or there is no text.
        """
        if data.items is None or not any(_texts(data.items, field) for field in data.items.fields if field.textual):
            raise TrainingFailed(NO_TEXT)
        if not any(field.item_name for field in data.items.fields):
            raise TrainingFailed(NO_NAME)
        columns = _text_columns(data.items)
        return _model(data, columns, _vectors(columns, data.items))

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None = None,  # noqa: ARG002  the recipe allows none
    ) -> Model:
        """Add new items and read the current texts of all items; see `Recipe.updated`.

        Popularity and freshness stay as at training (developer guide, "Semantic-Similarity recipe" (2025)), so new
        items have a popularity and a freshness of 0. The words and their weights also stay, and so do the texts of
        items that have since been deleted.
        """
        assert isinstance(model, SemanticSimilarityModel)  # noqa: S101  fitted by this recipe
        if data.items is None:
            return model
        vectors, count = _vectors(model.columns, data.items), model.vectors.shape[0]
        old_vectors = model.vectors.copy()
        old_vectors.resize(vectors.shape)
        deleted = (data.items.row < 0).astype(np.float32)
        vectors = (vectors + sparse.diags(deleted) @ old_vectors).tocsr()  # vectors of deleted items are 0 by now
        new_items = np.arange(count, vectors.shape[0], dtype=np.int32)
        return replace(
            model,
            vectors=vectors,
            transposed=vectors.T.tocsr(),
            item_scores={name: np.pad(scores, (0, len(new_items))) for name, scores in model.item_scores.items()},
            popular=PopularityModel(order=np.concatenate((model.popular.order, new_items))),
        )


def _model(data: TrainingData, columns: tuple[TextColumn, ...], vectors: sparse.csr_matrix) -> SemanticSimilarityModel:
    users = data.interactions.csr().getnnz(axis=0)
    popularity = _share_below(users.astype(np.float64))
    freshness = _share_below(_creation_times(data))
    return SemanticSimilarityModel(
        columns=columns,
        vectors=vectors,
        transposed=vectors.T.tocsr(),
        item_scores={"POPULARITY": popularity, "FRESHNESS": freshness},
        popular=PopularityModel(order=np.lexsort((-freshness, -users)).astype(np.int32)),
    )


def _text_columns(items: Metadata) -> tuple[TextColumn, ...]:
    """Return the textual column and the column of item names, except columns without text."""
    return tuple(
        TextColumn(
            name=field.name,
            share=1 - NAME_SHARE if field.textual else NAME_SHARE,
            words=TfIdf.from_texts(texts),
        )
        for field in items.fields
        if (field.textual or field.item_name) and (texts := _texts(items, field))
    )


def _texts(items: Metadata, field: SchemaField) -> list[str]:
    """Return the texts of a column, except blank ones."""
    return [text for text in items.texts(field.name) if text and text.strip()] if field.name in items.table else []


def _vectors(columns: tuple[TextColumn, ...], items: Metadata) -> sparse.csr_matrix:
    return sparse.hstack([column.vectors(items) for column in columns], format="csr")


def _creation_times(data: TrainingData) -> NDArray[np.float64]:
    """Return the creation time of each item in epoch seconds, NaN where it is unknown."""
    if data.items is None or CREATED not in data.items.table:
        return np.full(len(data.interactions.items), np.nan)
    return data.items.numbers(CREATED)


def _share_below(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each value, return the share of values below it. NaN has a share of 0."""
    known = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(known, values) / max(1, len(values))
    return np.where(np.isnan(values), 0, below).astype(np.float32)
