"""Objects of moto's S3 while other threads put and delete them. The tests interrupt a call instead of using threads."""

from functools import partial
from itertools import count
from typing import ClassVar

import boto3
import pytest
from builders import ACCOUNT, BUCKET, put_object

from personalize_mock.moto_backend import s3


@pytest.fixture
def interrupt(monkeypatch):
    """A function that has an action run each time a listing looks at an object."""
    is_object = s3._is_object

    def run(action):
        def is_object_after_action(fake_key):
            action()
            return is_object(fake_key)

        monkeypatch.setattr(s3, "_is_object", is_object_after_action)

    return run


def test_objects_may_be_put_while_they_are_listed(mock, interrupt):
    for name in "ab":
        put_object("", f"in/{name}")
    numbers = count()
    interrupt(lambda: put_object("", f"in/more-{next(numbers)}"))
    assert s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a", "in/b"]


def test_objects_may_be_deleted_while_they_are_listed(mock, interrupt):
    for name in "ab":
        put_object("", f"in/{name}")
    interrupt(lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="in/b"))
    assert s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a"]


@pytest.fixture
def replaced(mock):
    """S3 with an object that is replaced after each of the first two lookups, before it is read."""

    class Replaced(s3.S3):
        actions: ClassVar = [partial(put_object, text, "in") for text in ("second", "third")]

        def _object(self, bucket, key):
            fake_key = super()._object(bucket, key)
            if self.actions:
                self.actions.pop(0)()
            return fake_key

    put_object("first", "in")
    return Replaced(ACCOUNT)


def test_the_last_version_of_an_object_is_read_if_it_is_replaced_meanwhile(replaced):
    assert replaced.read(BUCKET, "in") == b"third"


def test_an_object_that_is_deleted_meanwhile_does_not_exist(replaced):
    replaced.actions.append(lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="in"))
    assert replaced.read(BUCKET, "in") is None


def test_the_chunks_of_an_object_are_those_of_the_last_version_if_it_is_replaced_meanwhile(replaced):
    assert [*replaced.read_chunks(BUCKET, "in")] == [b"third"]


def test_the_chunks_of_an_object_belong_to_one_version_if_it_is_replaced_while_they_are_read(mock, monkeypatch):
    monkeypatch.setattr(s3, "CHUNK", 2)
    put_object("first", "in")
    chunks = s3.S3(ACCOUNT).read_chunks(BUCKET, "in")
    first = next(chunks)
    put_object("second", "in")
    assert [first, *chunks] == [b"fi", b"rs", b"t"]
