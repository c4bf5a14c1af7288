"""Recordings written by hand. They follow outputs of the real service in guides and notebooks, with other values."""

from builders import avro_schema, interactions_csv, recipe
from recording.recordings import a_call, written

from personalize_mock.recording import compare

ACCOUNT = "222233334444"
P = f"arn:aws:personalize:us-east-1:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/PersonalizeAccess"
GROUP, SCHEMA, DATASET = f"{P}dataset-group/poc", f"{P}schema/poc", f"{P}dataset/poc/INTERACTIONS"
TRACKER, JOB = f"{P}event-tracker/0f1e2d3c", f"{P}dataset-import-job/poc"
SOLUTION, CAMPAIGN = f"{P}solution/poc", f"{P}campaign/poc"
VERSION = f"{SOLUTION}/4d5e6f70"
SIMS = recipe("aws-sims")
START = 1_714_554_000  # 2024-05-01 09:00:00


class Script:
    """Lines of a recording, with a clock."""

    def __init__(self):
        self.now, self.lines = 0.0, []

    def call(self, operation, answer=None, *, error=None, service="personalize", **params):
        minutes, seconds = divmod(int(self.now), 60)
        at = f"2024-05-01T{9 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"
        outcome = {} if error is None else {"error": dict(zip(("code", "message", "status"), error, strict=True))}
        self.lines.append(a_call(operation, answer, at=at, parameters=params, service=service, **outcome))

    def polls(self, operation, key, arn_name, shown, *, took, every=60.0):
        """Add polls of a creation, with the statuses that the notebooks show, until it is ACTIVE."""
        created, end = self.now, self.now + took
        for status, after in (("CREATE PENDING", 0), ("CREATE IN_PROGRESS", every), ("ACTIVE", took + every)):
            self.now = created + after
            times = {"creationDateTime": START + created, "lastUpdatedDateTime": START + created}
            if status == "ACTIVE":
                times["lastUpdatedDateTime"] = START + end
                shown = {**shown, **shown.get("done", {})}
            resource = {name: value for name, value in shown.items() if name != "done"}
            self.call(operation, {key: {**resource, "status": status, **times}}, **{arn_name: shown[arn_name]})


def data_script():
    script = Script()
    script.call("CreateDatasetGroup", {"datasetGroupArn": GROUP}, name="poc")
    shown = {"name": "poc", "datasetGroupArn": GROUP}
    script.polls("DescribeDatasetGroup", "datasetGroup", "datasetGroupArn", shown, took=28.0, every=15)
    script.call("CreateSchema", {"schemaArn": SCHEMA}, name="poc", schema=avro_schema())
    request = {"name": "poc", "schemaArn": SCHEMA, "datasetGroupArn": GROUP}
    script.call("CreateDataset", {"datasetArn": DATASET}, **request, datasetType="INTERACTIONS")
    shown = {**request, "datasetArn": DATASET, "datasetType": "INTERACTIONS"}
    script.polls("DescribeDataset", "dataset", "datasetArn", shown, took=20.0, every=15)
    answer = {"eventTrackerArn": TRACKER, "trackingId": "00000000-0000-4000-8000-000000000001"}
    script.call("CreateEventTracker", answer, name="poc", datasetGroupArn=GROUP)
    message = f"Another resource with Arn {TRACKER} already exists."
    error = ("ResourceAlreadyExistsException", message, 400)
    script.call("CreateEventTracker", error=error, name="poc", datasetGroupArn=GROUP)
    return script


def import_script():
    script = data_script()
    request = {
        "jobName": "poc",
        "datasetArn": DATASET,
        "dataSource": {"dataLocation": "s3://poc/interactions.csv"},
        "roleArn": ROLE,
    }
    script.call("CreateDatasetImportJob", {"datasetImportJobArn": JOB}, **request)
    shown = {**request, "datasetImportJobArn": JOB, "importMode": "FULL"}
    script.polls("DescribeDatasetImportJob", "datasetImportJob", "datasetImportJobArn", shown, took=200.0)
    return script


