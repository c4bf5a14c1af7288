"""Avro schemas of datasets. A schema never changes after its creation."""

from dataclasses import dataclass

from personalize_mock.data.avro import SchemaError, parse
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import add, check_absent, delete_handler, describe_handler, list_handler
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

# Ours.
INVALID = "Schema is invalid: {reason}"


@dataclass(kw_only=True)
class Schema(Resource):
    """A schema for datasets. Its attribute `schema` is the Avro schema in JSON, exactly as it was sent."""

    ARN_TYPE = "schema"
    LIST_MEMBER = "schemas"

    schema: str
    domain: str | None = None


@handler
def create_schema(store: Store, *, name: str, schema: str, domain: str | None = None) -> Schema:
    """Answer a CreateSchema request.

    With the mock's option `strict=False`, the schema is checked only when a dataset uses it.
    """
    if store.options.strict:
        check(schema, domain)
    arn = store.arn(Schema.ARN_TYPE, name)
    check_absent(store, Schema, arn)
    quotas.check_quota(store, "schemas")
    return add(store, Schema(arn=arn, name=name, schema=schema, domain=domain))


def check(text: str, domain: str | None) -> None:
    """Check that the service would accept a schema, or raise InvalidInputException.

    Args:
        text: The Avro schema in JSON.
        domain: The domain of the schema, or None for Custom dataset groups.
    """
    try:
        parse(text, domain=domain)
    except SchemaError as error:
        raise InvalidInputException(INVALID.format(reason=error)) from None


describe_schema = describe_handler(Schema)
list_schemas = list_handler(Schema)
delete_schema = delete_handler(Schema)
