import numpy as np
import pytest
from scipy.optimize import minimize

from personalize_mock.recipes.numerics.choice_model import RIDGE, fit_choices, penalised_likelihood


def choices(*, sets=400, size=5, coefficients=(1.5, -0.7), seed=0):
    """Return features of sets of alternatives, and what was chosen with the model's probabilities."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(sets * size, len(coefficients)))
    utility = (features @ np.array(coefficients)).reshape(sets, size) + rng.gumbel(size=(sets, size))
    starts = np.arange(0, sets * size, size)
    return features, starts, starts + utility.argmax(axis=1)


def test_the_coefficients_that_made_the_choices_are_found():
    assert fit_choices(*choices(sets=4000)) == pytest.approx([1.5, -0.7], abs=0.1)


def test_they_have_the_greatest_likelihood_by_scipy_too():
    features, starts, chosen = choices()

    def loss(coefficients):
        utility = (features @ coefficients).reshape(len(starts), -1)
        likelihood = (features @ coefficients)[chosen].sum() - np.log(np.exp(utility).sum(axis=1)).sum()
        return RIDGE / 2 * coefficients @ coefficients - likelihood

    expected = minimize(loss, np.zeros(2)).x
    assert fit_choices(features, starts, chosen) == pytest.approx(expected, abs=1e-3)


def test_sets_may_have_different_sizes():
    features = np.array([[0.0], [1.0], [0.0], [1.0], [2.0], [1.0]])
    starts = np.array([0, 2, 5])
    assert fit_choices(features, starts, np.array([1, 4, 5]))[0] > 0
    assert fit_choices(features, starts, np.array([0, 2, 5]))[0] < 0


def test_a_feature_that_decides_everything_has_a_finite_coefficient():
    features = np.tile([[1.0], [0.0]], (500, 1))
    starts = np.arange(0, 1000, 2)
    (coefficient,) = fit_choices(features, starts, starts)
    assert 3 < coefficient < 20


def test_large_features_do_not_overflow():
    features = np.array([[1e6], [0.0], [0.0], [1e6]])
    starts = np.array([0, 2])
    assert np.isfinite(fit_choices(features, starts, np.array([0, 2]))).all()


def test_without_choices_nothing_matters():
    nothing = np.empty(0, dtype=np.int64)
    assert fit_choices(np.empty((0, 3)), nothing, nothing).tolist() == [0, 0, 0]


def test_several_choices_from_one_set_are_like_one_choice_from_each_of_equal_sets():
    features, starts, chosen = choices(sets=60)
    other = starts + (chosen - starts + 1) % 5
    together = fit_choices(features, starts, np.sort(np.concatenate((chosen, other))))
    twice = np.concatenate((starts, starts + len(features)))
    apart = fit_choices(np.tile(features, (2, 1)), twice, np.concatenate((chosen, other + len(features))))
    assert together == pytest.approx(apart)


def test_the_fitted_coefficients_have_a_greater_likelihood_than_others():
    features, starts, chosen = choices()
    best = fit_choices(features, starts, chosen)
    likelihood = penalised_likelihood(features, starts, chosen, best)
    for change in ((0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)):
        assert penalised_likelihood(features, starts, chosen, best + np.array(change)) < likelihood
