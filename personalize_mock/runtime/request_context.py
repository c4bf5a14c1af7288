"""Check of the contextual metadata of a request against the schema of the Interactions dataset.

AWS does not document how the service treats fields that are not in the schema. The mock rejects them, because they
cannot have an effect. With `strict=False`, it ignores them. Recipes that do not use contextual metadata ignore the
context.
"""

from collections.abc import Mapping

from personalize_mock.filtering.values import parse_number
from personalize_mock.recipes.personal.context_lifts import NO_CONTEXT
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

# Messages in our words; the service's are unknown.
NO_FIELD = (
    "The context has the field {name}, but the contextual metadata fields of the Interactions schema are: {fields}. "
    "Remove {name}, or start the mock with strict=False to ignore such fields."
)
NO_NUMBER = "The context field {name} must be a number, because its type in the Interactions schema is {type}."


def check_context(serving: ServingContext, context: Mapping[str, str] | None) -> Mapping[str, str]:
    """Check the contextual metadata of a request, and return it, or an empty mapping if the request has none.

    Raises:
        InvalidInputException: A field is not in the Interactions schema, or the value of a numeric field is not a
            number.
    """
    if not context or not serving.recipe.contextual_metadata or not serving.store.options.strict:
        return context or {}
    dataset = serving.dataset("INTERACTIONS")
    if dataset is None:
        return context
    fields = {
        field.name.casefold(): field for field in dataset.parsed_schema.fields if field.name.upper() not in NO_CONTEXT
    }
    for name, value in context.items():
        field = fields.get(name.casefold())
        if field is None:
            names = ", ".join(field.name for field in fields.values()) or "none"
            raise InvalidInputException(NO_FIELD.format(name=name, fields=names))
        if field.type not in ("string", "boolean") and parse_number(value) is None:
            raise InvalidInputException(NO_NUMBER.format(name=name, type=field.type))
    return context
