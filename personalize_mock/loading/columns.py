"""Columns of values, the form to which `mock.load` converts all data."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.values import Unfit

V = TypeVar("V")
_REPEATED: tuple[set[type], ...] = ({str}, {int})  # types of columns whose values are often equal, as those of ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The data of one argument of `mock.load`, as columns of equal length.

    Attributes:
        argument: The name of the argument, such as "interactions".
        values: The values of each column, by the name of its field in the schema, such as "USER_ID". Missing values are
            None.
        given: The name of each column as the user wrote it, such as "userId", by the name of its field.
        is_text: Whether the data comes from a CSV file, so that all values are strings and their types must be
            inferred.
    """

    argument: str
    values: Mapping[str, Sequence[Any]]
    given: Mapping[str, str]
    is_text: bool = False

    @property
    def rows(self) -> int:
        """The number of rows in the data."""
        return len(next(iter(self.values.values())))

    @property
    def dataset_type(self) -> str:
        """The type of the dataset that the data is for, such as "INTERACTIONS"."""
        return self.argument.upper()

    def row(self, number: int) -> str:
        """Return the name of the argument, and the number and values of a row, as text for an error message.

        Args:
            number: The index of the row, counted from 0. The text counts from 1.
        """
        cells = {self.given[name]: values[number] for name, values in self.values.items()}
        return f"{self.argument}, row {number + 1} {cells!r}"

    def converted(self, name: str, values: Sequence[Any], convert: Callable[[Any], V]) -> list[V]:
        """Apply a conversion to each value of a column, and return the results.

        In a column of only strings or only integers, equal values are converted once.

        Args:
            name: The name of the column's field in the schema, for error messages.
            values: The values, one per row.
            convert: Function that converts one value, or raises Unfit.

        Raises:
            PersonalizeMockError: A value does not fit its column. The message describes its row.
        """
        if {*map(type, values)} - {type(None)} in _REPEATED:
            with suppress(Unfit):  # the loop below finds the row
                results = {value: convert(value) for value in set(values)}
                return [results[value] for value in values]
        return [self._converted(number, name, value, convert) for number, value in enumerate(values)]

    def _converted(self, number: int, name: str, value: Any, convert: Callable[[Any], V]) -> V:
        try:
            return convert(value)
        except Unfit as problem:
            raise self.refusal(number, name, problem) from None

    def refusal(self, number: int, name: str, problem: Unfit) -> PersonalizeMockError:
        """Make the error for a value that does not fit its column. The message describes the row and the problem.

        Args:
            number: The index of the row, counted from 0.
            name: The name of the column's field in the schema.
            problem: The exception whose message says what is wrong with the value.
        """
        return PersonalizeMockError(f"{self.row(number)}: the value of {self.given.get(name, name)} is {problem}.")
