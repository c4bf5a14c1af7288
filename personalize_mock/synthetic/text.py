"""Film titles, ids, CSV texts and Avro schemas of the synthetic data set."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.synthetic.words import ADJECTIVES, GENRE_NOUNS, PLACES

FieldTypes: TypeAlias = Mapping[str, "str | list[str]"]

GENRES = tuple(GENRE_NOUNS)
INTERACTIONS: FieldTypes = {
    "USER_ID": "string",
    "ITEM_ID": "string",
    "EVENT_TYPE": "string",
    "EVENT_VALUE": ["null", "float"],
    "TIMESTAMP": "long",
}
ITEMS: FieldTypes = {
    "ITEM_ID": "string",
    "TITLE": "string",
    "GENRES": "categorical",
    "CREATION_TIMESTAMP": "long",
    "PRICE": "float",
    "ROYALTY": "float",
}
USERS: FieldTypes = {"USER_ID": "string", "AGE": "int", "MEMBERSHIP": "categorical"}
ID_DIGITS = 5


def titles(rng: np.random.Generator, genres: Sequence[int]) -> list[str]:
    """Return a random title for each film. Repeated titles are numbered, as sequels are.

    Args:
        rng: Source of randomness.
        genres: The genre of each film, as an index into `GENRES`.
    """
    used: Counter[str] = Counter()
    numbered = []
    for title in map(_title, genres, rng.random((len(genres), 4)).tolist()):
        used[title] += 1
        numbered.append(title if used[title] == 1 else f"{title} {used[title]}")
    return numbered


def _title(genre: int, picks: Sequence[float]) -> str:
    """Return the title of a film.

    Args:
        genre: The genre of the film, as an index into `GENRES`.
        picks: Four random numbers in [0, 1), which choose the form of the title, the noun, the adjective and the place.
    """
    noun, adjective, place = (
        words[int(pick * len(words))]
        for words, pick in zip((GENRE_NOUNS[GENRES[genre]], ADJECTIVES, PLACES), picks[1:], strict=True)
    )
    forms = (f"The {adjective} {noun}", f"{adjective} {noun}", f"The {noun} of {place}")
    return forms[int(picks[0] * len(forms))]


def genre_text(first: int, second: int) -> str:
    """Return the names of two genres in the form `Action|Comedy`, or a single name if the genres are equal.

    Args:
        first: The first genre, as an index into `GENRES`.
        second: The second genre, as an index into `GENRES`.
    """
    return GENRES[first] if first == second else f"{GENRES[first]}|{GENRES[second]}"


def ids(prefix: str, rows: NDArray[np.int64]) -> list[str]:
    """Return an id for each row. With the prefix "u", row 0 has the id `u00001`.

    Args:
        prefix: The beginning of each id.
        rows: Row numbers, counted from 0.
    """
    return [f"{prefix}{row + 1:0{ID_DIGITS}}" for row in rows.tolist()]


def csv_text(header: Sequence[str], *columns: Iterable[object]) -> str:
    """Return the content of a CSV file with a header line and the given columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def avro_schema(name: str, field_types: FieldTypes) -> dict[str, Any]:
    """Return an Avro schema in the form that Personalize requires.

    Args:
        name: The name of the record.
        field_types: The Avro type of each field, or "categorical" for a categorical string.
    """
    categorical = {"type": "string", "categorical": True}
    fields = [
        {"name": field, **(categorical if type_ == "categorical" else {"type": type_})}
        for field, type_ in field_types.items()
    ]
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": fields,
        "version": "1.0",
    }
