"""Stacks with Personalize resources in moto's CloudFormation."""

import json
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import (
    ACCOUNT,
    INTERACTIONS,
    ROLE,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_solution,
    a_solution_version,
    avro_schema,
    client,
    interactions_csv,
    put_object,
    recipe,
)

from personalize_mock import mock_personalize

parsing = pytest.importorskip("moto.cloudformation.parsing", reason="needs moto[cloudformation]")

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}"
NOTHING_SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
GROUP = {"DatasetGroupArn": {"Ref": "Group"}}
JOB = {"JobName": "job", "RoleArn": ROLE, "DataSource": {"DataLocation": "s3://data/interactions.csv"}}


def resource(resource_type, depends_on=None, **properties):
    """A resource of a template, named after its type by default."""
    depends = {} if depends_on is None else {"DependsOn": depends_on}
    properties = {"Name": resource_type, **properties}
    return {"Type": f"AWS::Personalize::{resource_type}", "Properties": properties, **depends}


def shop(**more):
    """The resources of a template: a dataset group with an Interactions dataset, and more."""
    return {
        "Schema": resource("Schema", Schema=avro_schema()),
        "Group": resource("DatasetGroup"),
        "Data": resource("Dataset", DatasetType="Interactions", SchemaArn={"Ref": "Schema"}, **GROUP),
        **more,
    }


def shop_with_data(text=None, **more):
    """The resources of `shop`, with an import of interactions, and more."""
    put_object(interactions_csv() if text is None else text)
    resources = shop(**more)
    resources["Data"]["Properties"]["DatasetImportJob"] = JOB
    return resources


def cloudformation():
    return boto3.client("cloudformation", region_name="us-east-1")


def template(resources, outputs=None):
    output_values = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": output_values})


def create(resources, outputs=None, **members):
    """Create a stack and return its outputs."""
    cloudformation().create_stack(StackName="stack", TemplateBody=template(resources, outputs), **members)
    (stack,) = cloudformation().describe_stacks(StackName="stack")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def update(resources):
    cloudformation().update_stack(StackName="stack", TemplateBody=template(resources))


def delete():
    cloudformation().delete_stack(StackName="stack")


def validation_error(call, *args):
    """Check that a call fails with ValidationError, and return the message."""
    with pytest.raises(ClientError) as raised:
        call(*args)
    assert raised.value.response["Error"]["Code"] == "ValidationError"
    return raised.value.response["Error"]["Message"]


def attribute(name, resource_name):
    return {"Fn::GetAtt": [resource_name, name]}


def tags_of(arn):
    return client().list_tags_for_resource(resourceArn=arn)["tags"]


def test_ref_returns_the_arn(mock):
    refs = {name: {"Ref": name} for name in shop()}
    assert create(shop(), refs) == {
        "Schema": f"{ARN}:schema/Schema",
        "Group": f"{ARN}:dataset-group/DatasetGroup",
        "Data": f"{ARN}:dataset/DatasetGroup/INTERACTIONS",
    }


def test_the_resources_of_a_stack_are_active(mock):
    create(shop())
    group = client().describe_dataset_group(datasetGroupArn=f"{ARN}:dataset-group/DatasetGroup")["datasetGroup"]
    dataset = client().describe_dataset(datasetArn=f"{ARN}:dataset/DatasetGroup/INTERACTIONS")["dataset"]
    assert (group["status"], dataset["status"], dataset["name"]) == ("ACTIVE", "ACTIVE", "Dataset")


def test_stack_resources_have_the_arn_as_physical_id(mock):
    create(shop())
    listed = cloudformation().describe_stack_resources(StackName="stack")["StackResources"]
    ids = {entry["LogicalResourceId"]: (entry["PhysicalResourceId"], entry["ResourceType"]) for entry in listed}
    assert ids["Group"] == (f"{ARN}:dataset-group/DatasetGroup", "AWS::Personalize::DatasetGroup")


def test_creating_a_stack_takes_simulated_time(mock):
    before = mock.clock.now()
    create(shop())
    assert (mock.clock.now() - before).total_seconds() == 28 + 30


