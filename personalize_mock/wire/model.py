"""Operations of the three Personalize services, as botocore's service models define them.

Members, limits, enums, errors and URL paths are taken from these models and not repeated in the mock's own code. Models
and shapes are loaded on first use, because loading all three models takes longer than most unit tests. Results are
cached for the life of the process, because the models do not change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import NoShapeFoundError, OperationNotFoundError, ServiceModel, StructureShape

CONTROL, RUNTIME, EVENTS = SERVICES = ("personalize", "personalize-runtime", "personalize-events")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """An operation of personalize, personalize-runtime or personalize-events.

    Attributes:
        name: Name in the API, such as "CreateSchema".
        service: Name of the service, such as "personalize-runtime".
        function: Name in snake case, such as "create_schema". The operation's handler has the same name.
        input: Shape of the request.
        output: Shape of the response, or None if the response is empty.
        path: Path of the URL.
        target: Value of the X-Amz-Target header, or None if requests have no such header (REST services).
        content_type: Content type of requests and responses.
    """

    name: str
    service: str
    function: str
    input: StructureShape
    output: StructureShape | None
    path: str
    target: str | None
    content_type: str


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service: "personalize", "personalize-runtime" or "personalize-events"."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def find_operation(service: str, name: str) -> Operation | None:
    """Return an operation by its service and its name in the API, or None if there is no such operation."""
    model = service_model(service)
    try:
        operation = model.operation_model(name)
    except OperationNotFoundError:
        return None
    version, prefix = model.metadata.get("jsonVersion"), model.metadata.get("targetPrefix")
    return Operation(
        name=name,
        service=service,
        function=xform_name(name),
        input=operation.input_shape,
        output=operation.output_shape,
        path=operation.http["requestUri"],
        target=f"{prefix}.{name}" if prefix else None,
        content_type=f"application/x-amz-json-{version}" if prefix else "application/json",
    )


def operations() -> Iterator[Operation]:
    """Yield all operations of personalize, personalize-runtime and personalize-events."""
    for service in SERVICES:
        for name in service_model(service).operation_names:
            operation = find_operation(service, name)
            assert operation is not None  # noqa: S101  # the name comes from the same model
            yield operation


@cache
def operation_by_name(name: str) -> Operation | None:
    """Return the operation of Personalize with a name such as "CreateSchema", or None if there is none."""
    return next((operation for service in SERVICES if (operation := find_operation(service, name))), None)


@cache
def operation_by_request(target: str | None, path: str) -> Operation | None:
    """Return the operation that an HTTP request calls, or None if there is no such operation.

    Args:
        target: Value of the X-Amz-Target header, or None.
        path: Path of the URL. It is ignored if `target` is given.
    """
    if target is not None:
        prefix, _, name = target.rpartition(".")
        return find_operation(CONTROL, name) if prefix == service_model(CONTROL).metadata["targetPrefix"] else None
    names = ((service, name) for service in (RUNTIME, EVENTS) for name in service_model(service).operation_names)
    rest_operations = (find_operation(service, name) for service, name in names)
    return next((operation for operation in rest_operations if operation and operation.path == path), None)


@cache
def modelled_errors(operation: Operation) -> frozenset[str]:
    """Return the codes of the errors that botocore's model lists for an operation."""
    model = service_model(operation.service).operation_model(operation.name)
    return frozenset(shape.name for shape in model.error_shapes)


@cache
def http_status(service: str, error: str) -> int:
    """Return the HTTP status of an error code: the one in botocore's model of the service, or 400 if it has none."""
    try:
        shape = service_model(service).shape_for(error)
    except NoShapeFoundError:
        return 400
    return int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
