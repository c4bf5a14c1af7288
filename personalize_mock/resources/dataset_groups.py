"""Dataset groups, which contain all other resources except schemas."""

from dataclasses import dataclass

from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import add, check_absent, delete_handler, describe_handler, list_handler
from personalize_mock.resources.core.lifecycle import DELETE, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

# Ours.
KEY_AND_ROLE = "Provide both kmsKeyArn and roleArn, or neither."


@dataclass(kw_only=True)
class DatasetGroup(Resource):
    """A dataset group.

    Attributes:
        role_arn: The role that may use the KMS key, or None.
        kms_key_arn: The KMS key that encrypts the data, or None.
        domain: The domain, or None for a Custom dataset group.
        needs_minimums: Whether training requires the service's minimum amounts of data. `mock.load` sets this to False.
    """

    ARN_TYPE = "dataset-group"
    LIST_MEMBER = "datasetGroups"
    LIFECYCLES = (create(), DELETE)

    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None
    needs_minimums: bool = True


@handler
def create_dataset_group(
    store: Store,
    *,
    name: str,
    role_arn: str | None = None,
    kms_key_arn: str | None = None,
    domain: str | None = None,
    tags: Tags = (),
) -> DatasetGroup:
    """Answer a CreateDatasetGroup request. A roleArn and a kmsKeyArn must be given together."""
    check_passed_role(store, role_arn)
    if (role_arn is None) != (kms_key_arn is None):
        raise InvalidInputException(KEY_AND_ROLE)
    check_tags(tags)
    arn = store.arn(DatasetGroup.ARN_TYPE, name)
    check_absent(store, DatasetGroup, arn)
    quotas.check_quota(store, "active_dataset_groups")
    group = DatasetGroup(arn=arn, name=name, role_arn=role_arn, kms_key_arn=kms_key_arn, domain=domain, tags=tags)
    return add(store, group)


describe_dataset_group = describe_handler(DatasetGroup)
list_dataset_groups = list_handler(DatasetGroup)
delete_dataset_group = delete_handler(DatasetGroup)