def test_deleting_a_stack_deletes_all_its_resources_in_a_valid_order(mock):
    create(
        shop_with_data(
            Tracker=resource("EventTracker", **GROUP),
            Filter=resource("Filter", depends_on="Data", FilterExpression=NOTHING_SEEN, **GROUP),
            Solution=resource("Solution", depends_on="Data", RecipeArn=recipe("aws-sims"), **GROUP),
            Attribution=resource(
                "MetricAttribution",
                depends_on="Data",
                Metrics=[{"EventType": "Watch", "MetricName": "watched", "Expression": "SAMPLECOUNT()"}],
                MetricsOutputConfig={"RoleArn": ROLE},
                **GROUP,
            ),
        )
    )
    delete()
    lists = [
        *("list_schemas", "list_dataset_groups", "list_datasets", "list_event_trackers", "list_filters"),
        *("list_solutions", "list_metric_attributions"),
    ]
    for name in lists:
        (left,) = [value for key, value in getattr(client(), name)().items() if key != "ResponseMetadata"]
        assert left == []


def test_a_stack_can_be_deleted_after_its_resource_was_deleted(mock):
    create({"Schema": resource("Schema", Schema=avro_schema())})
    client().delete_schema(schemaArn=f"{ARN}:schema/Schema")
    delete()
    assert client().list_schemas()["schemas"] == []


def test_a_stack_with_a_group_that_others_use_cannot_be_deleted(mock):
    create({"Group": resource("DatasetGroup")})
    a_dataset(mock, f"{ARN}:dataset-group/DatasetGroup")
    assert "is in use by" in validation_error(delete)


# Attributes.


@pytest.mark.parametrize(
    ("name", "resource_name", "end"),
    [
        ("SchemaArn", "Schema", ":schema/Schema"),
        ("DatasetGroupArn", "Group", ":dataset-group/DatasetGroup"),
        ("DatasetArn", "Data", ":dataset/DatasetGroup/INTERACTIONS"),
    ],
)
def test_the_arn_is_an_attribute(mock, name, resource_name, end):
    assert create(shop(), {"Shown": attribute(name, resource_name)})["Shown"] == ARN + end


def test_attributes_of_a_filter(mock):
    resources = shop(Filter=resource("Filter", depends_on="Data", FilterExpression=NOTHING_SEEN, **GROUP))
    names = ("FilterArn", "Status", "CreationDateTime", "LastUpdatedDateTime")
    assert create(resources, {name: attribute(name, "Filter") for name in names}) == {
        "FilterArn": f"{ARN}:filter/Filter",
        "Status": "ACTIVE",
        "CreationDateTime": "2024-05-01T00:00:58+00:00",
        "LastUpdatedDateTime": "2024-05-01T00:01:58+00:00",
    }


def test_attributes_of_an_event_tracker(mock):
    resources = {"Group": resource("DatasetGroup"), "Tracker": resource("EventTracker", **GROUP)}
    outputs = create(resources, {name: attribute(name, "Tracker") for name in ("EventTrackerArn", "TrackingId")})
    tracker = client().describe_event_tracker(eventTrackerArn=outputs["EventTrackerArn"])["eventTracker"]
    assert tracker["trackingId"] == outputs["TrackingId"]


def test_an_unknown_attribute_is_an_error(mock):
    resources = {"Group": resource("DatasetGroup")}
    assert "Status" in validation_error(create, resources, {"Shown": attribute("Status", "Group")})


# Properties.


