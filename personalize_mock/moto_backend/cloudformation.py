"""CloudFormation resource types of Amazon Personalize, for moto's CloudFormation.

Resources are created, updated and deleted by calls to the service's operations, as in CloudFormation. moto looks up the
class of a resource type in tables, which it builds from the subclasses of its own model class. While a mock is active,
the classes of this module are added to these tables, so they need not inherit from moto's class. moto creates a whole
stack in one call, so simulated time is advanced until each resource is ready or deleted.

Importing this module imports everything that moto's CloudFormation needs, so it is imported on first use. Types,
properties and attributes follow the resource provider schemas in cfn-lint 1.58.0.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.template_properties import (
    Properties,
    existing_operation,
    member_name,
    request_from_properties,
    tags_from_properties,
)
from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.direct import call

_PREFIX = "AWS::Personalize::"
_ATTRIBUTES = ("Status", "CreationDateTime", "LastUpdatedDateTime")
# An error of the mock; CloudFormation itself handles conditions.
CONDITION_IGNORED = (
    "The update changes resource {name}, whose condition is false. moto's CloudFormation ignores the conditions of "
    "changed resources, and would update this one although it is not in the stack. Leave the definition of the "
    "resource in the template unchanged, or remove the resource from the template."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A CloudFormation resource type of Amazon Personalize.

    Attributes:
        name: Name without the prefix `AWS::Personalize::`, such as "Campaign". It is also part of operation names such
            as CreateCampaign.
        updatable: Properties that can be updated in place. A change of any other property replaces the resource.
        attributes: Attributes that Fn::GetAtt can return, besides the ARN.
        deletes_before_replacing: Whether an old resource is deleted before its replacement is created. If not, it is
            deleted afterwards.
    """

    name: str
    updatable: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    deletes_before_replacing: bool = False

    @property
    def arn_attribute(self) -> str:
        """Name of the attribute that holds the ARN, such as "CampaignArn"."""
        return f"{self.name}Arn"


RESOURCE_TYPES = (
    ResourceType(name="Schema"),
    ResourceType(name="DatasetGroup"),
    ResourceType(name="Dataset", updatable=("DatasetImportJob",), deletes_before_replacing=True),
    ResourceType(name="Solution"),
    ResourceType(
        name="Campaign",
        updatable=("SolutionVersionArn", "MinProvisionedTPS", "CampaignConfig", "Tags"),
        attributes=_ATTRIBUTES,
    ),
    ResourceType(name="Filter", updatable=("Tags",), attributes=_ATTRIBUTES),
    ResourceType(name="EventTracker", updatable=("Tags",), attributes=("TrackingId",)),
    ResourceType(name="MetricAttribution", updatable=("MetricsOutputConfig",), attributes=("Status",)),
)


