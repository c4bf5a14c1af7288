"""Reports of metric attributions in CloudWatch and S3."""

from datetime import timedelta

import boto3
import pytest
from builders import (
    INTERACTIONS,
    ROLE,
    START,
    a_campaign,
    a_dataset,
    a_domain_group_with_data,
    a_metric_attribution,
    a_recommender,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    csv_text,
    interactions_csv,
    put_object,
    settle,
)
from cloudwatch_metrics import metric_names, metric_total, statistics
from put_events import Shop, dataset

from personalize_mock import mock_personalize
from personalize_mock.data.contents import DatasetContents

FIELDS = {**INTERACTIONS, "EVENT_ATTRIBUTION_SOURCE": ["string", "null"], "SECONDS": ["null", "int"]}
METRICS = (
    {"metricName": "countWatched", "eventType": "Watch", "expression": "SAMPLECOUNT()"},
    {"metricName": "sumSeconds", "eventType": "Watch", "expression": "SUM(Interactions.SECONDS)"},
)
PRICE = {"metricName": "sumPrice", "eventType": "Watch", "expression": "SUM(Items.PRICE)"}
ITEMS = "ITEM_ID,GENRES,PRICE,CREATION_TIMESTAMP\ni1,Comedy,1.5,0\ni2,Drama,4,0\n"
HEADER = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP"


class WatchedShop(Shop):
    """A shop with a metric attribution that writes reports to a folder."""

    def __init__(self, mock, *metrics, path="s3://reports/here", fields=FIELDS):
        super().__init__(mock, fields)
        put_object("", "other", bucket="reports")
        destination = {} if path is None else {"s3DataDestination": {"path": path}}
        output = {"roleArn": ROLE, **destination}
        metrics = list(metrics or METRICS)
        self.attribution = a_metric_attribution(mock, self.group, metrics=metrics, metricsOutputConfig=output)

    def sum(self, name, source="HOME"):
        return metric_total(self.mock, name, EventAttributionSource=source, DatasetGroupArn=self.group)

    def event(self, item="i1", *, source="Home", ago=0, **members):
        attribution = {} if source is None else {"metricAttribution": {"eventAttributionSource": source}}
        sent = self.mock.clock.now() - timedelta(seconds=ago)
        return {"itemId": item, "sentAt": sent, **attribution, **members}

    def load(self, rows, mode="FULL", *, reported=True):
        header = [*INTERACTIONS, "EVENT_ATTRIBUTION_SOURCE", "SECONDS"]
        text = csv_text(header, rows)
        return an_import_job(
            self.mock, self.interactions, text, importMode=mode, publishAttributionMetricsToS3=reported
        )


@pytest.fixture
def without_minimum():
    with mock_personalize(clock="2024-05-01T00:00:00Z", minimum_interactions=0) as mock:
        yield mock


def reports():
    s3 = boto3.client("s3", region_name="us-east-1")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="reports")["Contents"]]
    return {
        key: s3.get_object(Bucket="reports", Key=key)["Body"].read().decode() for key in keys if "Aggregated" in key
    }


def lines():
    (text,) = reports().values()
    first, *rest = text.splitlines()
    assert first == HEADER
    return rest


# Metrics of events in CloudWatch.


def test_events_are_counted_and_summed_by_source(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event(properties='{"seconds": 30}'), shop.event("i2", properties='{"seconds": 12}'))
    shop.put(shop.event("i3", source="Search"))
    assert shop.sum("COUNTWATCHED") == 2
    assert shop.sum("SUMSECONDS") == 42
    assert shop.sum("COUNTWATCHED", "SEARCH") == 1


def test_a_metric_has_all_statistics(mock):
    shop = WatchedShop(mock)
    shop.put(*(shop.event(f"i{seconds}", properties=f'{{"seconds": {seconds}}}') for seconds in (3, 9)))
    point = statistics(mock, "SUMSECONDS", EventAttributionSource="HOME", DatasetGroupArn=shop.group)
    assert [point[name] for name in ("Minimum", "Maximum", "Average", "SampleCount")] == [3, 9, 6, 2]


def test_a_null_value_is_not_a_sample(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event())
    assert (shop.sum("COUNTWATCHED"), shop.sum("SUMSECONDS")) == (1, 0)
    assert "SUMSECONDS" not in metric_names()


def test_values_can_come_from_the_items_dataset(mock):
    shop = WatchedShop(mock)
    an_import_job(mock, a_dataset(mock, shop.group, "Items"), ITEMS)
    client().update_metric_attribution(metricAttributionArn=shop.attribution, addMetrics=[PRICE])
    shop.put(shop.event("i1"), shop.event("i2"), shop.event("unknown"))
    assert shop.sum("SUMPRICE") == 5.5
    assert shop.sum("COUNTWATCHED") == 3


