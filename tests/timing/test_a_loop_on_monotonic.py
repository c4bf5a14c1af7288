"""A loop with a deadline of `time.monotonic` whose condition never holds."""

import time

from personalize_mock import mock_personalize


def test_it_ends_in_no_real_time():
    with mock_personalize() as mock:
        start = time.perf_counter()
        limit, polls = time.monotonic() + 3 * 3600, 0
        while time.monotonic() < limit:
            mock.call("ListSchemas")
            time.sleep(60)
            polls += 1
    assert polls == 180
    assert time.perf_counter() - start < 5
