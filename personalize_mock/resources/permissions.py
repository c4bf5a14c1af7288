"""Evaluation of IAM policies for access to S3 buckets and CloudWatch, and for the passing of roles (iam:PassRole).

The evaluation supports Effect, Action, NotAction, Resource, NotResource, Principal, wildcards, permissions boundaries,
and the condition operators in `_OPERATORS` with the keys in `_KEYS`. If the result depends on another element, such as
NotPrincipal or a policy variable, an error is raised. Key policies, ACLs and service control policies are ignored.

Source: IAM user guide, "Policy evaluation logic" (2024).
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
        "iam:passedtoservice",
        "s3:prefix",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """A request for access to a resource, made by a service or a role.

    Attributes:
        action: The action, such as `s3:GetObject`.
        resource: The ARN of the resource.
        service: The service that makes the request, such as `personalize.amazonaws.com`, or None.
        role: The ARN of the role that makes the request, or None.
        context: The values of condition keys such as `aws:sourcearn`. The keys are in lower case.
    """

    action: str
    resource: str
    service: str | None = None
    role: str | None = None
    context: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Policies:
    """Policy documents that are evaluated together.

    Args:
        name: A name for error messages, such as "the policy of bucket data".
        documents: The policy documents in JSON.

    Raises:
        PersonalizeMockError: A document is not JSON.
    """

    def __init__(self, name: str, documents: Iterable[str]) -> None:
        self._name = name
        try:
            parsed = [json.loads(document) for document in documents]
        except ValueError as error:
            raise PersonalizeMockError(f"{name} is not JSON ({error}). Write the policy as JSON.") from None
        self._statements = [statement for policy in parsed for statement in _listed(policy.get("Statement", ()))]

    def evaluate(self, request: AccessRequest) -> Verdict:
        """Return Deny if a statement denies the request, else Allow if one allows it, else None.

        Raises:
            PersonalizeMockError: The result depends on a policy element that the mock does not support.
        """
        effects = {statement.get("Effect") for statement in self._statements if self._matches(statement, request)}
        return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else None

    def _matches(self, statement: Mapping[str, Any], request: AccessRequest) -> bool:
        try:
            return (
                _covers(statement, "Action", request.action.lower())
                and _covers(statement, "Resource", request.resource)
                and _is_principal(statement, request)
                and _conditions_met(statement.get("Condition", {}), request.context)
            )
        except _NotSupportedError as element:
            raise PersonalizeMockError(
                f"check_permissions=True does not support {element} in {self._name}. Write the statement without it, "
                "or leave out check_permissions."
            ) from None


class AssumedRole:
    """An IAM role that Personalize assumes to access other services.

    Args:
        store: The resources of the caller's account and region.
        role_arn: The ARN of the role.
        source: The ARN of the resource for which Personalize assumes the role.
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
        """Whether the role exists and its trust policy allows Personalize to assume it."""
        if self._role is None:
            return False
        trust = Policies(f"the trust policy of {self.arn}", [self._role.trust])
        context = self.service_context
        request = AccessRequest(action="sts:AssumeRole", resource=self.arn, service=SERVICE, context=context)
        return trust.evaluate(request) == "Allow"

    def allows(self, action: str, resource: str, context: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Return whether the role may perform an action on a resource. `context` adds condition keys with values."""
        request = AccessRequest(action=action, resource=resource, context={**self.context, **context})
        return self.is_assumable and all(policies.evaluate(request) == "Allow" for policies in self._policies)

    @cached_property
    def _policies(self) -> list[Policies]:
        """The role's policies and, if there is one, its permissions boundary. Both must allow a request."""
        assert self._role is not None  # noqa: S101  # checked by `is_assumable`
        own = Policies(f"a policy of {self.arn}", self._role.policies)
        boundary = self._role.boundary
        return [own] if boundary is None else [own, Policies(f"the boundary of {self.arn}", [boundary])]


class BucketAccess:
    """The permissions that Personalize has for an S3 bucket when it assumes a role.

    Args:
        store: The resources of the caller's account and region.
        role_arn: The ARN of the role.
        bucket: The name of the bucket.
        source: The ARN of the resource for which Personalize assumes the role.
    """

    def __init__(self, store: Store, role_arn: str, bucket: str, *, source: str) -> None:
        self._bucket_arn = f"arn:{store.partition}:s3:::{bucket}"
        self._role = AssumedRole(store, role_arn, source=source)
        self._policy = Policies(f"the policy of bucket {bucket}", filter(None, [store.objects.policy(bucket)]))

    def denied_by(
        self, actions: Mapping[str, Iterable[str]], *, prefix: str | None
    ) -> Literal["role", "bucket"] | None:
        """Return whose policy denies an action, "role" or "bucket", or None if all actions are allowed.

        Args:
            actions: The keys of the objects to access, by action such as `s3:GetObject`.
            prefix: The key prefix for the action s3:ListBucket, or None to leave this action out.
        """
        requests = [] if prefix is None else [("s3:ListBucket", self._bucket_arn, {"s3:prefix": prefix})]
        requests += [(action, f"{self._bucket_arn}/{key}", {}) for action, keys in actions.items() for key in keys]
        if not self._role.is_assumable or not all(self._role.allows(*request) for request in requests):
            return "role"
        return None if all(self._bucket_allows(*request) for request in requests) else "bucket"

    def _bucket_allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether the bucket policy allows Personalize to perform an action and does not deny it to the role."""
        service_context, role_context = {**self._role.service_context, **context}, {**self._role.context, **context}
        by_service = AccessRequest(action=action, resource=resource, service=SERVICE, context=service_context)
        by_role = AccessRequest(action=action, resource=resource, role=self._role.arn, context=role_context)
        return self._policy.evaluate(by_service) == "Allow" and self._policy.evaluate(by_role) != "Deny"


class _NotSupportedError(Exception):
    """Raised when a policy contains an element that the mock does not support."""


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _covers(statement: Mapping[str, Any], element: str, value: str) -> bool:
    """Return whether a policy statement covers `value`, which is an action or the ARN of a resource.

    `element` is "Action" or "Resource". A statement may contain its negation, such as NotAction, instead. A statement
    without a Resource, as in trust policies, covers any resource.
    """
    if f"Not{element}" in statement:
        return not any(_is_like(_pattern(element, text), value) for text in _listed(statement[f"Not{element}"]))
    patterns = statement.get(element, "*" if element == "Resource" else ())
    return any(_is_like(_pattern(element, text), value) for text in _listed(patterns))


def _pattern(element: str, text: str) -> str:
    return text.lower() if element == "Action" else text


def _is_principal(statement: Mapping[str, Any], request: AccessRequest) -> bool:
    """Return whether the Principal of a policy statement includes the service or role that makes a request."""
    if "NotPrincipal" in statement:
        raise _NotSupportedError("NotPrincipal")
    principal = statement.get("Principal")
    if principal is None or principal == "*":
        return principal == "*" or (request.service is None and request.role is None)
    services, identities = _listed(principal.get("Service", ())), _listed(principal.get("AWS", ()))
    return "*" in identities or request.service in services or not _names_of(request.role).isdisjoint(identities)


@lru_cache(maxsize=1024)
def _names_of(role: str | None) -> frozenset[str]:
    if role is None:
        return frozenset()
    account = role.split(":")[4]
    return frozenset((role, account, f"{role.partition(':role')[0]}:root"))


def _conditions_met(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _is_met(operator, key, [str(value) for value in _listed(values)], context)
        for operator, by_key in condition.items()
        for key, values in by_key.items()
    )


def _is_met(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    name = operator.removesuffix("IfExists")
    negated = "Not" in name
    compare = _OPERATORS.get(name.replace("Not", "", 1))
    if compare is None or key.lower() not in _KEYS:
        raise _NotSupportedError(f"the condition {operator} on {key}")
    actual = context.get(key.lower())
    if name == "Null":
        return (actual is None) == (values[0].lower() == "true")
    if actual is None:
        return negated or name != operator
    return negated != any(compare(value, actual) for value in values)


def _is_like(pattern: str, text: str) -> bool:
    """Return whether a string matches a pattern with the wildcards `*` and `?`."""
    if "${" in pattern:
        raise _NotSupportedError(f"the policy variable of {pattern!r}")
    (first, _), *others = _parts(pattern)
    match = first.match(text)
    if match is None or not others:
        return match is not None and match.end() == len(text)
    position, (last, length) = match.end(), others.pop()
    for part, _ in others:
        match = part.search(text, position)
        if match is None:
            return False
        position = match.end()
    return last.fullmatch(text, max(position, len(text) - length)) is not None


@lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[tuple[re.Pattern[str], int], ...]:
    """Split a pattern at each `*`. Return each part as a regular expression and its length in characters."""
    expressions = ((re.escape(part).replace(r"\?", "."), len(part)) for part in pattern.split("*"))
    return tuple((re.compile(expression, re.DOTALL), length) for expression, length in expressions)


def _is_arn_like(pattern: str, text: str) -> bool:
    """Return whether an ARN matches a pattern for ARNs. Each of the six components is compared separately."""
    patterns, components = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(components) and all(map(_is_like, patterns, components))


def _is_equal(value: str, actual: str) -> bool:
    return value == actual


def _is_equal_ignoring_case(value: str, actual: str) -> bool:
    return value.lower() == actual.lower()


# Negations (StringNotEquals) and variants with IfExists are supported too.
_OPERATORS = {
    "StringEquals": _is_equal,
    "StringEqualsIgnoreCase": _is_equal_ignoring_case,
    "StringLike": _is_like,
    "ArnEquals": _is_arn_like,
    "ArnLike": _is_arn_like,
    "Bool": _is_equal_ignoring_case,
    "Null": _is_equal,
}
