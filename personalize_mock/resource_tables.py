"""Tables of the resources of one account and region, with indices by the values of their attributes.

An index is built from all resources of a type when it is first used. From then on, every change of a resource updates
it, so a lookup takes the same time for any number of resources. An interrupted call can leave an index half updated,
and the undo log restores attributes without telling the indices, so all indices are dropped after every undo.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from personalize_mock.undo_log import LOG

_ordinal = attrgetter("ordinal")
_Values = tuple[object, ...]


class AttributeIndex:
    """The resources of one type, in groups whose resources have the same values of some attributes.

    Args:
        names: The names of the attributes. Without names, all resources are in one group.
        resources: All resources of the type.
    """

    def __init__(self, names: tuple[str, ...], resources: Iterable[Any]) -> None:
        self._names = names
        self._groups: dict[_Values, list[Any]] = {}  # each in the order of the ordinals
        self._values: dict[int, _Values] = {}  # by ordinal
        for resource in resources:
            self.put(resource)

    def get(self, values: _Values) -> Sequence[Any]:
        """Return the resources whose attributes have the given values, in order of creation.

        Args:
            values: The values, in the order of the attribute names that the constructor was given.
        """
        return self._groups.get(values, ())

    def put(self, resource: Any) -> None:
        """Add a resource to the group with its attribute values. If it is in another group, move it."""
        values = tuple([getattr(resource, name) for name in self._names])
        if self._values.get(resource.ordinal) != values:
            self.discard(resource)
            insort(self._groups.setdefault(values, []), resource, key=_ordinal)
            self._values[resource.ordinal] = values

    def discard(self, resource: Any) -> None:
        """Remove a resource, if the index contains it."""
        values = self._values.pop(resource.ordinal, None)
        if values is not None:
            group = self._groups[values]
            del group[bisect_left(group, resource.ordinal, key=_ordinal)]
            if not group:
                del self._groups[values]


class ResourceTables:
    """The resources of one account and region. Each has an `arn` and an `ordinal`, its number in order of creation.

    Args:
        by_type: For each resource class, by its name, the resources by ARN, in order of creation.
    """

    def __init__(self, by_type: dict[str, dict[str, Any]]) -> None:
        self.by_type = by_type
        self._indices: dict[str, dict[tuple[str, ...], AttributeIndex]] = {}  # by type and attributes
        self._undone = LOG.undone

    def of_type(self, name: str) -> Mapping[str, Any]:
        """Return all resources of the class with the given name, by ARN, in order of creation."""
        return self.by_type.get(name, {})

    def select(self, name: str, values: Mapping[str, object]) -> Sequence[Any]:
        """Return the resources of the class with the given name whose attributes have the given values.

        They are in order of creation.

        Args:
            name: The name of the class.
            values: Hashable values by the names of attributes. If it is empty, all resources are returned.
        """
        indices = self._indices_of(name)
        names = tuple(values)
        if names not in indices:
            indices[names] = AttributeIndex(names, self.of_type(name).values())
        return indices[names].get(tuple(values.values()))

    def add(self, resource: Any) -> None:
        """Add a resource, whose `ordinal` must be greater than those of all resources added before."""
        LOG.record(self._undo_add, resource)
        self.by_type.setdefault(type(resource).__name__, {})[resource.arn] = resource
        self._index(resource)

    def update(self, resource: Any) -> None:
        """Update the indices after attributes of a resource have changed. A resource that was removed is ignored."""
        if self.of_type(type(resource).__name__).get(resource.arn) is resource:
            self._index(resource)

    def remove(self, resource: Any) -> None:
        """Remove a resource from the table of its type and from all indices."""
        LOG.record(self._undo_remove, resource)
        del self.by_type[type(resource).__name__][resource.arn]
        for index in self._indices_of(type(resource).__name__).values():
            index.discard(resource)

    def _index(self, resource: Any) -> None:
        for index in self._indices_of(type(resource).__name__).values():
            index.put(resource)

    def _indices_of(self, name: str) -> dict[tuple[str, ...], AttributeIndex]:
        if self._undone != LOG.undone:
            self._indices, self._undone = {}, LOG.undone
        return self._indices.setdefault(name, {})

    def _undo_add(self, resource: Any) -> None:
        self.by_type.get(type(resource).__name__, {}).pop(resource.arn, None)

    def _undo_remove(self, resource: Any) -> None:
        name = type(resource).__name__
        resources = {**self.by_type[name], resource.arn: resource}.values()
        self.by_type[name] = {each.arn: each for each in sorted(resources, key=_ordinal)}
