"""What moto's CloudWatch shows of the service itself."""

import subprocess
import sys
from datetime import timedelta

import pytest
from builders import (
    a_campaign,
    a_dataset_group,
    a_domain_group_with_data,
    a_group_with_data,
    a_recommender,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
)
from moto.core.base_backend import BackendDict
from moto.core.common_models import CloudWatchMetricProvider
from putting import Shop
from watching import cloudwatch as cloudwatch_client
from watching import names, statistics, total

from personalize_mock import mock_personalize
from personalize_mock.moto_backend import cloudwatch


def ask(campaign, **members):
    return client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1", **members)


def test_requests_are_counted(mock):
    campaign = a_campaign(mock)
    for _ in range(3):
        ask(campaign)
    assert total(mock, "GetRecommendations", CampaignArn=campaign) == 3
    assert "GetRecommendations4xxErrors" not in names()


def test_refused_requests_are_requests_and_errors(mock):
    campaign = a_campaign(mock)
    ask(campaign)
    with pytest.raises(client("personalize-runtime").exceptions.InvalidInputException):
        ask(campaign, numResults=501)
    assert total(mock, "GetRecommendations", CampaignArn=campaign) == 2
    assert total(mock, "GetRecommendations4xxErrors", CampaignArn=campaign) == 1
    assert "GetRecommendations5xxErrors" not in names()


def test_latency_is_told_in_milliseconds_and_is_the_same_in_each_run():
    def measured():
        with mock_personalize(clock="2024-05-01T00:00:00Z") as mock:
            campaign = a_campaign(mock)
            for _ in range(20):
                ask(campaign)
            point = statistics(mock, "GetRecommendationsLatency", CampaignArn=campaign)
            return {name: point[name] for name in ("SampleCount", "Minimum", "Maximum", "Unit", "Sum")}

    first = measured()
    assert (first["SampleCount"], first["Unit"]) == (20, "Milliseconds")
    assert 20 <= first["Minimum"] < first["Maximum"] < 50
    assert measured() == first


def test_recommenders_have_a_dimension_of_their_own(mock):
    recommender = a_recommender(mock, "aws-vod-most-popular", group=a_domain_group_with_data(mock))
    client("personalize-runtime").get_recommendations(recommenderArn=recommender, userId="u1")
    assert total(mock, "GetRecommendations", RecommenderArn=recommender) == 1


def test_rankings_are_counted(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-personalized-ranking"))
    campaign = a_campaign(mock, version)
    client("personalize-runtime").get_personalized_ranking(campaignArn=campaign, userId="u1", inputList=["i1", "i2"])
    assert total(mock, "GetPersonalizedRanking", CampaignArn=campaign) == 1
    assert total(mock, "GetPersonalizedRankingLatency", CampaignArn=campaign) >= 20


def test_each_minute_is_a_datapoint_of_its_own(mock):
    campaign = a_campaign(mock)
    start = mock.clock.now()
    for _ in range(3):
        ask(campaign)
        mock.clock.jump(60)
    points = cloudwatch_client().get_metric_statistics(
        Namespace="AWS/Personalize",
        MetricName="GetRecommendations",
        StartTime=start,
        EndTime=mock.clock.now(),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in points] == [1, 1, 1]
    assert points[0]["Timestamp"] == start


def test_a_metric_is_listed_once_however_many_data_it_has(mock):
    shop = Shop(mock)
    for item in ("i1", "i2"):
        shop.put({"itemId": item})
        mock.clock.jump(120)
    listed = cloudwatch_client().list_metrics(Namespace="AWS/Personalize", MetricName="PutEventsRequests")["Metrics"]
    assert [len(metric["Dimensions"]) for metric in listed] == [3]
    assert total(mock, "PutEventsRequests") == 2


def test_get_metric_data_sees_them_too(mock):
    campaign = a_campaign(mock)
    ask(campaign)
    metric = {
        "Namespace": "AWS/Personalize",
        "MetricName": "GetRecommendations",
        "Dimensions": [{"Name": "CampaignArn", "Value": campaign}],
    }
    (result,) = cloudwatch_client().get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        StartTime=mock.clock.now() - timedelta(minutes=1),
        EndTime=mock.clock.now() + timedelta(minutes=1),
    )["MetricDataResults"]
    assert result["Values"] == [1]


def test_asking_twice_counts_once(mock):
    campaign = a_campaign(mock)
    ask(campaign)
    assert [total(mock, "GetRecommendations", CampaignArn=campaign) for _ in range(2)] == [1, 1]
    ask(campaign)
    assert total(mock, "GetRecommendations", CampaignArn=campaign) == 2


def test_events_are_counted_by_their_tracker(mock):
    shop = Shop(mock)
    shop.put({"itemId": "i1"})
    shop.put({"itemId": "i2"}, {"itemId": "i3"})
    shop.refused({})
    dimensions = {
        "DatasetGroupArn": shop.group,
        "DatasetArn": shop.interactions,
        "EventTrackerArn": shop.tracker,
    }
    assert total(mock, "PutEventsRequests", **dimensions) == 3
    assert total(mock, "PutEvents4xxErrors", **dimensions) == 1
    assert statistics(mock, "PutEventLatency", **dimensions)["SampleCount"] == 3