def test_a_solution_has_its_properties(mock):
    config = {
        "AlgorithmHyperParameters": {"hidden_dimension": 64},
        "FeatureTransformationParameters": {"max_user_history_length_percentile": 0.9},
        "EventValueThreshold": 3.5,
    }
    more = {"RecipeArn": recipe("aws-user-personalization"), "EventType": "Watch", "PerformHPO": "false"}
    schema = resource("Schema", Schema=avro_schema(fields={**INTERACTIONS, "EVENT_VALUE": "float"}))
    text = interactions_csv().replace("\n", ",4.0\n").replace("4.0", "EVENT_VALUE", 1)
    solution = resource("Solution", depends_on="Data", SolutionConfig=config, **more, **GROUP)
    create(shop_with_data(text, Schema=schema, Solution=solution))
    solution = client().describe_solution(solutionArn=f"{ARN}:solution/Solution")["solution"]
    assert solution["solutionConfig"] == {
        "algorithmHyperParameters": {"hidden_dimension": "64"},
        "featureTransformationParameters": {"max_user_history_length_percentile": "0.9"},
        "eventValueThreshold": "3.5",
    }
    assert (solution["eventType"], solution["performHPO"]) == ("Watch", False)
    assert client().list_solution_versions(solutionArn=solution["solutionArn"])["solutionVersions"] == []


def test_a_campaign_has_its_properties(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock)))
    config = {"EnableMetadataWithRecommendations": "true", "ItemExplorationConfig": {"explorationWeight": "0.4"}}
    campaign = resource("Campaign", SolutionVersionArn=version, MinProvisionedTPS="2", CampaignConfig=config)
    names = ("CampaignArn", "Status")
    outputs = create({"Campaign": campaign}, {name: attribute(name, "Campaign") for name in names})
    assert outputs == {"CampaignArn": f"{ARN}:campaign/Campaign", "Status": "ACTIVE"}
    campaign = client().describe_campaign(campaignArn=outputs["CampaignArn"])["campaign"]
    assert campaign["minProvisionedTPS"] == 2
    assert campaign["campaignConfig"] == {
        "enableMetadataWithRecommendations": True,
        "itemExplorationConfig": {"explorationWeight": "0.4"},
    }


def test_a_metric_attribution_has_its_properties(mock):
    put_object("", "x", bucket="reports")
    output = {"RoleArn": ROLE, "S3DataDestination": {"Path": "s3://reports/here/"}}
    metrics = [{"EventType": "Watch", "MetricName": "watched", "Expression": "SAMPLECOUNT()"}]
    attribution = resource("MetricAttribution", depends_on="Data", Metrics=metrics, MetricsOutputConfig=output, **GROUP)
    outputs = create(shop(Attribution=attribution), {"Status": attribute("Status", "Attribution")})
    assert outputs == {"Status": "ACTIVE"}
    (listed,) = client().list_metric_attribution_metrics()["metrics"]
    assert listed == {"eventType": "Watch", "metricName": "watched", "expression": "SAMPLECOUNT()"}
    arn = f"{ARN}:metric-attribution/MetricAttribution"
    attribution = client().describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]
    assert attribution["metricsOutputConfig"]["s3DataDestination"] == {"path": "s3://reports/here/"}


@pytest.mark.parametrize("tag", [{"Key": "team", "Value": "films"}, {"TagKey": "team", "TagValue": "films"}])
@pytest.mark.parametrize("resource_type", ["Schema", "DatasetGroup"])
def test_tags_may_have_either_form_and_schemas_may_have_tags(mock, resource_type, tag):
    properties = {"Schema": avro_schema()} if resource_type == "Schema" else {}
    outputs = create({"Made": resource(resource_type, Tags=[tag], **properties)}, {"Made": {"Ref": "Made"}})
    assert tags_of(outputs["Made"]) == [{"tagKey": "team", "tagValue": "films"}]


def test_a_dataset_with_an_import_job_imports_its_data(mock):
    create(shop_with_data())
    (job,) = client().list_dataset_import_jobs()["datasetImportJobs"]
    assert (job["jobName"], job["status"]) == ("job", "ACTIVE")
    assert a_campaign(
        mock, a_solution_version(mock, a_solution(mock, f"{ARN}:dataset-group/DatasetGroup", name="serving"))
    )


# Errors.


def test_an_error_of_the_service_fails_the_stack(mock):
    resources = {
        "Group": resource("DatasetGroup"),
        "Solution": resource("Solution", RecipeArn=recipe("aws-no"), **GROUP),
    }
    text = validation_error(create, resources)
    assert text.startswith("The given recipe does not exist: ")
    assert text.endswith("(Service: Personalize, Error code: ResourceNotFoundException)")


