"""Texts as vectors of their words: term frequency, inverse document frequency.

A word that a text has t times and d of n texts have weighs (1 + ln t) ln(1 + n / d); then the length of each vector is
made 1, so that a product of two is their cosine (Salton, Buckley: "Term-Weighting Approaches in Automatic Text
Retrieval", 1988; the 1 + in each logarithm keeps words that stand once, or in every text). Numbers count less than
words: the same year or quantity makes no two things alike.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

NUMBER_WEIGHT = 0.3
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The words of some texts.

    Attributes:
        number: The number of each word, in lexicographic order.
        weight: float64[words], how much a word tells.
    """

    number: Mapping[str, int]
    weight: NDArray[np.float64]

    def vectors(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Texts as float32[len(texts), words] of length 1, or 0 without a known word; unknown words are passed over."""
        bags = [Counter(each for each in words(text) if each in self.number) for text in texts]
        stops = np.cumsum([0, *map(len, bags)])
        columns = np.fromiter((self.number[word] for bag in bags for word in bag), np.int32, count=stops[-1])
        times = np.fromiter((count for bag in bags for count in bag.values()), np.float64, count=stops[-1])
        values = (1 + np.log(times)) * self.weight[columns]
        matrix = sparse.csr_matrix((values, columns, stops), shape=(len(texts), len(self.number)))
        matrix.sort_indices()
        return unit(matrix).astype(np.float32)


def vocabulary(texts: Iterable[str]) -> Vocabulary:
    """The words of `texts` and their weights."""
    having: Counter[str] = Counter()
    count = 0
    for count, text in enumerate(texts, start=1):  # noqa: B007  read after the loop
        having.update(set(words(text)))
    known = sorted(having)
    texts_with = np.array([having[word] for word in known], dtype=np.float64)
    kind = np.array([NUMBER_WEIGHT if word.isdecimal() else 1 for word in known], dtype=np.float64)
    number = {word: at for at, word in enumerate(known)}
    return Vocabulary(number=number, weight=kind * np.log(1 + count / texts_with))


def words(text: str) -> list[str]:
    """Letters and digits without anything between them, in lower case."""
    return WORD.findall(text.casefold())


def unit(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """The same directions with a length of 1; rows of zeros stay."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, lengths, out=np.zeros(len(lengths)), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)
