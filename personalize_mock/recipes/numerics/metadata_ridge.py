"""Ridge regression that predicts the latent factors of new items from their metadata."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.numerics.column_encoding import ColumnEncoders, encoded_columns, most_frequent, z_scores
from personalize_mock.recipes.numerics.tf_idf import LONG_WORDS, TfIdf

MAX_CATEGORIES = 400  # per column, the most frequent ones
MAX_WORDS = 400
RIDGE = 20.0  # on MovieLens, values from 3 to 30 rank held-out items equally well
SKIPPED = frozenset(("CREATION_TIMESTAMP",))


def predicted_factors(
    items: Metadata,
    *,
    known: NDArray[np.integer],
    factors: NDArray[np.float32],
    wanted: NDArray[np.integer],
) -> NDArray[np.float32]:
    """Predict the latent factors of items from their metadata by ridge regression.

    With the centred metadata features X and the centred factors Y of the known items, the regression weights are
    (X'X + RIDGE I)^-1 X'Y.

    Args:
        items: The Items dataset.
        known: int[n], the indices of the items from which the regression learns.
        factors: float32[n, n_factors], the factors of these items.
        wanted: int[m], the indices of the items whose factors are predicted.

    Returns:
        The predicted factors minus the mean of the known factors, float32[m, n_factors]. They are 0 for an item without
        metadata.
    """
    features = item_features(items, np.concatenate((known, wanted)))
    if not len(known) or not features.shape[1]:
        return np.zeros((len(wanted), factors.shape[1]), dtype=np.float32)
    known_features = features[: len(known)]
    mean = np.asarray(known_features.mean(axis=0)).ravel()
    gram = (known_features.T @ known_features).toarray() - len(known) * np.outer(mean, mean)
    centred = factors - factors.mean(axis=0, dtype=np.float64)
    weights = np.linalg.solve(gram + RIDGE * np.eye(len(gram)), known_features.T @ centred)
    predicted = features[len(known) :] @ weights - mean @ weights
    predicted[items.row[wanted] < 0] = 0
    return np.asarray(predicted, dtype=np.float32)


def item_features(items: Metadata, indices: NDArray[np.integer]) -> sparse.csr_matrix:
    """Return the metadata of items as numeric features, float64[len(indices), n_features].

    Categories are encoded as zeros and ones, numbers as z-scores (0 where missing), and texts as TF-IDF vectors. The
    creation time is not used.

    Args:
        items: The Items dataset.
        indices: The item index of each row of the result.
    """
    parts = encoded_columns(items, ENCODERS, indices=indices, skip=SKIPPED)
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix((len(indices), 0)), *parts], format="csr"))


def _encode_text(texts: list[str]) -> sparse.csr_matrix:
    words = TfIdf.from_texts(
        texts, token_pattern=LONG_WORDS, sublinear=False, smooth=False, min_df=2, max_features=MAX_WORDS
    )
    return words.vectors(texts, dtype=np.float64)


ENCODERS = ColumnEncoders(
    categorical=partial(most_frequent, limit=MAX_CATEGORIES), numeric=z_scores, textual=_encode_text
)
