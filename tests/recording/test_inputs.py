import io

import pytest
from recording.recordings import a_call, written

from personalize_mock.recording import RecordingError
from personalize_mock.recording.inputs import local_inputs
from personalize_mock.recording.reader import read_recording


def calls_that_read(location):
    call = a_call("CreateDatasetImportJob", parameters={"dataSource": {"dataLocation": location}})
    return read_recording(io.StringIO(written([call]).getvalue()))


def keys(location, folder):
    return [(file.bucket, file.key) for file in local_inputs(calls_that_read(location), folder)]


@pytest.mark.parametrize("place", ["films/in/events.csv", "in/events.csv", "events.csv"])
def test_an_object_is_found_with_and_without_its_folders(tmp_path, place):
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("USER_ID")

    assert keys("s3://films/in/events.csv", tmp_path) == [("films", "in/events.csv")]


def test_a_folder_gives_all_its_files(tmp_path):
    (tmp_path / "films/in/sub").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "sub/c.csv"):
        (tmp_path / "films/in" / name).write_text("USER_ID")

    assert keys("s3://films/in/", tmp_path) == [("films", f"in/{name}") for name in ("a.csv", "b.csv", "sub/c.csv")]


def test_the_input_of_a_batch_job_is_needed_and_its_output_is_not(tmp_path):
    params = {
        "jobInput": {"s3DataSource": {"path": "s3://films/in.json"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://films/out/"}},
    }
    calls = read_recording(written([a_call("CreateBatchInferenceJob", parameters=params)]))
    (tmp_path / "in.json").write_text("{}")

    assert [file.key for file in local_inputs(calls, tmp_path)] == ["in.json"]


def test_files_of_refused_calls_are_used_but_not_needed(tmp_path):
    error = {"code": "InvalidInputException", "message": "Invalid", "status": 400}
    params = {"dataSource": {"dataLocation": "s3://films/a.csv"}}
    calls = read_recording(written([a_call("CreateDatasetImportJob", parameters=params, error=error)]))

    assert local_inputs(calls, None) == local_inputs(calls, tmp_path) == []
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.csv").write_text("USER_ID")
    assert [file.key for file in local_inputs(calls, tmp_path)] == ["a.csv"]


def test_no_file_outside_of_the_folder_is_read(tmp_path):
    (tmp_path / "secret.csv").write_text("secret")
    (tmp_path / "data").mkdir()

    with pytest.raises(RecordingError, match="there is no "):
        keys("s3://films/../../secret.csv", tmp_path / "data")
