"""Search for AWS credentials that makes most of botocore's credential providers only when they are needed.

botocore makes all providers of credentials for each session, and two of them make HTTP clients. While moto is active,
the credentials come from environment variables, which are searched first.
"""

from collections.abc import Callable
from typing import Any

from botocore import credentials
from botocore.credentials import CredentialResolver


class LazyCredentialResolver(CredentialResolver):  # type: ignore[misc]  # botocore is untyped here
    """Credential resolver that searches the environment variables before it makes any other provider of credentials.

    Args:
        make_providers: Function that makes all providers, of which the first one searches the environment variables.
    """

    def __init__(self, make_providers: Callable[[], list[Any]]) -> None:
        self._make_providers = make_providers
        self._providers: list[Any] | None = None

    @property
    def providers(self) -> list[Any]:
        """The providers of credentials, in the order in which they are asked.

        They are made when this property is first read. The list can be changed.
        """
        if self._providers is None:
            self._providers = self._make_providers()
        return self._providers

    def load_credentials(self) -> Any:
        """Return the credentials of the first provider that has some, or None if no provider has any."""
        if self._providers is None:
            found = credentials.EnvProvider().load()
            if found is not None:
                return found
        return super().load_credentials()


def create_lazily(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a replacement for botocore's `create_credential_resolver` that returns a `LazyCredentialResolver`.

    For a session with a profile, the replacement calls `original`, because a profile comes before the environment
    variables.

    Args:
        original: botocore's function.
    """

    def create_credential_resolver(session: Any, cache: Any = None, region_name: str | None = None) -> Any:
        if session.instance_variables().get("profile") is not None:  # the environment variables come last, or never
            return original(session, cache, region_name)
        return LazyCredentialResolver(lambda: original(session, cache, region_name).providers)

    return create_credential_resolver
