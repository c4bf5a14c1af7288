"""The data of the benchmark of large data sets, and the models that both sides fit to it."""

import csv

import numpy as np
import pytest
from benchmark_modules import load

from personalize_mock.recipes.personal.association_rules import mine_rules

scale_data, scale_by_hand = load("scale_data"), load("scale_by_hand")
SIZE = scale_data.Size(interactions=300, users=20, items=30, requests=7, has_items=True)


@pytest.fixture
def folder(tmp_path):
    scale_data.write_files(tmp_path, SIZE)
    return tmp_path


def test_the_files_have_distinct_pairs_in_the_order_of_time_and_all_items(folder):
    _, *interactions = csv.reader((folder / "interactions.csv").read_text("utf-8").splitlines())
    _, *items = csv.reader((folder / "items.csv").read_text("utf-8").splitlines())
    assert len({(user, item) for user, item, _ in interactions}) == len(interactions) == SIZE.interactions
    assert [int(row[2]) for row in interactions] == sorted(int(row[2]) for row in interactions)
    assert [row[0] for row in items] == [f"i{number}" for number in range(SIZE.items)]


def test_as_many_users_ask_as_there_are_requests():
    assert len([*SIZE.asking()]) == len({*SIZE.asking()}) == SIZE.requests


def test_both_sides_mine_the_same_rules(folder):
    users, items, user, item, times = scale_by_hand.read_interactions((folder / "interactions.csv").read_bytes())
    order = np.lexsort((item, times, user))
    by_hand = scale_by_hand.rules(user[order], item[order], len(items))
    ours = mine_rules(item[order], user[order], count=len(items))
    assert len(users) <= SIZE.users
    assert np.array_equal(np.diff(by_hand.indptr), np.diff(ours.indptr))
    assert np.allclose(by_hand.sum(axis=1).A1, np.add.reduceat(ours.strengths, ours.indptr[:-1]), rtol=1e-4)
