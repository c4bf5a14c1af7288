"""Unit tests of the service with a model that is trained on forty customers with two tastes."""

import json
from datetime import timedelta

import boto3
import pytest
from recommendation_service import Product, RecommendationService

from personalize_mock import mock_personalize

CATALOGUE = {
    f"{category}-{n}": Product(id=f"{category}-{n}", title=f"{category} {n}", category=category)
    for category in ("kitchen", "garden")
    for n in range(6)
}
BESTSELLERS = ["garden-0", "kitchen-0"]
ROLE = "arn:aws:iam::123456789012:role/PersonalizeRole"
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}


def purchases():
    """Return a CSV file in which each customer buys four of the six products of one category."""
    lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
    for customer in range(40):
        category = ("kitchen", "garden")[customer % 2]
        for n in range(4):
            product = f"{category}-{(customer // 2 + n) % 6}"
            lines.append(f"{category}-fan-{customer},{product},{1_700_000_000 + 60 * n + customer}")
    return "\n".join(lines)


def deploy(mock, personalize):
    """Import the purchases, train, and return the ARN of an active campaign. The clock jumps instead of polling."""

    def wait():
        mock.clock.jump(timedelta(hours=2))

    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="purchases")
    s3.put_object(Bucket="purchases", Key="interactions.csv", Body=purchases())
    group = personalize.create_dataset_group(name="shop")["datasetGroupArn"]
    schema = personalize.create_schema(name="purchases", schema=json.dumps(SCHEMA))["schemaArn"]
    wait()
    dataset = personalize.create_dataset(
        name="purchases", datasetGroupArn=group, datasetType="Interactions", schemaArn=schema
    )["datasetArn"]
    wait()
    source = {"dataLocation": "s3://purchases/interactions.csv"}
    personalize.create_dataset_import_job(jobName="purchases", datasetArn=dataset, dataSource=source, roleArn=ROLE)
    wait()
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
    solution = personalize.create_solution(
        name="for-you", datasetGroupArn=group, recipeArn=recipe, performAutoTraining=False
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    wait()
    campaign = personalize.create_campaign(
        name="for-you",
        solutionVersionArn=version,
        campaignConfig={"itemExplorationConfig": {"explorationWeight": "0"}},
    )["campaignArn"]
    wait()
    return campaign


def service(runtime, campaign_arn, catalogue=CATALOGUE):
    return RecommendationService(runtime, campaign_arn=campaign_arn, catalogue=catalogue, bestsellers=BESTSELLERS)


@pytest.fixture
def campaign_arn(personalize_mock, personalize_client):
    return deploy(personalize_mock, personalize_client)


@pytest.mark.personalize(strict=False)  # the service requires 1,000 interactions; these are 160
def test_a_customer_sees_the_missing_products_of_the_favourite_category(campaign_arn, personalize_runtime_client):
    shop = service(personalize_runtime_client, campaign_arn)
    in_kitchen, in_garden = (shop.for_user(name, limit=2) for name in ("kitchen-fan-0", "garden-fan-1"))
    assert {product.id for product in in_kitchen.products} == {"kitchen-4", "kitchen-5"}
    assert {product.id for product in in_garden.products} == {"garden-4", "garden-5"}
    assert in_kitchen.personal


@pytest.mark.personalize(strict=False)
def test_a_new_customer_gets_recommendations_too(campaign_arn, personalize_runtime_client):
    shelf = service(personalize_runtime_client, campaign_arn).for_user("stranger", limit=5)
    assert len(shelf.products) == 5


@pytest.mark.personalize(strict=False)
def test_a_product_that_is_no_longer_sold_is_not_shown(campaign_arn, personalize_runtime_client):
    catalogue = {id_: product for id_, product in CATALOGUE.items() if id_ != "kitchen-4"}
    shelf = service(personalize_runtime_client, campaign_arn, catalogue).for_user("kitchen-fan-0")
    assert shelf.products[0].id == "kitchen-5"


@pytest.mark.personalize(strict=False)
def test_a_rejected_request_shows_the_bestsellers(campaign_arn, personalize_runtime_client):
    shelf = service(personalize_runtime_client, campaign_arn).for_user("kitchen-fan-0", limit=501)
    assert [product.id for product in shelf.products] == BESTSELLERS
    assert not shelf.personal


@mock_personalize()
def test_without_a_campaign_the_shop_shows_the_bestsellers():
    runtime = boto3.client("personalize-runtime", region_name="us-east-1")
    shelf = service(runtime, "arn:aws:personalize:us-east-1:123456789012:campaign/none").for_user("anyone")
    assert [product.id for product in shelf.products] == BESTSELLERS
