"""Metrics of the service in moto's CloudWatch."""

import subprocess
import sys
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from builders import (
    a_campaign,
    a_domain_group_with_data,
    a_group_with_an_event,
    a_group_with_data,
    a_recommender,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
)
from cloudwatch_metrics import cloudwatch_client, metric_names, metric_total, statistics
from moto.core.base_backend import BackendDict
from moto.core.common_models import CloudWatchMetricProvider
from put_events import Shop

from personalize_mock import mock_personalize
from personalize_mock.moto_backend import cloudwatch
from personalize_mock.simulation import Store


def recommend(campaign, **members):
    return client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1", **members)


def test_requests_are_counted(mock):
    campaign = a_campaign(mock)
    for _ in range(3):
        recommend(campaign)
    assert metric_total(mock, "GetRecommendations", CampaignArn=campaign) == 3
    assert "GetRecommendations4xxErrors" not in metric_names()


def test_a_failed_request_counts_as_a_request_and_as_an_error(mock):
    campaign = a_campaign(mock)
    recommend(campaign)
    with pytest.raises(client("personalize-runtime").exceptions.InvalidInputException):
        recommend(campaign, numResults=501)
    assert metric_total(mock, "GetRecommendations", CampaignArn=campaign) == 2
    assert metric_total(mock, "GetRecommendations4xxErrors", CampaignArn=campaign) == 1
    assert "GetRecommendations5xxErrors" not in metric_names()


def test_latencies_are_in_milliseconds_and_equal_in_each_run():
    def latencies():
        with mock_personalize(clock="2024-05-01T00:00:00Z") as mock:
            campaign = a_campaign(mock)
            for _ in range(20):
                recommend(campaign)
            point = statistics(mock, "GetRecommendationsLatency", CampaignArn=campaign)
            return {name: point[name] for name in ("SampleCount", "Minimum", "Maximum", "Unit", "Sum")}

    first = latencies()
    assert (first["SampleCount"], first["Unit"]) == (20, "Milliseconds")
    assert 20 <= first["Minimum"] < first["Maximum"] < 50
    assert latencies() == first


def test_recommenders_have_their_own_dimension(mock):
    recommender = a_recommender(mock, "aws-vod-most-popular", group=a_domain_group_with_data(mock))
    client("personalize-runtime").get_recommendations(recommenderArn=recommender, userId="u1")
    assert metric_total(mock, "GetRecommendations", RecommenderArn=recommender) == 1


