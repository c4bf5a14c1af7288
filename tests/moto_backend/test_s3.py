"""Objects of moto's S3 while somebody else puts and deletes: here in the middle of a list, as another thread would."""

from functools import partial
from itertools import count
from typing import ClassVar

import boto3
import pytest
from builders import ACCOUNT, BUCKET, put_object

from personalize_mock.moto_backend import s3


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something done whenever an object is looked at."""
    looked_at = s3._is_there

    def do(something):
        def look(value):
            something()
            return looked_at(value)

        monkeypatch.setattr(s3, "_is_there", look)

    return do


def test_objects_may_be_put_while_they_are_listed(mock, meanwhile):
    for name in "ab":
        put_object("", f"in/{name}")
    more = count()
    meanwhile(lambda: put_object("", f"in/more-{next(more)}"))
    assert s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a", "in/b"]


def test_objects_may_be_deleted_while_they_are_listed(mock, meanwhile):
    for name in "ab":
        put_object("", f"in/{name}")
    meanwhile(lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="in/b"))
    assert s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a"]


@pytest.fixture
def replaced(mock):
    """An object to which something happens between its being looked up and its being read, as long as there is any."""

    class Replaced(s3.S3):
        meanwhile: ClassVar = [partial(put_object, text, "in") for text in ("second", "third")]

        def _object(self, bucket, key):
            value = super()._object(bucket, key)
            if self.meanwhile:
                self.meanwhile.pop(0)()
            return value

    put_object("first", "in")
    return Replaced(ACCOUNT)


def test_an_object_that_is_replaced_meanwhile_is_read_as_the_last_one(replaced):
    assert replaced.read(BUCKET, "in") == b"third"


def test_an_object_that_is_deleted_meanwhile_is_none(replaced):
    replaced.meanwhile.append(lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="in"))
    assert replaced.read(BUCKET, "in") is None


def test_an_object_that_is_replaced_meanwhile_comes_in_pieces_of_the_last_one(replaced):
    assert [*replaced.read_chunks(BUCKET, "in")] == [b"third"]


def test_the_pieces_of_an_object_stay_those_of_one_while_it_is_replaced(mock, monkeypatch):
    monkeypatch.setattr(s3, "PIECE", 2)
    put_object("first", "in")
    pieces = s3.S3(ACCOUNT).read_chunks(BUCKET, "in")
    found = [next(pieces)]
    put_object("second", "in")
    assert [*found, *pieces] == [b"fi", b"rs", b"t"]
