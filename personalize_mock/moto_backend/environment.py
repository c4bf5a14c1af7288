"""S3, IAM and the state manager of moto, as the simulation uses them."""

from collections.abc import Mapping
from typing import Any

from moto.moto_api import state_manager
from moto.moto_api._internal.state_manager import DEFAULT_TRANSITION

from personalize_mock.moto_backend import iam
from personalize_mock.moto_backend.s3 import S3
from personalize_mock.simulation import Objects, Role


class MotoEnvironment:
    """The `simulation.Environment` that moto provides."""

    def objects(self, account: str, region: str) -> Objects:
        """Return S3 as an account sees it. The region is ignored: bucket names are global within a partition."""
        del region
        return S3(account)

    def role(self, arn: str) -> Role | None:
        """Return the role with an ARN, or None."""
        return iam.role(arn)

    def transition(self, arn_type: str) -> Mapping[str, Any] | None:
        """Return the transition that the user set for `personalize::<arn_type>` in moto's state manager, or None."""
        transition: Mapping[str, Any] = state_manager.get_transition(f"personalize::{arn_type}")
        return None if transition is DEFAULT_TRANSITION else transition
