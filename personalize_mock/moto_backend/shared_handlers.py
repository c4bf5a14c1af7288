"""Copies of registries of event handlers that share their contents until one of them is changed.

botocore copies the handlers of a session for each of its clients. A registry, botocore's `_PrefixTrie`, is a tree of
hundreds of dictionaries, of which the client then changes a few.
"""

from collections.abc import Callable
from typing import Any

from botocore import hooks

TRIE: Any = getattr(hooks, "_PrefixTrie", object)  # `object` if botocore has another registry


class SharedTrie(TRIE):  # type: ignore[misc]  # botocore is untyped
    """A registry of event handlers that shares nodes with its copies.

    A node is a dictionary. Its key "owner" says which registry may change it. Before a registry changes a node that it
    does not own, it replaces the node by a copy. A registry keeps to this rule after the mock has ended, because its
    copies may still be in use.
    """

    _owner: object
    _root: dict[str, Any]

    def append_item(self, key: str, *arguments: Any, **options: Any) -> None:
        """Register an event handler for a key, such as "before-call.s3". botocore calls this method."""
        self._own_path(key)
        super().append_item(key, *arguments, **options)

    def remove_item(self, key: str, value: Any) -> None:
        """Remove an event handler for a key, such as "before-call.s3". botocore calls this method.

        Raises:
            ValueError: The handler is not registered for the key.
        """
        self._own_path(key)
        super().remove_item(key, value)

    def __copy__(self) -> "SharedTrie":
        copied: SharedTrie = object.__new__(type(self))
        self._owner, copied._owner = object(), object()  # from here on, no node belongs to either
        copied._root = self._root
        return copied

    def _own_path(self, key: str) -> None:
        """Replace the nodes on the path to a key, such as "before-call.s3", with copies that may be changed."""
        node = self._root = self._owned(self._root)
        for part in key.split("."):
            child = node["children"].get(part)
            if child is None:
                return
            node["children"][part] = node = self._owned(child)

    def _owned(self, node: dict[str, Any]) -> dict[str, Any]:
        if node.get("owner") is self._owner:
            return node
        values = node["values"]
        if values is not None:
            values = type(values)(*map(list, values))
        return {**node, "children": {**node["children"]}, "values": values, "owner": self._owner}


def copy_trie(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a replacement for botocore's `_PrefixTrie.__copy__` (`original`) that returns a `SharedTrie`.

    The copied registry becomes a `SharedTrie`, too, and shares its contents with the copy.
    """

    def copy(trie: Any) -> Any:
        """Return a copy of a registry of event handlers."""
        if type(trie) is not TRIE or vars(trie).keys() != {"_root"}:
            return original(trie)
        trie._owner = object()  # noqa: SLF001  # becomes an attribute of `SharedTrie`
        trie.__class__ = SharedTrie
        return SharedTrie.__copy__(trie)

    return copy
