"""Conversion of column names to the names of fields in a schema."""

import re

from personalize_mock.data.schema_rules import CUSTOM_RULES, ECOMMERCE_RULES, VIDEO_ON_DEMAND_RULES
from personalize_mock.exceptions import PersonalizeMockError

ID_COLUMNS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}
EXAMPLE_COLUMNS = {"ITEMS": '"GENRES": "Action|Comedy"', "USERS": '"AGE": 34', "ACTIONS": '"VALUE": 10'}
SHORT_NAMES = {"USER": "USER_ID", "ITEM": "ITEM_ID", "ACTION": "ACTION_ID"}
_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_IN_NAMES = re.compile(r"\W+", re.ASCII)


def column_name(dataset_type: str, name: object) -> str:
    """Convert the name of a column to the name of a field. For example, `release year` becomes RELEASE_YEAR.

    Field names that the service requires or reserves are recognised in upper or lower case, with or without
    spaces and underscores. Both `userId` and `User ID` become USER_ID.

    Args:
        dataset_type: The type of the dataset, such as ITEMS.
        name: The name of the column as the user wrote it.

    Raises:
        PersonalizeMockError: The name is not a string, or does not begin with a letter.
    """
    text = _NOT_IN_NAMES.sub("_", _CAMEL_CASE.sub("_", name)).strip("_").upper() if isinstance(name, str) else ""
    if not text or text[0].isdigit():
        raise PersonalizeMockError(
            f"{dataset_type.lower()}: {name!r} is not a valid column name. Write a string that begins with "
            "a letter, such as 'USER_ID'."
        )
    text = SHORT_NAMES.get(text, text)
    return next((known for known in _known_names(dataset_type) if _bare(known) == _bare(text)), text)


def dataset_words(id_column: str) -> str:
    """Return the plural noun for the things that an id column identifies, such as "the users" for USER_ID."""
    return f"the {id_column.removesuffix('_ID').lower()}s"


def _known_names(dataset_type: str) -> list[str]:
    rules = [domain[dataset_type] for domain in _BY_DOMAIN if dataset_type in domain]
    return [name for rule in rules for name in (*rule.required, *rule.reserved)]


_BY_DOMAIN = (CUSTOM_RULES, ECOMMERCE_RULES, VIDEO_ON_DEMAND_RULES)


def _bare(name: str) -> str:
    return name.replace("_", "")
