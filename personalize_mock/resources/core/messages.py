"""Error messages shared by several resource types."""

# Recorded 2022-12 for dataset groups and solutions; other types by analogy. Schemas answer as in moto.
NOT_FOUND = "The given {label} does not exist: {arn}"
SCHEMA_NOT_FOUND = "Resource Arn {arn} does not exist."
ALREADY_EXISTS = "Another resource with Arn {arn} already exists."
# Ours.
NOT_ACTIVE = "Resource {arn} is not in ACTIVE state."


def not_found(label: str, arn: str) -> str:
    """Return the error message for an ARN that belongs to no resource.

    Args:
        label: The resource type in words, such as "dataset group".
        arn: The ARN in the request.
    """
    return (SCHEMA_NOT_FOUND if label == "schema" else NOT_FOUND).format(label=label, arn=arn)
