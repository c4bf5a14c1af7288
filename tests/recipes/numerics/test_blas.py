import numpy as np
import pytest
from recipes.materials import full_training_data
from threadpoolctl import threadpool_info, threadpool_limits

from personalize_mock.recipes.base import Query
from personalize_mock.recipes.numerics import blas
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.recipes.related.similar_items import SimilarItemsModel


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def fail():
    with one_blas_thread():
        assert threads() == {1}
        raise ZeroDivisionError


def test_blas_has_one_thread_and_the_previous_number_after_an_exception():
    with threadpool_limits(2, "blas"):
        with pytest.raises(ZeroDivisionError):
            fail()
        assert threads() == {2}


@pytest.mark.parametrize(
    ("recipe", "model_class", "method"),
    [
        ("aws-user-personalization", Personalization, "_rank"),
        ("aws-similar-items", SimilarItemsModel, "_similar"),
    ],
)
def test_a_query_is_ranked_in_one_thread(films, monkeypatch, recipe, model_class, method):
    model = RECIPES[recipe].fit(full_training_data(films), config={}, objective=None, seed=0)
    recorded, original = [], getattr(model_class, method)

    def record(*args, **kwargs):
        recorded.append(threads())
        return original(*args, **kwargs)

    monkeypatch.setattr(model_class, method, record)
    with threadpool_limits(2, "blas"):
        model.rank(Query(history=np.array([1, 2], dtype=np.int32), item=3), n=5)
        assert (recorded, threads()) == ([{1}], {2})


def test_a_number_of_threads_that_is_one_is_not_set_again(monkeypatch):
    with threadpool_limits(1, "blas"):
        for library in blas._libraries():
            monkeypatch.setattr(type(library), "set_num_threads", fail)
        with one_blas_thread():
            assert threads() == {1}
        monkeypatch.undo()
