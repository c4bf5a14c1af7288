"""TF-IDF vectors of texts: term frequency times inverse document frequency of each word, scaled to unit norm.

The dot product of two vectors is the cosine of their texts. Weights follow Salton and Buckley, "Term-Weighting
Approaches in Automatic Text Retrieval" (1988). The parameters are named as in scikit-learn's TfidfVectorizer. Two uses
need different values:

* Similarity (the defaults) recognizes any shared word. It keeps all words, and a word that occurs in every text still
  counts. Numbers count less than words, because a shared year or quantity does not make two texts alike.
* Regression (`metadata_ridge`) keeps its system of equations small. It takes the words that most texts share, and drops
  numbers and words of fewer than three letters.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

NUMBER_WEIGHT = 0.3
WORDS_AND_NUMBERS = re.compile(r"[^\W_]+")
LONG_WORDS = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TfIdf:
    """The words of some texts and their weights.

    Attributes:
        columns: The column of each word. Words are sorted lexicographically, or by descending frequency if
            `max_features` was given.
        idf: float64[words], the inverse document frequencies.
        token_pattern: Matches the words of a case-folded text.
        sublinear: Whether the term frequency of a word that occurs t times is 1 + ln(t) instead of t.
    """

    columns: Mapping[str, int]
    idf: NDArray[np.float64]
    token_pattern: re.Pattern[str]
    sublinear: bool

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        token_pattern: re.Pattern[str] = WORDS_AND_NUMBERS,
        sublinear: bool = True,
        smooth: bool = True,
        min_df: int = 1,
        max_features: int | None = None,
    ) -> "TfIdf":
        """Count the words of texts.

        Args:
            texts: The n texts.
            token_pattern: Matches the words of a case-folded text.
            sublinear: Whether repetitions of a word in a text count logarithmically.
            smooth: Whether the idf of a word in d texts is ln(1 + n / d) instead of ln(n / d).
            min_df: Words in fewer texts are dropped.
            max_features: The number of words to keep, the most frequent first. None keeps all words.
        """
        document_frequency: Counter[str] = Counter()
        n = 0
        for n, text in enumerate(texts, start=1):  # noqa: B007  read after the loop
            document_frequency.update(set(_words(text, token_pattern)))
        words = sorted(word for word, count in document_frequency.items() if count >= min_df)
        if max_features is not None:
            words = sorted(words, key=lambda word: -document_frequency[word])[:max_features]
        frequencies = np.array([document_frequency[word] for word in words], dtype=np.float64)
        weights = np.array([NUMBER_WEIGHT if word.isdecimal() else 1 for word in words], dtype=np.float64)
        return cls(
            columns={word: column for column, word in enumerate(words)},
            idf=weights * np.log(n / frequencies + smooth),
            token_pattern=token_pattern,
            sublinear=sublinear,
        )

    def vectors(self, texts: Sequence[str], *, dtype: DTypeLike = np.float32) -> sparse.csr_matrix:
        """Return the vectors of texts, shape (len(texts), words). Unknown words are ignored.

        Vectors have unit norm. A text without any known word gives a vector of zeros.
        """
        counts = [Counter(word for word in _words(text, self.token_pattern) if word in self.columns) for text in texts]
        stops = np.cumsum([0, *map(len, counts)])
        columns = np.fromiter((self.columns[word] for words in counts for word in words), np.int32, count=stops[-1])
        times = np.fromiter((count for words in counts for count in words.values()), np.float64, count=stops[-1])
        values = (1 + np.log(times) if self.sublinear else times) * self.idf[columns]
        rows = np.repeat(np.arange(len(texts)), np.diff(stops))
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=len(texts)))
        values /= np.maximum(lengths, 1e-12)[rows]
        matrix = sparse.csr_matrix((values, columns, stops), shape=(len(texts), len(self.columns)))
        matrix.sort_indices()
        return matrix.astype(dtype)


def _words(text: str, token_pattern: re.Pattern[str]) -> list[str]:
    return token_pattern.findall(text.casefold())
