"""Stacks of Personalize resources, made by moto's CloudFormation."""

import json
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import (
    ACCOUNT,
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


def resource(kind, after=None, **properties):
    """A resource of a template; its name is its kind unless it is given."""
    depends = {} if after is None else {"DependsOn": after}
    return {"Type": f"AWS::Personalize::{kind}", "Properties": {"Name": kind, **properties}, **depends}


def shop(**more):
    """A template of a group with an Interactions dataset."""
    return {
        "Schema": resource("Schema", Schema=avro_schema()),
        "Group": resource("DatasetGroup"),
        "Data": resource("Dataset", DatasetType="Interactions", SchemaArn={"Ref": "Schema"}, **GROUP),
        **more,
    }


def formation():
    return boto3.client("cloudformation", region_name="us-east-1")


def template(resources, outputs=None):
    shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": shown})


def create(resources, outputs=None, **members):
    """Makes a stack; its outputs."""
    formation().create_stack(StackName="stack", TemplateBody=template(resources, outputs), **members)
    (stack,) = formation().describe_stacks(StackName="stack")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def update(resources):
    formation().update_stack(StackName="stack", TemplateBody=template(resources))


def delete():
    formation().delete_stack(StackName="stack")


def refused(call, *args):
    with pytest.raises(ClientError) as refusal:
        call(*args)
    assert refusal.value.response["Error"]["Code"] == "ValidationError"
    return refusal.value.response["Error"]["Message"]


def attribute(name, of):
    return {"Fn::GetAtt": [of, name]}


def tags_of(arn):
    return client().list_tags_for_resource(resourceArn=arn)["tags"]


def test_ref_is_the_arn(mock):
    refs = {name: {"Ref": name} for name in shop()}
    assert create(shop(), refs) == {
        "Schema": f"{ARN}:schema/Schema",
        "Group": f"{ARN}:dataset-group/DatasetGroup",
        "Data": f"{ARN}:dataset/DatasetGroup/INTERACTIONS",
    }


def test_a_stack_is_there_in_the_api_and_ready(mock):
    create(shop())
    group = client().describe_dataset_group(datasetGroupArn=f"{ARN}:dataset-group/DatasetGroup")["datasetGroup"]
    dataset = client().describe_dataset(datasetArn=f"{ARN}:dataset/DatasetGroup/INTERACTIONS")["dataset"]
    assert (group["status"], dataset["status"], dataset["name"]) == ("ACTIVE", "ACTIVE", "Dataset")


def test_stack_resources_have_the_arn_as_physical_id(mock):
    create(shop())
    listed = formation().describe_stack_resources(StackName="stack")["StackResources"]
    found = {each["LogicalResourceId"]: (each["PhysicalResourceId"], each["ResourceType"]) for each in listed}
    assert found["Group"] == (f"{ARN}:dataset-group/DatasetGroup", "AWS::Personalize::DatasetGroup")


def test_making_a_stack_takes_simulated_time(mock):
    before = mock.clock.now()
    create(shop())
    assert (mock.clock.now() - before).total_seconds() == 28 + 30


def test_deleting_a_stack_deletes_all_of_it_whatever_the_order(mock):
    create(
        shop(
            Tracker=resource("EventTracker", **GROUP),
            Filter=resource("Filter", after="Data", FilterExpression=NOTHING_SEEN, **GROUP),
            Solution=resource("Solution", RecipeArn=recipe("aws-sims"), **GROUP),
            Attribution=resource(
                "MetricAttribution",
                after="Data",
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


def test_a_resource_that_is_gone_already_can_be_deleted(mock):
    create({"Schema": resource("Schema", Schema=avro_schema())})
    client().delete_schema(schemaArn=f"{ARN}:schema/Schema")
    delete()
    assert client().list_schemas()["schemas"] == []


def test_a_stack_whose_group_is_used_elsewhere_cannot_be_deleted(mock):
    create({"Group": resource("DatasetGroup")})
    a_dataset(mock, f"{ARN}:dataset-group/DatasetGroup")
    assert "is in use by" in refused(delete)


# Attributes.


@pytest.mark.parametrize(
    ("name", "of", "end"),
    [
        ("SchemaArn", "Schema", ":schema/Schema"),
        ("DatasetGroupArn", "Group", ":dataset-group/DatasetGroup"),
        ("DatasetArn", "Data", ":dataset/DatasetGroup/INTERACTIONS"),
    ],
)
def test_the_arn_is_an_attribute(mock, name, of, end):
    assert create(shop(), {"Shown": attribute(name, of)})["Shown"] == ARN + end


def test_attributes_of_a_filter(mock):
    made = shop(Filter=resource("Filter", after="Data", FilterExpression=NOTHING_SEEN, **GROUP))
    names = ("FilterArn", "Status", "CreationDateTime", "LastUpdatedDateTime")
    assert create(made, {name: attribute(name, "Filter") for name in names}) == {
        "FilterArn": f"{ARN}:filter/Filter",
        "Status": "ACTIVE",
        "CreationDateTime": "2024-05-01T00:00:58+00:00",
        "LastUpdatedDateTime": "2024-05-01T00:01:58+00:00",
    }


def test_attributes_of_an_event_tracker(mock):
    made = {"Group": resource("DatasetGroup"), "Tracker": resource("EventTracker", **GROUP)}
    shown = create(made, {name: attribute(name, "Tracker") for name in ("EventTrackerArn", "TrackingId")})
    tracker = client().describe_event_tracker(eventTrackerArn=shown["EventTrackerArn"])["eventTracker"]
    assert tracker["trackingId"] == shown["TrackingId"]


def test_there_are_no_other_attributes(mock):
    made = {"Group": resource("DatasetGroup")}
    assert "Status" in refused(create, made, {"Shown": attribute("Status", "Group")})


# Properties.


def test_a_solution_has_its_properties(mock):
    config = {
        "AlgorithmHyperParameters": {"hidden_dimension": 64},
        "FeatureTransformationParameters": {"max_user_history_length_percentile": 0.9},
        "EventValueThreshold": 3.5,
    }
    kind = {"RecipeArn": recipe("aws-user-personalization"), "EventType": "Watch", "PerformHPO": "false"}
    create(
        {"Group": resource("DatasetGroup"), "Solution": resource("Solution", SolutionConfig=config, **kind, **GROUP)}
    )
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
    made = resource("Campaign", SolutionVersionArn=version, MinProvisionedTPS="2", CampaignConfig=config)
    names = ("CampaignArn", "Status")
    shown = create({"Campaign": made}, {name: attribute(name, "Campaign") for name in names})
    assert shown == {"CampaignArn": f"{ARN}:campaign/Campaign", "Status": "ACTIVE"}
    campaign = client().describe_campaign(campaignArn=shown["CampaignArn"])["campaign"]
    assert campaign["minProvisionedTPS"] == 2
    assert campaign["campaignConfig"] == {
        "enableMetadataWithRecommendations": True,
        "itemExplorationConfig": {"explorationWeight": "0.4"},
    }


def test_a_metric_attribution_has_its_properties(mock):
    put_object("", "x", bucket="reports")
    output = {"RoleArn": ROLE, "S3DataDestination": {"Path": "s3://reports/here/"}}
    metrics = [{"EventType": "Watch", "MetricName": "watched", "Expression": "SAMPLECOUNT()"}]
    made = resource("MetricAttribution", after="Data", Metrics=metrics, MetricsOutputConfig=output, **GROUP)
    shown = create(shop(Attribution=made), {"Status": attribute("Status", "Attribution")})
    assert shown == {"Status": "ACTIVE"}
    (listed,) = client().list_metric_attribution_metrics()["metrics"]
    assert listed == {"eventType": "WATCH", "metricName": "WATCHED", "expression": "SAMPLECOUNT()"}
    arn = f"{ARN}:metric-attribution/MetricAttribution"
    attribution = client().describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]
    assert attribution["metricsOutputConfig"]["s3DataDestination"] == {"path": "s3://reports/here/"}


@pytest.mark.parametrize("tag", [{"Key": "team", "Value": "films"}, {"TagKey": "team", "TagValue": "films"}])
@pytest.mark.parametrize("kind", ["Schema", "DatasetGroup"])
def test_tags_are_written_in_either_way_and_schemas_have_them_too(mock, kind, tag):
    properties = {"Schema": avro_schema()} if kind == "Schema" else {}
    shown = create({"Made": resource(kind, Tags=[tag], **properties)}, {"Made": {"Ref": "Made"}})
    assert tags_of(shown["Made"]) == [{"tagKey": "team", "tagValue": "films"}]


def test_a_dataset_is_imported_into_if_it_says_so(mock):
    put_object(interactions_csv())
    made = shop()
    made["Data"]["Properties"]["DatasetImportJob"] = JOB
    create(made)
    (job,) = client().list_dataset_import_jobs()["datasetImportJobs"]
    assert (job["jobName"], job["status"]) == ("job", "ACTIVE")
    assert a_campaign(
        mock, a_solution_version(mock, a_solution(mock, f"{ARN}:dataset-group/DatasetGroup", name="serving"))
    )


# Refusals.


def test_what_the_service_refuses_fails_the_stack(mock):
    made = {"Group": resource("DatasetGroup"), "Solution": resource("Solution", RecipeArn=recipe("aws-no"), **GROUP)}
    text = refused(create, made)
    assert text.startswith("The given recipe does not exist: ")
    assert text.endswith("(Service: Personalize, Error code: ResourceNotFoundException)")


def test_a_name_is_required(mock):
    nameless = {"Group": {"Type": "AWS::Personalize::DatasetGroup", "Properties": {}}}
    assert "ValidationException" in refused(create, nameless)


def test_an_import_that_fails_fails_the_stack_whose_deletion_leaves_nothing(mock):
    put_object("NONSENSE\n1\n")
    made = shop()
    made["Data"]["Properties"]["DatasetImportJob"] = JOB
    assert "Input CSV is missing the following columns" in refused(create, made)
    assert client().list_datasets()["datasets"] == []
    delete()
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_a_quota_fails_the_stack():
    with mock_personalize(clock=0, quotas={"active_dataset_groups": 1}) as mock:
        a_dataset_group(mock)
        assert "LimitExceededException" in refused(create, {"Group": resource("DatasetGroup")})


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


def test_tags_that_are_no_longer_in_the_template_are_taken_off(mock):
    def made(*keys):
        tags = [{"Key": key, "Value": key} for key in keys]
        return {"Group": resource("DatasetGroup"), "Tracker": resource("EventTracker", Tags=tags, **GROUP)}

    shown = create(made("a", "b"), {"Tracker": {"Ref": "Tracker"}})
    update(made("b", "c"))
    assert [tag["tagKey"] for tag in tags_of(shown["Tracker"])] == ["b", "c"]


def test_what_cannot_be_changed_is_replaced(mock):
    create({"Group": resource("DatasetGroup", Name="first")})
    update({"Group": resource("DatasetGroup", Name="second")})
    (group,) = client().list_dataset_groups()["datasetGroups"]
    assert group["name"] == "second"


def test_what_cannot_be_changed_is_not_replaced_under_its_name(mock):
    create({"Schema": resource("Schema", Schema=avro_schema())})
    changed = {"Schema": resource("Schema", Schema=avro_schema("Items"))}
    assert "ResourceAlreadyExistsException" in refused(update, changed)


def test_what_is_replaced_stays_if_its_policy_says_so(mock):
    policies = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    create({"Group": {**resource("DatasetGroup", Name="first"), **policies}})
    update({"Group": {**resource("DatasetGroup", Name="second"), **policies}})
    assert [group["name"] for group in client().list_dataset_groups()["datasetGroups"]] == ["first", "second"]


def test_what_cannot_be_replaced_because_it_is_in_use_stays_alone_and_the_stack_says_why(mock):
    create(shop())
    changed = {**shop(), "Group": resource("DatasetGroup", Name="second")}
    assert "is in use by" in refused(update, changed)
    assert [group["name"] for group in client().list_dataset_groups()["datasetGroups"]] == ["DatasetGroup"]
    delete()
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_what_a_condition_leaves_out_cannot_be_changed_and_the_error_says_so(mock):
    def made(name):
        left_out = {**resource("DatasetGroup", Name=name), "Condition": "Never"}
        never = {"Never": {"Fn::Equals": ["a", "b"]}}
        return json.dumps({"Resources": {"LeftOut": left_out}, "Conditions": never})

    formation().create_stack(StackName="stack", TemplateBody=made("first"))
    text = refused(lambda: formation().update_stack(StackName="stack", TemplateBody=made("second")))
    assert "Resource second is not in the stack" in text
    assert client().list_dataset_groups()["datasetGroups"] == []


def test_a_dataset_is_deleted_before_it_is_replaced(mock):
    create(shop())
    made = shop()
    made["Data"]["Properties"]["Name"] = "other"
    update(made)
    (dataset,) = client().list_datasets()["datasets"]
    assert dataset["name"] == "other"


def test_another_import_job_of_a_dataset_is_run(mock):
    put_object(interactions_csv())
    made = shop()
    made["Data"]["Properties"]["DatasetImportJob"] = JOB
    create(made)
    again = json.loads(json.dumps(made))
    again["Data"]["Properties"]["DatasetImportJob"]["JobName"] = "again"
    update(again)
    jobs = client().list_dataset_import_jobs()["datasetImportJobs"]
    assert [(job["jobName"], job["status"]) for job in jobs] == [("job", "ACTIVE"), ("again", "ACTIVE")]


def test_what_left_the_template_is_deleted(mock):
    create(shop())
    made = shop()
    del made["Data"]
    update(made)
    assert client().list_datasets()["datasets"] == []


def test_an_output_of_a_metric_attribution_is_updated_in_place(mock):
    put_object("", "x", bucket="reports")

    def made(**destination):
        output = {"RoleArn": ROLE, **destination}
        properties = {"Metrics": [], "MetricsOutputConfig": output, **GROUP}
        return shop(Attribution=resource("MetricAttribution", after="Data", **properties))

    create(made())
    update(made(S3DataDestination={"Path": "s3://reports/here"}))
    arn = f"{ARN}:metric-attribution/MetricAttribution"
    attribution = client().describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]
    assert attribution["metricsOutputConfig"]["s3DataDestination"] == {"path": "s3://reports/here"}


# Time, and the graft.


def test_a_clock_without_autojump_moves_for_stacks():
    with mock_personalize(clock=0, autojump=False):
        create(shop())


def test_stacks_are_made_while_time_runs_by_itself(mock):
    mock.clock.rate = 1e6
    create(shop())
    assert client().list_datasets()["datasets"][0]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "transition",
    [{"progression": "manual", "times": 2}, {"progression": "time", "seconds": 5}, {"progression": "immediate"}],
)
def test_moto_s_state_manager_is_obeyed(transition):
    from moto.moto_api import state_manager

    with mock_personalize(clock=0):
        state_manager.set_transition("personalize::dataset-group", transition)
        try:
            create({"Group": resource("DatasetGroup")})
            delete()
        finally:
            state_manager.unset_transition("personalize::dataset-group")
        assert client().list_dataset_groups()["datasetGroups"] == []


def test_resources_of_other_services_stand_beside_ours(mock):
    shown = create({**shop(), "Queue": {"Type": "AWS::SQS::Queue"}}, {"Queue": {"Ref": "Queue"}})
    assert shown["Queue"]


def test_leaving_restores_the_tables_of_moto():
    names = ("get_model_list", "get_model_map", "get_name_type_map", "resource_class_from_type")
    before = {name: getattr(parsing, name) for name in names}
    with mock_personalize(clock=0):
        create(shop())
        assert parsing.get_model_map is not before["get_model_map"]
    assert {name: getattr(parsing, name) for name in names} == before
    assert not any(name.startswith("AWS::Personalize") for name in parsing.get_model_map())
    with mock_personalize(clock=0):
        create(shop())


def test_a_mock_that_makes_no_stack_does_not_load_cloudformation():
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