def test_a_name_is_required(mock):
    nameless = {"Group": {"Type": "AWS::Personalize::DatasetGroup", "Properties": {}}}
    assert "ValidationException" in validation_error(create, nameless)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NONSENSE\n1\n", "Input csv is missing the following columns: [USER_ID, "),
        (interactions_csv(each=1), "Input csv has 50 rows"),
    ],
    ids=["refused", "failed"],
)
def test_a_failed_import_fails_the_stack_and_deleting_it_leaves_nothing(mock, text, message):
    assert message in validation_error(create, shop_with_data(text))
    assert client().list_datasets()["datasets"] == []
    delete()
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_an_exceeded_quota_fails_the_stack():
    with mock_personalize(clock=0, quotas={"active_dataset_groups": 1}) as mock:
        a_dataset_group(mock)
        assert "LimitExceededException" in validation_error(create, {"Group": resource("DatasetGroup")})


# Updates.


def test_a_campaign_is_updated_in_place(mock):
    version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock)))
    create({"Campaign": resource("Campaign", SolutionVersionArn=version)})
    created = client().describe_campaign(campaignArn=f"{ARN}:campaign/Campaign")["campaign"]["creationDateTime"]
    tags = [{"Key": "team", "Value": "films"}]
    update({"Campaign": resource("Campaign", SolutionVersionArn=version, MinProvisionedTPS=3, Tags=tags)})
    campaign = client().describe_campaign(campaignArn=f"{ARN}:campaign/Campaign")["campaign"]
    assert (campaign["minProvisionedTPS"], campaign["creationDateTime"]) == (3, created)
    assert campaign["latestCampaignUpdate"]["status"] == "ACTIVE"
    assert tags_of(campaign["campaignArn"]) == [{"tagKey": "team", "tagValue": "films"}]


def test_tags_that_left_the_template_are_removed(mock):
    def resources(*keys):
        tags = [{"Key": key, "Value": key} for key in keys]
        return {"Group": resource("DatasetGroup"), "Tracker": resource("EventTracker", Tags=tags, **GROUP)}

    outputs = create(resources("a", "b"), {"Tracker": {"Ref": "Tracker"}})
    update(resources("b", "c"))
    assert [tag["tagKey"] for tag in tags_of(outputs["Tracker"])] == ["b", "c"]


def test_a_resource_is_replaced_if_a_changed_property_is_not_updatable(mock):
    create({"Group": resource("DatasetGroup", Name="first")})
    update({"Group": resource("DatasetGroup", Name="second")})
    (group,) = client().list_dataset_groups()["datasetGroups"]
    assert group["name"] == "second"


def test_a_replacement_cannot_have_the_name_of_the_replaced_resource(mock):
    create({"Schema": resource("Schema", Schema=avro_schema())})
    changed = {"Schema": resource("Schema", Schema=avro_schema("Items"))}
    assert "ResourceAlreadyExistsException" in validation_error(update, changed)


def test_a_replaced_resource_is_kept_if_its_policy_is_retain(mock):
    policies = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    create({"Group": {**resource("DatasetGroup", Name="first"), **policies}})
    update({"Group": {**resource("DatasetGroup", Name="second"), **policies}})
    assert [group["name"] for group in client().list_dataset_groups()["datasetGroups"]] == ["first", "second"]


def test_a_resource_in_use_is_not_replaced_and_the_replacement_is_deleted(mock):
    create(shop())
    changed = {**shop(), "Group": resource("DatasetGroup", Name="second")}
    assert "is in use by" in validation_error(update, changed)
    assert [group["name"] for group in client().list_dataset_groups()["datasetGroups"]] == ["DatasetGroup"]
    delete()
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_changing_a_resource_that_a_condition_excludes_is_an_error_that_says_why(mock):
    def template_body(name):
        excluded = {**resource("DatasetGroup", Name=name), "Condition": "Never"}
        never = {"Never": {"Fn::Equals": ["a", "b"]}}
        return json.dumps({"Resources": {"Excluded": excluded}, "Conditions": never})

    cloudformation().create_stack(StackName="stack", TemplateBody=template_body("first"))
    text = validation_error(
        lambda: cloudformation().update_stack(StackName="stack", TemplateBody=template_body("second"))
    )
    assert "changes resource second, whose condition is false" in text
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_a_dataset_is_deleted_before_it_is_replaced(mock):
    create(shop())
    resources = shop()
    resources["Data"]["Properties"]["Name"] = "other"
    update(resources)
    (dataset,) = client().list_datasets()["datasets"]
    assert dataset["name"] == "other"


