"""What a request says of its context, checked against the schema of the Interactions dataset.

What the service does with context that its schema does not have is unknown; here it is refused, since it cannot act,
unless the mock is not strict. Recipes that use no context ignore it.
"""

from collections.abc import Mapping

from personalize_mock.filtering.values import number
from personalize_mock.recipes.personal.context_lifts import NO_CONTEXT
from personalize_mock.runtime.serving_context import ServingContext
from personalize_mock.wire.errors import InvalidInputException

# Ours.
NO_FIELD = (
    "The context {name} is no field for contextual metadata of the Interactions schema; it has {fields}. Name such a "
    "field, or start the mock with strict=False to have other context ignored."
)
NO_NUMBER = "The context {name} must be a number, because its field in the Interactions schema is of type {type}."


def checked(source: ServingContext, context: Mapping[str, str] | None) -> Mapping[str, str]:
    """The context that a model can be told.

    Raises:
        InvalidInputException: the schema has no such field, or one of numbers and the value is none.
    """
    if not context or not source.recipe.contextual_metadata or not source.store.options.strict:
        return context or {}
    dataset = source.dataset("INTERACTIONS")
    if dataset is None:
        return context
    fields = {
        field.name.casefold(): field for field in dataset.parsed_schema.fields if field.name.upper() not in NO_CONTEXT
    }
    for name, value in context.items():
        field = fields.get(name.casefold())
        if field is None:
            names = ", ".join(each.name for each in fields.values()) or "none"
            raise InvalidInputException(NO_FIELD.format(name=name, fields=names))
        if field.type not in ("string", "boolean") and number(value) is None:
            raise InvalidInputException(NO_NUMBER.format(name=name, type=field.type))
    return context
