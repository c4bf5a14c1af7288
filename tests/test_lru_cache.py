import copy
import pickle

from personalize_mock.lru_cache import LruCache


def test_a_value_is_computed_once():
    computed, cache = [], LruCache(2)
    for key in ("a", "b", "a"):
        assert cache.get(key, lambda key=key: computed.append(key) or key) == key
    assert computed == ["a", "b"]


def test_the_least_recently_requested_value_is_dropped():
    computed, cache = [], LruCache(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        cache.get(key, lambda key=key: computed.append(key) or key)
    assert computed == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_copies_and_pickles_start_empty():
    cache = LruCache(2)
    cache.get("a", object)
    for duplicate in (copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):  # noqa: S301  pickled here
        assert len(duplicate) == 0
        assert [duplicate.get(key, lambda key=key: key) for key in "abc"] == ["a", "b", "c"]
        assert len(duplicate) == 2
