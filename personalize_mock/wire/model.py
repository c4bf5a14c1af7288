"""botocore's three service models as one table of operations.

Everything the models say (members, limits, enums, errors, paths) is read from here and written down nowhere else.
Models and shapes are read when first asked for: loading all three costs more than most unit tests.
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
    """One operation of one of the three services; `target` is None where the protocol is REST."""

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
    """Botocore's model of one of `SERVICES`."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def operation(service: str, name: str) -> Operation | None:
    """The operation of that name in a service, or None."""
    model = service_model(service)
    try:
        found = model.operation_model(name)
    except OperationNotFoundError:
        return None
    version, prefix = model.metadata.get("jsonVersion"), model.metadata.get("targetPrefix")
    return Operation(
        name=name,
        service=service,
        function=xform_name(name),
        input=found.input_shape,
        output=found.output_shape,
        path=found.http["requestUri"],
        target=f"{prefix}.{name}" if prefix else None,
        content_type=f"application/x-amz-json-{version}" if prefix else "application/json",
    )


def operations() -> Iterator[Operation]:
    """All operations of the three services."""
    for service in SERVICES:
        for name in service_model(service).operation_names:
            found = operation(service, name)
            assert found is not None  # noqa: S101  # the name comes from the same model
            yield found


@cache
def named(name: str) -> Operation | None:
    """The operation of that name in whichever service has it, or None."""
    return next((found for service in SERVICES if (found := operation(service, name))), None)


@cache
def requested(target: str | None, path: str) -> Operation | None:
    """The operation that an `X-Amz-Target` header or else a path asks for, or None."""
    if target is not None:
        prefix, _, name = target.rpartition(".")
        return operation(CONTROL, name) if prefix == service_model(CONTROL).metadata["targetPrefix"] else None
    rest = (operation(service, name) for service in (RUNTIME, EVENTS) for name in _names(service))
    return next((found for found in rest if found and found.path == path), None)


@cache
def modelled_errors(asked: Operation) -> frozenset[str]:
    """Names of the errors that an operation declares."""
    return frozenset(shape.name for shape in service_model(asked.service).operation_model(asked.name).error_shapes)


@cache
def http_status(service: str, error: str) -> int:
    """The HTTP status of an error in a service; 400 unless the model says otherwise."""
    try:
        shape = service_model(service).shape_for(error)
    except NoShapeFoundError:
        return 400
    return int(shape.metadata.get("error", {}).get("httpStatusCode", 400))


def _names(service: str) -> list[str]:
    return list(service_model(service).operation_names)