def test_events_read_only_the_rows_of_their_own_items(mock, monkeypatch):
    shop = WatchedShop(mock)
    items = a_dataset(mock, shop.group, "Items")
    an_import_job(mock, items, ITEMS)
    client().update_metric_attribution(metricAttributionArn=shop.attribution, addMetrics=[PRICE])
    lookups, current_row = [], DatasetContents.current_row
    monkeypatch.setattr(DatasetContents, "current_row", lambda c, id_: lookups.append(id_) or current_row(c, id_))
    shop.put(shop.event("i1"), shop.event("i2"), shop.event("i2", sentAt=START + 1))
    assert lookups == ["i1", "i2"]
    assert "data" not in vars(dataset(items).contents)


def test_other_event_types_do_not_count_and_case_does_not_matter(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event(eventType="Click"), shop.event("i2", eventType="watch"))
    assert shop.sum("COUNTWATCHED") == 1


def test_a_repeated_event_counts_once(mock):
    shop = WatchedShop(mock)
    event = shop.event()
    shop.put(event)
    shop.put(event, shop.event("i2"))
    assert shop.sum("COUNTWATCHED") == 2


def test_metrics_have_the_timestamps_of_their_events(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event(ago=3 * 86_400))
    assert shop.sum("COUNTWATCHED") == 0
    then = mock.clock.now() - timedelta(days=3)
    point = statistics(mock, "COUNTWATCHED", around=then, DatasetGroupArn=shop.group)
    assert point["Sum"] == 1
    assert point["Timestamp"] == then


def test_events_older_than_14_days_are_not_published(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event(ago=14 * 86_400))
    assert "COUNTWATCHED" not in metric_names()
    shop.put(shop.event(ago=14 * 86_400 - 60))
    assert "COUNTWATCHED" in metric_names()


def test_only_events_put_while_the_attribution_is_active_count(mock):
    shop = Shop(mock, FIELDS)
    shop.put({"itemId": "i1", "sentAt": mock.clock.now()})
    arn = client().create_metric_attribution(
        name="attribution", datasetGroupArn=shop.group, metrics=list(METRICS), metricsOutputConfig={"roleArn": ROLE}
    )["metricAttributionArn"]
    shop.put({"itemId": "i2", "sentAt": mock.clock.now()})
    settle(mock, arn)
    shop.put({"itemId": "i3", "sentAt": mock.clock.now()})
    client().delete_metric_attribution(metricAttributionArn=arn)
    shop.put({"itemId": "i4", "sentAt": mock.clock.now()})
    assert metric_total(mock, "COUNTWATCHED", DatasetGroupArn=shop.group) == 1


# Sources of events.


def test_an_event_without_a_source_has_an_undefined_one(mock):
    shop = WatchedShop(mock)
    shop.put(shop.event(source=None), shop.event("i2", source=None, recommendationId="RID-unknown-CID-123456"))
    assert shop.sum("COUNTWATCHED", "SOURCE_NAME_UNDEFINED") == 2


def test_an_event_is_attributed_to_the_campaign_of_its_recommendation(mock):
    shop = WatchedShop(mock)
    rows = [[*line.split(","), "", ""] for line in interactions_csv().splitlines()[1:]]
    shop.load(rows, reported=False)
    campaign = a_campaign(mock, a_solution_version(mock, a_solution(mock, shop.group)))
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")
    shop.put(shop.event(source=None, recommendationId=answer["recommendationId"]))
    assert shop.sum("COUNTWATCHED", campaign.upper()) == 1
    shop.put(shop.event("i2", recommendationId=answer["recommendationId"]))
    assert shop.sum("COUNTWATCHED", "HOME") == 1  # the given source takes precedence


def test_an_event_is_attributed_to_the_recommender_of_its_recommendation(mock):
    group = a_domain_group_with_data(mock)
    recommender = a_recommender(mock, "aws-vod-most-popular", group=group)
    a_metric_attribution(mock, group)
    tracker = client().create_event_tracker(name="tracker", datasetGroupArn=group)
    settle(mock, tracker["eventTrackerArn"])
    answer = client("personalize-runtime").get_recommendations(recommenderArn=recommender, userId="u1")
    event = {"eventType": "Watch", "itemId": "i1", "sentAt": mock.clock.now()}
    client("personalize-events").put_events(
        trackingId=tracker["trackingId"],
        sessionId="s1",
        eventList=[{**event, "recommendationId": answer["recommendationId"]}],
    )
    assert metric_total(mock, "WATCHED", EventAttributionSource=recommender.upper()) == 1


def test_sources_beyond_the_quota_of_100_do_not_count(mock):
    shop = WatchedShop(mock)
    for number in range(101):
        shop.put(shop.event(f"i{number}", source=f"s{number}"))
    shop.put(shop.event("again", source="s7"), shop.event("none", source=None))
    assert metric_total(mock, "COUNTWATCHED", DatasetGroupArn=shop.group) == 102
    assert shop.sum("COUNTWATCHED", "S99") == 1
    assert shop.sum("COUNTWATCHED", "S100") == 0
    assert shop.sum("COUNTWATCHED", "S7") == 2


# Imports.


