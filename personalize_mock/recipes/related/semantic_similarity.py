"""Recipe aws-semantic-similarity, which recommends items with similar texts and needs no interactions.

The service compares embeddings from a language model (developer guide, "Semantic-Similarity recipe", 2025). The mock
compares words: texts are similar if they share words, especially rare ones, so a test can predict the recommendations.
The similarity of two items is three quarters the similarity of their texts and one quarter that of their names.
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
# The service's messages are not known.
NO_TEXT = "The Items dataset has no textual field with text. Import items with text in a textual field."
NO_NAME = "The Items dataset has no field whose itemName is true. Set itemName to true for one field of its schema."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextColumn:
    """A text column of the Items dataset by which items are compared.

    Attributes:
        name: The name of the column.
        share: The weight of the column in the similarity of two items, from 0 to 1.
        words: The words of the column and their TF-IDF weights, as of the training.
    """

    name: str
    share: float
    words: TfIdf

    def vectors(self, items: Metadata) -> sparse.csr_matrix:
        """Return a sparse vector for each item's text, float32[items, words], zero where the item has no text.

        The dot product of two vectors is the cosine similarity of the texts, multiplied by the weight of the column.

        Args:
            items: The Items dataset, which must have this column.
        """
        return self.words.vectors([text or "" for text in items.texts(self.name)]) * np.float32(np.sqrt(self.share))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticSimilarityModel(Model):
    """Model that ranks items by the similarity of their texts to the texts of a given item.

    The rankingInfluence of a campaign multiplies similarities by 1 + POPULARITY x popularity + FRESHNESS x freshness.
    The popularity of an item is the share of items that have fewer users. Its freshness is the share of items that are
    older, among those with a creation time. The developer guide, "Semantic-Similarity recipe" (2025), describes the
    effect but gives no formula. With the formula used here, items without common words keep a similarity of 0.

    Attributes:
        columns: The text columns by which items are compared.
        vectors: float32[items, words], the sparse text vectors of the items. Their dot products are similarities.
        transposed: float32[words, items], the transpose of `vectors` as a CSR matrix, stored to save time.
        item_scores: The popularity and the freshness of each item, under the keys "POPULARITY" and "FRESHNESS", each
            float32[items], from 0 to 1.
        popular: The ranking of all items by popularity. Of equally popular items, the newest comes first.
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
        """Return the most similar items for each query, computed for many queries at once; see `Model.rank_each`."""
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
        """Return the text similarity of each pair of items, float64[pairs], from 0 to 1.

        Popularity and freshness have no influence on it.

        Args:
            items: int[pairs], the index of one item of each pair.
            others: int[pairs], the index of the other item.
        """
        return np.asarray(self.vectors[items].multiply(self.vectors[others]).sum(axis=1), dtype=np.float64).ravel()

    def _scores(self, queries: Sequence[Query]) -> NDArray[np.float32]:
        """Return the similarity of every item to the item of each query, float32[queries, items].

        If a query has a ranking influence, popular or new items have a larger similarity than their texts give them.
        """
        scores = (self.vectors[[query.item for query in queries]] @ self.transposed).toarray()
        for row, query in enumerate(queries):
            influences = [(weight, self.item_scores[name]) for name, weight in query.influence.items() if weight]
            if influences:
                scores[row] *= 1 + sum(np.float32(weight) * item_scores for weight, item_scores in influences)
        return np.asarray(scores)


class SemanticSimilarity(Recipe):
    """Recipe aws-semantic-similarity, which recommends items whose texts share words with those of a given item."""

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
        """Compute the text vectors of the items; see `Recipe.fit`.

        Raises:
            TrainingFailed: No textual field has text, or the schema does not mark a field as the name of the item.
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
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
    ) -> Model:
        """Return the model with new items and with the current texts of all items; see `Recipe.updated`.

        Popularity and freshness stay as they were at training (developer guide, "Semantic-Similarity recipe", 2025), so
        both are 0 for new items. The vocabulary and the weights of the words stay too. Items that have been deleted
        from the dataset keep their last texts.
        """
        assert isinstance(model, SemanticSimilarityModel)  # noqa: S101  fitted by this recipe
        if data.items is None:
            return model
        vectors, count = _vectors(model.columns, data.items), model.vectors.shape[0]
        old_vectors = model.vectors.copy()
        old_vectors.resize(vectors.shape)
        deleted = (data.items.row < 0).astype(np.float32)
        vectors = (vectors + sparse.diags(deleted) @ old_vectors).tocsr()  # the new vectors of deleted items are 0
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
    """Return the textual column and the column of item names, or only one of them if the other has no text."""
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
    """Return the texts of a column, except blank ones. The list is empty if the dataset does not have the column."""
    return [text for text in items.texts(field.name) if text and text.strip()] if field.name in items.table else []


def _vectors(columns: tuple[TextColumn, ...], items: Metadata) -> sparse.csr_matrix:
    return sparse.hstack([column.vectors(items) for column in columns], format="csr")


def _creation_times(data: TrainingData) -> NDArray[np.float64]:
    """Return the creation time of each item, float64[items], in epoch seconds. Unknown times are NaN."""
    if data.items is None or CREATED not in data.items.table:
        return np.full(len(data.interactions.items), np.nan)
    return data.items.numbers(CREATED)


def _share_below(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return, for each value, the share of the known values that are smaller, float32[len(values)].

    Unknown values are NaN. They do not count, and their share is 0.
    """
    known = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(known, values) / max(1, len(known))
    return np.where(np.isnan(values), 0, below).astype(np.float32)
