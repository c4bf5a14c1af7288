"""Rules for schemas by domain and dataset type: required fields, reserved fields and the number of metadata fields.

The rules follow the Amazon Personalize developer guide, "Custom dataset and schema requirements", "Domain dataset and
schema requirements" and "Amazon Personalize endpoints and quotas" (2025). Where the guide is silent or contradicts
itself, the mock follows these rules:

* An optional CREATION_TIMESTAMP may be null, because the guide describes items without one.
* In the domain ECOMMERCE, CREATION_TIMESTAMP may be float or long, because two pages of the guide differ.
* EXPIRATION_TIMESTAMP and ACTION_EXPIRATION_TIMESTAMP are both reserved, because the guide uses the first name in a
  table and the second in the text below the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

ECOMMERCE = "ECOMMERCE"
VIDEO_ON_DEMAND = "VIDEO_ON_DEMAND"
DATASET_TYPES = ("INTERACTIONS", "ITEMS", "USERS", "ACTIONS", "ACTION_INTERACTIONS")
TEXTUAL_FIELDS = 1
ITEM_NAME_FIELDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """Rule for a field whose name is required or reserved.

    Attributes:
        types: The allowed types, the usual one first.
        nullable: Whether the field may also allow null.
        categorical: True if the field must be categorical, False if it must not be.
        textual: True if the field must be textual, False if it must not be.
    """

    types: tuple[str, ...]
    nullable: bool = False
    categorical: bool = False
    textual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRule:
    """Rule for the schemas of one dataset type in one domain.

    Attributes:
        required: Rules for the required fields, by field name.
        reserved: Rules for the optional fields whose names are reserved, by field name.
        metadata: Minimum and maximum number of metadata fields, which are neither required nor reserved.
        counted: Names of reserved fields that count towards the minimum number of metadata fields.
    """

    required: Mapping[str, FieldRule]
    reserved: Mapping[str, FieldRule]
    metadata: tuple[int, int]
    counted: frozenset[str] = frozenset()


Fields: TypeAlias = dict[str, FieldRule]

STRING = FieldRule(types=("string",))
STRING_OR_NULL = FieldRule(types=("string",), nullable=True)
CATEGORICAL = FieldRule(types=("string",), categorical=True)
CATEGORICAL_OR_NULL = FieldRule(types=("string",), categorical=True, nullable=True)
TEXTUAL_OR_NULL = FieldRule(types=("string",), textual=True, nullable=True)
LONG = FieldRule(types=("long",))
LONG_OR_NULL = FieldRule(types=("long",), nullable=True)
FLOAT = FieldRule(types=("float",))
FLOAT_OR_NULL = FieldRule(types=("float",), nullable=True)
ANY_EVENT_VALUE = FieldRule(
    types=("float", "int", "string"), nullable=True
)  # int and string: observed in the service, 2019
LONG_OR_FLOAT_OR_NULL = FieldRule(types=("long", "float"), nullable=True)

INTERACTION: Fields = {"USER_ID": STRING, "ITEM_ID": STRING, "TIMESTAMP": LONG}
TRACE: Fields = {"IMPRESSION": STRING_OR_NULL, "RECOMMENDATION_ID": STRING_OR_NULL}
EVENT: Fields = {"EVENT_VALUE": FLOAT_OR_NULL, **TRACE, "EVENT_ATTRIBUTION_SOURCE": STRING_OR_NULL}
INTERACTIONS_METADATA = (0, 5)
ITEMS_METADATA = (1, 100)
USERS_METADATA = (1, 25)
ACTIONS_METADATA = (1, 10)

CUSTOM_RULES = {
    "INTERACTIONS": SchemaRule(
        required=INTERACTION,
        reserved={"EVENT_TYPE": STRING, **EVENT, "EVENT_VALUE": ANY_EVENT_VALUE},
        metadata=INTERACTIONS_METADATA,
    ),
    "USERS": SchemaRule(required={"USER_ID": STRING}, reserved={}, metadata=USERS_METADATA),
    "ITEMS": SchemaRule(
        required={"ITEM_ID": STRING}, reserved={"CREATION_TIMESTAMP": LONG_OR_NULL}, metadata=ITEMS_METADATA
    ),
    "ACTIONS": SchemaRule(
        required={"ACTION_ID": STRING},
        reserved={
            "CREATION_TIMESTAMP": LONG_OR_NULL,
            "VALUE": LONG_OR_NULL,
            "TYPE": STRING_OR_NULL,
            "EXPIRATION_TIMESTAMP": LONG_OR_NULL,
            "ACTION_EXPIRATION_TIMESTAMP": LONG_OR_NULL,
            "REPEAT_FREQUENCY": LONG_OR_NULL,
        },
        metadata=ACTIONS_METADATA,
    ),
    "ACTION_INTERACTIONS": SchemaRule(
        required={"USER_ID": STRING, "ACTION_ID": STRING, "EVENT_TYPE": STRING, "TIMESTAMP": LONG},
        reserved=TRACE,
        metadata=INTERACTIONS_METADATA,
    ),
}
DOMAIN_INTERACTIONS = SchemaRule(
    required={**INTERACTION, "EVENT_TYPE": STRING}, reserved=EVENT, metadata=INTERACTIONS_METADATA
)
DOMAIN_ITEMS_METADATA = (0, ITEMS_METADATA[1])  # the developer guide's default schemas have only the required fields
ECOMMERCE_RULES = {
    "INTERACTIONS": DOMAIN_INTERACTIONS,
    "USERS": CUSTOM_RULES["USERS"],
    "ITEMS": SchemaRule(
        required={"ITEM_ID": STRING, "PRICE": FLOAT, "CATEGORY_L1": CATEGORICAL},
        reserved={
            "CATEGORY_L2": CATEGORICAL_OR_NULL,
            "CATEGORY_L3": CATEGORICAL_OR_NULL,
            "PRODUCT_DESCRIPTION": TEXTUAL_OR_NULL,
            "CREATION_TIMESTAMP": LONG_OR_FLOAT_OR_NULL,
            "AGE_GROUP": CATEGORICAL_OR_NULL,
            "ADULT": CATEGORICAL_OR_NULL,
            "GENDER": CATEGORICAL_OR_NULL,
        },
        metadata=DOMAIN_ITEMS_METADATA,
    ),
}
VIDEO_ON_DEMAND_RULES = {
    "INTERACTIONS": DOMAIN_INTERACTIONS,
    "USERS": SchemaRule(
        required={"USER_ID": STRING},
        reserved={"SUBSCRIPTION_MODEL": CATEGORICAL_OR_NULL},
        metadata=USERS_METADATA,
        counted=frozenset({"SUBSCRIPTION_MODEL"}),  # the developer guide's default schema has nothing else
    ),
    "ITEMS": SchemaRule(
        required={"ITEM_ID": STRING, "GENRES": CATEGORICAL, "CREATION_TIMESTAMP": LONG},
        reserved={
            "PRICE": FLOAT_OR_NULL,
            "DURATION": FLOAT_OR_NULL,
            "GENRE_L2": CATEGORICAL_OR_NULL,
            "GENRE_L3": CATEGORICAL_OR_NULL,
            "AVERAGE_RATING": FLOAT_OR_NULL,
            "PRODUCT_DESCRIPTION": TEXTUAL_OR_NULL,
            "CONTENT_OWNER": CATEGORICAL_OR_NULL,
            "CONTENT_CLASSIFICATION": CATEGORICAL_OR_NULL,
        },
        metadata=DOMAIN_ITEMS_METADATA,
    ),
}
RULES: Mapping[str | None, Mapping[str, SchemaRule]] = {
    None: CUSTOM_RULES,
    ECOMMERCE: ECOMMERCE_RULES,
    VIDEO_ON_DEMAND: VIDEO_ON_DEMAND_RULES,
}
