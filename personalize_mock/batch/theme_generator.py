"""Themes of related items: what they have in common more than other items do, in words.

The service has a language model write a title and rate how well each item fits it. Here a theme is named after the
categories and words that tell the items from the catalogue, the two strongest of them, and an item fits as well as the
cosine between its own categories and words and those of all items of the list says. It is made to be repeatable and to
have the service's form, not its wit.
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

DECIMALS = 9  # documented: 0.183059963
NAMED = 2
SHORTEST = 4  # letters of a word that names a theme; shorter ones are seldom telling
UNNAMED = "Similar items"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThemeGenerator:
    """What items are about.

    Attributes:
        ids: The items.
        terms: Categories as they are written, then words.
        naming: bool[terms], which may name a theme.
        vectors: float64[items, terms] of length 1, or 0 for an item of which nothing is said.
    """

    ids: IdMap
    terms: Sequence[str]
    naming: NDArray[np.bool_]
    vectors: sparse.csr_matrix

    def output(self, item: int, ranking: Ranking) -> Mapping[str, Any]:
        """A list with its theme, the most fitting items first.

        Args:
            item: The item of the line, -1 if it is unknown.
            ranking: The items related to it.
        """
        together = ranking.indices if item < 0 else np.append(ranking.indices, np.int32(item))
        rows = self.vectors[together]
        common, having = np.asarray(rows.sum(axis=0)).ravel(), rows.getnnz(axis=0)
        common /= np.linalg.norm(common) or 1
        fit = (self.vectors[ranking.indices] @ common).round(DECIMALS)
        order = np.argsort(-fit, kind="stable")
        return {
            "recommendedItems": self.ids.at(ranking.indices[order]),
            "theme": self._name(common * having * (having > 1)),
            "itemsThemeRelevanceScores": fit[order].tolist(),
        }

    def _name(self, shared: NDArray[np.float64]) -> str:
        strength = np.where(self.naming, shared, 0)
        best = np.argsort(-strength, kind="stable")[:NAMED]
        name = " and ".join(self.terms[term] for term in best.tolist() if strength[term] > 0)
        return name[:1].upper() + name[1:] or UNNAMED


def themes_of(items: Metadata, *, item_name: str) -> ThemeGenerator:
    """The themes that items can have.

    Args:
        items: The Items dataset in the order of the model's items.
        item_name: The column of their names; like those of textual columns its words count.
    """
    names = [field.name for field in items.fields if field.textual or field.name.casefold() == item_name.casefold()]
    kinds = [each.name for each in items.fields if each.categorical and each.name not in names]
    parts = [_categories(items, name) for name in kinds if name in items.table]
    parts += [_words(items, name) for name in names if name in items.table]
    terms = [term for found, _, _ in parts for term in found]
    vectors = sparse.hstack([each for _, _, each in parts], format="csr") if parts else _nothing(items)
    naming = np.concatenate([each for _, each, _ in parts]) if parts else np.zeros(0, dtype=bool)
    return ThemeGenerator(ids=items.ids, terms=terms, naming=naming, vectors=normalize_sparse_rows(vectors))


_Part = tuple[Sequence[str], NDArray[np.bool_], sparse.csr_matrix]


def _categories(items: Metadata, name: str) -> _Part:
    terms, has = items.categories(name)
    weight = np.log(1 + len(items.ids) / np.maximum(1, has.getnnz(axis=0)))
    return terms, np.ones(len(terms), dtype=bool), normalize_sparse_rows(has @ sparse.diags(weight))


def _words(items: Metadata, name: str) -> _Part:
    texts = [text or "" for text in items.texts(name)]
    known = TfIdf.from_texts(texts)
    naming = np.array([len(word) >= SHORTEST and word.isalpha() for word in known.columns], dtype=bool)
    return tuple(known.columns), naming, known.vectors(texts).astype(np.float64)


def _nothing(items: Metadata) -> sparse.csr_matrix:
    return sparse.csr_matrix((len(items.ids), 0))
