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
    result.stdout.fnmatch_lines(
        ["*UnusedRuleError: mock.on('GetRecommendations').recommends('a') was never applied (*"]
    )


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


def test_a_marker_wins_over_the_configuration_file_and_this_over_the_environment(pytester, monkeypatch):
    monkeypatch.setenv("PERSONALIZE_MOCK_SEED", "1")
    monkeypatch.setenv("PERSONALIZE_MOCK_CLOCK", "2001-01-01")
    monkeypatch.setenv("PERSONALIZE_MOCK_AUTOJUMP", "false")
    pytester.makeini("[pytest]\npersonalize_mock_seed = 2\npersonalize_mock_clock = 2002-02-02")
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.personalize(seed=3)
        def test(personalize_mock):
            assert personalize_mock._options.seed == 3
            assert personalize_mock.clock.now().year == 2002
            assert personalize_mock.clock.autojump is False
        """,
        "--strict-config",
    )
    result.assert_outcomes(passed=1)


def test_the_demo_fixture_returns_loaded_data_in_the_region_of_the_clients(pytester, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    pytester.makepyfile(
        """
        def test(personalize_demo, personalize_mock, personalize_client):
            assert len(personalize_demo.recommend("ada", n=5)) == 5
            assert personalize_client.describe_campaign(campaignArn=personalize_demo.campaign_arn)
            assert personalize_mock.call("ListCampaigns")["campaigns"]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_an_empty_region_in_the_environment_counts_as_none(pytester, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    result = run(
        pytester,
        """
        def test(personalize_client):
            assert personalize_client.meta.region_name == "us-east-1"
        """,
    )
    result.assert_outcomes(passed=1)


def test_without_the_plugin_mocks_work_and_the_fixtures_are_unknown(pytester):
    pytester.makepyfile(
        """
        from personalize_mock import mock_personalize

        @mock_personalize
        def test_decorated():
            mock_personalize().call("ListSchemas")

        def test_fixture(personalize_mock): ...
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:personalize_mock")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'personalize_mock' not found"])


def test_the_plugin_works_when_warnings_are_errors(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.personalize(seed=1)
        def test(personalize_demo, personalize_runtime_client):
            assert personalize_demo.recommend("ada")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", "--strict-markers")
    result.assert_outcomes(passed=1)


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


def test_a_mock_starts_again_after_pytester_has_dropped_some_modules_of_the_package():
    code = """
        import sys, boto3, moto, numpy, scipy.sparse
        from personalize_mock import mock_personalize, simulation
        kept = set(sys.modules)
        for _ in range(2):
            with mock_personalize() as mock:
                print(mock.call("ListSchemas")["schemas"])
            for name in set(sys.modules) - kept:
                if name.startswith("personalize_mock"):
                    del sys.modules[name]
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["[]", "[]"], ran.stderr


def test_the_plugin_imports_no_slow_packages():
    code = """
        import sys, personalize_mock.plugin
        slow = {"moto", "boto3", "botocore", "numpy", "scipy", "implicit"}
        print(sorted(slow & set(sys.modules)))
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
