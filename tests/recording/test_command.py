import json

import pytest
from recording.recordings import a_call, written

from personalize_mock.__main__ import main


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "calls.jsonl"

    def write(*calls):
        path.write_text(written(list(calls), checked=True).getvalue(), encoding="utf-8")
        return str(path)

    return write


def test_the_exit_status_is_0_without_differences(file, capsys):
    assert main(["compare", file(a_call("ListSchemas", {"schemas": []}))]) == 0
    assert capsys.readouterr().out.startswith("Recording and mock: no differences in 1 call.\n")


def test_the_exit_status_is_1_with_differences(file, capsys):
    assert main(["compare", file(a_call("ListSchemas", {"schemas": [], "more": 1}))]) == 1
    assert "missing member: ListSchemas more (line 2)" in capsys.readouterr().out


def test_the_exit_status_is_2_for_an_unusable_file_and_the_reason_goes_to_the_standard_error(tmp_path, capsys):
    assert main(["compare", str(tmp_path / "no")]) == 2
    assert capsys.readouterr() == (
        "",
        f"'{tmp_path}/no' cannot be read: No such file or directory. Pass the path of a recording.\n",
    )


def test_a_damaged_recording_is_used_in_part_if_asked_for(tmp_path, file, capsys):
    path = tmp_path / "calls.jsonl"
    file(a_call("ListSchemas", {"schemas": []}))
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))

    assert main(["compare", str(path)]) == 2
    assert main(["compare", str(path), "--partial"]) == 0
    assert "Line 3: the recording is cut off here" in capsys.readouterr().err


def test_the_report_is_json_if_asked_for(file, capsys):
    assert main(["compare", file(a_call("ListSchemas", {"schemas": []})), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["calls"] == 1


def test_a_limit_out_of_range_is_refused(file, capsys):
    assert main(["compare", file(a_call("ListSchemas")), "--overlap", "3"]) == 2
    assert capsys.readouterr().err == "The tolerance overlap=3.0 must be a number from 0 to 1.\n"
