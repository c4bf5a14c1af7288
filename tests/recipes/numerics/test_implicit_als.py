"""Factors that implicit's ALS computes."""

import numpy as np
import pytest
from scipy import sparse

from personalize_mock.recipes.numerics import implicit_als
from personalize_mock.recipes.numerics.implicit_als import fit_als


@pytest.fixture
def counts():
    rng = np.random.default_rng(0)
    return sparse.csr_matrix((rng.random((300, 200)) < 0.05).astype(np.float64))


def test_the_number_of_threads_does_not_change_a_bit_of_the_factors(counts, monkeypatch):
    monkeypatch.setattr(implicit_als, "ALL_CORES_FROM", np.inf)
    one_thread = fit_als(counts, factors=20, seed=1)
    monkeypatch.setattr(implicit_als, "ALL_CORES_FROM", 0)
    all_cores = fit_als(counts, factors=20, seed=1)
    assert one_thread.users.tobytes() == all_cores.users.tobytes()
    assert one_thread.items.tobytes() == all_cores.items.tobytes()


@pytest.mark.parametrize(("limit", "threads"), [(1.0, 0), (1.1, 1)])
def test_all_cores_are_used_if_pairs_times_factors_reach_a_limit(counts, monkeypatch, limit, threads):
    given = []

    class Als(implicit_als.als_class()):
        def __init__(self, **options):
            given.append(options["num_threads"])
            super().__init__(**options)

    monkeypatch.setattr(implicit_als, "als_class", lambda: Als)
    monkeypatch.setattr(implicit_als, "ALL_CORES_FROM", limit * counts.nnz * 20)
    fit_als(counts, factors=20, seed=1)
    assert given == [threads]


def test_factors_of_no_interactions_are_zero():
    factors = fit_als(sparse.csr_matrix((3, 2)), factors=4, seed=0)
    assert (factors.users.shape, factors.items.shape) == ((3, 4), (2, 4))
    assert not factors.users.any()
    assert not factors.items.any()
