"""Conversion of instants and durations to seconds, and access to the wall time.

No other module reads the wall time.
"""

import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Final, TypeGuard

from personalize_mock.exceptions import PersonalizeMockError

Instant = datetime | str | float

SIMULATED_DATE = "x-personalize-mock-date"  # header of a response of a server: the simulated time as an HTTP date
LAST_INSTANT = 253_402_300_799.0  # epoch seconds; the end of the year 9999
_UNITS: Final = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}


def wall_time() -> float:
    """Return the wall time in epoch seconds, without the seconds that virtual sleeps add to `time.time`.

    If freezegun or time-machine is active, this is the time that it sets.
    """
    read: Callable[[], float] = time.time  # noqa: TID251  # the one place that reads wall time
    return float(getattr(read, "unshifted", read)())


def epoch_seconds(instant: Instant) -> float:
    """Convert a datetime, an ISO 8601 string or a number of epoch seconds to epoch seconds.

    Datetimes and strings without a UTC offset are interpreted as UTC.

    Raises:
        PersonalizeMockError: The value cannot be converted.
    """
    if _is_number(instant):
        return _as_float(instant)
    moment = _parse(instant) if isinstance(instant, str) else instant
    if not isinstance(moment, datetime):
        raise PersonalizeMockError(
            f"{instant!r} is not a point in time. Write an ISO 8601 string such as '2024-05-01T00:00:00Z', a datetime "
            "such as datetime(2024, 5, 1), or epoch seconds."
        )
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def total_seconds(duration: float | timedelta | None, units: Mapping[str, float]) -> float:
    """Convert the arguments of `SimulatedClock.jump` to a number of seconds.

    Args:
        duration: Seconds or a timedelta. None if the length is given by `units` alone.
        units: Amounts to add to `duration`, by unit: seconds, minutes, hours, days or weeks.

    Raises:
        PersonalizeMockError: A value is not a duration, or `duration` is None and all amounts are 0.
    """
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    amounts = {**units} if seconds is None else {"seconds": seconds, **units}
    if seconds is None and not any(units.values()):
        raise PersonalizeMockError(
            "jump() needs a duration. Write seconds, a timedelta or units, such as jump(hours=6)."
        )
    for unit, amount in amounts.items():
        if not _is_number(amount):
            written = repr(amount) if unit == "seconds" else f"{unit}={amount!r}"
            raise PersonalizeMockError(
                f"jump({written}): not a duration. Write seconds, a timedelta or units, such as jump(hours=6)."
            )
    return sum(_as_float(amount) * _UNITS[unit] for unit, amount in amounts.items())


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_float(number: float) -> float:
    return float(min(max(number, -sys.float_info.max), sys.float_info.max))


def _parse(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
