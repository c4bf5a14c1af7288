import io

import pytest
from recording.recordings import ARN, a_call, entries, written

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.recording import RecordingError, Tolerance, compare

GROUP = f"{ARN}dataset-group/shop"


def test_a_recording_of_the_mock_has_no_differences(main_path_recording, data):
    comparison = compare(io.StringIO(main_path_recording), data=data)

    assert comparison.differences == []
    assert comparison.findings.skipped == {}
    assert [(found.overlap, found.rank_correlation) for found in comparison.findings.lists] == [(1, 1)]
    assert len(comparison.findings.metrics) == 8
    assert {resource.partition("/")[0] for resource in comparison.findings.durations} == {
        *("dataset-group", "dataset", "dataset-import-job", "solution", "campaign")
    }


def last(calls, operation):
    return [call for call in calls if call["operation"] == operation][-1]


def campaign(calls):
    return last(calls, "DescribeCampaign")["answer"]["campaign"]


def failed(calls):
    return next(call["error"] for call in calls if "error" in call)


def items(calls):
    return last(calls, "GetRecommendations")["answer"]["itemList"]


def swap_statuses(calls):
    polls = [
        call["answer"]["campaign"] for call in calls if call["operation"] == "DescribeCampaign" and "answer" in call
    ]
    pending = next(poll for poll in polls if poll["status"] == "CREATE PENDING")
    running = next(poll for poll in polls if poll["status"] == "CREATE IN_PROGRESS")
    pending["status"], running["status"] = running["status"], pending["status"]


def take_longer(calls):
    campaign(calls)["lastUpdatedDateTime"] += 3600


def recommend_others(calls):
    for number, item in enumerate(items(calls)[:5]):
        item["itemId"] = f"other{number}"


