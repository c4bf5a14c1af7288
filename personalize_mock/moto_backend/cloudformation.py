"""Our resource types in moto's CloudFormation, which calls the plain API for them, as the real handlers do.

moto looks for the class of a type in tables that it makes of the subclasses of its model; ours are put into these
tables while a mock is active, so that nothing of moto is subclassed. moto makes a stack within one call, so simulated
time moves until each resource is ready, or gone. Importing this loads all that moto's CloudFormation needs.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from unittest.mock import patch

from botocore.exceptions import ClientError
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError

from personalize_mock.moto_backend.templates import Properties, member_of, operation_of, request_of, tags_of
from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.direct import call

_PREFIX = "AWS::Personalize::"
_ATTRIBUTES = ("Status", "CreationDateTime", "LastUpdatedDateTime")
# Ours.
LEFT_OUT = (
    "moto's CloudFormation does not look at the condition of a resource that is changed. Resource {name} is not part "
    "of the stack; leave it as it is in the template, or take it out."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A resource type, by the provider schemas.

    Attributes:
        name: as in `AWS::Personalize::<name>`, which the operations have too.
        updatable: properties that can change; a change of any other replaces the resource.
        attributes: for Fn::GetAtt, beside the ARN.
        deleted_first: whether a replacement comes after what it replaces.
    """

    name: str
    updatable: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    deleted_first: bool = False

    @property
    def arn(self) -> str:
        """The name of its ARN."""
        return f"{self.name}Arn"


KINDS = (
    Kind(name="Schema"),
    Kind(name="DatasetGroup"),
    Kind(name="Dataset", updatable=("DatasetImportJob",), deleted_first=True),
    Kind(name="Solution"),
    Kind(
        name="Campaign",
        updatable=("SolutionVersionArn", "MinProvisionedTPS", "CampaignConfig", "Tags"),
        attributes=_ATTRIBUTES,
    ),
    Kind(name="Filter", updatable=("Tags",), attributes=_ATTRIBUTES),
    Kind(name="EventTracker", updatable=("Tags",), attributes=("TrackingId",)),
    Kind(name="MetricAttribution", updatable=("MetricsOutputConfig",), attributes=("Status",)),
)


class StackResource:
    """A resource of a stack, as moto wants to see it; a subclass for each kind.

    Attributes:
        physical_resource_id: its ARN.
        properties: as the template has them.
    """

    kind: ClassVar[Kind]
    simulation: ClassVar[Simulation]

    def __init__(self, store: Store, arn: str, properties: Properties) -> None:
        self.physical_resource_id = arn
        self._store = store
        self.properties = properties

    @classmethod
    def create_from_cloudformation_json(
        cls, _: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str, **__: Any
    ) -> "StackResource":
        """Makes the resource and waits until it is ready; one that fails goes."""
        store = cls.simulation.store(account_id, region_name)
        properties = cloudformation_json.get("Properties", {})
        made = _call(store, f"Create{cls.kind.name}", request_of(f"Create{cls.kind.name}", properties))
        resource = cls(store, made[member_of(cls.kind.arn)], properties)
        try:
            resource.settle()
            if cls.kind.name == "Schema":
                resource.tag({})
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
        """Changes the resource, or replaces it; where that fails, what would have replaced it goes."""
        if original_resource is None:
            raise _refusal(LEFT_OUT.format(name=new_resource_name))
        old, new = original_resource, cloudformation_json.get("Properties", {})
        changed = {name for name in {*old.properties, *new} if old.properties.get(name) != new.get(name)}
        if changed <= {*cls.kind.updatable}:
            old.change(new, changed)
            return old
        retained = cloudformation_json.get("UpdateReplacePolicy") == "Retain"
        if cls.kind.deleted_first and not retained:
            old.delete(account_id, region_name)
        made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
        if not cls.kind.deleted_first and not retained:
            try:
                old.delete(account_id, region_name)
            except ValidationError:
                made.delete(account_id, region_name)
                raise
        return made

    @classmethod
    def has_cfn_attr(cls, attribute: str) -> bool:
        """Whether Fn::GetAtt knows an attribute."""
        return attribute in (cls.kind.arn, *cls.kind.attributes)

    def get_cfn_attribute(self, attribute: str) -> str:
        """What Fn::GetAtt shows."""
        if not self.has_cfn_attr(attribute):
            raise UnformattedGetAttTemplateException
        if attribute == self.kind.arn:
            return self.physical_resource_id
        value = self._settled()[member_of(attribute)]
        return value.isoformat() if isinstance(value, datetime) else str(value)

    def is_created(self) -> bool:
        """It is, or there would be none."""
        return True

    def change(self, properties: Properties, changed: set[str]) -> None:
        """Brings what can change up to date."""
        before, self.properties = self.properties, properties
        if "Tags" in changed:
            self.tag({tag["tagKey"]: tag["tagValue"] for tag in tags_of(before)})
        if "DatasetImportJob" in changed and "DatasetImportJob" in properties:
            self.import_data(properties["DatasetImportJob"])
        given = {name: properties[name] for name in changed - {"Tags", "DatasetImportJob"} if name in properties}
        if given:
            operation = f"Update{self.kind.name}"
            request = {**request_of(operation, given), member_of(self.kind.arn): self.physical_resource_id}
            _call(self._store, operation, request)
            self.settle()

    def tag(self, before: Mapping[str, str]) -> None:
        """Gives it the tags of its properties; those before are taken off unless they stay."""
        tags, arn = tags_of(self.properties), self.physical_resource_id
        gone = [key for key in before if key not in {tag["tagKey"] for tag in tags}]
        if gone:
            _call(self._store, "UntagResource", {"resourceArn": arn, "tagKeys": gone})
        if tags:
            _call(self._store, "TagResource", {"resourceArn": arn, "tags": tags})

    def import_data(self, job: Properties) -> None:
        """Imports into the dataset and waits until that is done."""
        operation = "CreateDatasetImportJob"
        given = {**request_of(operation, job), "datasetArn": self.physical_resource_id}
        arn = _call(self._store, operation, given)["datasetImportJobArn"]
        _check_active(_settled(self._store, "DescribeDatasetImportJob", arn))

    def settle(self) -> None:
        """Waits until it is ready."""
        described = self._settled()
        _check_active(described)
        _check_active(described.get(f"latest{self.kind.name}Update", {}))

    def delete(self, account_id: str, region_name: str) -> None:  # noqa: ARG002  # moto says where again
        """Deletes the resource and waits until it is gone; one that is gone already will do."""
        request = {member_of(self.kind.arn): self.physical_resource_id}
        try:
            call(self._store, f"Delete{self.kind.name}", request)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "ResourceNotFoundException":
                raise _failure(refusal) from None
        self._settled()

    def _settled(self) -> Mapping[str, Any]:
        return _settled(self._store, f"Describe{self.kind.name}", self.physical_resource_id)


