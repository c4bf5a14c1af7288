import copy
import pickle

from personalize_mock.recipes.numerics.lru_cache import LruCache


def test_a_value_is_made_once():
    made, recent = [], LruCache(2)
    for key in ("a", "b", "a"):
        assert recent.get(key, lambda key=key: made.append(key) or key) == key
    assert made == ["a", "b"]


def test_what_was_not_asked_for_longest_goes():
    made, recent = [], LruCache(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        recent.get(key, lambda key=key: made.append(key) or key)
    assert made == ["a", "b", "c", "b"]
    assert len(recent) == 2


def test_copies_and_pickles_start_empty():
    recent = LruCache(2)
    recent.get("a", object)
    for twin in (copy.deepcopy(recent), pickle.loads(pickle.dumps(recent))):  # noqa: S301  ours
        assert len(twin) == 0
        assert [twin.get(key, lambda key=key: key) for key in "abc"] == ["a", "b", "c"]
        assert len(twin) == 2