def test_a_report_is_written_to_the_path_of_the_attribution(without_minimum):
    shop = WatchedShop(without_minimum)
    shop.load([("u1", "i1", "Watch", START, "Home", 5)])
    now = int(without_minimum.clock.now().timestamp())
    assert list(reports()) == [f"here/AggregatedAttributionMetrics - FULL - {now}.csv"]


def test_a_report_has_a_line_for_each_metric_source_and_quarter_of_an_hour(without_minimum):
    shop = WatchedShop(without_minimum)
    job_takes = timedelta(minutes=5)
    done = int((without_minimum.clock.now() + job_takes).timestamp())
    shop.load(
        [
            ("u1", "i1", "Watch", done - 10, "Home", 5),
            ("u2", "i1", "Watch", done - 800, "Home", ""),
            ("u3", "i1", "Watch", done - 901, "Home", 7),
            ("u4", "i1", "Watch", done - 20, "Se,arch", 2),
            ("u4", "i1", "Watch", done - 30, "", 1),
            ("u4", "i1", "Click", done - 40, "Home", 100),
        ]
    )
    assert lines() == [
        f"COUNTWATCHED,WATCH,2.0,samplecount,Home,{done}",
        f'COUNTWATCHED,WATCH,1.0,samplecount,"Se,arch",{done}',
        f"COUNTWATCHED,WATCH,1.0,samplecount,SOURCE_NAME_UNDEFINED,{done}",
        f"SUMSECONDS,WATCH,5.0,sum,Home,{done}",
        f'SUMSECONDS,WATCH,2.0,sum,"Se,arch",{done}',
        f"SUMSECONDS,WATCH,1.0,sum,SOURCE_NAME_UNDEFINED,{done}",
        f"COUNTWATCHED,WATCH,1.0,samplecount,Home,{done - 900}",
        f"SUMSECONDS,WATCH,7.0,sum,Home,{done - 900}",
    ]


def test_a_report_has_the_simulated_date_and_the_kms_key(without_minimum):
    shop, key = WatchedShop(without_minimum), "arn:aws:kms:us-east-1:123456789012:key/k"
    output = {"roleArn": ROLE, "s3DataDestination": {"path": "s3://reports/here", "kmsKeyArn": key}}
    client().update_metric_attribution(metricAttributionArn=shop.attribution, metricsOutputConfig=output)
    settle(without_minimum, shop.attribution)
    shop.load([("u1", "i1", "Watch", START, "Home", 5)])
    (name,) = reports()
    head = client("s3").head_object(Bucket="reports", Key=name)
    assert head["LastModified"].timestamp() == int(name.removesuffix(".csv").rpartition(" ")[2])
    assert head["SSEKMSKeyId"] == key


def test_an_import_reports_only_if_requested(without_minimum):
    shop = WatchedShop(without_minimum)
    shop.load([("u1", "i1", "Watch", START, "Home", 5)], reported=False)
    assert reports() == {}


def test_the_path_can_end_in_a_slash(without_minimum):
    shop = WatchedShop(without_minimum, path="s3://reports/here/")
    shop.load([("u1", "i1", "Watch", START, "Home", 5)])
    assert [key.rpartition("/")[0] for key in reports()] == ["here"]


def test_only_incremental_imports_are_published_in_cloudwatch(without_minimum):
    shop = WatchedShop(without_minimum)
    now = int(without_minimum.clock.now().timestamp())
    shop.load([("u1", "i1", "Watch", now, "Home", 5)])
    assert "COUNTWATCHED" not in metric_names()
    old = now - 15 * 86_400
    shop.load(
        [("u2", "i1", "Watch", now, "Home", 5), ("u3", "i1", "Watch", old, "Home", 5)], "INCREMENTAL", reported=False
    )
    assert metric_total(without_minimum, "COUNTWATCHED", EventAttributionSource="HOME", days=30) == 1


def test_a_failed_import_reports_nothing(without_minimum):
    shop = WatchedShop(without_minimum)
    shop.load([(f"u{user}", "i1" if user else "", "Watch", START, "Home", 5) for user in range(3)])
    assert reports() == {}


def test_recommendation_ids_of_imported_rows_are_attributed_too(without_minimum):
    fields = {**INTERACTIONS, "RECOMMENDATION_ID": ["string", "null"]}
    shop = WatchedShop(without_minimum, METRICS[0], fields=fields)
    rows = [(f"u{user}", f"i{user % 7}", "Watch", START + user, "") for user in range(60)]
    an_import_job(without_minimum, shop.interactions, csv_text(list(fields), rows))
    campaign = a_campaign(
        without_minimum,
        a_solution_version(without_minimum, a_solution(without_minimum, shop.group, "aws-popularity-count")),
    )
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u1")
    row = ("u1", "i1", "Watch", START, answer["recommendationId"])
    text = csv_text(list(fields), [row])
    an_import_job(
        without_minimum, shop.interactions, text, importMode="INCREMENTAL", publishAttributionMetricsToS3=True
    )
    assert [line.split(",")[4] for line in lines()] == [campaign]
