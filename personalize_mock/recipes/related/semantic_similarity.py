"""aws-semantic-similarity: items whose texts are alike; works without interactions.

The service compares embeddings of a language model. Here texts are alike if they share words, rare ones above all, so
that a test needs no model of its own to know what to expect. Three quarters of a similarity are the textual column's,
one quarter is the item's name's.
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
    Evaluation,
    Model,
    Query,
    Ranking,
    Recipe,
    TrainingData,
    TrainingFailed,
)
from personalize_mock.recipes.numerics.tf_idf import TfIdf
from personalize_mock.recipes.objective import Objective
from personalize_mock.recipes.popular.popularity_count import Popularity
from personalize_mock.recipes.related.neighbours import completed, greatest

NAME_SHARE = 0.25
BLOCK_SCORES = 1 << 22
CREATED = "CREATION_TIMESTAMP"
# Ours.
NO_TEXT = "The Items dataset has no textual field with text."
NO_NAME = "The Items dataset has no field whose itemName is true."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextColumn:
    """A column that is compared.

    Attributes:
        column: Its name.
        share: Its share of a similarity.
        words: The words of its texts in the training.
    """

    column: str
    share: float
    words: TfIdf

    def vectors(self, items: Metadata) -> sparse.csr_matrix:
        """float32[items, words], whose products are the column's share of a similarity."""
        return self.words.vectors([text or "" for text in items.texts(self.column)]) * np.float32(np.sqrt(self.share))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticSimilarityModel(Model):
    """Texts as vectors.

    With a ranking influence similarities are multiplied by 1 + POPULARITY x popularity + FRESHNESS x freshness, each
    of which is the share of items that are less popular or older. What influences do is documented, the form is ours:
    what is not similar at all never enters.

    Attributes:
        texts: What is compared.
        vectors: float32[items, words], sparse.
        having: The same the other way round: for each word the items that have it.
        influences: float32[items] by name, POPULARITY and FRESHNESS.
        popular: All items, most popular first, the newest of equally popular ones.
    """

    related: ClassVar[bool] = True

    texts: tuple[TextColumn, ...]
    vectors: sparse.csr_matrix
    having: sparse.csr_matrix
    influences: Mapping[str, NDArray[np.float32]]
    popular: Popularity

    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The items most similar to that of the query; see `Model.rank`."""
        found = self.popular.order[:0]
        if 0 <= query.item < self.vectors.shape[0]:
            scores = self._scores([query])[0]
            found = greatest(scores, n=n, item=query.item, candidates=candidates)
        return completed(found, self.popular, query, n=n, candidates=candidates)

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """See `Model.rank_each`."""
        count = self.vectors.shape[0]
        found = [self.popular.order[:0]] * len(queries)
        known = [row for row, query in enumerate(queries) if 0 <= query.item < count]
        size = max(1, BLOCK_SCORES // max(1, count))
        for start in range(0, len(known), size):
            rows = known[start : start + size]
            for row, scores in zip(rows, self._scores([queries[row] for row in rows]), strict=True):
                found[row] = greatest(scores, n=n, item=queries[row].item, candidates=candidates[row])
        return [
            completed(codes, self.popular, query, n=n, candidates=passing)
            for codes, query, passing in zip(found, queries, candidates, strict=True)
        ]

    def similarity(self, one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.float64]:
        """How similar pairs of items are without any influence, from 0 to 1: float64[pairs]."""
        return np.asarray(self.vectors[one].multiply(self.vectors[other]).sum(axis=1), dtype=np.float64).ravel()

    def _scores(self, queries: Sequence[Query]) -> NDArray[np.float32]:
        """Similarities under the influences, float32[queries, items]."""
        scores = (self.vectors[[query.item for query in queries]] @ self.having).toarray()
        for row, query in enumerate(queries):
            weights = [(weight, self.influences[name]) for name, weight in query.influence.items() if weight]
            if weights:
                scores[row] *= 1 + sum(np.float32(weight) * influence for weight, influence in weights)
        return np.asarray(scores)


class SemanticSimilarity(Recipe):
    """aws-semantic-similarity."""

    evaluation: ClassVar[Evaluation] = "texts"
    needs_events: ClassVar[bool] = False

    def fit(
        self,
        data: TrainingData,
        *,
        config: Mapping[str, str],  # noqa: ARG002  the recipe has none
        objective: Objective | None,  # noqa: ARG002  the recipe allows none
        seed: int,  # noqa: ARG002  nothing is random
    ) -> SemanticSimilarityModel:
        """Learn the words; see `Recipe.fit`.

        Raises:
            Untrainable: the Items dataset names no item, or has no text.
        """
        if data.items is None or not any(_values(data.items, field) for field in data.items.fields if field.textual):
            raise TrainingFailed(NO_TEXT)
        if not any(field.item_name for field in data.items.fields):
            raise TrainingFailed(NO_NAME)
        texts = _texts(data.items)
        return _model(data, texts, _vectors(texts, data.items))

    def updated(
        self,
        model: Model,
        data: TrainingData,
        *,
        objective: Objective | None = None,  # noqa: ARG002  the recipe allows none
    ) -> Model:
        """With the items that came since, and the texts of items as they are now; see `Recipe.updated`.

        Popularity and freshness stay those of the training (documented), so that new items have neither. The words and
        their weights stay too, and so do the texts of items that are no longer there.
        """
        assert isinstance(model, SemanticSimilarityModel)  # noqa: S101  a recipe gets back what it gave
        if data.items is None:
            return model
        vectors, before = _vectors(model.texts, data.items), model.vectors.shape[0]
        old = model.vectors.copy()
        old.resize(vectors.shape)
        gone = (data.items.row < 0).astype(np.float32)
        vectors = (vectors + sparse.diags(gone) @ old).tocsr()  # those that are gone have no text now
        new = np.arange(before, vectors.shape[0], dtype=np.int32)
        return replace(
            model,
            vectors=vectors,
            having=vectors.T.tocsr(),
            influences={name: np.pad(each, (0, len(new))) for name, each in model.influences.items()},
            popular=Popularity(order=np.concatenate((model.popular.order, new))),
        )


def _model(data: TrainingData, texts: tuple[TextColumn, ...], vectors: sparse.csr_matrix) -> SemanticSimilarityModel:
    users = data.interactions.csr().getnnz(axis=0)
    popularity = _share_below(users.astype(np.float64))
    freshness = _share_below(_created(data))
    return SemanticSimilarityModel(
        texts=texts,
        vectors=vectors,
        having=vectors.T.tocsr(),
        influences={"POPULARITY": popularity, "FRESHNESS": freshness},
        popular=Popularity(order=np.lexsort((-freshness, -users)).astype(np.int32)),
    )


def _texts(items: Metadata) -> tuple[TextColumn, ...]:
    """The columns with text, the item's name among them."""
    return tuple(
        TextColumn(
            column=field.name, share=1 - NAME_SHARE if field.textual else NAME_SHARE, words=TfIdf.from_texts(values)
        )
        for field in items.fields
        if (field.textual or field.item_name) and (values := _values(items, field))
    )


def _values(items: Metadata, field: SchemaField) -> list[str]:
    """The texts of a column that are not empty."""
    return [text for text in items.texts(field.name) if text and text.strip()] if field.name in items.table else []


def _vectors(texts: tuple[TextColumn, ...], items: Metadata) -> sparse.csr_matrix:
    return sparse.hstack([text.vectors(items) for text in texts], format="csr")


def _created(data: TrainingData) -> NDArray[np.float64]:
    """float64[items], NaN where it is not known."""
    if data.items is None or CREATED not in data.items.table:
        return np.full(len(data.interactions.items), np.nan)
    return data.items.numbers(CREATED)


def _share_below(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each value the share of all that are known and less, 0 for NaN: float32[len(values)]."""
    known = np.sort(values[~np.isnan(values)])
    below = np.searchsorted(known, values) / max(1, len(values))
    return np.where(np.isnan(values), 0, below).astype(np.float32)
