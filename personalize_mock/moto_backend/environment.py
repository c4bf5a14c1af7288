"""Adapter through which the mock uses moto's S3, IAM and state manager."""

from collections.abc import Mapping
from typing import Any

from moto.moto_api import state_manager
from moto.moto_api._internal.state_manager import DEFAULT_TRANSITION

from personalize_mock.environment import Caller, Objects, Role
from personalize_mock.moto_backend import callers, iam
from personalize_mock.moto_backend.s3 import S3


class MotoEnvironment:
    """Access to moto's S3, IAM and state manager. It implements the protocol `environment.Environment`."""

    def objects(self, account: str, region: str) -> Objects:
        """Return an object that reads and writes the S3 objects that an account can see.

        The region is ignored, because bucket names are unique within a partition.
        """
        del region
        return S3(account)

    def role(self, arn: str) -> Role | None:
        """Return the IAM role with an ARN from moto's IAM, or None if it does not exist."""
        return iam.role(arn)

    def caller(self, account: str) -> Caller | None:
        """Return the IAM user or assumed role that sent the request that is being answered.

        The result is None if moto's access control is off, or if moto does not know the caller in the account.
        """
        return callers.caller(account)

    def transition(self, arn_type: str) -> Mapping[str, Any] | None:
        """Return the transition that the user has set for a resource type in moto's state manager.

        Args:
            arn_type: Resource type as in ARNs, such as "dataset-group". Its name in the state manager is
                "personalize::dataset-group".

        Returns:
            The transition in moto's format, such as `{"progression": "manual", "times": 2}`, or None if the user has
            set none.
        """
        transition: Mapping[str, Any] = state_manager.get_transition(f"personalize::{arn_type}")
        return None if transition is DEFAULT_TRANSITION else transition
