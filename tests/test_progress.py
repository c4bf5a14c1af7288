"""Log messages, and the progress of work that takes long."""

import logging
import sys

import pytest
from botocore.exceptions import ClientError
from builders import a_batch_inference_job, a_dataset, a_dataset_group, a_solution, a_solution_version, client, settle

from personalize_mock import content_cache, progress


@pytest.fixture
def levels(caplog):
    """Log everything, and return a function that returns the messages of a level."""
    caplog.set_level(logging.DEBUG, logger="personalize_mock")
    return lambda level: [record.getMessage() for record in caplog.records if record.levelname == level]


def test_calls_and_status_changes_are_logged_for_debugging(mock, levels):
    mock.call("CreateDatasetGroup", name="shop")

    assert levels("DEBUG") == [
        "2024-05-01 00:00:00  dataset-group/shop CREATE PENDING",
        "2024-05-01 00:00:00  CreateDatasetGroup(name='shop')",
    ]
    assert levels("INFO") == []


def test_imports_and_trainings_are_logged_with_their_size_and_seconds(mock, levels):
    mock.load(interactions=[("ada", "alien"), ("ada", "brazil"), ("bob", "alien")], recipe="aws-sims")
    imported, trained = levels("INFO")

    assert imported.startswith("arn:aws:personalize:us-east-1:123456789012:dataset-import-job/loaded")
    assert ": read 3 rows in 0." in imported
    assert trained.startswith("trained aws-sims on 3 interactions in 0.")


def test_trials_are_logged_with_their_result(mock, levels):
    group = mock.load(recipe="aws-sims").dataset_group_arn
    config = {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "2"}}}
    solution = a_solution(mock, group, "aws-hrnn", performHPO=True, solutionConfig=config)
    settle(mock, a_solution_version(mock, solution))

    trials = [text for text in levels("INFO") if text.startswith("trial of aws-hrnn with {")]
    assert len(trials) == 2
    assert all(" = 0." in text for text in trials)


def test_batch_jobs_are_logged(mock, levels):
    films = mock.load()
    settle(mock, a_batch_inference_job(mock, films.solution_version_arn, {"userId": "ada"}))

    assert "batch-inference-job/" in levels("INFO")[-1]
    assert " processed " in levels("INFO")[-1]


def test_the_cause_of_a_vague_message_is_logged(mock, levels):
    dataset = a_dataset(mock, a_dataset_group(mock))
    with pytest.raises(ClientError, match="Insufficient privileges"):
        client().create_dataset_import_job(
            jobName="import",
            datasetArn=dataset,
            dataSource={"dataLocation": "s3://buckett/rows.csv"},
            roleArn="arn:aws:iam::123456789012:role/any",
        )

    assert "No access to the bucket 'buckett': There is no bucket named 'buckett' in moto's S3." in levels("DEBUG")


def test_long_work_is_logged_every_two_seconds(monkeypatch, levels):
    class Watch:
        passed = 0.0

        def seconds(self):
            Watch.passed += 0.5
            return Watch.passed

    monkeypatch.setattr(progress, "Stopwatch", Watch)
    assert list(progress.tracked("abcdefgh", title="letters", unit="parts", total=8)) == list("abcdefgh")

    assert levels("INFO") == ["letters: 4 of 8 parts after 2.5 s", "letters: 8 of 8 parts after 5.0 s"]


def test_progress_moves_during_the_import_the_fit_and_the_evaluation(mock, monkeypatch, levels):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setattr(content_cache, "CACHE", content_cache.ContentCache())  # earlier tests may have trained the same
    mock.load()

    messages = levels("INFO")
    for title in ("reading a CSV file", "fitting factors", "mining association rules", "ranking"):
        assert any(text.startswith(f"{title}: ") for text in messages), title
    iterations = [text.split(" after ")[0] for text in messages if text.startswith("fitting factors")]
    assert iterations[:2] == ["fitting factors: 1 of 7 iterations", "fitting factors: 2 of 7 iterations"]


def test_a_bar_is_shown_to_a_person_at_a_terminal_and_never_in_tests(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert not progress.someone_waits()

    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    monkeypatch.delenv("PYTEST_VERSION", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    assert progress.someone_waits()

    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert not progress.someone_waits()


def test_a_bar_appears_only_after_two_seconds(monkeypatch, capfd):
    monkeypatch.setattr(progress, "someone_waits", lambda: True)
    list(progress.tracked(range(3), title="numbers", unit="parts", total=3))
    assert "numbers" not in capfd.readouterr().err

    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    list(progress.tracked(range(3), title="numbers", unit="parts", total=3))
    assert "numbers" in capfd.readouterr().err
