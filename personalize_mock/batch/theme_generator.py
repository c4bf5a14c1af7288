"""Themes for lists of related items, named after categories and words that the items have in common.

In the service, a language model writes the theme and scores each item. The mock names a theme after the two categories
or words that distinguish the items most from the rest of the catalogue. The score of an item is the cosine similarity
between its categories and words and those of the whole list. The same items always get the same theme and scores, in
the format of the service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.base import Ranking
from personalize_mock.recipes.numerics.normalization import normalize_sparse_rows
from personalize_mock.recipes.numerics.tf_idf import TfIdf

DECIMALS = 9  # as in the developer guide's example, 0.183059963
NAME_TERMS = 2
MIN_LETTERS = 4  # minimum length of a word in a theme's name; shorter words are seldom meaningful
DEFAULT_NAME = "Similar items"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeGenerator:
    """Generator of themes for lists of related items. A term is a category or a word in the metadata of an item.

    Attributes:
        ids: Ids of the items.
        terms: All terms: the categories as they are written in the data, then the words.
        can_name: bool[terms], whether a theme may be named after the term. False for short words.
        vectors: float64[items, terms], weights of the terms of each item. Rows have unit norm, or are 0 if an item has
            no terms.
    """

    ids: IdMap
    terms: Sequence[str]
    can_name: NDArray[np.bool_]
    vectors: sparse.csr_matrix

    @classmethod
    def from_metadata(cls, items: Metadata, *, item_name: str) -> "ThemeGenerator":
        """Build a generator from the metadata of the items.

        Args:
            items: Rows of the Items dataset in the order of the model's items.
            item_name: Column with the names of the items. Its words are terms, like the words of textual columns.
        """
        text_columns = [
            field.name for field in items.fields if field.textual or field.name.casefold() == item_name.casefold()
        ]
        categorical = [field.name for field in items.fields if field.categorical and field.name not in text_columns]
        parts = [_categories(items, name) for name in categorical if name in items.table]
        parts += [_words(items, name) for name in text_columns if name in items.table]
        terms = [term for part_terms, _, _ in parts for term in part_terms]
        vectors = sparse.hstack([part for _, _, part in parts], format="csr") if parts else _no_terms(items)
        can_name = np.concatenate([part for _, part, _ in parts]) if parts else np.zeros(0, dtype=bool)
        return cls(ids=items.ids, terms=terms, can_name=can_name, vectors=normalize_sparse_rows(vectors))

    def output(self, item: int, ranking: Ranking) -> Mapping[str, Any]:
        """Return the `output` member of an output line: the related items, the theme of the list, and a score per item.

        A score says how well an item fits the theme. The items are sorted by their scores, best first.

        Args:
            item: Index, in `ids`, of the item that the input line names, or -1 if the model does not know the item.
            ranking: The related items that the model recommends.
        """
        together = ranking.indices if item < 0 else np.append(ranking.indices, np.int32(item))
        vectors = self.vectors[together]
        common, holders = np.asarray(vectors.sum(axis=0)).ravel(), vectors.getnnz(axis=0)
        common /= np.linalg.norm(common) or 1
        scores = (self.vectors[ranking.indices] @ common).round(DECIMALS)
        order = np.argsort(-scores, kind="stable")
        return {
            "recommendedItems": self.ids.at(ranking.indices[order]),
            "theme": self._name(common * holders * (holders > 1)),
            "itemsThemeRelevanceScores": scores[order].tolist(),
        }

    def _name(self, shared: NDArray[np.float64]) -> str:
        strength = np.where(self.can_name, shared, 0)
        best = np.argsort(-strength, kind="stable")[:NAME_TERMS]
        name = " and ".join(self.terms[term] for term in best.tolist() if strength[term] > 0)
        return name[:1].upper() + name[1:] or DEFAULT_NAME


# Terms, whether each may name a theme, and float64[items, terms].
_Part = tuple[Sequence[str], NDArray[np.bool_], sparse.csr_matrix]


def _categories(items: Metadata, name: str) -> _Part:
    terms, has = items.categories(name)
    weight = np.log(1 + len(items.ids) / np.maximum(1, has.getnnz(axis=0)))
    return terms, np.ones(len(terms), dtype=bool), normalize_sparse_rows(has @ sparse.diags(weight))


def _words(items: Metadata, name: str) -> _Part:
    texts = [text or "" for text in items.texts(name)]
    tf_idf = TfIdf.from_texts(texts)
    can_name = np.array([len(word) >= MIN_LETTERS and word.isalpha() for word in tf_idf.columns], dtype=bool)
    return tuple(tf_idf.columns), can_name, tf_idf.vectors(texts).astype(np.float64)


def _no_terms(items: Metadata) -> sparse.csr_matrix:
    return sparse.csr_matrix((len(items.ids), 0))
