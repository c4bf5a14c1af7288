"""TF-IDF vectors of texts: term frequency times inverse document frequency of each word, scaled to unit norm.

The dot product of two vectors is the cosine similarity of the texts. Weights follow Salton and Buckley, "Term-Weighting
Approaches in Automatic Text Retrieval" (1988). The parameters are named as in scikit-learn's TfidfVectorizer. They have
different values for two uses:

* To compare texts (the defaults), all words are kept, and a word that occurs in every text still counts. Numbers count
  less than words, because a shared year or quantity does not make two texts alike.
* For regression (`metadata_ridge`), only the words that occur in the most texts are kept, so that the system of
  equations is small. Numbers and words of fewer than three letters are dropped.
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
    """Vocabulary of a collection of texts with inverse document frequencies, which converts texts to TF-IDF vectors.

    Attributes:
        columns: The column of each word in the vectors. Words are sorted lexicographically, or by descending frequency
            if their number was limited.
        idf: float64[words], the inverse document frequency of each word, multiplied by 0.3 if the word is a number.
        token_pattern: Pattern that matches the words of a case-folded text.
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
        """Build the vocabulary of a collection of n texts.

        Args:
            texts: The texts whose words are counted.
            token_pattern: Pattern that matches the words of a case-folded text.
            sublinear: Whether the term frequency of a word that occurs t times in a text is 1 + ln(t) instead of t.
            smooth: Whether the idf of a word that occurs in d texts is ln(1 + n / d) instead of ln(n / d).
            min_df: Words that occur in fewer than this many texts are dropped.
            max_features: The largest number of words. The words that occur in the most texts are kept. None keeps all
                words.
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
        """Return the TF-IDF vectors of texts, shape (len(texts), words).

        Words outside the vocabulary are ignored. Vectors have unit norm, except that a text without any word of the
        vocabulary gives a vector of zeros.
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
