"""Headers of the mock's responses to botocore, stored so that botocore reads them in fewer steps."""

from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import HeadersDict

from personalize_mock.wire.http import LowerCaseHeaders


class ResponseHeaders(HeadersDict):  # type: ignore[misc]  # botocore is untyped here
    """Headers of a response. The case of their names is ignored, as in botocore's `HeadersDict`.

    The names are stored in lower case. Therefore a lookup makes no key object, unlike a lookup in botocore's class.

    Args:
        headers: The headers by name. This object keeps and changes them.
    """

    def __init__(self, headers: LowerCaseHeaders) -> None:
        self._dict = headers

    def __setitem__(self, key: str, value: Any) -> None:
        self._dict[key.lower()] = value

    def __getitem__(self, key: str) -> Any:
        return self._dict[key.lower()]

    def __delitem__(self, key: str) -> None:
        del self._dict[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._dict)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._dict
