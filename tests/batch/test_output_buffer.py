import gc

from personalize_mock.batch.output_buffer import MAX_IN_MEMORY, OutputBuffer
from personalize_mock.batch.output_lines import compact_line


class Bucket:
    """Objects that are written."""

    def __init__(self, *, exists=True):
        self.exists, self.contents = exists, {}

    def write(self, key, content):
        if not self.exists:
            return False
        self.contents[key] = content.read()
        return True


def test_files_are_written_one_by_one():
    written, bucket = OutputBuffer(), Bucket()
    written.add("a", [["1", "2"], ["3"]])
    written.add("b", [])
    written.add("c", [["4"]])
    assert written.publish(bucket.write)
    assert bucket.contents == {"a": b"1\n2\n3\n", "b": b"", "c": b"4\n"}


def test_files_larger_than_what_is_kept_in_memory_are_whole():
    written, bucket = OutputBuffer(), Bucket()
    line = "x" * 999
    written.add("a", ([line] * 100 for _ in range(3 * MAX_IN_MEMORY // 100_000)))
    written.publish(bucket.write)
    assert bucket.contents["a"] == f"{line}\n".encode() * (100 * (3 * MAX_IN_MEMORY // 100_000))


def test_nothing_is_made_without_a_bucket():
    written, bucket = OutputBuffer(), Bucket(exists=False)
    written.add("a", [["1"]])
    assert not written.publish(bucket.write)
    assert bucket.contents == {}


def test_what_is_never_published_leaves_no_open_file(recwarn):
    written = OutputBuffer()
    written.add("a", [["x" * (2 * MAX_IN_MEMORY)]])
    del written
    gc.collect()
    assert [each for each in recwarn if issubclass(each.category, ResourceWarning)] == []


def test_half_of_a_character_is_written_as_it_came():
    written, bucket = OutputBuffer(), Bucket()
    written.add("a", [[compact_line({"userId": "\ud800é"}, None, "no")]])
    written.publish(bucket.write)
    assert bucket.contents["a"].decode() == '{"input":{"userId":"\\ud800é"},"output":null,"error":"no"}\n'
