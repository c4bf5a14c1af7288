"""Registries of event handlers whose copies share their contents."""

import copy

import boto3
import pytest
from botocore.hooks import HierarchicalEmitter, _PrefixTrie
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock import mock_personalize
from personalize_mock.moto_backend.shared_handlers import SharedTrie, copy_trie

KEYS = ["before-call", "before-call.s3", "before-call.s3.PutObject", "before-call.*.PutObject", "after-call.s3"]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "copy"]), st.integers(0, 9), st.sampled_from(KEYS), st.integers(0, 2))
)
copy_shared = copy_trie(_PrefixTrie.__copy__)


def run(steps, copied):
    """Change registries and copies of them, and return what each finds and which steps were refused."""
    tries, refused = [_PrefixTrie()], []
    for number, (step, at, key, value) in enumerate(steps):
        trie = tries[at % len(tries)]
        try:
            if step == "add":
                trie.append_item(key, f"h{value}", section=value)
            elif step == "remove":
                trie.remove_item(key, f"h{value}")
            else:
                tries.append(copied(trie))
        except (ValueError, AttributeError):  # botocore raises AttributeError for a node without handlers
            refused.append(number)
    return [[list(trie.prefix_search(key)) for key in KEYS] for trie in tries], refused


@given(steps=STEPS)
def test_copies_change_independently_of_each_other_as_those_of_botocore_do(steps):
    shared = run(steps, lambda trie: trie.__copy__() if isinstance(trie, SharedTrie) else copy_shared(trie))
    assert shared == run(steps, _PrefixTrie.__copy__)


def test_a_copy_makes_no_nodes():
    trie = _PrefixTrie()
    for key in KEYS:
        trie.append_item(key, "handler")
    copied = copy_shared(trie)
    assert copied._root is trie._root
    copied.append_item("before-call.s3", "another")
    unchanged, changed = trie._root["children"], copied._root["children"]
    assert changed["after-call"] is unchanged["after-call"]
    assert changed["before-call"] is not unchanged["before-call"]


def test_a_registry_of_another_class_is_copied_by_botocore():
    class Mine(_PrefixTrie):
        pass

    trie = Mine()
    trie.append_item("before-call", "handler")
    assert type(copy_shared(trie)) is Mine
    assert copy_shared(trie)._root is not trie._root


@pytest.mark.parametrize("registers_on", ["session", "client"])
def test_a_handler_that_is_registered_after_the_mock_reaches_only_its_own_clients(registers_on):
    with mock_personalize():
        session = boto3.Session(region_name="us-east-1")
        one, other = session.client("personalize"), session.client("personalize")
    calls = []
    events = session.events if registers_on == "session" else one.meta.events
    events.register("before-call", lambda **_: calls.append("call"))
    for client in (one, other, session.client("personalize")):
        calls.append("next")
        with mock_personalize():
            client.list_recipes()
    assert calls == (["next"] * 3 + ["call"] if registers_on == "session" else ["next", "call", "next", "next"])


@mock_personalize
def test_emitters_of_botocore_are_copied_with_their_handlers():
    emitter = HierarchicalEmitter()
    emitter.register("before-call", lambda **_: "first", unique_id="one")
    copied = copy.copy(emitter)
    copied.unregister("before-call", unique_id="one")
    assert [answer for _, answer in emitter.emit("before-call.s3")] == ["first"]
    assert copied.emit("before-call.s3") == []
