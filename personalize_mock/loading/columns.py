"""Columns of values, the form to which `mock.load` converts all data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.values import Unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The data of one argument of `mock.load`, as columns of equal length.

    Attributes:
        argument: The name of the argument, such as "interactions".
        values: The values of each column, by the name of the field in the schema. Missing values are None.
        given: The name of each column as the user wrote it, by the name of the field.
        is_text: Whether the data comes from a CSV file, so that all values are strings and their types must be
            inferred.
    """

    argument: str
    values: Mapping[str, Sequence[Any]]
    given: Mapping[str, str]
    is_text: bool = False

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.values.values())))

    @property
    def dataset_type(self) -> str:
        """The type of the dataset, such as INTERACTIONS."""
        return self.argument.upper()

    def row(self, number: int) -> str:
        """Return a description of a row for error messages, with its values.

        Args:
            number: The index of the row, counted from 0. The description counts from 1.
        """
        cells = {self.given[name]: values[number] for name, values in self.values.items()}
        return f"{self.argument}, row {number + 1} {cells!r}"

    def refusal(self, number: int, name: str, problem: Unfit) -> PersonalizeMockError:
        """Return the error to raise about one value.

        Args:
            number: The index of the row, counted from 0.
            name: The name of the field.
            problem: The exception whose message says what is wrong with the value.
        """
        return PersonalizeMockError(f"{self.row(number)}: the value of {self.given.get(name, name)} is {problem}.")
