"""Creation of clients without botocore's model of each operation, because most tests call only a few operations.

botocore makes the models of all operations of a service to document the methods of a client, and to look for an
operation that discovers endpoints. This module finds both facts in the parsed service model instead.
"""

from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel, ServiceModel
from botocore.utils import CachedProperty

from personalize_mock.moto_backend.lazy_copy import peek


class _LazyOperationModel:
    """Replacement for botocore's model of an operation, which makes that model only when it is needed.

    The documentation is available at once. Reading any other attribute creates botocore's model and takes the attribute
    from it.

    Args:
        service_model: botocore's model of the service.
        name: The name of the operation.
        documentation: The documentation of the operation.
    """

    def __init__(self, service_model: ServiceModel, name: str, documentation: str) -> None:
        self._service_model, self._name = service_model, name
        self.documentation = documentation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service_model.operation_model(self._name), name)


class _LazyServiceModel:
    """Replacement for botocore's model of a service that returns a `_LazyOperationModel` for each operation.

    All other attributes are those of botocore's model.

    Args:
        service_model: botocore's model of the service.
    """

    def __init__(self, service_model: ServiceModel) -> None:
        self._service_model = service_model
        self._operations = _operations_of(service_model)

    def operation_model(self, name: str) -> _LazyOperationModel:
        """Return a replacement for botocore's model of an operation, which makes that model when it is needed."""
        return _LazyOperationModel(self._service_model, name, peek(peek(self._operations, name), "documentation") or "")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service_model, name)


def create_methods(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a replacement for `ClientCreator._create_methods` (`original`) that makes no model of any operation."""

    def create(creator: Any, service_model: ServiceModel) -> Any:
        return original(creator, _LazyServiceModel(service_model))

    return create


def find_endpoint_discovery(original: CachedProperty) -> CachedProperty:
    """Return a replacement for botocore's property `ServiceModel.endpoint_discovery_operation`.

    The replacement returns None without making models of operations, unless the parsed service model has an operation
    that discovers endpoints.

    Args:
        original: botocore's property.
    """

    def endpoint_discovery_operation(service_model: ServiceModel) -> OperationModel | None:
        operations = _operations_of(service_model)
        if any(peek(peek(operations, name), "endpointoperation") for name in operations):
            return original.__get__(service_model, type(service_model))
        return None

    return CachedProperty(endpoint_discovery_operation)


def _operations_of(service_model: ServiceModel) -> Any:
    """Return the JSON descriptions of a service's operations, by name, from botocore's parsed service model."""
    return service_model._service_description.get("operations", {})  # noqa: SLF001  # botocore has no public name for it
