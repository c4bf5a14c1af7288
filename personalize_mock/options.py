"""Validation of the options of a mock. Invalid values, contradictions and options without effect are errors."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timezone
from importlib.util import find_spec
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.simulation import Options
from personalize_mock.timing.instants import Instant, epoch_seconds

OLDEST_TIME_MACHINE = 3  # the major version that the extra `time` requires
_INSTALL = "Run 'pip install personalize-mock[time]', or remove datetime=True."
_REMOVED = {"sleep_modules": "Remove it: `from time import sleep` is virtual in every module."}


def parse(keywords: Mapping[str, Any]) -> Options:
    """Validate the keyword arguments of `mock_personalize` and return them as `Options`.

    Raises:
        PersonalizeMockError: An option is unknown or invalid, contradicts another option, or would have no effect.
    """
    known = [field.name for field in fields(Options)]
    for name in keywords:
        if name in _REMOVED:
            raise PersonalizeMockError(f"mock_personalize has no option {name!r} any more. {_REMOVED[name]}")
        if name not in known:
            raise PersonalizeMockError(f"mock_personalize has no option {name!r}. {did_you_mean(name, known)}")
    options = Options(**keywords)
    _check_types(options)
    _check_sleep(options)
    _check_pending(options)
    _check_time_machine(options)
    _check_clock(options.clock)
    _check_minimum(options)
    if options.durations or options.quotas:
        from personalize_mock.resources.core import durations, quotas

        durations.check(options.durations)
        quotas.check_quotas(options.quotas)
    return options


def _check_types(options: Options) -> None:
    if not _is_whole(options.seed):
        raise PersonalizeMockError(f"seed={options.seed!r}: the seed must be a whole number, such as 1.")
    for name in ("strict", "datetime", "autojump", "check_permissions", "reuse", "isolated"):
        value = getattr(options, name)
        if not isinstance(value, bool):
            raise PersonalizeMockError(f"{name}={value!r}: neither True nor False. Write {name}=True or {name}=False.")
    for name, example in (("durations", {"solution-version": 10}), ("quotas", {"campaigns_per_group": 10})):
        value = getattr(options, name)
        if not isinstance(value, Mapping):
            raise PersonalizeMockError(f"{name}={value!r}: not a dictionary. Write {name}={example}, for example.")


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _check_sleep(options: Options) -> None:
    if options.sleep not in ("virtual", "real"):
        raise PersonalizeMockError(
            f"sleep={options.sleep!r}: unknown mode. Write sleep='virtual' to let time.sleep move the simulated clock, "
            "or sleep='real' to leave time.sleep alone."
        )


def _check_pending(options: Options) -> None:
    if options.pending not in ("refuse", "wait"):
        raise PersonalizeMockError(
            f"pending={options.pending!r}: unknown mode. Write pending='wait' to let calls wait for pending "
            "resources, or pending='refuse' to let them fail, as the service does."
        )


def _check_time_machine(options: Options) -> None:
    if not options.datetime:
        return
    from importlib.metadata import version  # slow to import

    if find_spec("time_machine") is None:
        raise PersonalizeMockError(f"datetime=True needs the package time-machine, which is not installed. {_INSTALL}")
    installed = version("time-machine")
    if int(installed.partition(".")[0]) < OLDEST_TIME_MACHINE:
        raise PersonalizeMockError(
            f"datetime=True needs time-machine {OLDEST_TIME_MACHINE} or later, but {installed} is installed. {_INSTALL}"
        )


def _check_clock(clock: Instant | None) -> None:
    if clock is None:
        return
    try:
        datetime.fromtimestamp(epoch_seconds(clock), tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise PersonalizeMockError(
            f"clock={clock!r}: not a time between the years 1 and 9999. Write seconds since 1970, not milliseconds."
        ) from None


def _check_minimum(options: Options) -> None:
    minimum = options.minimum_interactions
    if not _is_whole(minimum) or minimum < 0:
        raise PersonalizeMockError(
            f"minimum_interactions={minimum!r}: the minimum must be a whole number, 0 or more, such as 100."
        )
    if not options.strict and minimum not in (0, Options().minimum_interactions):
        raise PersonalizeMockError(
            f"strict=False drops the minimum data requirements, so minimum_interactions={minimum} has no effect. "
            "Remove one of the two."
        )
