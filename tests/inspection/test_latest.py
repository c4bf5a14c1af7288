"""The section of pytest's report with the latest calls and status changes of a failed test."""

import textwrap

import pytest

from personalize_mock import mock_personalize
from personalize_mock.inspection.latest import latest_events

pytest_plugins = ["pytester"]

HEADING = "*- personalize_mock -*"


def run(pytester, body, *arguments):
    pytester.makepyfile(textwrap.dedent(body))
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


@pytest.mark.parametrize(
    "test",
    [
        """
        def test(personalize_mock):
            personalize_mock.call("CreateDatasetGroup", name="shop")
            assert False
        """,
        """
        from personalize_mock import mock_personalize

        @mock_personalize
        def test():
            mock_personalize().call("CreateDatasetGroup", name="shop")
            assert False
        """,
        """
        from personalize_mock import mock_personalize

        def test():
            with mock_personalize():
                mock_personalize().call("CreateDatasetGroup", name="shop")
                assert False
        """,
        """
        from unittest import TestCase
        from personalize_mock import mock_personalize

        class Test(TestCase):
            def setUp(self):
                self.mock = mock_personalize().start()
                self.addCleanup(self.mock.stop)

            def test(self):
                self.mock.call("CreateDatasetGroup", name="shop")
                assert False
        """,
    ],
    ids=["fixture", "decorator", "block", "TestCase"],
)
def test_a_failed_test_shows_calls_and_status_changes_whoever_started_the_mock(pytester, test):
    result = run(pytester, test)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            HEADING,
            "1 call and 1 status change; the latest:",
            "20*  dataset-group/shop CREATE PENDING",
            "20*  CreateDatasetGroup(name='shop')",
        ]
    )


def test_only_the_first_failure_of_a_test_shows_them(pytester):
    result = run(
        pytester,
        """
        def test(personalize_mock, request):
            request.addfinalizer(lambda: 1 / 0)
            personalize_mock.call("ListSchemas")
            assert False
        """,
    )
    result.assert_outcomes(failed=1, errors=1)
    assert str(result.stdout).count("- personalize_mock -") == 1


def test_a_failure_without_calls_shows_no_section_also_if_an_earlier_test_made_some(pytester):
    result = run(
        pytester,
        """
        def test_one(personalize_mock):
            personalize_mock.call("ListSchemas")

        def test_two(personalize_mock):
            assert False

        def test_three():
            assert False
        """,
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.no_fnmatch_line(HEADING)


def test_skipped_tests_and_expected_failures_show_no_section(pytester):
    result = run(
        pytester,
        """
        import pytest

        def test_one(personalize_mock):
            personalize_mock.call("ListSchemas")
            pytest.skip()

        @pytest.mark.xfail
        def test_two(personalize_mock):
            personalize_mock.call("ListSchemas")
            assert False
        """,
        "-rxs",
    )
    result.assert_outcomes(skipped=1, xfailed=1)
    result.stdout.no_fnmatch_line(HEADING)


def test_a_failed_call_is_shown_with_its_message(pytester):
    result = run(
        pytester,
        """
        def test(personalize_mock, personalize_client):
            personalize_client.describe_schema(schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/none")
        """,
    )
    result.stdout.fnmatch_lines(["20*  DescribeSchema(*) -> ResourceNotFoundException: *schema/none*"])


def test_what_happened_before_a_snapshot_of_another_mock_is_not_shown():
    with mock_personalize() as mock:
        mock.call("CreateDatasetGroup", name="shop")
        assert "CREATE PENDING" in latest_events(mock.journal)
        state = mock.snapshot()
    with mock_personalize() as mock:
        mock.restore(state)
        assert latest_events(mock.journal) == ""
        mock.call("ListSchemas")
        assert "CREATE PENDING" not in latest_events(mock.journal)


def test_a_mock_that_has_only_loaded_data_is_not_shown(pytester):
    result = run(
        pytester,
        """
        import pytest
        from personalize_mock import mock_personalize

        @pytest.fixture(scope="session")
        def state():
            with mock_personalize() as mock:
                mock.load(interactions=[("ada", "alien"), ("bob", "alien"), ("bob", "brazil")])
                return mock.snapshot()

        def test_one(state, personalize_mock):
            personalize_mock.restore(state)
            personalize_mock.call("ListSchemas")
            assert False

        def test_two(state, personalize_mock):
            personalize_mock.restore(state)
            assert False
        """,
    )
    result.stdout.fnmatch_lines(
        ["1 call, * calls of mock.load and 0 status changes; the latest:", "20*  ListSchemas()"]
    )
    result.stdout.no_fnmatch_line("20* CREATE PENDING")
    assert str(result.stdout).count("- personalize_mock -") == 1


def test_calls_of_load_are_only_counted_and_the_latest_events_are_shown(pytester):
    result = run(
        pytester,
        """
        def test(personalize_mock):
            personalize_mock.load(interactions=[("ada", "alien"), ("bob", "alien"), ("bob", "brazil")])
            for number in range(20):
                personalize_mock.call("ListSchemas", maxResults=number + 1)
            assert False
        """,
        "-n1",
    )
    result.stdout.fnmatch_lines(["20 calls, * calls of mock.load and 0 status changes; the latest:"])
    result.stdout.fnmatch_lines(["*ListSchemas(maxResults=6)", "*ListSchemas(maxResults=20)"], consecutive=False)
    result.stdout.no_fnmatch_line("*ListSchemas(maxResults=5)")
    result.stdout.no_fnmatch_line("*CreateSchema(*")
