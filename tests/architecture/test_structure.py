"""Checks of the measurements in `structure.py`."""

import ast
from statistics import median

from architecture import structure
from architecture.sources import lengths


def test_every_class_name_is_defined_once():
    assert structure.duplicate_classes() == {}


def test_modules_do_not_import_each_other_in_cycles():
    assert structure.import_cycles() == []


def test_no_docstring_opens_with_a_question_word():
    definitions = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

    assert structure.question_docstrings(definitions) == []


def test_no_function_is_named_of():
    assert structure.functions_named_of() == []


def test_facts_cite_pages_instead_of_notes():
    assert structure.reference_marks() == []


def test_files_are_short():
    files = lengths()

    assert median(files.values()) <= structure.MEDIAN_FILE
    assert {name: length for name, length in files.items() if length > structure.LONGEST_FILE} == {}


def test_functions_are_short():
    functions = structure.function_lengths(docstrings=False)
    long = {name.split()[-1] for name, length in functions.items() if length > structure.LONGEST_FUNCTION}

    assert median(functions.values()) <= structure.MEDIAN_FUNCTION
    assert structure.percentile_95(list(functions.values())) <= structure.LONG_FUNCTION
    assert long <= {"create_solution"}  # 14 members of a request, and their way into the solution
