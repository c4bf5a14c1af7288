"""Metrics of Personalize in CloudWatch, for tests."""

from datetime import timedelta
from functools import cache
from typing import Any

import boto3

NAMESPACE = "AWS/Personalize"
DAY = timedelta(days=1)


@cache
def cloudwatch_client(region: str = "us-east-1") -> Any:
    """A boto3 client; it is made once per region."""
    return boto3.client("cloudwatch", region_name=region)


def statistics(mock, name, *, region="us-east-1", around=None, days=1, **dimensions):
    """The only datapoint of a metric within some days around an instant, by default now, or None."""
    instant = mock.clock.now() if around is None else around
    (point,) = cloudwatch_client(region).get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=instant - days * DAY,
        EndTime=instant + days * DAY,
        Period=2 * days * 86_400,
        Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
    )["Datapoints"] or (None,)
    return point


def metric_total(mock, name, *, days=1, **dimensions):
    """The sum of a metric within some days around now. It is 0 if there is no datapoint."""
    point = statistics(mock, name, days=days, **dimensions)
    return 0 if point is None else point["Sum"]


def metric_names(region="us-east-1"):
    """The names of all metrics of Personalize."""
    return {metric["MetricName"] for metric in cloudwatch_client(region).list_metrics(Namespace=NAMESPACE)["Metrics"]}
