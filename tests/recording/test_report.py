import io
import json

from recording.recordings import ARN, a_call, written

from personalize_mock.recording import compare

ACCOUNT = "987654321098"
MESSAGE = f"arn:aws:iam::{ACCOUNT}:role/Secret of {ACCOUNT} with AKIA" + "Q3EGRIVN7ZPWX2LM"


def comparison():
    error = {"code": "ResourceNotFoundException", "message": MESSAGE, "status": 400}
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/no"
    failed = a_call("DescribeCampaign", parameters={"campaignArn": arn}, error=error)
    skipped = a_call("DescribeSchema", parameters={"schemaArn": f"{ARN}schema/old"})
    return compare(written([failed, skipped, failed, *[skipped] * 6]))


def test_the_report_is_text_with_lines_and_both_values():
    head, versions, _, *rest = str(comparison()).splitlines()

    assert head == "Recording and mock: 1 difference in 9 calls, 7 of them not replayed."
    assert versions.startswith("personalize_mock ")
    assert rest[0] == "message: DescribeCampaign (lines 2, 4)"
    assert rest[1] == "  recorded: arn:aws:iam::000000000001:role/role-1 of 000000000001 with REMOVED"
    assert rest[2].startswith(
        "  mock:     The given campaign does not exist: arn:aws:personalize:us-east-1:000000000001:"
    )
    assert rest[4] == "Not replayed:"
    assert rest[5] == "  DescribeSchema: the mock has no schema/old (lines 3, 5, 6, 7, 8 and 2 more)"


def test_the_report_ends_with_the_numbers_of_lists_metrics_and_durations(main_path_recording, data):
    report = str(compare(io.StringIO(main_path_recording), data=data))

    assert report.partition("\n\n")[2].splitlines()[:5] == [
        "Lists: 1 compared, mean overlap 1.00, lowest 1.00",
        "Order: 1 compared, mean rank correlation 1.00, lowest 1.00",
        "Metrics: 8 compared, largest relative difference 0.00",
        "Durations: 5 compared",
        "  dataset-group/shop: recorded 28 s, mock 28 s",
    ]


def test_the_report_as_json_has_the_numbers_of_each_line(main_path_recording, data):
    report = json.loads(compare(io.StringIO(main_path_recording), data=data).as_json())

    line = report["lists"][0]["line"]
    recorded = json.loads(main_path_recording.splitlines()[line - 1])
    assert recorded["operation"] == "GetRecommendations"
    assert report["lists"] == [{"line": line, "overlap": 1, "rank_correlation": 1}]
    assert report["metrics"][0]["name"] == "coverage"
    assert report["durations"][0] == {"resource": "dataset-group/shop", "recorded": 28, "mock": 28}


def test_the_report_as_json_has_the_same_content_without_secrets():
    text = comparison().as_json()
    report = json.loads(text)

    assert [difference["kind"] for difference in report["differences"]] == ["message"]
    assert report["differences"][0]["lines"] == [2, 4]
    assert report["not_replayed"][0] == {
        "line": 3,
        "operation": "DescribeSchema",
        "reason": "the mock has no schema/old",
    }
    for private in (ACCOUNT, "Secret", "AKIA"):
        assert private not in text
