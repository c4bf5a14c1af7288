"""Describe and List answer as their models say in every state that a resource passes."""

from collections.abc import Callable
from typing import Any

import boto3
import builders
import pytest
from contract.output import faults
from contract.registry import ALL, IMPLEMENTED
from contract.world import World, minimal_request

CREATED = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
DELETED = ["DELETE PENDING", "DELETE IN_PROGRESS"]
GOING = "s3://going/out/"
FAILED = ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE FAILED"]
KINDS = [name.removeprefix("Create") for name in IMPLEMENTED if name.startswith("Create")]
OTHERWISE = ("DataDeletionJob", "Schema", "Solution")


class Watch:
    """A resource on its way: the states that it passes, looked at through Describe and List.

    Attributes:
        states: what it was in so far.
    """

    def __init__(self, world: World, kind: str, arn: str, *, subject: str = "") -> None:
        self._world, self._kind, self.arn, self._subject = world, kind, arn, subject
        self.states: list[str | None] = []

    def until_rest(self) -> list[str | None]:
        """Looks at each state until nothing is due any more."""
        self._look()
        clock = self._world.mock.clock
        while dues := builders.status_changes(self._world.mock, self.arn):
            clock.jump_to(min(dues))
            self._look()
        return self.states

    def _look(self) -> None:
        member = self._kind[0].lower() + self._kind[1:]
        listed = f"List{self._kind}s"
        answer = self._world.call(listed)
        assert faults(ALL[listed].output, answer) == []
        known = [entry for entry in next(iter(answer.values())) if entry[f"{member}Arn"] == self.arn]
        if known:
            described = self._world.call(f"Describe{self._kind}", **{f"{member}Arn": self.arn})
            assert faults(ALL[f"Describe{self._kind}"].output, described) == []
            shown = described[member]
            assert known[0].get("status") == shown.get("status")
            self.states.append((shown[self._subject] if self._subject else shown).get("status"))


def made(world: World, kind: str, **changed: Any) -> Watch:
    request = {**minimal_request(world, f"Create{kind}"), **changed}
    return Watch(world, kind, str(next(iter(world.call(f"Create{kind}", **request).values()))))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OTHERWISE])
def test_a_resource_on_its_way_to_active(world: World, kind: str):
    assert made(world, kind).until_rest() == CREATED


def test_a_schema_has_no_status(world: World):
    assert made(world, "Schema").until_rest() == [None]


def test_a_data_deletion_job_on_its_way_to_completed(world: World):
    assert made(world, "DataDeletionJob").until_rest() == ["PENDING", "IN_PROGRESS", "COMPLETED"]


def test_a_solution_is_active_at_once(world: World):
    assert made(world, "Solution").until_rest() == ["ACTIVE"]


def test_a_solution_that_takes_its_time(world: World):
    world.set_options(durations={"solution": 60.0})

    assert made(world, "Solution").until_rest() == CREATED


@pytest.mark.parametrize("kind", [kind for kind in KINDS if f"Delete{kind}" in ALL and kind != "Schema"])
def test_a_resource_on_its_way_out(world: World, kind: str):
    request = minimal_request(world, f"Delete{kind}")
    arn = next(iter(request.values()))

    world.call(f"Delete{kind}", **request)

    assert Watch(world, kind, arn).until_rest() == DELETED


def an_import_job_of_nonsense(world: World) -> Watch:
    location = builders.put_object("A,B\n1,2\n", "nonsense.csv")
    return made(world, "DatasetImportJob", dataSource={"dataLocation": location})


def a_training_without_data(world: World) -> Watch:
    group = builders.a_dataset_group(world.mock, world.new_name())
    solution = builders.a_solution(world.mock, group, name=world.new_name())
    return made(world, "SolutionVersion", solutionArn=solution)


def a_recommender_without_data(world: World) -> Watch:
    group = builders.a_dataset_group(world.mock, world.new_name(), domain="VIDEO_ON_DEMAND")
    return made(world, "Recommender", datasetGroupArn=group)


def an_export_job_whose_bucket_goes(world: World) -> Watch:
    return _whose_bucket_goes(world, "DatasetExportJob", {"jobOutput": {"s3DataDestination": {"path": GOING}}})


