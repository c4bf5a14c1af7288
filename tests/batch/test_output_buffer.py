import gc

from personalize_mock.batch.output_buffer import MAX_IN_MEMORY, OutputBuffer
from personalize_mock.batch.output_lines import compact_line


class Bucket:
    """A fake S3 bucket."""

    def __init__(self, *, exists=True):
        self.exists, self.contents = exists, {}

    def write(self, key, content):
        if not self.exists:
            return False
        self.contents[key] = content.read()
        return True


def test_files_are_written_one_by_one():
    buffer, bucket = OutputBuffer(), Bucket()
    buffer.add("a", [["1", "2"], ["3"]])
    buffer.add("b", [])
    buffer.add("c", [["4"]])
    assert buffer.publish(bucket.write)
    assert bucket.contents == {"a": b"1\n2\n3\n", "b": b"", "c": b"4\n"}


def test_files_larger_than_the_memory_limit_are_complete():
    buffer, bucket = OutputBuffer(), Bucket()
    line = "x" * 999
    buffer.add("a", ([line] * 100 for _ in range(3 * MAX_IN_MEMORY // 100_000)))
    buffer.publish(bucket.write)
    assert bucket.contents["a"] == f"{line}\n".encode() * (100 * (3 * MAX_IN_MEMORY // 100_000))


def test_nothing_is_written_without_a_bucket():
    buffer, bucket = OutputBuffer(), Bucket(exists=False)
    buffer.add("a", [["1"]])
    assert not buffer.publish(bucket.write)
    assert bucket.contents == {}


def test_a_buffer_that_is_never_published_closes_its_file(recwarn):
    buffer = OutputBuffer()
    buffer.add("a", [["x" * (2 * MAX_IN_MEMORY)]])
    del buffer
    gc.collect()
    assert [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)] == []


def test_an_unpaired_surrogate_is_written_as_an_escape():
    buffer, bucket = OutputBuffer(), Bucket()
    buffer.add("a", [[compact_line({"userId": "\ud800é"}, None, "no")]])
    buffer.publish(bucket.write)
    assert bucket.contents["a"].decode() == '{"input":{"userId":"\\ud800é"},"output":null,"error":"no"}\n'
