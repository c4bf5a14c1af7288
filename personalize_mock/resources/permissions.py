"""Who may use a bucket or put metrics: IAM policy documents, judged for the service and for the role that it takes on.

Understood are Effect, Action, NotAction, Resource, NotResource, Principal, wildcards, the conditions in `_OPERATORS` on
the keys in `_KEYS`, and permissions boundaries. Whatever else decides a request (NotPrincipal, policy variables, other
conditions) is named in an error rather than guessed. Key policies, ACLs and service control policies are not looked at.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Literal

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Store

SERVICE = "personalize.amazonaws.com"
Verdict = Literal["Allow", "Deny"] | None
_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "s3:prefix",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """What someone wants to do.

    Attributes:
        action: as `s3:GetObject`.
        resource: an ARN.
        service: the service that asks; None unless one does.
        role: the ARN of the role that asks; None unless one does.
        context: condition keys in lower case; one of `_KEYS` that is not there is absent from the request.
    """

    action: str
    resource: str
    service: str | None = None
    role: str | None = None
    context: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Policies:
    """Documents that are judged together.

    Args:
        of: whose they are, for errors.
        documents: JSON.

    Raises:
        PersonalizeMockError: one is not JSON.
    """

    def __init__(self, of: str, documents: Iterable[str]) -> None:
        self._of = of
        try:
            parsed = [json.loads(document) for document in documents]
        except ValueError:
            raise PersonalizeMockError(f"{of} is not JSON.") from None
        self._statements = [statement for policy in parsed for statement in _listed(policy.get("Statement", ()))]

    def judge(self, request: AccessRequest) -> Verdict:
        """Deny if a statement denies the request, Allow if one allows it, None if none speaks of it.

        Raises:
            PersonalizeMockError: it depends on something that is not understood.
        """
        effects = {statement.get("Effect") for statement in self._statements if self._speaks_of(statement, request)}
        return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else None

    def _speaks_of(self, statement: Mapping[str, Any], request: AccessRequest) -> bool:
        try:
            return (
                _covers(statement, "Action", request.action.lower())
                and _covers(statement, "Resource", request.resource)
                and _is_principal(statement, request)
                and _holds(statement.get("Condition", {}), request.context)
            )
        except _NotUnderstoodError as error:
            raise PersonalizeMockError(
                f"check_permissions= does not understand {error} in {self._of}. Write the statement without it, or "
                "leave check_permissions= off."
            ) from None


class AssumedRole:
    """A role as the service takes it on.

    Args:
        store: the account and region that asks.
        role_arn: the role that the service is given.
        source: the ARN of the resource for which the service asks.
    """

    def __init__(self, store: Store, role_arn: str, *, source: str) -> None:
        self.arn = role_arn
        self._role = store.simulation.environment.role(role_arn)
        self.service_context = {
            "aws:sourceaccount": store.account,
            "aws:sourcearn": source,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": SERVICE,
            "aws:securetransport": "true",
        }
        self.context = {
            "aws:principalaccount": store.account,
            "aws:principalarn": role_arn,
            "aws:principalisawsservice": "false",
            "aws:securetransport": "true",
        }

    @cached_property
    def is_assumable(self) -> bool:
        """Whether there is such a role and the service may assume it."""
        if self._role is None:
            return False
        trust = Policies(f"the trust policy of {self.arn}", [self._role.trust])
        context = self.service_context
        request = AccessRequest(action="sts:AssumeRole", resource=self.arn, service=SERVICE, context=context)
        return trust.judge(request) == "Allow"

    def may(self, action: str, resource: str, more: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Whether the service may do something in the role; `more` is context."""
        request = AccessRequest(action=action, resource=resource, context={**self.context, **more})
        return self.is_assumable and all(policies.judge(request) == "Allow" for policies in self._policies)

    @cached_property
    def _policies(self) -> list[Policies]:
        """What the role's policies and, if it has one, its boundary must each allow."""
        assert self._role is not None  # noqa: S101  # nobody asks what no role may do
        own = Policies(f"a policy of {self.arn}", self._role.policies)
        boundary = self._role.boundary
        return [own] if boundary is None else [own, Policies(f"the boundary of {self.arn}", [boundary])]


