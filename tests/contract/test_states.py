"""Describe and List responses in every status of a resource."""

from collections.abc import Callable
from typing import Any

import boto3
import builders
import pytest
from contract.output import mismatches
from contract.registry import ALL, IMPLEMENTED
from contract.world import World, minimal_request

CREATED = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
DELETED = ["DELETE PENDING", "DELETE IN_PROGRESS"]
DELETED_BUCKET = "s3://deleted/out/"
FAILED = ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]
RESOURCE_TYPES = [name.removeprefix("Create") for name in IMPLEMENTED if name.startswith("Create")]
SPECIAL = ("DataDeletionJob", "Schema", "Solution")


class StatusRecorder:
    """A resource and its statuses, read through Describe and List.

    Attributes:
        arn: ARN of the resource.
        statuses: Statuses so far.
    """

    def __init__(self, world: World, resource_type: str, arn: str, *, update: str = "") -> None:
        self._world, self._type, self.arn, self._update = world, resource_type, arn, update
        self.statuses: list[str | None] = []

    def until_stable(self) -> list[str | None]:
        """Record each status until no change is scheduled any more."""
        self._record()
        clock = self._world.mock.clock
        while dues := builders.status_changes(self._world.mock, self.arn):
            clock.jump_to(min(dues))
            self._record()
        return self.statuses

    def _record(self) -> None:
        member = self._type[0].lower() + self._type[1:]
        listing, describing = f"List{self._type}s", f"Describe{self._type}"
        response = self._world.call(listing)
        assert mismatches(ALL[listing].output, response) == []
        listed = [entry for entry in next(iter(response.values())) if entry[f"{member}Arn"] == self.arn]
        if listed:
            response = self._world.call(describing, **{f"{member}Arn": self.arn})
            assert mismatches(ALL[describing].output, response) == []
            described = response[member]
            assert listed[0].get("status") == described.get("status")
            self.statuses.append((described[self._update] if self._update else described).get("status"))


def create(world: World, resource_type: str, **changed: Any) -> StatusRecorder:
    request = {**minimal_request(world, f"Create{resource_type}"), **changed}
    (arn, *_) = world.call(f"Create{resource_type}", **request).values()
    return StatusRecorder(world, resource_type, str(arn))


@pytest.mark.parametrize("resource_type", [name for name in RESOURCE_TYPES if name not in SPECIAL])
def test_a_resource_becomes_active(world: World, resource_type: str):
    assert create(world, resource_type).until_stable() == CREATED


def test_a_schema_has_no_status(world: World):
    assert create(world, "Schema").until_stable() == [None]


def test_a_data_deletion_job_becomes_completed(world: World):
    assert create(world, "DataDeletionJob").until_stable() == ["PENDING", "IN_PROGRESS", "COMPLETED"]


def test_a_solution_is_active_at_once(world: World):
    assert create(world, "Solution").until_stable() == ["ACTIVE"]


def test_a_solution_with_a_duration_passes_the_statuses_of_a_creation(world: World):
    world.set_options(durations={"solution": 60.0})

    assert create(world, "Solution").until_stable() == CREATED


@pytest.mark.parametrize(
    "resource_type", [name for name in RESOURCE_TYPES if f"Delete{name}" in ALL and name != "Schema"]
)
def test_a_deleted_resource_passes_the_statuses_of_a_deletion(world: World, resource_type: str):
    request = minimal_request(world, f"Delete{resource_type}")
    arn = next(iter(request.values()))

    world.call(f"Delete{resource_type}", **request)

    assert StatusRecorder(world, resource_type, arn).until_stable() == DELETED


def an_import_job_of_an_invalid_file(world: World) -> StatusRecorder:
    location = builders.put_object(builders.interactions_csv() + ",,,\n" * 200, "invalid.csv")
    return create(world, "DatasetImportJob", dataSource={"dataLocation": location})


def a_training_with_too_little_data(world: World) -> StatusRecorder:
    group = builders.a_group_with_an_event(world.mock, world.new_name())
    solution = builders.a_solution(world.mock, group, name=world.new_name())
    return create(world, "SolutionVersion", solutionArn=solution)


def a_recommender_without_data(world: World) -> StatusRecorder:
    group = builders.a_dataset_group(world.mock, world.new_name(), domain="VIDEO_ON_DEMAND")
    return create(world, "Recommender", datasetGroupArn=group)


def an_export_job_without_its_bucket(world: World) -> StatusRecorder:
    return _without_its_bucket(
        world, "DatasetExportJob", {"jobOutput": {"s3DataDestination": {"path": DELETED_BUCKET}}}
    )


