"""A polling loop in a module that contains `from time import sleep`."""

from time import monotonic, perf_counter, sleep

from personalize_mock import mock_personalize

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"


def wait_until_active(mock):
    polls = 0
    while mock.call("DescribeDatasetGroup", datasetGroupArn=ARN)["datasetGroup"]["status"] != "ACTIVE":
        sleep(60)
        polls += 1
    return polls


def test_it_ends_in_no_real_time():
    with mock_personalize(durations={"dataset-group": 3600}) as mock:
        mock.call("CreateDatasetGroup", name="shop")
        start = perf_counter()
        assert wait_until_active(mock) == 60
    assert perf_counter() - start < 5


def test_it_ends_at_a_deadline_of_monotonic_that_was_imported_too():
    with mock_personalize() as mock:
        start = perf_counter()
        limit, polls = monotonic() + 7200, 0
        while monotonic() < limit:
            mock.call("ListSchemas")
            sleep(60)
            polls += 1
    assert polls == 120
    assert perf_counter() - start < 5
