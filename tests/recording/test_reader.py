import io
import json

import pytest
from recording.recordings import HEADER, a_call, entries, written

from personalize_mock.recording import RecordingError
from personalize_mock.recording.reader import read_recording


def test_a_recording_gives_its_calls(main_path_recording):
    calls = read_recording(io.StringIO(main_path_recording))

    assert len(calls) == len(entries(main_path_recording))
    assert (calls[0].line, calls[0].operation.name, calls[0].params) == (2, "CreateDatasetGroup", {"name": "shop"})
    assert calls[0].at == 1_714_521_600


def three_calls():
    calls = [a_call("ListSchemas"), a_call("ListSolutions"), a_call("ListCampaigns")]
    return written(calls, checked=True).getvalue()


def reason(text, **options):
    with pytest.raises(RecordingError) as raised:
        read_recording(io.StringIO(text), **options)
    return str(raised.value)


def test_an_edited_line_is_reported_by_its_number():
    assert reason(three_calls().replace("ListSolutions", "ListDatasets")).startswith(
        "Line 3: this line or one before it was edited"
    )


def test_a_removed_line_is_reported_at_the_line_after_it():
    lines = three_calls().splitlines(keepends=True)

    assert reason("".join(lines[:2] + lines[3:])).startswith("Line 3: this line or one before it was edited or removed")


def test_an_edited_header_is_reported():
    assert reason(three_calls().replace('"version":1', '"version": 1')).startswith("Line 1: this line was edited")


def test_a_recording_that_ends_within_a_line_is_cut_off():
    text = three_calls()

    assert reason(text[: text.index("ListCampaigns")]).startswith("Line 4: not complete JSON")


def test_a_recording_that_was_not_stopped_is_cut_off():
    lines = three_calls().splitlines(keepends=True)

    assert reason("".join(lines[:-1])).startswith("Line 5: the recording is cut off here")


def test_lines_after_the_last_one_are_reported():
    text = three_calls()

    assert reason(text + text.splitlines()[1]).startswith("Line 6: ")


@pytest.mark.parametrize("damage", [lambda text: text.replace("ListCampaigns", "x"), lambda text: text[:-60]])
def test_the_calls_before_the_damage_can_be_used(damage):
    calls = read_recording(io.StringIO(damage(three_calls())), partial=True)

    assert [call.operation.name for call in calls][:2] == ["ListSchemas", "ListSolutions"]


def test_a_damaged_header_cannot_be_used_in_part():
    assert reason("{}\n", partial=True).startswith("Line 1: not a recording")


def test_a_recording_written_by_hand_needs_no_checksums():
    assert len(read_recording(written([a_call("ListSchemas")]))) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"time": "noon"}, "not 'noon'"),
        ({"time": 1e300}, "not 1e+300"),
        ({"service": "s3"}, "'service' must be one of 'personalize',"),
        ({"operation": "ListFilms"}, "no operation 'ListFilms' of 'personalize'"),
        ({"parameters": []}, "'parameters' must be an object, not []"),
        ({"answer": None}, "'answer' must be an object"),
        ({"region": 3}, "'region' must be a string, not 3"),
        ({"error": {"code": 3}, "answer": ...}, "'code' must be a string"),
        ({"answer": ...}, "'error' must be an object, not None"),
    ],
)
def test_a_wrong_member_is_reported_with_its_value(change, expected):
    line = {name: value for name, value in {**a_call("ListSchemas"), **change}.items() if value is not ...}
    text = reason(written([a_call("ListSchemas"), line]).getvalue())

    assert text.startswith("Line 3: ")
    assert expected in text


@pytest.mark.parametrize("line", ["[]", "[" * 100_000, "3", '"a"'])
def test_a_line_that_is_no_object_is_reported(line):
    assert reason(f"{json.dumps(HEADER)}\n{line}").startswith("Line 2: ")


@pytest.mark.parametrize("text", ["", "\n", "not JSON", "[]", '{"format": "other"}'])
def test_a_file_of_another_format_is_refused(text):
    assert reason(text).startswith("Line 1: not a recording")


def test_an_unknown_version_is_refused():
    assert (
        reason(json.dumps({**HEADER, "version": 2}))
        == "Line 1: the recording has version 2, but this mock reads version 1. Record the calls again."
    )


def test_a_recording_without_calls_is_refused():
    text = reason(written([], checked=True).getvalue())
    assert text == "The recording has no calls. Record code that calls Amazon Personalize."


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_recording(tmp_path / "no")


def test_a_binary_file_is_refused(tmp_path):
    (tmp_path / "calls").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(RecordingError, match="not UTF-8"):
        read_recording(tmp_path / "calls")


def test_windows_line_ends_are_accepted():
    text = written([a_call("ListSchemas")], checked=True).getvalue()

    assert len(read_recording(io.StringIO(text.replace("\n", "\r\n"), newline=""))) == 1