def campaign_script():
    script = import_script()
    request = {"name": "poc", "datasetGroupArn": GROUP, "recipeArn": SIMS}
    script.call("CreateSolution", {"solutionArn": SOLUTION}, **request, performAutoTraining=False)
    script.call("CreateSolutionVersion", {"solutionVersionArn": VERSION}, solutionArn=SOLUTION)
    flags = {"performHPO": False, "performAutoML": False, "trainingMode": "FULL", "trainingType": "MANUAL"}
    shown = {
        "name": "poc/4d5e6f70",
        "solutionVersionArn": VERSION,
        "solutionArn": SOLUTION,
        "recipeArn": SIMS,
        "datasetGroupArn": GROUP,
        "done": {"trainingHours": 1.2},
        **flags,
    }
    script.polls("DescribeSolutionVersion", "solutionVersion", "solutionVersionArn", shown, took=1100.0)
    script.call("CreateCampaign", {"campaignArn": CAMPAIGN}, name="poc", solutionVersionArn=VERSION)
    shown = {"name": "poc", "campaignArn": CAMPAIGN, "solutionVersionArn": VERSION, "minProvisionedTPS": 1}
    shown["campaignConfig"] = {}
    script.polls("DescribeCampaign", "campaign", "campaignArn", shown, took=589.0)
    return script


def update_script():
    script = campaign_script()
    config = {"enableMetadataWithRecommendations": True}
    created = {"creationDateTime": START + script.now - 1000, "lastUpdatedDateTime": START + script.now}
    script.call("UpdateCampaign", {"campaignArn": CAMPAIGN}, campaignArn=CAMPAIGN, campaignConfig=config)
    for status, after, shown in (("CREATE IN_PROGRESS", 60, {}), ("ACTIVE", 660, config)):
        update = {"solutionVersionArn": VERSION, "status": status, **created}
        script.now += after
        campaign = {
            "name": "poc",
            "campaignArn": CAMPAIGN,
            "solutionVersionArn": VERSION,
            "minProvisionedTPS": 1,
            "campaignConfig": shown,
            "status": "ACTIVE",
            "latestCampaignUpdate": update,
            **created,
        }
        script.call("DescribeCampaign", {"campaign": campaign}, campaignArn=CAMPAIGN)
    return script


def data_folder(tmp_path):
    (tmp_path / "interactions.csv").write_text(interactions_csv(), encoding="utf-8")
    return tmp_path


def test_the_documented_way_to_a_dataset_has_no_differences():
    assert compare(written(data_script().lines)).differences == []


def test_the_documented_way_to_a_campaign_has_no_differences(tmp_path):
    comparison = compare(written(campaign_script().lines), data=data_folder(tmp_path))

    assert comparison.differences == []
    assert set(comparison.findings.durations) > {"campaign/poc", "dataset-import-job/poc"}


def test_the_documented_update_of_a_campaign_has_no_differences(tmp_path):
    assert compare(written(update_script().lines), data=data_folder(tmp_path)).differences == []


def test_the_documented_errors_have_no_differences():
    script = Script()
    missing = "ResourceNotFoundException"
    solution, group = f"{P}solution/gone", f"{P}dataset-group/gone"
    error = (missing, f"The given solution does not exist: {solution}", 400)
    script.call("DescribeSolution", error=error, solutionArn=solution)
    error = (missing, f"The given dataset group does not exist: {group}", 400)
    script.call("DeleteDatasetGroup", error=error, datasetGroupArn=group)
    error = ("InvalidInputException", f"{CAMPAIGN} does not exist or is not active yet.", 400)
    request = {"campaignArn": CAMPAIGN, "userId": "7"}
    script.call("GetRecommendations", error=error, service="personalize-runtime", **request)

    assert compare(written(script.lines)).differences == []
