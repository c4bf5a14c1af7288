"""botocore's three service models as one table of operations.

Members, limits, enums, errors and paths are read from here and are written down nowhere else. Models and shapes are
loaded on first use, because loading all three takes longer than most unit tests. Results are cached for the life of
the process: the models do not change.
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
    """One operation of one of the three services.

    Attributes:
        name: Name in the API, such as "CreateSchema".
        service: One of `SERVICES`.
        function: Name in snake case, which is the name of its handler.
        input: The input shape.
        output: The output shape, or None if the response is empty.
        path: Path of the URL.
        target: Value of the X-Amz-Target header, or None for the REST services.
        content_type: Content type of its requests and responses.
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
    """Return botocore's model of one of `SERVICES`."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def find_operation(service: str, name: str) -> Operation | None:
    """Return the operation of a service with a name, or None."""
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
    """Yield all operations of the three services."""
    for service in SERVICES:
        for name in service_model(service).operation_names:
            operation = find_operation(service, name)
            assert operation is not None  # noqa: S101  # the name comes from the same model
            yield operation


@cache
def operation_by_name(name: str) -> Operation | None:
    """Return the operation with a name in any of the three services, or None."""
    return next((operation for service in SERVICES if (operation := find_operation(service, name))), None)


@cache
def operation_by_request(target: str | None, path: str) -> Operation | None:
    """Return the operation that a request addresses, or None.

    Args:
        target: Value of the X-Amz-Target header, or None.
        path: Path of the URL. It counts only if `target` is None.
    """
    if target is not None:
        prefix, _, name = target.rpartition(".")
        return find_operation(CONTROL, name) if prefix == service_model(CONTROL).metadata["targetPrefix"] else None
    names = ((service, name) for service in (RUNTIME, EVENTS) for name in service_model(service).operation_names)
    rest_operations = (find_operation(service, name) for service, name in names)
    return next((operation for operation in rest_operations if operation and operation.path == path), None)


@cache
def modelled_errors(operation: Operation) -> frozenset[str]:
    """Return the names of the errors that an operation declares."""
    model = service_model(operation.service).operation_model(operation.name)
    return frozenset(shape.name for shape in model.error_shapes)


@cache
def http_status(service: str, error: str) -> int:
    """Return the HTTP status of an error in a service. It is 400 unless the model says otherwise."""
    try:
        shape = service_model(service).shape_for(error)
    except NoShapeFoundError:
        return 400
    return int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
