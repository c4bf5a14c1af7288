"""Permission check for the IAM roles that callers pass to Personalize."""

from personalize_mock.environment import Caller
from personalize_mock.resources.permissions import SERVICE, AccessRequest, Policies
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import AccessDeniedException

CROSS_ACCOUNT = "Cross-account pass role is not allowed."  # recorded in notebooks, the latest from 2024
# The text about a missing permission was recorded in 2022. The others follow the IAM user guide, "Troubleshoot access
# denied error messages" (2024).
NOT_AUTHORIZED = "User: {user} is not authorized to perform: iam:PassRole on resource: {role} {reason}"
NOT_ALLOWED = "because no {policy} allows the iam:PassRole action"
DENIED = "with an explicit deny in {policy}"


def check_passed_role(store: Store, role_arn: str | None) -> None:
    """Check that the caller may pass a role to Personalize.

    The permission iam:PassRole is checked only if the mock's option `check_permissions` is True, moto's access control
    is switched on, and the caller is a user or role in moto's IAM.

    Args:
        store: The resources of the caller's account and region.
        role_arn: The ARN of the role, or None if the request has no role.

    Raises:
        AccessDeniedException: The role belongs to another account, or the caller lacks the permission.
        PersonalizeMockError: The permission depends on a policy element that the mock does not support.
    """
    if role_arn is None:
        return
    if role_arn.split(":")[4] != store.account:
        raise AccessDeniedException(CROSS_ACCOUNT)
    caller = store.simulation.environment.caller(store.account) if store.options.check_permissions else None
    if caller is not None:
        _check_permission(caller, store.account, role_arn)


def _check_permission(caller: Caller, account: str, role_arn: str) -> None:
    context = {
        "aws:principalaccount": account,
        "aws:principalarn": caller.principal_arn,
        "aws:principalisawsservice": "false",
        "aws:securetransport": "true",
        "iam:passedtoservice": SERVICE,
    }
    request = AccessRequest(action="iam:PassRole", resource=role_arn, context=context)
    limits = [("identity-based policy", "an identity-based policy", caller.policies)]
    if caller.boundary is not None:
        limits.append(("permissions boundary", "a permissions boundary", (caller.boundary,)))
    for policy, a_policy, documents in limits:
        verdict = Policies(f"{a_policy} of {caller.principal_arn}", documents).evaluate(request)
        if verdict != "Allow":
            reason = DENIED.format(policy=a_policy) if verdict == "Deny" else NOT_ALLOWED.format(policy=policy)
            raise AccessDeniedException(NOT_AUTHORIZED.format(user=caller.arn, role=role_arn, reason=reason))
