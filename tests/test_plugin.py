"""The plugin for pytest, tested in inner runs of pytest."""

import subprocess
import sys
import textwrap

import pytest

pytest_plugins = ["pytester"]


def run(pytester, body, *arguments):
    pytester.makepyfile(textwrap.dedent(body))
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def test_the_fixture_returns_the_handle_and_each_test_starts_without_resources(pytester):
    result = run(
        pytester,
        """
        def test_one(personalize_mock, personalize_client):
            personalize_client.create_dataset_group(name="group")
            personalize_mock.clock.jump(60)
            assert len(personalize_mock.journal.calls()) == 1

        def test_two(personalize_client):
            assert personalize_client.list_dataset_groups()["datasetGroups"] == []
        """,
    )
    result.assert_outcomes(passed=2)


def test_an_unused_rule_fails_a_test_that_passed_and_adds_nothing_to_one_that_failed(pytester):
    result = run(
        pytester,
        """
        def test_one(personalize_mock):
            personalize_mock.on("GetRecommendations").recommends("a")

        def test_two(personalize_mock):
            personalize_mock.on("GetRecommendations").recommends("a")
            assert False
        """,
    )
    result.assert_outcomes(passed=1, errors=1, failed=1)
    result.stdout.fnmatch_lines(["*UnusedRuleError: mock.on('GetRecommendations').recommends('a') took no call (*"])


def test_there_is_a_client_fixture_for_each_of_the_three_services(pytester):
    result = run(
        pytester,
        """
        def test(personalize_client, personalize_runtime_client, personalize_events_client):
            clients = personalize_client, personalize_runtime_client, personalize_events_client
            assert [client.meta.service_model.service_name for client in clients] == [
                "personalize", "personalize-runtime", "personalize-events",
            ]
            assert {client.meta.region_name for client in clients} == {"us-east-1"}
        """,
    )
    result.assert_outcomes(passed=1)


def test_the_clients_use_the_region_of_the_environment(pytester, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    result = run(
        pytester,
        """
        def test(personalize_client):
            assert personalize_client.meta.region_name == "eu-west-1"
        """,
    )
    result.assert_outcomes(passed=1)


def test_the_marker_sets_options_and_the_nearest_marker_wins(pytester):
    result = run(
        pytester,
        """
        import pytest

        pytestmark = pytest.mark.personalize(seed=1, clock="2024-05-01")

        @pytest.mark.personalize(clock="2030-01-01")
        def test(personalize_mock):
            assert personalize_mock.clock.now().year == 2030
            with pytest.raises(Exception, match="seed=1 is active"):
                from personalize_mock import mock_personalize
                mock_personalize(seed=2).start()
        """,
        "--strict-markers",
    )
    result.assert_outcomes(passed=1)


def test_an_unknown_option_in_the_marker_is_an_error_with_the_nearest_name(pytester):
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.personalize(sed=1)
        def test(personalize_mock): ...
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no option 'sed'. Did you mean 'seed'*"])


def test_a_positional_option_in_the_marker_is_an_error_that_says_what_to_write(pytester):
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.personalize(100)
        def test(personalize_mock): ...
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*personalize(100): positional arguments are not allowed. Pass*personalize(seed=1)*"])


def test_the_fixture_works_with_the_decorator_and_with_xdist(pytester):
    pytest.importorskip("xdist")
    result = run(
        pytester,
        """
        import pytest
        from personalize_mock import mock_personalize

        @mock_personalize
        @pytest.mark.parametrize("number", range(6))
        def test(number, personalize_client):
            arn = personalize_client.create_dataset_group(name="group")["datasetGroupArn"]
            assert arn.endswith("dataset-group/group")
        """,
        "-n2",
    )
    result.assert_outcomes(passed=6)


def test_the_plugin_imports_no_slow_packages():
    code = """
        import sys, personalize_mock.plugin
        slow = {"moto", "boto3", "botocore", "numpy", "scipy", "implicit"}
        print(sorted(slow & set(sys.modules)))
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
