"""Item metadata as numbers, and where they place an item among the factors that were learned from events."""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.metadata import Metadata

MOST_CATEGORIES = 400  # of one column, the most frequent
MOST_WORDS = 400
RIDGE = 20.0  # on MovieLens 3 to 30 order items that were held out equally well
TIMES = frozenset(("CREATION_TIMESTAMP",))
_WORD = re.compile(r"[^\W\d_]{3,}")


def predicted_factors(
    items: Metadata,
    *,
    known: NDArray[np.integer],
    factors: NDArray[np.float32],
    wanted: NDArray[np.integer],
) -> NDArray[np.float32]:
    """The factors that items are likely to have, from their metadata alone.

    A ridge regression of the known factors on the features, without penalty for the mean.

    Args:
        items: The Items dataset.
        known: int[n], codes of items.
        factors: float32[n, factors], theirs.
        wanted: int[m], codes of other items.

    Returns:
        float32[m, factors], differences from the mean; zero where nothing is known of an item.
    """
    features = item_features(items, np.concatenate((known, wanted)))
    if not len(known) or not features.shape[1]:
        return np.zeros((len(wanted), factors.shape[1]), dtype=np.float32)
    told = features[: len(known)]
    middle = np.asarray(told.mean(axis=0)).ravel()
    gram = (told.T @ told).toarray() - len(known) * np.outer(middle, middle)
    centred = factors - factors.mean(axis=0, dtype=np.float64)
    weights = np.linalg.solve(gram + RIDGE * np.eye(len(gram)), told.T @ centred)
    asked = features[len(known) :]
    predicted = asked @ weights - middle @ weights
    predicted[items.row[wanted] < 0] = 0
    return np.asarray(predicted, dtype=np.float32)


def item_features(items: Metadata, codes: NDArray[np.integer]) -> sparse.csr_matrix:
    """What the metadata say of some items: float64[len(codes), features].

    Categories are zeros and ones, numbers are z-scores (0 where missing), words are TF-IDF with a length of 1.
    Booleans and text that is neither categorical nor textual are not used, as by the service; nor is the time of
    creation.
    """
    parts = [sparse.csr_matrix((len(codes), 0))]
    for field in items.fields:
        if field.name not in items.table or field.name in TIMES or field.type == "boolean":
            continue
        if field.type != "string":
            parts.append(_number(items.numbers(field.name)[codes]))
        elif field.categorical:
            parts.append(_most_frequent(items.categories(field.name)[1][codes]))
        elif field.textual:
            texts = items.texts(field.name)
            parts.append(_words([texts[code] or "" for code in codes.tolist()]))
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"))


def _number(values: NDArray[np.float64]) -> sparse.csr_matrix:
    known = values[~np.isnan(values)]
    deviation = known.std() if len(known) else 0.0
    if deviation == 0:
        return sparse.csr_matrix((len(values), 0))
    return sparse.csr_matrix(np.nan_to_num((values - known.mean()) / deviation)[:, None])


def _most_frequent(has: sparse.csr_matrix) -> sparse.csr_matrix:
    frequency = has.getnnz(axis=0)
    order = np.argsort(-frequency, kind="stable")[:MOST_CATEGORIES]
    return has[:, order[frequency[order] > 0]]


def _words(texts: list[str]) -> sparse.csr_matrix:
    """TF-IDF of the words that most texts share, but for those in a single one."""
    found = [Counter(_WORD.findall(text.casefold())) for text in texts]
    spread = Counter(word for words in found for word in words)
    frequent = sorted((word for word, count in spread.items() if count > 1), key=lambda word: (-spread[word], word))
    place = {word: column for column, word in enumerate(frequent[:MOST_WORDS])}
    triples = [
        (row, place[word], count * np.log(len(texts) / spread[word]))
        for row, words in enumerate(found)
        for word, count in words.items()
        if word in place
    ]
    row, column, value = (np.array(each) for each in zip(*triples, strict=True)) if triples else np.zeros((3, 0))
    lengths = np.sqrt(np.bincount(row.astype(np.int64), value**2, minlength=len(texts)))
    value = value / np.maximum(lengths, 1e-12)[row.astype(np.int64)]
    return sparse.csr_matrix((value, (row.astype(np.int64), column.astype(np.int64))), shape=(len(texts), len(place)))
