"""A loop with a deadline of `datetime.now()` whose condition never holds."""

from datetime import datetime, timedelta
from time import perf_counter, sleep

import pytest

from personalize_mock import mock_personalize

pytest.importorskip("time_machine")


@pytest.mark.parametrize("options", [{}, {"clock": "2024-05-01"}])
def test_it_ends_in_no_real_time(options):
    with mock_personalize(datetime=True, **options) as mock:
        start = perf_counter()
        limit, polls = datetime.now() + timedelta(hours=3), 0  # noqa: DTZ005  # as programs write it
        while datetime.now() < limit:  # noqa: DTZ005
            mock.call("ListSchemas")
            sleep(60)
            polls += 1
    assert polls == 180
    assert perf_counter() - start < 5
