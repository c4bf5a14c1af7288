"""Lookup of the IAM user or role whose request is being answered, while moto's access control is switched on.

Access control is off by default. `moto.core.set_initial_no_auth_action_count` and the environment variable
INITIAL_NO_AUTH_ACTION_COUNT switch it on. Session policies and permissions boundaries of users are ignored, because
moto does not evaluate or store them.
"""

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from moto import settings
from moto.core.responses import ActionAuthenticatorMixin

from personalize_mock.environment import Caller, Role
from personalize_mock.moto_backend import iam
from personalize_mock.moto_backend.accounts import access_key_of

# The headers of the request that is being answered, or None outside of requests.
current_headers: ContextVar[Mapping[str, Any] | None] = ContextVar("current_headers", default=None)


def caller(account: str) -> Caller | None:
    """Return the IAM user or assumed role that sent the request that is being answered.

    The result is None if access control is off, or if the access key of the request belongs to no user or assumed role
    of the account in moto.

    Args:
        account: Id of the account whose users and assumed roles are searched.
    """
    headers = current_headers.get()
    if headers is None or ActionAuthenticatorMixin.request_count < settings.INITIAL_NO_AUTH_ACTION_COUNT:
        return None
    key = access_key_of(headers)
    return next((caller for owner, caller in _users_and_sessions(account) if owner == key), None)


def _users_and_sessions(account: str) -> Iterator[tuple[str, Caller]]:
    """Yield each access key of an account, with the user or assumed role that it belongs to."""
    for backend in list(iam.models().iam_backends[account].values()):
        for user in list(backend.users.values()):
            for key in list(user.access_keys):
                yield key.access_key_id, _as_user(backend, user)
    from moto.sts.models import sts_backends

    for backend in list(sts_backends[account].values()):
        for session in list(backend.assumed_roles):
            yield session.access_key_id, _as_session(session)


def _as_user(backend: Any, user: Any) -> Caller:
    owners = [user, *backend.get_groups_for_user(user.name)]
    policies = tuple(document for owner in owners for document in iam.policies_of(owner))
    return Caller(arn=user.arn, principal_arn=user.arn, policies=policies)


def _as_session(session: Any) -> Caller:
    """Return the caller of requests that are signed by an assumed role.

    If the role no longer exists, the caller has no permissions.

    Args:
        session: moto's object for the assumed role.
    """
    role = iam.role(session.role_arn) or Role(trust="", policies=())
    return Caller(arn=session.arn, principal_arn=session.role_arn, policies=role.policies, boundary=role.boundary)
