"""Objects of moto's S3 while somebody else puts and deletes: here in the middle of a list, as another thread would."""

from itertools import count

import boto3
import pytest
from builders import ACCOUNT, BUCKET, put_object

from personalize_mock.wire import moto_s3


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something done whenever an object is looked at."""
    looked_at = moto_s3._is_there

    def do(something):
        def look(value):
            something()
            return looked_at(value)

        monkeypatch.setattr(moto_s3, "_is_there", look)

    return do


def test_objects_may_be_put_while_they_are_listed(mock, meanwhile):
    for name in "ab":
        put_object("", f"in/{name}")
    more = count()
    meanwhile(lambda: put_object("", f"in/more-{next(more)}"))
    assert moto_s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a", "in/b"]


def test_objects_may_be_deleted_while_they_are_listed(mock, meanwhile):
    for name in "ab":
        put_object("", f"in/{name}")
    meanwhile(lambda: boto3.client("s3").delete_object(Bucket=BUCKET, Key="in/b"))
    assert moto_s3.S3(ACCOUNT).keys(BUCKET, "in/") == ["in/a"]
