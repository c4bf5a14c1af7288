"""The page that mock.report writes."""

import re
from html.parser import HTMLParser

import pytest

from personalize_mock import PersonalizeMockError, mock_personalize

VOID = {"meta", "br", "wbr"}


class Checker(HTMLParser):
    """Parser that collects texts and attributes, and fails on tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.attributes = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def report(mock, tmp_path, **options):
    return mock.report(tmp_path / "report.html", **options).read_text(encoding="utf-8")


def test_an_empty_run_has_a_report(tmp_path):
    with mock_personalize(clock="2024-05-01") as mock:
        texts = Checker(report(mock, tmp_path)).texts

    assert "No calls were made." in texts
    assert "No model has been trained." in texts


def test_the_page_is_one_file_that_loads_nothing(tmp_path):
    with mock_personalize() as mock:
        mock.load()
        page = report(mock, tmp_path)

    attributes = dict(Checker(page).attributes)
    assert not {"src", "href"} & attributes.keys()
    assert not re.search(r"<script|<link|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_page_shows_metrics_coverage_and_calls(tmp_path):
    with mock_personalize() as mock:
        films = mock.load()
        films.recommend("1")
        metrics = mock.call("GetSolutionMetrics", solutionVersionArn=films.solution_version_arn)["metrics"]
        texts = Checker(report(mock, tmp_path)).texts

    assert f"{metrics['normalized_discounted_cumulative_gain_at_25']:.4f}" in texts
    assert "NDCG@25" in texts
    assert "Coverage: share of items that appear in the lists" in texts
    assert "GetRecommendations" in texts


def test_the_objectives_of_an_attribute_share_a_chart(tmp_path):
    with mock_personalize() as mock:
        for level in ("OFF", "HIGH"):
            mock.load(objective=("PRICE", level), recipe="aws-user-personalization", name=level.lower())
        mock.load()
        texts = Checker(report(mock, tmp_path)).texts

    assert texts.count("PRICE, aws-user-personalization") == 1
    assert {"OFF", "HIGH"} <= set(texts)


def test_a_failure_is_shown_and_escaped(tmp_path):
    with mock_personalize() as mock:
        films = mock.load()
        mock.on("CreateCampaign").fails_job("<b>No & capacity</b>")
        mock.call("CreateCampaign", name="shop", solutionVersionArn=films.solution_version_arn)
        mock.clock.jump(hours=1)
        checked = Checker(report(mock, tmp_path, title="<i>"))

    assert "<b>No & capacity</b>" in checked.texts
    assert checked.texts.count("<i>") == 2  # title and heading


def test_writing_a_report_changes_nothing(tmp_path):
    with mock_personalize(clock="2024-05-01") as mock:
        mock.load()
        first, calls = report(mock, tmp_path), len(mock.journal)
        assert report(mock, tmp_path) == first
        assert len(mock.journal) == calls


def test_a_report_can_be_written_after_the_mock_has_ended(tmp_path):
    with mock_personalize(clock="2024-05-01") as mock:
        mock.load()
        during = report(mock, tmp_path)

    assert report(mock, tmp_path) == during


def test_a_mock_that_was_never_started_has_no_report(tmp_path):
    with pytest.raises(PersonalizeMockError):
        mock_personalize().report(tmp_path / "report.html")
    assert not list(tmp_path.iterdir())
