"""A stack of Personalize resources in CloudFormation, made, changed and deleted."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError
from corpus.shop import INTERACTION_FIELDS, ITEM_FIELDS, a_solution, avro_schema, tables
from corpus.stage import REGION, ROLE, Stage, recipe

Resources = dict[str, Any]
GROUP = {"DatasetGroupArn": {"Ref": "Group"}}
STACK = "shop"


def play(stage: Stage) -> None:
    """Make a shop by a template."""
    location = stage.put(tables()["Interactions"].text, "in/stack.csv")
    resources = _shop(location)
    outputs: Resources = {name: {"Value": {"Ref": name}} for name in resources}
    outputs |= {
        "TrackingId": {"Value": _attribute("Tracker", "TrackingId")},
        "FilterStatus": {"Value": _attribute("Filter", "Status")},
        "Created": {"Value": _attribute("Filter", "CreationDateTime")},
        "SolutionArn": {"Value": _attribute("Solution", "SolutionArn")},
    }
    client = boto3.client("cloudformation", region_name=REGION)
    _record_outcome(
        stage, "create", lambda: client.create_stack(StackName=STACK, TemplateBody=_template(resources, outputs))
    )
    _record_stack(stage, client, "made")
    solution = stage.call("ListSolutions")["solutions"][0]["solutionArn"]
    stage.describe(solution)
    version = stage.train(solution)
    changed = {**resources, "Campaign": _resource("Campaign", SolutionVersionArn=version, MinProvisionedTPS=2)}
    changed["Tagged"] = _resource("DatasetGroup", Tags=[{"Key": "team", "Value": "films"}])
    changed["Tagged"]["Properties"]["Name"] = "tagged"
    _record_outcome(
        stage, "update", lambda: client.update_stack(StackName=STACK, TemplateBody=_template(changed, outputs))
    )
    _record_stack(stage, client, "changed")
    wrong = {"Solution": _resource("Solution", RecipeArn=recipe("aws-none"), DatasetGroupArn="arn:none")}
    _record_outcome(
        stage, "create wrong", lambda: client.create_stack(StackName="wrong", TemplateBody=_template(wrong, {}))
    )
    stage.record_journal()  # now, because moto deletes the resources of a stack in the order of a set
    group = stage.call("ListDatasetGroups")["datasetGroups"][0]["datasetGroupArn"]
    more = a_solution(stage, group, recipe("aws-sims"), "beside")
    _record_outcome(stage, "delete while in use", lambda: client.delete_stack(StackName=STACK))
    stage.delete(more)
    _record_outcome(stage, "delete", lambda: client.delete_stack(StackName=STACK))
    for kind in ("DatasetGroups", "Datasets", "Schemas", "Filters", "EventTrackers", "Solutions", "Campaigns"):
        stage.call(f"List{kind}", "after all")


def _shop(location: str) -> Resources:
    job = {"JobName": "stack", "RoleArn": ROLE, "DataSource": {"DataLocation": location}}
    seen = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    metric = {"EventType": "Watch", "MetricName": "watched", "Expression": "SAMPLECOUNT()"}
    config = {"AlgorithmHyperParameters": {"hidden_dimension": 64}}
    data = {"SchemaArn": {"Ref": "Schema"}, "DatasetImportJob": job}
    return {
        "Schema": _resource("Schema", Schema=avro_schema("Interactions", INTERACTION_FIELDS)),
        "ItemSchema": {
            "Type": "AWS::Personalize::Schema",
            "Properties": {"Name": "items", "Schema": avro_schema("Items", ITEM_FIELDS)},
        },
        "Group": _resource("DatasetGroup"),
        "Data": _resource("Dataset", DatasetType="Interactions", **data, **GROUP),
        "Tracker": _resource("EventTracker", **GROUP),
        "Filter": _resource("Filter", "Data", FilterExpression=seen, **GROUP),
        "Solution": _resource(
            "Solution", "Data", RecipeArn=recipe("aws-user-personalization"), SolutionConfig=config, **GROUP
        ),
        "Attribution": _resource(
            "MetricAttribution", "Data", Metrics=[metric], MetricsOutputConfig={"RoleArn": ROLE}, **GROUP
        ),
    }


def _resource(kind: str, after: str | None = None, /, **properties: Any) -> dict[str, Any]:
    depends = {} if after is None else {"DependsOn": after}
    return {"Type": f"AWS::Personalize::{kind}", "Properties": {"Name": kind, **properties}, **depends}


def _attribute(of: str, name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [of, name]}


def _template(resources: Resources, outputs: Mapping[str, Any]) -> str:
    return json.dumps({"Resources": resources, "Outputs": outputs})


def _record_outcome(stage: Stage, note: str, act: Callable[[], Any]) -> None:
    try:
        act()
        stage.recording.add(f"stack {note}", "done")
    except ClientError as error:
        stage.recording.add(f"stack {note}", {"Error": error.response["Error"]})


def _record_stack(stage: Stage, client: Any, note: str) -> None:
    """Record a stack's status, outputs and resources; ids of the stack itself differ from run to run."""
    (stack,) = client.describe_stacks(StackName=STACK)["Stacks"]
    outputs = sorted((each["OutputKey"], each["OutputValue"]) for each in stack.get("Outputs", ()))
    stage.recording.add(f"stack {note}", (stack["StackStatus"], outputs))
    listed = client.describe_stack_resources(StackName=STACK)["StackResources"]
    keys = ("LogicalResourceId", "PhysicalResourceId", "ResourceType", "ResourceStatus")
    resources = sorted([each.get(key, "") for key in keys] for each in listed)
    stage.recording.add(f"stack resources {note}", resources)
