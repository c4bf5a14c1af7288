"""Tests of `python -m personalize_mock serve`."""

import gzip
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from builders import interactions_csv
from server.http_requests import control
from server.processes import serving

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.__main__ import main
from personalize_mock.server.folders import load_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with data of which one file is compressed."""
    films = tmp_path / "my films"
    films.mkdir()
    (films / "Interactions.csv").write_text(interactions_csv(), encoding="utf-8")
    with gzip.open(films / "items.csv.gz", "wt") as file:
        file.write("ITEM_ID,GENRES\ni1,Drama\ni2,Comedy\n")
    (films / "README.txt").write_text("not data", encoding="utf-8")
    return films


def serve(*flags: str, until: signal.Signals = signal.SIGTERM) -> int:
    """Run a server on a free port, send it a signal as soon as it has started, and return the exit status."""

    def stop() -> None:
        while not any(thread.name == "personalize_mock server" for thread in threading.enumerate()):
            time.sleep(0.001)
        os.kill(os.getpid(), until)

    thread = threading.Thread(target=stop)
    thread.start()
    status = main(["serve", "--port", "0", *flags])
    thread.join()
    return status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_with_exit_status_0(number: signal.Signals):
    before = signal.getsignal(number)
    assert serve(until=number) == 0
    assert signal.getsignal(number) is before


def test_a_server_prints_ids_with_the_names_of_the_members(folder: Path, capsys: pytest.CaptureFixture[str]):
    serve("--load", str(folder))

    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert sorted(words) == ["campaignArn", "loaded", "personalize_mock", "trackingId"]


def test_a_server_in_a_process_of_its_own_loads_a_folder_and_stops(folder: Path):
    with serving("--seed=7", "--clock=2024-05-01", "--no-autojump", "--load", str(folder)) as url:
        options = control(url, "GET", "/")["options"]
        datasets = control(url, "POST", "/call", {"operation": "ListDatasets"})["datasets"]

    assert (options["seed"], options["clock"], options["autojump"]) == (7, "2024-05-01", False)
    assert sorted(dataset["datasetType"] for dataset in datasets) == ["INTERACTIONS", "ITEMS"]
    assert "/my-films/" in datasets[0]["datasetArn"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--host", "0.0.0.0"], "error: --host 0.0.0.0: other machines could reach the server"),  # noqa: S104
        (["--host", "my-machine"], "error: --host my-machine: other machines could reach the server"),
        (["--port", "0", "--seed", "x"], "error: The value 'x' has the wrong type. Write --seed=1, for example."),
        (["--port", "0", "--durations", "campain=5"], "Did you mean 'campaign'?"),
        (["--port", "0", "--rate", "-1"], "error: rate=-1.0: the rate must be a number"),
        (["--port", "0", "--load", "/nowhere"], "error: --load /nowhere: not a folder that can be read"),
        (["--port", "99999"], "error: The server cannot listen on 127.0.0.1:99999"),
    ],
)
def test_a_wrong_flag_is_refused_with_a_sentence(flags: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert main(["serve", *flags]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["serve", "--port", "0", "--load", str(tmp_path)]) == 2
    assert "the folder has no files to load. Name them interactions.csv, items.csv" in capsys.readouterr().err


DAMAGED = {
    "not compressed": b"USER_ID",
    "cut off": gzip.compress(b"USER_ID")[:-9],
    "changed": gzip.compress(b"USER_ID" * 99)[:12] + b"?" * 40,
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_compressed_file_is_named(tmp_path: Path, damaged: bytes):
    (tmp_path / "interactions.csv.gz").write_bytes(damaged)
    with mock_personalize() as mock, pytest.raises(PersonalizeMockError, match=r"interactions\.csv\.gz cannot be read"):
        load_folder(mock, tmp_path)
