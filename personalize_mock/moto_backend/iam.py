"""IAM of moto: the roles that users make, and the AWS-managed policies that tutorials attach to them.

moto can load all managed policies, which takes a second; taught by us it loads a handful, or all if the user asked.
"""

import json
from functools import cache
from typing import Any
from unittest.mock import patch

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Role

_POLICIES = (
    "AmazonPersonalizeFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSLambdaBasicExecutionRole",
    "CloudWatchFullAccess",
)


def models() -> Any:
    """Moto's module of IAM, which takes a while to import."""
    import moto.iam.models

    return moto.iam.models


def role(arn: str) -> Role | None:
    """A role as it is now, or None.

    Raises:
        PersonalizeMockError: its permissions boundary is a policy that moto does not have.
    """
    backends = list(models().iam_backends[arn.split(":")[4]].values())  # one per partition; there was one for all
    owned = ((backend, held) for backend in backends for held in list(backend.roles.values()))
    for backend, held in owned:
        if held.arn == arn:
            attached = [_document(policy) for policy in held.managed_policies.values()]
            return Role(
                trust=_text(held.assume_role_policy_document),
                policies=(*map(_text, held.policies.values()), *attached),
                boundary=_boundary(backend, held),
            )
    return None


def teach() -> Any:
    """Makes moto's accounts know `_POLICIES`, those that are and those to come.

    Returns:
        The patch that does it, started; None if it was done before.
    """
    iam = models()
    init = iam.IAMBackend._init_aws_policies  # noqa: SLF001  # the only place that decides which policies exist
    if hasattr(init, "taught"):
        return None
    for account in iam.iam_backends.values():
        for backend in account.values():
            _add_policies(backend, init)

    def taught(backend: Any) -> Any:
        return _some_policies(init, backend)

    taught.taught = True  # type: ignore[attr-defined]  # a mark for the next time
    replacement = patch.object(iam.IAMBackend, "_init_aws_policies", taught)
    replacement.start()
    return replacement


def _boundary(backend: Any, held: Any) -> str | None:
    arn = getattr(held, "permissions_boundary_arn", None) or held.permissions_boundary
    if not arn:
        return None
    policy = backend.managed_policies.get(arn)
    if policy is None:
        raise PersonalizeMockError(
            f"moto does not have {arn}, the permissions boundary of {held.arn}. Create that policy first, or set "
            "MOTO_IAM_LOAD_MANAGED_POLICIES=true if it is one of AWS."
        )
    return _document(policy)


def _document(policy: Any) -> str:
    return next(_text(version.document) for version in policy.versions if version.is_default)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)  # CloudFormation leaves a dictionary


@cache
def _policy_documents() -> str:
    everything = json.loads(models().aws_managed_policies_data)
    return json.dumps({name: everything[name] for name in _POLICIES if name in everything})


def _some_policies(init: Any, backend: Any) -> Any:
    """Moto's own loading, given only the policies that tutorials attach unless the user asked for all."""
    iam = models()
    if iam.load_iam_aws_managed_policies():
        return init(backend)
    with (
        patch.object(iam, "aws_managed_policies_data", _policy_documents()),
        patch.object(iam, "load_iam_aws_managed_policies", lambda: True),
    ):
        return init(backend)


def _add_policies(backend: Any, init: Any) -> None:
    if not backend.aws_managed_policies:
        backend.aws_managed_policies = _some_policies(init, backend)
        backend.managed_policies.update({policy.arn: policy for policy in backend.aws_managed_policies})
