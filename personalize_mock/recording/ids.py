"""Translation of the ids in a recording, such as ARNs of solution versions, to the ids of the mock."""

import re
from typing import Any

OPAQUE = {"trackingId", "recommendationId", "nextToken", "accountId"}  # their values have no meaning

_RANDOM_PART = re.compile(r"(?<=/)[0-9a-f]{8}(?=$|/)")
_RESOURCE_ARN = re.compile(r"arn:[\w-]+:personalize:[\w-]+:(\d{12}):[^\s,;]+")


class IdTranslation:
    """Mapping from the ids in a recording to the ids in its replay.

    Attributes:
        seen: All ARNs that the mock has returned so far.
    """

    def __init__(self) -> None:
        self._replayed: dict[str, str] = {}
        self.seen: set[str] = set()

    def learn(self, recorded: Any, replayed: Any, member: str = "", *, in_list: bool = False) -> None:
        """Map each id in a recorded answer to the id at the same place in the answer of the mock.

        The two answers may list resources in different orders. An id in a list is therefore mapped only if the two ids
        are equal except for their random parts, and otherwise stays as it is.

        Args:
            recorded: The recorded answer, or a part of it.
            replayed: The answer of the mock, or the same part of it.
            member: The name of the member that holds the part, or "" for a whole answer.
            in_list: Whether the part is in a list.
        """
        if isinstance(recorded, dict) and isinstance(replayed, dict):
            for name, value in recorded.items():
                self.learn(value, replayed.get(name), name, in_list=in_list)
        elif isinstance(recorded, list) and isinstance(replayed, list):
            for old, new in zip(recorded, replayed, strict=False):
                self.learn(old, new, member, in_list=True)
        elif isinstance(recorded, str) and isinstance(replayed, str) and is_id(member):
            is_sure = not in_list or shape_of_id(recorded) == shape_of_id(replayed)
            self._replayed.setdefault(recorded, replayed if is_sure else recorded)

    def notice(self, answer: Any) -> None:
        """Remember all ARNs in an answer of the mock. From then on, `unknown` treats them as known."""
        if isinstance(answer, dict):
            for part in answer.values():
                self.notice(part)
        elif isinstance(answer, list):
            for part in answer:
                self.notice(part)
        elif isinstance(answer, str) and answer.startswith("arn:"):
            self.seen.add(answer)

    def translate(self, value: Any) -> Any:
        """Return a copy of a recorded JSON value, such as a request, in which ids of the mock replace recorded ids."""
        if isinstance(value, dict):
            return {name: self.translate(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.translate(part) for part in value]
        return self._replayed.get(value, value) if isinstance(value, str) else value

    def translate_text(self, text: str) -> str:
        """Return a recorded string, such as an error message, in which ids of the mock replace recorded ids."""
        for old, new in self._replayed.items():
            text = text.replace(old, new)
        return text

    def unknown(self, params: dict[str, Any]) -> str | None:
        """Return the first resource that a request names and that has not been created in the replay.

        Args:
            params: The members of the request, with the ids of the mock.

        Returns:
            The resource, such as "campaign/films", or None if all resources in the request are known.
        """
        for value in params.values():
            is_arn = isinstance(value, str) and _RESOURCE_ARN.fullmatch(value)
            if is_arn and value.removesuffix("/$LATEST") not in self.seen:
                return str(value.rpartition(":")[2])
        tracking_id = params.get("trackingId")
        return None if tracking_id is None or tracking_id in self._replayed.values() else f"trackingId {tracking_id}"


def is_id(member: str) -> bool:
    """Return whether a member such as "campaignArn" holds an ARN or another id that the service generates."""
    return member.endswith("Arn") or member in OPAQUE


def shape_of_id(text: str) -> str:
    """Return an id with placeholders for its random characters, so that ids of the same form become equal."""
    return without_random_part(text) if text.startswith("arn:") else re.sub("[0-9a-f]", "0", text)


def without_random_part(text: str) -> str:
    """Return an ARN or a name in which "*" replaces the random id of a solution version, such as "films/*"."""
    return _RANDOM_PART.sub("*", text)


def account_in(*values: Any) -> str | None:
    """Return the account id in the first Personalize ARN in JSON values, or None if they contain no such ARN."""
    for value in values:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, str) and (match := _RESOURCE_ARN.search(value)):
            return match[1]
        if (account := account_in(*parts) if parts else None) is not None:
            return account
    return None
