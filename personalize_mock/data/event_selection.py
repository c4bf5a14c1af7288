"""Selection of the interactions on which a model is trained, by event type and EVENT_VALUE."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.tables import Strings, Table
from personalize_mock.data.value_rules import event_value


@dataclass(frozen=True, slots=True, kw_only=True)
class EventParameters:
    """Weight and threshold of one event type in the eventsConfig of a solution.

    Attributes:
        weight: Weight relative to other event types.
        threshold: Minimum EVENT_VALUE. Events with a lower value or no value are not used. None to use all events.
    """

    weight: float = 1.0
    threshold: float | None = None


def select_events(
    interactions: Table,
    *,
    event_type: str | None = None,
    any_case: bool = False,
    threshold: float | None = None,
    parameters: Mapping[str, EventParameters] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
    """Select the rows of an Interactions dataset on which a model is trained. Rows without a user or item are left out.

    Args:
        interactions: A table with the columns USER_ID and ITEM_ID, and optionally EVENT_TYPE and EVENT_VALUE.
        event_type: The only event type to use; None to use all event types.
        any_case: Whether to ignore the case of `event_type`.
        threshold: Minimum EVENT_VALUE of the events to use; None to use all events.
        parameters: Weight and threshold by event type; events of other types are not used. None to give all events
            weight 1.

    Returns:
        The row numbers, int64[n], ascending, and the weight of each of these rows, float64[n]. The weights are None if
        `parameters` is None.
    """
    mask = _counted(interactions, event_type=event_type, any_case=any_case, threshold=threshold)
    if parameters is None:
        return np.flatnonzero(mask), None
    weights = _weights(interactions, parameters)
    rows = np.flatnonzero(mask & (weights > 0))
    return rows, weights[rows]


def _weights(interactions: Table, parameters: Mapping[str, EventParameters]) -> NDArray[np.float64]:
    """Return the weight of each row, float64[n].

    It is 0 if the event type has no parameters, or if EVENT_VALUE is below the threshold. The positive weights are
    scaled so that their mean is 1.
    """
    weights = np.zeros(interactions.rows)
    for event_type, of_type in parameters.items():
        mask = _has_type(interactions, event_type)
        if of_type.threshold is not None:
            mask = mask & _has_value(interactions, of_type.threshold)
        weights[mask] = of_type.weight
    positive = weights[weights > 0]
    return weights / positive.mean() if len(positive) else weights


def _counted(
    interactions: Table, *, event_type: str | None, any_case: bool, threshold: float | None
) -> NDArray[np.bool_]:
    """Return a boolean mask of the rows to train on.

    These rows have a user, an item, the given event type (None for any) and an EVENT_VALUE of at least `threshold`
    (None for any value).
    """
    mask = (interactions.strings("USER_ID").codes >= 0) & (interactions.strings("ITEM_ID").codes >= 0)
    if event_type is not None:
        mask &= _has_type(interactions, event_type, any_case=any_case)
    if threshold is not None:
        mask &= _has_value(interactions, threshold)
    return mask


def _has_type(interactions: Table, event_type: str, *, any_case: bool = False) -> NDArray[np.bool_]:
    if "EVENT_TYPE" not in interactions:
        return np.zeros(interactions.rows, dtype=bool)
    types = interactions.strings("EVENT_TYPE")
    names = (name.casefold() if any_case else name for name in types.values)
    wanted = event_type.casefold() if any_case else event_type
    return np.isin(types.codes, [code for code, name in enumerate(names) if name == wanted])


def _has_value(interactions: Table, threshold: float) -> NDArray[np.bool_]:
    if "EVENT_VALUE" not in interactions:
        return np.zeros(interactions.rows, dtype=bool)
    column = interactions.columns["EVENT_VALUE"]
    if isinstance(column, Strings):
        numbers = [event_value(value) for value in (*column.values, None)]  # code -1, null, reads the last element
        return np.array([number is not None and number >= threshold for number in numbers])[column.codes]
    passes = np.asarray(column.values >= threshold)
    return passes if column.valid is None else passes & column.valid
