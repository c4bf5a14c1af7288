"""The cache of the process."""

from threading import Thread

import numpy as np

from personalize_mock.content_cache import CACHE, ContentCache, cached, digest, estimated_size


def key(number: int) -> bytes:
    return digest(str(number))


def test_a_value_is_computed_once():
    cache, calls = ContentCache(), []

    assert [cache.get(key(1), lambda: calls.append(1) or "value") for _ in range(3)] == ["value"] * 3
    assert calls == [1]


def test_the_least_recently_used_value_is_dropped_when_there_are_too_many():
    cache = ContentCache(entries=2)
    for number in (1, 2, 1, 3):
        cache.get(key(number), lambda: "kept")

    assert cache.get(key(1), lambda: "new") == "kept"
    assert cache.get(key(2), lambda: "new") == "new"
    assert len(cache) == 2


def test_values_are_dropped_when_they_are_too_large_together():
    cache = ContentCache(size=10_000)
    for number in range(10):
        cache.get(key(number), lambda: bytes(3000))

    assert 1 < len(cache) <= 3
    assert cache.size <= 10_000


def test_a_value_larger_than_half_of_the_size_is_not_kept():
    cache = ContentCache(size=10_000)
    cache.get(key(1), lambda: bytes(6000))

    assert (len(cache), cache.size) == (0, 0)


def test_an_error_is_not_kept():
    cache = ContentCache()
    for _ in range(2):
        try:
            cache.get(key(1), lambda: 1 // 0)
        except ZeroDivisionError:
            assert len(cache) == 0
        else:
            raise AssertionError


def test_clearing_drops_all_values():
    cache = ContentCache()
    cache.get(key(1), lambda: "value")
    cache.clear()

    assert (len(cache), cache.size) == (0, 0)


def test_without_reuse_nothing_is_kept():
    count = len(CACHE)

    assert cached(digest("a value that is not reused"), lambda: "value", reuse=False) == "value"
    assert len(CACHE) == count


def test_digests_of_different_parts_differ():
    digests = [digest("ab"), digest("a", "b"), digest(b"ab"), digest("ab", ""), digest(b"a", "b")]

    assert len(set(digests)) == len(digests)


def test_the_size_includes_arrays_views_and_nested_objects():
    array = np.zeros(1000)

    assert 8000 <= estimated_size({"a": [array, array[:10]], "b": (array,)}) < 12_000
    assert estimated_size(array[:1]) >= 8000


def test_the_size_of_a_value_that_is_too_large_is_not_counted_to_the_end(monkeypatch):
    counted = []
    monkeypatch.setattr("personalize_mock.content_cache.sys.getsizeof", lambda value: counted.append(value) or 100)
    assert 1000 < estimated_size([str(number) for number in range(5000)], limit=1000) <= 1100
    assert len(counted) == 11


def test_many_threads_can_use_a_cache():
    cache = ContentCache(entries=3)
    wrong = []

    def use() -> None:
        for number in range(500):
            value = cache.get(key(number % 7), lambda number=number: number % 7)
            wrong.extend([value] if value != number % 7 else [])

    threads = [Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(cache) == 3