PLANTED = {
    "missing member": (lambda calls: campaign(calls).update(owner="me"), "campaign.owner"),
    "extra member": (lambda calls: campaign(calls).pop("minProvisionedTPS"), "campaign.minProvisionedTPS"),
    "type": (lambda calls: campaign(calls).update(minProvisionedTPS="1"), "campaign.minProvisionedTPS"),
    "value": (lambda calls: campaign(calls).update(minProvisionedTPS=2), "campaign.minProvisionedTPS"),
    "error": (lambda calls: failed(calls).update(code="InvalidInputException"), ""),
    "message": (lambda calls: failed(calls).update(message="No such campaign."), ""),
    "status code": (lambda calls: failed(calls).update(status=404), ""),
    "statuses": (swap_statuses, "campaign/shop"),
    "duration": (take_longer, "campaign/shop"),
    "order": (lambda calls: items(calls).reverse(), "itemList"),
    "overlap": (recommend_others, "itemList"),
    "length": (lambda calls: items(calls).pop(), "itemList"),
    "metric": (
        lambda calls: last(calls, "GetSolutionMetrics")["answer"]["metrics"].update(coverage=0.3),
        "metrics.coverage",
    ),
    "extra element": (
        lambda calls: last(calls, "ListSolutionVersions")["answer"]["solutionVersions"].clear(),
        "solutionVersions[]",
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_difference_is_found_and_no_other(main_path_recording, data, kind):
    calls = entries(main_path_recording)
    plant, where = PLANTED[kind]
    plant(calls)

    [difference] = compare(written(calls), data=data).differences

    assert (difference.kind, difference.where) == (kind, where)
    assert difference.lines[0] > 1
    assert difference.recorded != difference.mock


def test_a_call_that_fails_only_in_the_mock_is_an_error():
    arn = f"{ARN}schema/clicks"
    create = a_call("CreateSchema", {"schemaArn": arn}, parameters={"name": "clicks", "schema": "no JSON"})

    [difference] = compare(written([create])).differences

    assert (difference.kind, difference.recorded) == ("error", "success")
    assert difference.mock.startswith("InvalidInputException: ")


def test_a_call_that_fails_only_in_the_recording_is_an_error():
    error = {"code": "LimitExceededException", "message": "Too many.", "status": 400}
    create = a_call("CreateDatasetGroup", parameters={"name": "shop"}, error=error)

    [difference] = compare(written([create])).differences

    assert (difference.recorded, difference.mock) == ("LimitExceededException: Too many.", "success")


def test_an_equal_difference_of_several_calls_is_reported_once_with_all_lines():
    poll = a_call("DescribeDatasetGroup", {"datasetGroup": group(extra=1)}, parameters={"datasetGroupArn": GROUP})

    [difference] = compare(written([create_group(), poll, poll])).differences

    assert difference.lines == (3, 4)


def create_group(**more):
    return a_call("CreateDatasetGroup", {"datasetGroupArn": GROUP}, parameters={"name": "shop"}, **more)


def group(status="CREATE PENDING", **more):
    times = {"creationDateTime": 1714554000.5, "lastUpdatedDateTime": 1714554000.5}
    return {"name": "shop", "datasetGroupArn": GROUP, "status": status, **times, **more}


def test_tolerances_decide_what_counts_as_equal(main_path_recording, data):
    calls = entries(main_path_recording)
    take_longer(calls)
    recommend_others(calls)
    items(calls).reverse()
    last(calls, "GetSolutionMetrics")["answer"]["metrics"]["coverage"] *= 0.7
    tolerance = Tolerance(duration=10, metric=0.5, overlap=0.3, correlation=-1)

    assert compare(written(calls), data=data, tolerance=tolerance).differences == []
    assert len(compare(written(calls), data=data).differences) == 4


@pytest.mark.parametrize("limits", [{"duration": 0.5}, {"metric": -1}, {"overlap": 2}, {"correlation": float("nan")}])
def test_a_tolerance_out_of_range_is_refused(limits):
    with pytest.raises(PersonalizeMockError, match="must be a number from"):
        Tolerance(**limits)


def test_ids_of_the_recording_are_those_of_the_mock_in_later_calls(main_path_recording, data):
    text = main_path_recording
    version = text.split("solutionVersionArn")[1].split('"')[2].rpartition("/")[2]
    changed = [line.replace(version, "0a1b2c3d") for line in text.splitlines()]
    calls = entries("\n".join(changed))

    assert version not in str(calls)
    assert compare(written(calls), data=data).differences == []


def test_a_recording_of_another_account_and_region_is_replayed_there():
    arn = "arn:aws:personalize:eu-west-1:987654321098:dataset-group/shop"
    calls = [
        a_call("CreateDatasetGroup", {"datasetGroupArn": arn}, parameters={"name": "shop"}, region="eu-west-1"),
    ]

    assert compare(written(calls)).differences == []


def test_the_mock_takes_options_such_as_those_of_a_recorded_mock(mock):
    error = {"code": "ResourceNotFoundException", "message": "x", "status": 400}
    calls = written(
        [create_group(), a_call("DescribeRecipe", parameters={"recipeArn": f"{ARN}recipe/no"}, error=error)]
    )

    kinds = [difference.kind for difference in compare(calls, quotas={"active_dataset_groups": 1}).differences]
    assert kinds == ["message"]
    with pytest.raises(PersonalizeMockError, match="quotas="):
        compare(written([create_group()]), quotas={"no": 1})


def test_metrics_of_an_attribution_are_a_list_and_no_numbers():
    empty = a_call("ListMetricAttributionMetrics", {"metrics": [{"metricName": "a"}]})

    assert compare(written([empty])).differences[0].where == "metrics[]"


def test_a_comparison_inside_of_a_mock_leaves_the_mock_alone():
    with mock_personalize() as mock:
        compare(written([create_group()]))

        assert mock.call("ListDatasetGroups") == {"datasetGroups": []}


def test_an_import_without_its_file_is_reported_by_line(main_path_recording, tmp_path):
    with pytest.raises(RecordingError, match=r"Line 10: the call reads s3://data/interactions.csv\. Put this"):
        compare(io.StringIO(main_path_recording))
    with pytest.raises(RecordingError, match=r"Line 10: .* there is no .*data.interactions.csv"):
        compare(io.StringIO(main_path_recording), data=tmp_path)
