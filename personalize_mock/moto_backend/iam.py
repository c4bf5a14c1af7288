"""Roles of moto's IAM, and the AWS-managed policies that tutorials attach to them.

moto has no managed policies unless MOTO_IAM_LOAD_MANAGED_POLICIES=true, which loads all of them and takes a second. We
load a handful, or all if the user asks for them.
"""

import json
import re
from functools import cache
from typing import Any
from unittest.mock import patch

from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Role, Simulation

HOSTS = re.compile(r"https?://iam[.-][a-z0-9.-]*amazonaws\.com")
_POLICIES = (
    "AmazonPersonalizeFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSLambdaBasicExecutionRole",
    "CloudWatchFullAccess",
)


def models() -> Any:
    """Return `moto.iam.models`, which is slow to import."""
    import moto.iam.models

    return moto.iam.models


def role(arn: str) -> Role | None:
    """Return the current state of the role with an ARN, or None.

    Raises:
        PersonalizeMockError: Its permissions boundary is a policy that moto does not have.
    """
    backends = list(models().iam_backends[arn.split(":")[4]].values())  # one per partition; formerly one for all
    for backend in backends:
        for moto_role in list(backend.roles.values()):
            if moto_role.arn == arn:
                return _as_role(backend, moto_role)
    return None


def install(_: Simulation, cleanup: Cleanup) -> None:
    """Add `_POLICIES` to all accounts of moto, present and future, until the cleanup."""
    iam = models()
    load_policies = iam.IAMBackend._init_aws_policies  # noqa: SLF001  # the only place that decides which policies exist
    for account in iam.iam_backends.values():
        for backend in account.values():
            _add_policies(backend, load_policies)

    def load_some_policies(backend: Any) -> Any:
        return _load_some_policies(load_policies, backend)

    cleanup.replace(iam.IAMBackend, "_init_aws_policies", load_some_policies)


def _as_role(backend: Any, moto_role: Any) -> Role:
    attached = [_document(policy) for policy in moto_role.managed_policies.values()]
    return Role(
        trust=_as_json(moto_role.assume_role_policy_document),
        policies=(*map(_as_json, moto_role.policies.values()), *attached),
        boundary=_boundary(backend, moto_role),
    )


def _boundary(backend: Any, moto_role: Any) -> str | None:
    arn = getattr(moto_role, "permissions_boundary_arn", None) or moto_role.permissions_boundary
    if not arn:
        return None
    policy = backend.managed_policies.get(arn)
    if policy is None:
        raise PersonalizeMockError(
            f"moto has no policy {arn}, which is the permissions boundary of {moto_role.arn}. Create the policy first. "
            "If it is an AWS-managed policy, set the environment variable MOTO_IAM_LOAD_MANAGED_POLICIES=true."
        )
    return _document(policy)


def _document(policy: Any) -> str:
    return next(_as_json(version.document) for version in policy.versions if version.is_default)


def _as_json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)  # CloudFormation stores a dict


@cache
def _policy_documents() -> str:
    """Return the documents of `_POLICIES` as moto stores them. Cached, because parsing all of them is slow."""
    policies = json.loads(models().aws_managed_policies_data)
    return json.dumps({name: policies[name] for name in _POLICIES if name in policies})


def _load_some_policies(load_policies: Any, backend: Any) -> Any:
    """Run moto's own loading on `_POLICIES` only, unless the user asks for all policies."""
    iam = models()
    if iam.load_iam_aws_managed_policies():
        return load_policies(backend)
    with (
        patch.object(iam, "aws_managed_policies_data", _policy_documents()),
        patch.object(iam, "load_iam_aws_managed_policies", lambda: True),
    ):
        return load_policies(backend)


def _add_policies(backend: Any, load_policies: Any) -> None:
    if not backend.aws_managed_policies:
        backend.aws_managed_policies = _load_some_policies(load_policies, backend)
        backend.managed_policies.update({policy.arn: policy for policy in backend.aws_managed_policies})
