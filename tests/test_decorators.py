"""The mock as a decorator of functions, coroutine functions, generators and classes."""

import asyncio
import unittest

import boto3
import pytest

from personalize_mock import PersonalizeMockError, mock_personalize


def personalize():
    return boto3.client("personalize", region_name="us-east-1")


def groups():
    return len(personalize().list_dataset_groups()["datasetGroups"])


def is_active():
    try:
        mock_personalize().clock.now()
    except PersonalizeMockError:
        return False
    return True


@mock_personalize
def test_the_decorator_works_without_options():
    personalize().create_dataset_group(name="group")
    assert groups() == 1


@mock_personalize(seed=3, clock="2024-05-01")
def test_the_decorator_takes_options():
    group = personalize().create_dataset_group(name="group")["datasetGroupArn"]
    described = personalize().describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
    assert described["creationDateTime"].isoformat() == "2024-05-01T00:00:00+00:00"


@mock_personalize
@pytest.mark.parametrize("number", [1, 2])
def test_a_decorated_test_keeps_its_parameters_and_each_run_starts_without_resources(number, tmp_path):
    assert number in (1, 2)
    assert tmp_path.exists()
    assert groups() == 0
    personalize().create_dataset_group(name="group")


mock = mock_personalize(clock="2024-05-01")


@mock
def test_the_decorator_object_is_the_handle():
    mock.clock.jump(60)
    assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"


@pytest.mark.parametrize("options", [1, {"seed": 1}])
def test_positional_options_are_an_error_that_says_what_to_write(options):
    with pytest.raises(PersonalizeMockError, match=r"mock_personalize\(seed=1\)"):
        mock_personalize(options)


def test_a_coroutine_function_is_mocked_while_it_is_awaited():
    @mock_personalize
    async def body():
        await asyncio.sleep(0)
        return is_active()

    pending = body()
    assert not is_active()
    assert asyncio.run(pending)
    assert not is_active()


def test_a_generator_is_mocked_while_it_is_iterated():
    @mock_personalize
    def body():
        received = yield is_active()
        yield received
        return "done"

    generator = body()
    assert not is_active()
    assert next(generator)
    assert generator.send("sent") == "sent"
    with pytest.raises(StopIteration) as end:
        next(generator)
    assert end.value.value == "done"
    assert not is_active()


def test_an_asynchronous_generator_is_mocked_while_it_is_iterated():
    @mock_personalize
    async def body():
        yield is_active()
        yield is_active()

    async def collect():
        return [value async for value in body()]

    assert asyncio.run(collect()) == [True, True]
    assert not is_active()


def test_a_decorated_function_returns_its_result_and_raises_its_exceptions():
    @mock_personalize
    def body(number):
        return 1 / number

    assert body(2) == 0.5
    with pytest.raises(ZeroDivisionError):
        body(0)
    assert not is_active()


@mock_personalize
class TestMethodsOfAClass:
    label = "kept"

    def test_a_test_starts_without_resources(self):
        assert groups() == 0
        personalize().create_dataset_group(name="one")

    def test_another_test_starts_without_resources(self):
        assert groups() == 0
        personalize().create_dataset_group(name="two")

    @staticmethod
    def helper():
        return is_active()

    def test_attributes_and_static_methods_are_kept(self):
        assert self.label == "kept"
        assert self.helper()

    class TestInner:
        def test_a_nested_test_class_is_mocked_too(self):
            assert is_active()


@mock_personalize
class TestSetupMethod:
    def setup_method(self):
        personalize().create_dataset_group(name="from-setup")

    def test_has_the_resources_of_the_setup(self):
        assert groups() == 1
        personalize().create_dataset_group(name="from-test")

    def test_has_only_the_resources_of_the_setup(self):
        assert groups() == 1


def test_a_setup_that_fails_stops_the_mock():
    @mock_personalize
    class Broken:
        def setup_method(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Broken().setup_method()
    assert not is_active()


@mock_personalize
class UnittestWithSetUp(unittest.TestCase):
    def setUp(self):
        self.addCleanup(lambda: self.assertTrue(is_active()))
        personalize().create_dataset_group(name="from-setup")

    def tearDown(self):
        self.assertTrue(is_active())

    def test_has_the_resources_of_the_setup(self):
        self.assertEqual(groups(), 1)
        personalize().create_dataset_group(name="from-test")

    def test_has_only_the_resources_of_the_setup(self):
        self.assertEqual(groups(), 1)


@mock_personalize
class AsynchronousUnittest(unittest.IsolatedAsyncioTestCase):
    async def test_is_mocked(self):
        await asyncio.sleep(0)
        self.assertTrue(is_active())


def test_a_test_case_runs_with_unittest_too():
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(UnittestWithSetUp).run(result)
    assert (result.testsRun, result.failures, result.errors) == (2, [], [])