def test_a_changed_import_job_is_run(mock):
    put_object(interactions_csv())
    resources = shop()
    resources["Data"]["Properties"]["DatasetImportJob"] = JOB
    create(resources)
    changed = json.loads(json.dumps(resources))
    changed["Data"]["Properties"]["DatasetImportJob"]["JobName"] = "again"
    update(changed)
    jobs = client().list_dataset_import_jobs()["datasetImportJobs"]
    assert [(job["jobName"], job["status"]) for job in jobs] == [("job", "ACTIVE"), ("again", "ACTIVE")]


def test_a_resource_that_left_the_template_is_deleted(mock):
    create(shop())
    resources = shop()
    del resources["Data"]
    update(resources)
    assert client().list_datasets()["datasets"] == []


def test_the_output_of_a_metric_attribution_is_updated_in_place(mock):
    put_object("", "x", bucket="reports")

    def resources(**destination):
        output = {"RoleArn": ROLE, **destination}
        properties = {"Metrics": [], "MetricsOutputConfig": output, **GROUP}
        return shop(Attribution=resource("MetricAttribution", depends_on="Data", **properties))

    create(resources())
    update(resources(S3DataDestination={"Path": "s3://reports/here"}))
    arn = f"{ARN}:metric-attribution/MetricAttribution"
    attribution = client().describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]
    assert attribution["metricsOutputConfig"]["s3DataDestination"] == {"path": "s3://reports/here"}


# Time and installation.


def test_stacks_move_a_clock_without_autojump():
    with mock_personalize(clock=0, autojump=False):
        create(shop())


def test_stacks_can_be_created_while_time_runs(mock):
    mock.clock.rate = 1e6
    create(shop())
    assert client().list_datasets()["datasets"][0]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "transition",
    [{"progression": "manual", "times": 2}, {"progression": "time", "seconds": 5}, {"progression": "immediate"}],
)
def test_the_state_manager_of_moto_is_obeyed(transition):
    from moto.moto_api import state_manager

    with mock_personalize(clock=0):
        state_manager.set_transition("personalize::dataset-group", transition)
        try:
            create({"Group": resource("DatasetGroup")})
            delete()
        finally:
            state_manager.unset_transition("personalize::dataset-group")
        assert client().list_dataset_groups()["datasetGroups"] == []


def test_a_stack_may_have_resources_of_other_services(mock):
    outputs = create({**shop(), "Queue": {"Type": "AWS::SQS::Queue"}}, {"Queue": {"Ref": "Queue"}})
    assert outputs["Queue"]


def test_stopping_restores_the_tables_of_moto():
    names = ("get_model_list", "get_model_map", "get_name_type_map", "resource_class_from_type")
    before = {name: getattr(parsing, name) for name in names}
    with mock_personalize(clock=0):
        create(shop())
        assert parsing.get_model_map is not before["get_model_map"]
    assert {name: getattr(parsing, name) for name in names} == before
    assert not any(name.startswith("AWS::Personalize") for name in parsing.get_model_map())
    with mock_personalize(clock=0):
        create(shop())


def test_a_mock_without_stacks_does_not_import_cloudformation():
    program = """
import sys, boto3
from personalize_mock import mock_personalize
with mock_personalize() as mock:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="data")
    mock.call("CreateDatasetGroup", name="shop")
print([name for name in sys.modules if name.startswith("moto.cloudformation") or "moto_backend.cloudf" in name])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
