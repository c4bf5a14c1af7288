"""Similarity of items by their common users, for the recipe aws-item-affinity.

The similarity of two items is the cosine between their columns of the user-item matrix, with two changes: users who
interacted with many items have a smaller weight, and items with few users are less similar to all others.
"""

import numpy as np
from scipy import sparse

from personalize_mock.recipes.related.neighbours import top_per_row

SIMILAR_ITEMS = 200
PRIOR_USERS = 5.0
BLOCK_ROWS = 1024  # rows of the matrix of common users that are in memory at a time


def similar_items(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the similarity of each item to the 200 items that are most similar to it.

    Args:
        counts: Shape (users, items), the number of interactions of each user with each item.

    Returns:
        float32[items, items], sparse, with at most 200 entries per row and none on the diagonal.
    """
    indicators = (counts > 0).astype(np.float32).tocsr()
    lengths = indicators.getnnz(axis=1)
    users = indicators.getnnz(axis=0) + PRIOR_USERS
    scaled = (indicators @ sparse.diags((users**-0.5).astype(np.float32))).tocsr()
    weighted = (sparse.diags((1 / np.log2(2 + lengths)).astype(np.float32)) @ scaled).T.tocsr()
    blocks = [
        _most_similar((weighted[start : start + BLOCK_ROWS] @ scaled).tocsr(), first=start)
        for start in range(0, weighted.shape[0], BLOCK_ROWS)
    ]
    return sparse.vstack(blocks, format="csr") if blocks else sparse.csr_matrix((0, 0), dtype=np.float32)


def _most_similar(similarity: sparse.csr_matrix, *, first: int) -> sparse.csr_matrix:
    """Return only the 200 largest similarities of each item to other items.

    Args:
        similarity: float32[rows, items], consecutive rows of the similarity matrix. The function modifies this matrix.
        first: Index of the item in the first row, needed to drop the similarity of an item to itself.
    """
    rows = np.repeat(np.arange(similarity.shape[0]), np.diff(similarity.indptr))
    similarity.data[similarity.indices == rows + first] = 0
    similarity.eliminate_zeros()
    similarity.sort_indices()
    lengths, columns = top_per_row(similarity, count=SIMILAR_ITEMS)
    rows = np.repeat(np.arange(similarity.shape[0]), lengths)
    values = np.asarray(similarity[rows, columns], dtype=np.float32).ravel() if len(rows) else np.empty(0, np.float32)
    return sparse.csr_matrix((values, (rows, columns)), shape=similarity.shape)