class Access:
    """The service and a role before a bucket.

    Args:
        store: the account and region that asks.
        role_arn: the role that the service is given.
        bucket: the bucket.
        source: the ARN of the resource for which the service asks.
    """

    def __init__(self, store: Store, role_arn: str, bucket: str, *, source: str) -> None:
        self._bucket_arn = f"arn:{store.partition}:s3:::{bucket}"
        self._role = AssumedRole(store, role_arn, source=source)
        self._bucket = Policies(f"the policy of bucket {bucket}", filter(None, [store.objects.policy(bucket)]))

    def refusing(self, actions: Mapping[str, Iterable[str]], *, prefix: str | None) -> Literal["role", "bucket"] | None:
        """Who refuses one of some actions, or None.

        Args:
            actions: keys of objects by action on objects.
            prefix: what is listed; None if nothing is.
        """
        asked = [] if prefix is None else [("s3:ListBucket", self._bucket_arn, {"s3:prefix": prefix})]
        asked += [(action, f"{self._bucket_arn}/{key}", {}) for action, keys in actions.items() for key in keys]
        if not self._role.is_assumable or not all(self._role.may(*one) for one in asked):
            return "role"
        return None if all(self._bucket_lets(*one) for one in asked) else "bucket"

    def _bucket_lets(self, action: str, resource: str, more: Mapping[str, str]) -> bool:
        """Whether the bucket's policy allows it to the service, and does not deny it to the role."""
        of_service, of_role = {**self._role.service_context, **more}, {**self._role.context, **more}
        service = AccessRequest(action=action, resource=resource, service=SERVICE, context=of_service)
        role = AccessRequest(action=action, resource=resource, role=self._role.arn, context=of_role)
        return self._bucket.judge(service) == "Allow" and self._bucket.judge(role) != "Deny"


class _NotUnderstoodError(Exception):
    """Part of a policy that we do not understand."""


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _covers(statement: Mapping[str, Any], element: str, wanted: str) -> bool:
    """Whether a statement's element, or else its negation, is about something; trust policies name no resource."""
    if f"Not{element}" in statement:
        return not any(_is_like(_pattern(element, text), wanted) for text in _listed(statement[f"Not{element}"]))
    named = statement.get(element, "*" if element == "Resource" else ())
    return any(_is_like(_pattern(element, text), wanted) for text in _listed(named))


def _pattern(element: str, text: str) -> str:
    return text.lower() if element == "Action" else text


def _is_principal(statement: Mapping[str, Any], request: AccessRequest) -> bool:
    """Whether a statement is about who asks; policies of the one who asks name no principal."""
    if "NotPrincipal" in statement:
        raise _NotUnderstoodError("NotPrincipal")
    named = statement.get("Principal")
    if named is None or named == "*":
        return named == "*" or (request.service is None and request.role is None)
    services, identities = _listed(named.get("Service", ())), _listed(named.get("AWS", ()))
    return (
        "*" in identities or request.service in services or any(map(_names_of(request.role).__contains__, identities))
    )


@lru_cache(maxsize=1024)
def _names_of(role: str | None) -> frozenset[str]:
    if role is None:
        return frozenset()
    account = role.split(":")[4]
    return frozenset((role, account, f"{role.partition(':role')[0]}:root"))


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _is_met(operator, key, [str(value) for value in _listed(wanted)], context)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _is_met(operator: str, key: str, wanted: list[str], context: Mapping[str, str]) -> bool:
    name = operator.removesuffix("IfExists")
    negated = "Not" in name
    compare = _OPERATORS.get(name.replace("Not", "", 1))
    if compare is None or key.lower() not in _KEYS:
        raise _NotUnderstoodError(f"the condition {operator} on {key}")
    actual = context.get(key.lower())
    if name == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    if actual is None:
        return negated or name != operator
    return negated != any(compare(value, actual) for value in wanted)


def _is_like(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    if "${" in pattern:
        raise _NotUnderstoodError(f"the policy variable of {pattern!r}")
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)


def _is_same(wanted: str, actual: str) -> bool:
    return wanted == actual


def _is_same_but_for_case(wanted: str, actual: str) -> bool:
    return wanted.lower() == actual.lower()


# Their negations (StringNotEquals) and forms in IfExists are understood too.
_OPERATORS = {
    "StringEquals": _is_same,
    "StringEqualsIgnoreCase": _is_same_but_for_case,
    "StringLike": _is_like,
    "ArnEquals": _is_like,
    "ArnLike": _is_like,
    "Bool": _is_same_but_for_case,
    "Null": _is_same,
}
