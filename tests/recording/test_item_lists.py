import pytest

from personalize_mock.recording.item_lists import ids_of, overlap, rank_correlation


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("abc", "abc", 1), ("abc", "cab", 1), ("abcd", "ab", 0.5), ("ab", "cd", 0), ("", "", 1), ("", "a", 0)],
)
def test_overlap_is_the_share_of_common_ids_in_the_longer_list(first, second, expected):
    assert overlap(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("abc", "abc", 1),
        ("abc", "cba", -1),
        ("abcd", "abdc", 0.8),
        ("axbyc", "abc", 1),
        ("ab", "ba", None),
        ("", "", None),
    ],
)
def test_rank_correlation_is_spearmans_of_the_common_ids(first, second, expected):
    assert rank_correlation(first, second) == expected


def test_entries_are_items_or_actions():
    assert ids_of([{"itemId": "a", "score": 0.5}, {"actionId": "b"}]) == ["a", "b"]