def a_batch_inference_job_whose_bucket_goes(world: World) -> Watch:
    return _whose_bucket_goes(world, "BatchInferenceJob", {"jobOutput": {"s3DataDestination": {"path": GOING}}})


def a_batch_segment_job_whose_bucket_goes(world: World) -> Watch:
    return _whose_bucket_goes(world, "BatchSegmentJob", {"jobOutput": {"s3DataDestination": {"path": GOING}}})


def _whose_bucket_goes(world: World, kind: str, changed: dict[str, Any]) -> Watch:
    builders.put_object("", "a", bucket="going")
    watch = made(world, kind, **changed)
    bucket = boto3.resource("s3").Bucket("going")
    bucket.objects.delete()
    bucket.delete()
    return watch


@pytest.mark.parametrize(
    "start",
    [
        a_batch_inference_job_whose_bucket_goes,
        a_batch_segment_job_whose_bucket_goes,
        a_recommender_without_data,
        a_training_without_data,
        an_export_job_whose_bucket_goes,
        an_import_job_of_nonsense,
    ],
)
def test_a_resource_that_fails(world: World, start: Callable[[World], Watch]):
    watch = start(world)

    assert watch.until_rest() == FAILED
    transition = world.mock.journal.transitions(watch.arn)[-1]
    assert transition.failure_reason


def test_a_training_that_is_stopped_while_pending(world: World):
    watch = made(world, "SolutionVersion")

    world.call("StopSolutionVersionCreation", solutionVersionArn=watch.arn)

    assert watch.until_rest() == ["CREATE STOPPED"]


def test_a_training_that_is_stopped_while_it_runs(world: World):
    watch = made(world, "SolutionVersion")
    world.mock.clock.jump(600)

    world.call("StopSolutionVersionCreation", solutionVersionArn=watch.arn)

    assert watch.until_rest() == ["CREATE STOPPING", "CREATE STOPPED"]


def test_a_solution_that_is_updated_stays_active(world: World):
    arn = world.arns["solutionArn"]
    world.call("UpdateSolution", solutionArn=arn, performAutoTraining=True)

    assert Watch(world, "Solution", arn, subject="latestSolutionUpdate").until_rest() == CREATED
    assert world.call("DescribeSolution", solutionArn=arn)["solution"]["status"] == "ACTIVE"


def test_a_campaign_that_is_updated_stays_active(world: World):
    arn = world.arns["campaignArn"]
    world.call("UpdateCampaign", campaignArn=arn, minProvisionedTPS=2)

    assert Watch(world, "Campaign", arn, subject="latestCampaignUpdate").until_rest() == CREATED
    assert world.call("DescribeCampaign", campaignArn=arn)["campaign"]["status"] == "ACTIVE"


def test_a_recommender_that_is_stopped_and_started(world: World):
    arn = world.arns["recommenderArn"]

    world.call("StopRecommender", recommenderArn=arn)
    assert Watch(world, "Recommender", arn).until_rest() == ["STOP PENDING", "STOP IN_PROGRESS", "INACTIVE"]

    world.call("StartRecommender", recommenderArn=arn)
    assert Watch(world, "Recommender", arn).until_rest() == ["START PENDING", "START IN_PROGRESS", "ACTIVE"]


def test_a_recommender_that_is_updated_stays_active(world: World):
    arn = world.arns["recommenderArn"]
    world.call("UpdateRecommender", **minimal_request(world, "UpdateRecommender"))

    assert Watch(world, "Recommender", arn, subject="latestRecommenderUpdate").until_rest() == CREATED
    assert world.call("DescribeRecommender", recommenderArn=arn)["recommender"]["status"] == "ACTIVE"


def test_a_data_deletion_job_that_fails(world: World):
    location = builders.put_object("NOBODY\n1\n", "nobody.csv")
    watch = made(world, "DataDeletionJob", dataSource={"dataLocation": location})

    assert watch.until_rest() == ["PENDING", "IN_PROGRESS", "FAILED"]


def test_a_dataset_that_is_updated_shows_it(world: World):
    request = minimal_request(world, "UpdateDataset")
    world.call("UpdateDataset", **request)

    states = Watch(world, "Dataset", request["datasetArn"]).until_rest()
    assert states == ["UPDATE PENDING", "UPDATE IN_PROGRESS", "ACTIVE"]
