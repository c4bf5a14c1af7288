"""Access to roles in moto's IAM, and the AWS-managed policies that tutorials attach to roles.

moto has no AWS-managed policies unless MOTO_IAM_LOAD_MANAGED_POLICIES=true. It then loads all of them, which takes a
second. If the variable is not set, the mock loads the few policies that tutorials use.
"""

import json
import re
from functools import cache
from typing import Any
from unittest.mock import patch

from personalize_mock.cleanup import Cleanup
from personalize_mock.environment import Role
from personalize_mock.exceptions import PersonalizeMockError

HOSTS = re.compile(r"https?://iam[.-][a-z0-9.-]*amazonaws\.com")
_POLICIES = (
    "AmazonPersonalizeFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSLambdaBasicExecutionRole",
    "CloudWatchFullAccess",
)


def models() -> Any:
    """Import the module `moto.iam.models`, which is slow the first time, and return it."""
    import moto.iam.models

    return moto.iam.models


def role(arn: str) -> Role | None:
    """Return the role with an ARN and its current policies from moto's IAM, or None if it does not exist.

    Raises:
        PersonalizeMockError: The permissions boundary of the role is a policy that moto does not have.
    """
    backends = list(models().iam_backends[arn.split(":")[4]].values())  # one per partition; formerly one for all
    for backend in backends:
        for moto_role in list(backend.roles.values()):
            if moto_role.arn == arn:
                return _as_role(backend, moto_role)
    return None


def policies_of(owner: Any) -> tuple[str, ...]:
    """Return the inline and the attached managed policies of a user, group or role as JSON documents.

    Args:
        owner: moto's object for the user, group or role.
    """
    attached = (_document(policy) for policy in list(owner.managed_policies.values()))
    return (*map(_as_json, list(owner.policies.values())), *attached)


def install(_: object, cleanup: Cleanup) -> None:
    """Add the few AWS-managed policies that tutorials use (`_POLICIES`) to moto's IAM.

    All existing accounts get the policies, and so do accounts that moto creates before `cleanup` runs.
    """
    iam = models()
    load_policies = iam.IAMBackend._init_aws_policies  # noqa: SLF001  # the only place that decides which policies exist
    for account in iam.iam_backends.values():
        for backend in account.values():
            _add_policies(backend, load_policies)

    def load_some_policies(backend: Any) -> Any:
        return _load_some_policies(load_policies, backend)

    cleanup.replace(iam.IAMBackend, "_init_aws_policies", load_some_policies)


def _as_role(backend: Any, moto_role: Any) -> Role:
    return Role(
        trust=_as_json(moto_role.assume_role_policy_document),
        policies=policies_of(moto_role),
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
    """Return the AWS-managed policies that tutorials use (`_POLICIES`) as JSON text.

    The format is that of moto's text with all AWS-managed policies. The result is cached, because that text is slow to
    parse.
    """
    policies = json.loads(models().aws_managed_policies_data)
    return json.dumps({name: policies[name] for name in _POLICIES if name in policies})


def _load_some_policies(load_policies: Any, backend: Any) -> Any:
    """Return moto's objects for the AWS-managed policies that tutorials use (`_POLICIES`).

    If MOTO_IAM_LOAD_MANAGED_POLICIES is true, return the objects for all AWS-managed policies.

    Args:
        load_policies: moto's original method that loads the policies of a backend.
        backend: moto's IAM backend of one account.
    """
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
