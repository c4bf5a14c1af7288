"""Checks of the measurements in `structure.py`."""

from architecture import structure
from architecture.sources import lengths


def test_every_class_name_is_defined_once():
    assert structure.duplicate_classes() == {}


def test_no_file_is_too_long():
    assert {name: length for name, length in lengths().items() if length > structure.LONGEST_FILE} == {}