def test_events_of_nobodys_tracker_are_not_counted(mock):
    shop = Shop(mock)
    shop.refused({"itemId": "i1"}, tracking_id="nobodys")
    assert not any(name.startswith("PutEvent") for name in names())


@pytest.mark.parametrize(
    ("kind", "operation", "records", "name"),
    [
        ("Items", "put_items", {"items": [{"itemId": "i1", "properties": '{"genres": "x", "price": 1}'}]}, "PutItems"),
        ("Users", "put_users", {"users": [{"userId": "u1", "properties": '{"age": 1}'}]}, "PutUsers"),
    ],
)
def test_records_are_counted_by_their_dataset(mock, kind, operation, records, name):
    group = a_group_with_data(mock, "shop", kind)
    dataset = group.replace("dataset-group", "dataset") + f"/{kind.upper()}"
    with pytest.raises(client("personalize-events").exceptions.InvalidInputException):
        getattr(client("personalize-events"), operation)(datasetArn=dataset, **records)
    dimensions = {"DatasetGroupArn": group, "DatasetArn": dataset}
    assert total(mock, f"{name}Requests", **dimensions) == 1
    assert total(mock, f"{name}4xxErrors", **dimensions) == 1
    assert total(mock, f"{name}Latency", **dimensions) >= 20


def test_an_import_is_a_job_with_its_time_and_the_size_of_its_data(mock):
    group = a_group_with_data(mock)
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    job = client().list_dataset_import_jobs()["datasetImportJobs"][0]["datasetImportJobArn"]
    dimensions = {"DatasetGroupArn": group, "DatasetArn": dataset, "DatasetImportJobArn": job}
    assert total(mock, "DatasetImportJobRequests", **dimensions) == 1
    took = statistics(mock, "DatasetImportJobExecutionTime", **dimensions)
    assert (took["Sum"], took["Unit"]) == (240, "Seconds")
    size = statistics(mock, "DatasetSize", **dimensions)
    assert (size["Sum"], size["Unit"]) == (len(interactions_csv()), "Bytes")
    assert "DatasetImportJobError" not in names()


def test_an_import_that_fails_is_an_error(mock):
    group = a_group_with_data(mock)
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    job = an_import_job(mock, dataset, "NONSENSE\n")
    assert total(mock, "DatasetImportJobError", DatasetImportJobArn=job) == 1
    assert total(mock, "DatasetSize", DatasetImportJobArn=job) == 0


def test_a_training_is_a_job_with_its_time(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock)))
    dimensions = {"SolutionArn": version.rpartition("/")[0], "SolutionVersionArn": version}
    assert total(mock, "SolutionTrainingJobRequests", **dimensions) == 1
    assert total(mock, "SolutionTrainingJobExecutionTime", **dimensions) == pytest.approx(0.8 * (20 * 60 + 8))
    assert "SolutionTrainingJobError" not in names()


def test_a_training_that_fails_is_an_error(mock):
    version = a_solution_version(mock, a_solution(mock, a_dataset_group(mock)))
    assert total(mock, "SolutionTrainingJobError", SolutionVersionArn=version) == 1


def test_regions_have_metrics_of_their_own(mock):
    ask(a_campaign(mock))
    assert "GetRecommendations" in names()
    if "region" not in CloudWatchMetricProvider.get_cloudwatch_metrics.__code__.co_varnames:
        pytest.skip("this moto asks for the metrics of all regions at once")
    assert names("eu-west-1") == set()


def test_a_reset_forgets_the_metrics(mock):
    ask(a_campaign(mock))
    assert names() != set()
    mock.call("ListSchemas", region="eu-west-1")
    BackendDict.reset()
    assert names() == set()


def test_a_user_can_put_metrics_beside_ours(mock):
    cloudwatch_client().put_metric_data(Namespace="AWS/Personalize", MetricData=[{"MetricName": "own", "Value": 1}])
    ask(a_campaign(mock))
    assert {"own", "GetRecommendations"} <= names()


# The graft.


def test_we_provide_metrics_only_while_a_mock_is_active():
    before = CloudWatchMetricProvider.__subclasses__()
    with mock_personalize():
        assert cloudwatch.MetricProvider in CloudWatchMetricProvider.__subclasses__()
    assert CloudWatchMetricProvider.__subclasses__() == before
    assert cloudwatch.MetricProvider not in before
    assert cloudwatch.MetricProvider.get_cloudwatch_metrics("123456789012") == []


def run(program):
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_a_mock_does_not_load_cloudwatch():
    program = """
import sys
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
print(sorted(name for name in sys.modules if name.startswith(("moto.cloudwatch", "moto.cloudformation"))))
"""
    assert run(program) == "[]\n"


def test_without_cloudwatch_nothing_breaks():
    program = """
import sys
sys.modules["moto.cloudwatch"] = sys.modules["moto.cloudwatch.models"] = None
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
    print(len(mock.call("ListDatasetGroups")["datasetGroups"]))
"""
    assert run(program) == "1\n"