class StackResource:
    """A Personalize resource in a CloudFormation stack, with the methods that moto's CloudFormation calls.

    `install` makes a subclass for each resource type.

    Attributes:
        resource_type: The CloudFormation resource type.
        current_simulation: Function that returns the simulation in which a resource is created.
        physical_resource_id: The ARN of the resource.
        properties: The properties of the resource in the template.
    """

    resource_type: ClassVar[ResourceType]
    current_simulation: ClassVar[Callable[[], Simulation]]

    def __init__(self, store: Store, arn: str, properties: Properties) -> None:
        self.physical_resource_id = arn
        self._store = store
        self.properties = properties

    @classmethod
    def create_from_cloudformation_json(
        cls, _: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str, **__: Any
    ) -> "StackResource":
        """Create a resource from its definition in the template, and advance simulated time until it is ready.

        If it does not become ready, delete it and raise ValidationError.
        """
        store = cls.current_simulation().store(account_id, region_name)
        properties = cloudformation_json.get("Properties", {})
        operation = f"Create{cls.resource_type.name}"
        response = _call(store, operation, request_from_properties(operation, properties))
        resource = cls(store, response[member_name(cls.resource_type.arn_attribute)], properties)
        try:
            resource.wait_until_ready()
            if cls.resource_type.name == "Schema":  # CreateSchema takes no tags
                resource.update_tags({})
            if "DatasetImportJob" in properties:
                resource.import_data(properties["DatasetImportJob"])
        except ValidationError:
            resource.delete(account_id, region_name)
            raise
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "StackResource | None",
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> "StackResource":
        """Update a resource in place or, if a property that cannot be updated has changed, replace the resource.

        If the old resource cannot be deleted after its replacement was created, delete the replacement and raise
        ValidationError. Also raise it if `original_resource` is None, because the condition of the resource was false
        in the old template, so that the resource was never created.
        """
        if original_resource is None:
            raise _validation_error(CONDITION_IGNORED.format(name=new_resource_name))
        old, new = original_resource, cloudformation_json.get("Properties", {})
        changed = {name for name in {*old.properties, *new} if old.properties.get(name) != new.get(name)}
        if changed <= {*cls.resource_type.updatable}:
            old.update(new, changed)
            return old
        is_retained = cloudformation_json.get("UpdateReplacePolicy") == "Retain"
        if cls.resource_type.deletes_before_replacing and not is_retained:
            old.delete(account_id, region_name)
        replacement = cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )
        if not cls.resource_type.deletes_before_replacing and not is_retained:
            try:
                old.delete(account_id, region_name)
            except ValidationError:
                replacement.delete(account_id, region_name)
                raise
        return replacement

    @classmethod
    def has_cfn_attr(cls, attribute: str) -> bool:
        """Return whether resources of this type have an attribute that Fn::GetAtt can return, such as "CampaignArn"."""
        return attribute in (cls.resource_type.arn_attribute, *cls.resource_type.attributes)

    def get_cfn_attribute(self, attribute: str) -> str:
        """Return an attribute for Fn::GetAtt, or raise UnformattedGetAttTemplateException if there is none."""
        if not self.has_cfn_attr(attribute):
            raise UnformattedGetAttTemplateException
        if attribute == self.resource_type.arn_attribute:
            return self.physical_resource_id
        value = self._describe_settled()[member_name(attribute)]
        return value.isoformat() if isinstance(value, datetime) else str(value)

    def is_created(self) -> bool:
        """Return True, because moto receives an object only for a resource whose creation has finished."""
        return True

    def update(self, properties: Properties, changed: set[str]) -> None:
        """Update the resource in place and advance simulated time until it is ready.

        Args:
            properties: All properties of the resource in the new template.
            changed: Names of the properties that were added, changed or removed. They must all be updatable in place.
        """
        old, self.properties = self.properties, properties
        if "Tags" in changed:
            self.update_tags({tag["tagKey"]: tag["tagValue"] for tag in tags_from_properties(old)})
        if "DatasetImportJob" in changed and "DatasetImportJob" in properties:
            self.import_data(properties["DatasetImportJob"])
        members = {name: properties[name] for name in changed - {"Tags", "DatasetImportJob"} if name in properties}
        if members:
            operation, arn_member = f"Update{self.resource_type.name}", member_name(self.resource_type.arn_attribute)
            request = {**request_from_properties(operation, members), arn_member: self.physical_resource_id}
            _call(self._store, operation, request)
            self.wait_until_ready()

    def update_tags(self, old: Mapping[str, str]) -> None:
        """Set the tags of the resource that are in the template, and remove the `old` tags that are not."""
        tags, arn = tags_from_properties(self.properties), self.physical_resource_id
        removed = [key for key in old if key not in {tag["tagKey"] for tag in tags}]
        if removed:
            _call(self._store, "UntagResource", {"resourceArn": arn, "tagKeys": removed})
        if tags:
            _call(self._store, "TagResource", {"resourceArn": arn, "tags": tags})

    def import_data(self, job: Properties) -> None:
        """Import data into this resource, a dataset, and advance simulated time until the import job is done.

        Args:
            job: Value of the property DatasetImportJob in the template.
        """
        operation = "CreateDatasetImportJob"
        request = {**request_from_properties(operation, job), "datasetArn": self.physical_resource_id}
        arn = _call(self._store, operation, request)["datasetImportJobArn"]
        _check_active(_describe_settled(self._store, "DescribeDatasetImportJob", arn))

    def wait_until_ready(self) -> None:
        """Advance simulated time until the resource and its latest update are ready, or raise ValidationError."""
        description = self._describe_settled()
        _check_active(description)
        _check_active(description.get(f"latest{self.resource_type.name}Update", {}))

    def delete(self, account_id: str, region_name: str) -> None:  # noqa: ARG002  # moto's signature
        """Delete the resource, if it exists, and advance simulated time until it is gone."""
        request = {member_name(self.resource_type.arn_attribute): self.physical_resource_id}
        try:
            call(self._store, f"Delete{self.resource_type.name}", request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise _failure(error) from None
        self._describe_settled()

    def _describe_settled(self) -> Mapping[str, Any]:
        return _describe_settled(self._store, f"Describe{self.resource_type.name}", self.physical_resource_id)


def install(current: Callable[[], Simulation], cleanup: Cleanup) -> None:
    """Make moto's CloudFormation create Personalize resources in the simulation `current()`, until `cleanup` runs."""
    shared = {"current_simulation": staticmethod(current)}
    classes = {
        f"{_PREFIX}{resource_type.name}": type(
            resource_type.name, (StackResource,), {**shared, "resource_type": resource_type}
        )
        for resource_type in RESOURCE_TYPES
    }
    model_map = {**parsing.get_model_map(), **classes}
    name_types = {**parsing.get_name_type_map(), **dict.fromkeys(classes, "Name")}
    cleanup.replace(parsing, "get_model_map", lambda: model_map)
    cleanup.replace(parsing, "get_name_type_map", lambda: name_types)


def _call(store: Store, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return call(store, operation, request)
    except ClientError as error:
        raise _failure(error) from None


def _failure(error: ClientError) -> Exception:
    details = error.response["Error"]
    return _validation_error(f"{details['Message']} (Service: Personalize, Error code: {details['Code']})")


def _validation_error(message: str) -> Exception:
    error: Exception = ValidationError(message=message)
    return error


def _check_active(description: Mapping[str, Any]) -> None:
    if description.get("status") == "CREATE FAILED":
        raise _validation_error(description.get("failureReason") or "CREATE FAILED")


def _describe_settled(store: Store, operation: str, arn: str) -> Mapping[str, Any]:
    """Advance simulated time until a resource has stopped changing, and return its description.

    The description is empty if the resource no longer exists. If moto's state manager advances the resource after a
    number of calls instead of over time, the resource is described repeatedly.

    Args:
        store: Store of the resource's account and region.
        operation: Operation that describes the resource, such as "DescribeCampaign".
        arn: ARN of the resource.
    """
    clock, (arn_member,) = store.clock, existing_operation(operation).input.required_members
    with clock.lock, clock.during_call():
        while (resource := store.resource(arn)) is not None and resource.lifecycle_state.lifecycle is not None:
            if resource.lifecycle_state.next_stage_at is not None:
                clock.jump_to(max(clock.timestamp(), resource.lifecycle_state.next_stage_at))
            else:
                with suppress(ClientError):  # raised if the resource no longer exists
                    call(store, operation, {arn_member: arn})
        if resource is None:
            return {}
        (description,) = _call(store, operation, {arn_member: arn}).values()
        return dict(description)