def test_rankings_are_counted(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-personalized-ranking"))
    campaign = a_campaign(mock, version)
    client("personalize-runtime").get_personalized_ranking(campaignArn=campaign, userId="u1", inputList=["i1", "i2"])
    assert metric_total(mock, "GetPersonalizedRanking", CampaignArn=campaign) == 1
    assert metric_total(mock, "GetPersonalizedRankingLatency", CampaignArn=campaign) >= 20


def test_each_minute_is_a_datapoint(mock):
    campaign = a_campaign(mock)
    start = mock.clock.now()
    for _ in range(3):
        recommend(campaign)
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


def test_a_metric_with_several_datapoints_is_listed_once(mock):
    shop = Shop(mock)
    for item in ("i1", "i2"):
        shop.put({"itemId": item})
        mock.clock.jump(120)
    listed = cloudwatch_client().list_metrics(Namespace="AWS/Personalize", MetricName="PutEventsRequests")["Metrics"]
    assert [len(metric["Dimensions"]) for metric in listed] == [3]
    assert metric_total(mock, "PutEventsRequests") == 2


def test_get_metric_data_returns_the_metrics(mock):
    campaign = a_campaign(mock)
    recommend(campaign)
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


def test_reading_metrics_does_not_count_requests_again(mock):
    campaign = a_campaign(mock)
    recommend(campaign)
    assert [metric_total(mock, "GetRecommendations", CampaignArn=campaign) for _ in range(2)] == [1, 1]
    recommend(campaign)
    assert metric_total(mock, "GetRecommendations", CampaignArn=campaign) == 2


def test_events_are_counted_by_tracker(mock):
    shop = Shop(mock)
    shop.put({"itemId": "i1"})
    shop.put({"itemId": "i2"}, {"itemId": "i3"})
    shop.refused({})
    dimensions = {
        "DatasetGroupArn": shop.group,
        "DatasetArn": shop.interactions,
        "EventTrackerArn": shop.tracker,
    }
    assert metric_total(mock, "PutEventsRequests", **dimensions) == 3
    assert metric_total(mock, "PutEvents4xxErrors", **dimensions) == 1
    assert statistics(mock, "PutEventLatency", **dimensions)["SampleCount"] == 3


def test_the_tracker_of_many_events_is_looked_up_once(mock, monkeypatch):
    shop, lookups, by_type_name = Shop(mock), [], Store.by_type_name
    for number in range(20):
        shop.put({"itemId": f"i{number}"})
    monkeypatch.setattr(Store, "by_type_name", lambda store, name: lookups.append(name) or by_type_name(store, name))
    assert "PutEventsRequests" in metric_names()
    assert lookups.count("EventTracker") == 1


def test_a_request_with_a_malformed_arn_is_not_counted(mock):
    with pytest.raises(ClientError):
        mock.call("GetRecommendations", campaignArn=["not a string"], userId="u1")
    assert "GetRecommendations" not in metric_names()


def test_events_for_an_unknown_tracker_are_not_counted(mock):
    shop = Shop(mock)
    shop.refused({"itemId": "i1"}, tracking_id="unknown")
    assert not any(name.startswith("PutEvent") for name in metric_names())


@pytest.mark.parametrize(
    ("dataset_type", "operation", "records", "name"),
    [
        ("Items", "put_items", {"items": [{"itemId": "i1", "properties": '{"genres": "x", "price": 1}'}]}, "PutItems"),
        ("Users", "put_users", {"users": [{"userId": "u1", "properties": '{"age": 1}'}]}, "PutUsers"),
    ],
)
def test_put_records_are_counted_by_dataset(mock, dataset_type, operation, records, name):
    group = a_group_with_data(mock, "shop", dataset_type)
    dataset = group.replace("dataset-group", "dataset") + f"/{dataset_type.upper()}"
    with pytest.raises(client("personalize-events").exceptions.InvalidInputException):
        getattr(client("personalize-events"), operation)(datasetArn=dataset, **records)
    dimensions = {"DatasetGroupArn": group, "DatasetArn": dataset}
    assert metric_total(mock, f"{name}Requests", **dimensions) == 1
    assert metric_total(mock, f"{name}4xxErrors", **dimensions) == 1
    assert metric_total(mock, f"{name}Latency", **dimensions) >= 20


def test_an_import_has_metrics_of_its_duration_and_the_size_of_its_data(mock):
    group = a_group_with_data(mock)
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    job = client().list_dataset_import_jobs()["datasetImportJobs"][0]["datasetImportJobArn"]
    dimensions = {"DatasetGroupArn": group, "DatasetArn": dataset, "DatasetImportJobArn": job}
    assert metric_total(mock, "DatasetImportJobRequests", **dimensions) == 1
    duration = statistics(mock, "DatasetImportJobExecutionTime", **dimensions)
    assert (duration["Sum"], duration["Unit"]) == (240, "Seconds")
    size = statistics(mock, "DatasetSize", **dimensions)
    assert (size["Sum"], size["Unit"]) == (len(interactions_csv()), "Bytes")
    assert "DatasetImportJobError" not in metric_names()


def test_a_failed_import_is_counted_as_an_error(mock):
    group = a_group_with_data(mock)
    dataset = group.replace("dataset-group", "dataset") + "/INTERACTIONS"
    job = an_import_job(mock, dataset, interactions_csv() + ",,,\n" * 200)
    assert metric_total(mock, "DatasetImportJobError", DatasetImportJobArn=job) == 1
    assert metric_total(mock, "DatasetSize", DatasetImportJobArn=job) == 0


def test_a_training_has_a_metric_of_its_duration(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock)))
    dimensions = {"SolutionArn": version.rpartition("/")[0], "SolutionVersionArn": version}
    assert metric_total(mock, "SolutionTrainingJobRequests", **dimensions) == 1
    assert metric_total(mock, "SolutionTrainingJobExecutionTime", **dimensions) == pytest.approx(0.8 * (20 * 60 + 8))
    assert "SolutionTrainingJobError" not in metric_names()


def test_a_failed_training_is_counted_as_an_error(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_an_event(mock)))
    assert metric_total(mock, "SolutionTrainingJobError", SolutionVersionArn=version) == 1


def test_each_region_has_its_own_metrics(mock):
    recommend(a_campaign(mock))
    assert "GetRecommendations" in metric_names()
    if "region" not in CloudWatchMetricProvider.get_cloudwatch_metrics.__code__.co_varnames:
        pytest.skip("this moto asks for the metrics of all regions at once")
    assert metric_names("eu-west-1") == set()


def test_a_reset_drops_the_metrics(mock):
    recommend(a_campaign(mock))
    assert metric_names() != set()
    mock.call("ListSchemas", region="eu-west-1")
    BackendDict.reset()
    assert metric_names() == set()


def test_users_can_put_metrics_in_the_same_namespace(mock):
    cloudwatch_client().put_metric_data(Namespace="AWS/Personalize", MetricData=[{"MetricName": "own", "Value": 1}])
    recommend(a_campaign(mock))
    assert {"own", "GetRecommendations"} <= metric_names()


# Installation.


def test_metrics_are_provided_only_from_a_call_to_cloudwatch_to_the_end_of_the_mock():
    before = CloudWatchMetricProvider.__subclasses__()
    with mock_personalize():
        assert CloudWatchMetricProvider.__subclasses__() == before
        metric_names()
        assert cloudwatch.MetricProvider in CloudWatchMetricProvider.__subclasses__()
    assert CloudWatchMetricProvider.__subclasses__() == before
    assert cloudwatch.MetricProvider not in before
    assert cloudwatch.MetricProvider.get_cloudwatch_metrics("123456789012") == []


def run(program):
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_a_mock_does_not_import_cloudwatch():
    program = """
import sys
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
print(sorted(name for name in sys.modules if name.startswith(("moto.cloudwatch", "moto.cloudformation"))))
"""
    assert run(program) == "[]\n"


def test_a_mock_works_without_cloudwatch():
    program = """
import sys
sys.modules["moto.cloudwatch"] = sys.modules["moto.cloudwatch.models"] = None
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    mock.call("CreateDatasetGroup", name="shop")
    print(len(mock.call("ListDatasetGroups")["datasetGroups"]))
"""
    assert run(program) == "1\n"
