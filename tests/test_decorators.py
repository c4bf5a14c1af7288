"""The mock around functions of four kinds and around classes."""

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
def test_a_bare_decorator_mocks_a_function():
    personalize().create_dataset_group(name="group")
    assert groups() == 1


@mock_personalize(seed=3, clock="2024-05-01")
def test_a_decorator_takes_options():
    group = personalize().create_dataset_group(name="group")["datasetGroupArn"]
    described = personalize().describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
    assert described["creationDateTime"].isoformat() == "2024-05-01T00:00:00+00:00"


@mock_personalize
@pytest.mark.parametrize("number", [1, 2])
def test_a_decorated_test_keeps_its_parameters_and_each_run_starts_empty(number, tmp_path):
    assert number in (1, 2)
    assert tmp_path.exists()
    assert groups() == 0
    personalize().create_dataset_group(name="group")


mock = mock_personalize(clock="2024-05-01")


@mock
def test_the_decorating_object_is_the_handle():
    mock.clock.jump(60)
    assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"


@pytest.mark.parametrize("options", [1, {"seed": 1}])
def test_options_without_their_names_are_not_taken_for_a_function(options):
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


def test_a_decorated_function_lets_its_result_and_its_exception_through():
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

    def test_each_test_starts_empty(self):
        assert groups() == 0
        personalize().create_dataset_group(name="one")

    def test_and_the_other_one_too(self):
        assert groups() == 0
        personalize().create_dataset_group(name="two")

    @staticmethod
    def helper():
        return is_active()

    def test_attributes_and_static_methods_stay_as_they_are(self):
        assert self.label == "kept"
        assert self.helper()

    class TestInner:
        def test_an_inner_test_class_is_mocked_as_well(self):
            assert is_active()


@mock_personalize
class TestSetupMethod:
    def setup_method(self):
        personalize().create_dataset_group(name="from-setup")

    def test_sees_what_setup_made(self):
        assert groups() == 1
        personalize().create_dataset_group(name="from-test")

    def test_sees_only_what_setup_made(self):
        assert groups() == 1


def test_a_setup_that_fails_leaves_no_mock_behind():
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

    def test_sees_what_setup_made(self):
        self.assertEqual(groups(), 1)
        personalize().create_dataset_group(name="from-test")

    def test_sees_only_what_setup_made(self):
        self.assertEqual(groups(), 1)


@mock_personalize
class AsynchronousUnittest(unittest.IsolatedAsyncioTestCase):
    async def test_is_mocked(self):
        await asyncio.sleep(0)
        self.assertTrue(is_active())


def test_a_test_case_runs_outside_pytest_too():
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(UnittestWithSetUp).run(result)
    assert (result.testsRun, result.failures, result.errors) == (2, [], [])