def a_batch_inference_job_without_its_bucket(world: World) -> StatusRecorder:
    return _without_its_bucket(
        world, "BatchInferenceJob", {"jobOutput": {"s3DataDestination": {"path": DELETED_BUCKET}}}
    )


def a_batch_segment_job_without_its_bucket(world: World) -> StatusRecorder:
    return _without_its_bucket(world, "BatchSegmentJob", {"jobOutput": {"s3DataDestination": {"path": DELETED_BUCKET}}})


def _without_its_bucket(world: World, resource_type: str, changed: dict[str, Any]) -> StatusRecorder:
    builders.put_object("", "a", bucket="deleted")
    job = create(world, resource_type, **changed)
    bucket = boto3.resource("s3").Bucket("deleted")
    bucket.objects.delete()
    bucket.delete()
    return job


@pytest.mark.parametrize(
    "start",
    [
        a_batch_inference_job_without_its_bucket,
        a_batch_segment_job_without_its_bucket,
        a_recommender_without_data,
        a_training_with_too_little_data,
        an_export_job_without_its_bucket,
        an_import_job_of_an_invalid_file,
    ],
)
def test_a_resource_that_fails_has_a_failure_reason(world: World, start: Callable[[World], StatusRecorder]):
    resource = start(world)

    assert resource.until_stable() == FAILED
    transition = world.mock.journal.transitions(resource.arn)[-1]
    assert transition.failure_reason


def test_a_training_can_be_stopped_while_pending(world: World):
    version = create(world, "SolutionVersion")

    world.call("StopSolutionVersionCreation", solutionVersionArn=version.arn)

    assert version.until_stable() == ["CREATE STOPPED"]


def test_a_training_can_be_stopped_while_it_runs(world: World):
    version = create(world, "SolutionVersion")
    world.mock.clock.jump(600)

    world.call("StopSolutionVersionCreation", solutionVersionArn=version.arn)

    assert version.until_stable() == ["CREATE STOPPING", "CREATE STOPPED"]


def test_a_solution_that_is_updated_stays_active(world: World):
    arn = world.arns["solutionArn"]
    world.call("UpdateSolution", solutionArn=arn, performAutoTraining=True)

    assert StatusRecorder(world, "Solution", arn, update="latestSolutionUpdate").until_stable() == CREATED
    assert world.call("DescribeSolution", solutionArn=arn)["solution"]["status"] == "ACTIVE"


def test_a_campaign_that_is_updated_stays_active(world: World):
    arn = world.arns["campaignArn"]
    world.call("UpdateCampaign", campaignArn=arn, minProvisionedTPS=2)

    assert StatusRecorder(world, "Campaign", arn, update="latestCampaignUpdate").until_stable() == CREATED
    assert world.call("DescribeCampaign", campaignArn=arn)["campaign"]["status"] == "ACTIVE"


def test_a_recommender_can_be_stopped_and_started(world: World):
    arn = world.arns["recommenderArn"]

    world.call("StopRecommender", recommenderArn=arn)
    assert StatusRecorder(world, "Recommender", arn).until_stable() == ["STOP PENDING", "STOP IN_PROGRESS", "INACTIVE"]

    world.call("StartRecommender", recommenderArn=arn)
    assert StatusRecorder(world, "Recommender", arn).until_stable() == ["START PENDING", "START IN_PROGRESS", "ACTIVE"]


def test_a_recommender_that_is_updated_stays_active(world: World):
    arn = world.arns["recommenderArn"]
    world.call("UpdateRecommender", **minimal_request(world, "UpdateRecommender"))

    assert StatusRecorder(world, "Recommender", arn, update="latestRecommenderUpdate").until_stable() == CREATED
    assert world.call("DescribeRecommender", recommenderArn=arn)["recommender"]["status"] == "ACTIVE"


def test_a_data_deletion_job_can_fail(world: World):
    location = builders.put_object("NOBODY\n1\n", "nobody.csv")
    job = create(world, "DataDeletionJob", dataSource={"dataLocation": location})

    assert job.until_stable() == ["PENDING", "IN_PROGRESS", "FAILED"]


def test_a_dataset_passes_the_statuses_of_an_update(world: World):
    request = minimal_request(world, "UpdateDataset")
    world.call("UpdateDataset", **request)

    statuses = StatusRecorder(world, "Dataset", request["datasetArn"]).until_stable()
    assert statuses == ["UPDATE PENDING", "UPDATE IN_PROGRESS", "ACTIVE"]
