"""Tests of the server, with clients that reach it over HTTP."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from builders import ROLE, avro_schema, interactions_csv, recipe
from server.http_requests import CONTROL, control, send

from personalize_mock.server.server import Server

JSON = {"Content_Type": "application/json"}


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with Server(port=0, clock="2024-05-01") as server:
        yield server


@pytest.fixture
def url(running: Server) -> str:
    """Return the URL of the server of this module, without resources."""
    send(running.url, "POST", "/moto-api/reset")
    return running.url


def client(service: str, url: str, region: str = "us-east-1", key: str = "key", **config):
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "secret"}
    return boto3.client(service, endpoint_url=url, region_name=region, config=Config(**config), **keys)


def poll(describe, **arn) -> list[str]:
    """Call a Describe operation, without a sleep, until the resource is ACTIVE. Return the statuses."""
    statuses = []
    while statuses[-1:] != ["ACTIVE"] and len(statuses) < 20:
        statuses.append(next(iter(value for name, value in describe(**arn).items() if name[0] != "R"))["status"])
    return statuses


def test_a_client_goes_the_whole_way_from_a_bucket_to_recommendations(url: str):
    s3, personalize, runtime = (client(name, url) for name in ("s3", "personalize", "personalize-runtime"))
    s3.create_bucket(Bucket="films")
    s3.put_object(Bucket="films", Key="events.csv", Body=interactions_csv())
    group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
    poll(personalize.describe_dataset_group, datasetGroupArn=group)
    schema = personalize.create_schema(name="events", schema=avro_schema())["schemaArn"]
    dataset = personalize.create_dataset(
        name="events", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    poll(personalize.describe_dataset, datasetArn=dataset)
    job = personalize.create_dataset_import_job(
        jobName="events", datasetArn=dataset, dataSource={"dataLocation": "s3://films/events.csv"}, roleArn=ROLE
    )["datasetImportJobArn"]
    poll(personalize.describe_dataset_import_job, datasetImportJobArn=job)
    solution = personalize.create_solution(name="films", datasetGroupArn=group, recipeArn=recipe("aws-sims"))
    poll(personalize.describe_solution, solutionArn=solution["solutionArn"])
    version = personalize.create_solution_version(solutionArn=solution["solutionArn"])["solutionVersionArn"]
    poll(personalize.describe_solution_version, solutionVersionArn=version)
    campaign = personalize.create_campaign(name="films", solutionVersionArn=version)["campaignArn"]

    statuses = poll(personalize.describe_campaign, campaignArn=campaign)
    answer = runtime.get_recommendations(campaignArn=campaign, itemId="i1", numResults=5)

    assert statuses[0] == "CREATE PENDING"
    assert len(statuses) <= 4
    assert len(answer["itemList"]) == 5


def test_polls_with_pauses_of_seconds_reach_the_next_status_too(url: str):
    control(url, "POST", "/clock", {"rate": 1000})
    personalize = client("personalize", url)
    group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
    personalize.describe_dataset_group(datasetGroupArn=group)
    time.sleep(0.01)  # ten simulated seconds

    try:
        statuses = poll(personalize.describe_dataset_group, datasetGroupArn=group)
    finally:
        control(url, "POST", "/clock", {"rate": 0})

    assert len(statuses) <= 3


def test_accounts_and_regions_have_resources_of_their_own(url: str):
    client("personalize", url, "eu-west-1").create_dataset_group(name="films")
    iam = client("iam", url)
    iam.create_user(UserName="ada")
    key = client("sts", url).assume_role(RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="session")
    other = client("personalize", url, "eu-west-1", key["Credentials"]["AccessKeyId"])

    (ours,) = client("personalize", url, "eu-west-1").list_dataset_groups()["datasetGroups"]
    assert ":eu-west-1:123456789012:" in ours["datasetGroupArn"]
    assert client("personalize", url).list_dataset_groups()["datasetGroups"] == []
    assert other.list_dataset_groups()["datasetGroups"] == []
    assert ":111122223333:" in other.create_dataset_group(name="films")["datasetGroupArn"]


def test_moto_answers_for_its_other_services_with_the_additions_of_the_mock(url: str):
    policy = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"

    assert client("iam", url).get_policy(PolicyArn=policy)["Policy"]["Arn"] == policy
    assert client("sqs", url).create_queue(QueueName="jobs")["QueueUrl"]


def test_requests_without_a_signature_are_recognised(url: str):
    target = {"X_Amz_Target": "AmazonPersonalize.ListDatasetGroups", "Content_Type": "application/x-amz-json-1.1"}
    unknown = {"campaignArn": "arn:aws:personalize:us-east-1:123456789012:campaign/none", "userId": "u"}

    assert send(url, "POST", "/", {}, **target) == (200, {"datasetGroups": []})
    status, answer = send(url, "POST", "/recommendations", unknown, **JSON)
    assert status == 400
    assert "does not exist" in answer["message"] or "campaign" in answer["message"]


def test_a_request_that_is_not_json_gets_an_error_of_the_service(url: str):
    status, answer = send(url, "POST", "/recommendations", b"{", **JSON)

    assert status == 400
    assert answer["message"].startswith("The body of the request is not JSON (")
    assert answer["message"].endswith("(char 1)). Send a JSON object.")


def test_a_response_has_one_date(url: str):
    date = client("personalize", url).list_schemas()["ResponseMetadata"]["HTTPHeaders"]["date"]

    assert date.count("GMT") == 1


def test_a_browser_may_send_requests(url: str):
    assert send(url, "OPTIONS", "/recommendations", Origin="http://localhost:3000") == (200, None)
    assert send(url, "OPTIONS", f"{CONTROL}/clock/jump", Origin="http://localhost:3000") == (200, {})


def test_a_network_error_of_a_rule_closes_the_connection(url: str):
    control(url, "POST", "/rules", {"operation": "ListRecipes", "outcomes": [{"raises": "ReadTimeoutError"}]})
    personalize = client("personalize", url, retries={"total_max_attempts": 1})

    with pytest.raises(ConnectionClosedError):
        personalize.list_recipes()


def test_an_error_of_a_rule_is_retried_by_botocore(url: str):
    outcome = {"raises": "ThrottlingException", "times": 1}
    rule = control(url, "POST", "/rules", {"operation": "ListSchemas", "outcomes": [outcome]})

    assert client("personalize", url).list_schemas()["schemas"] == []
    assert control(url, "GET", f"/rules/{rule['id']}")["call_count"] == 1


def test_a_region_without_personalize_is_refused(url: str):
    with pytest.raises(ClientError, match="botocore lists no Amazon Personalize in mars-east-1"):
        client("personalize", url, "mars-east-1", retries={"total_max_attempts": 1}).list_schemas()


def test_eight_parallel_clients_get_answers_without_an_error(url: str):
    control(url, "POST", "/load", {"name": "films"})
    campaign = "arn:aws:personalize:us-east-1:123456789012:campaign/films"
    end = time.monotonic() + 0.5

    def work(number: int) -> int:
        personalize, runtime = client("personalize", url), client("personalize-runtime", url)
        count = 0
        while time.monotonic() < end or not count:
            runtime.get_recommendations(campaignArn=campaign, userId=f"u{number}")
            personalize.create_schema(name=f"s{number}-{count}", schema=avro_schema())
            count += 1
        return count

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(8)))

    calls = control(url, "GET", "/calls?operation=CreateSchema")["calls"]
    assert len(calls) == sum(counts)