def teach(simulation: Simulation) -> list[Any]:
    """Puts our types into moto's tables; what it returns has to be stopped to take them out."""
    members = {"simulation": simulation}
    classes = {f"{_PREFIX}{kind.name}": type(kind.name, (StackResource,), {**members, "kind": kind}) for kind in KINDS}
    known = {**parsing.get_model_map(), **classes}
    names = {**parsing.get_name_type_map(), **dict.fromkeys(classes, "Name")}
    patches: list[Any] = [  # unittest.mock has no public name for what it returns
        patch.object(parsing, "get_model_map", lambda: known),
        patch.object(parsing, "get_name_type_map", lambda: names),
    ]
    for each in patches:
        each.start()
    return patches


def _call(store: Store, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return call(store, operation, request)
    except ClientError as refusal:
        raise _failure(refusal) from None


def _failure(refusal: ClientError) -> Exception:
    error = refusal.response["Error"]
    return _refusal(f"{error['Message']} (Service: Personalize, Error code: {error['Code']})")


def _refusal(text: str) -> Exception:
    refusal: Exception = ValidationError(message=text)
    return refusal


def _check_active(described: Mapping[str, Any]) -> None:
    if described.get("status") == "CREATE FAILED":
        raise _refusal(described.get("failureReason") or "CREATE FAILED")


def _settled(store: Store, operation: str, arn: str) -> Mapping[str, Any]:
    """Moves time until a resource has come to rest, and describes it; nothing if it is gone.

    One that moves by polls, as moto's state manager may want it, is polled.
    """
    clock, (member,) = store.clock, operation_of(operation).input.required_members
    with clock.freeze():
        while (resource := store.resource(arn)) is not None and resource.lifecycle_state.lifecycle is not None:
            if resource.lifecycle_state.due is not None:
                clock.jump_to(max(clock.timestamp(), resource.lifecycle_state.due))
            else:
                with suppress(ClientError):  # the poll that sees it gone
                    call(store, operation, {member: arn})
        described: Mapping[str, Any] = {} if resource is None else _only(_call(store, operation, {member: arn}))
        return described


def _only(answer: Mapping[str, Any]) -> Any:
    (value,) = answer.values()
    return value
