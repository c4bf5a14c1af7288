"""The command `python -m personalize_mock serve`."""

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from typing import Any

from personalize_mock.configured_options import option_value
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.option_defaults import Options, default_of
from personalize_mock.server.folders import load_folder
from personalize_mock.server.server import LOCALHOST, Server

# Options that have no flag: no client sleeps in the process of the server, and it has only one mock.
WITHOUT_FLAG = ("sleep", "isolated")
HELP = {
    "seed": "seed of all ids, data splits and models",
    "strict": "check schemas and minimum amounts of data, as the service does",
    "clock": "start of the simulated time, which then moves only by jumps and polls, unless --rate is given",
    "datetime": "let the time of all services of moto follow the simulated clock; needs personalize-mock[time]",
    "pending": "how to answer calls that need a pending resource: refuse, or wait until it is ready",
    "autojump": "let repeated Describe calls move the clock to the next status",
    "minimum_interactions": "number of interactions that imports and solution versions require",
    "durations": "seconds that status changes take, such as 'campaign=5, solution-version=10'",
    "quotas": "limits by name, such as 'campaigns_per_group=10'",
    "check_permissions": "check the policies of roles and buckets",
    "reuse": "keep parsed files and fitted models, and use them again for equal data",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command-line arguments of `serve` to a parser."""
    parser.add_argument("--host", default=LOCALHOST, help="address to bind (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5000, help="port to bind, 0 for a free one (default: %(default)s)")
    parser.add_argument(
        "--allow-public", action="store_true", help="allow a --host that other machines can reach; there is no password"
    )
    parser.add_argument("--rate", type=float, help="simulated seconds per real second (default: 1, or 0 with --clock)")
    parser.add_argument(
        "--load",
        metavar="FOLDER",
        action="append",
        nargs="?",
        const=None,
        default=[],
        help="load interactions.csv, items.csv, users.csv and others from a folder, or demo data without FOLDER",
    )
    parser.add_argument("--log-requests", action="store_true", help="print a line for each request")
    for option, text in HELP.items():
        _add_option(parser, option, text)


def run(arguments: argparse.Namespace) -> int:
    """Run a server until SIGINT or SIGTERM arrives. Return the exit status: 0, or 2 if the server cannot start."""
    stopped = Event()
    with _handled_signals(stopped):
        try:
            _serve(arguments, stopped)
        except PersonalizeMockError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    return 0


def _serve(arguments: argparse.Namespace, stopped: Event) -> None:
    _check_host(arguments.host, is_public_allowed=arguments.allow_public)
    server = Server(
        arguments.host,
        arguments.port,
        rate=arguments.rate,
        logs_requests=arguments.log_requests,
        **_options(vars(arguments)),
    )
    with server:
        for folder in arguments.load:
            print(_loaded(server, folder), flush=True)
        print(f"personalize_mock listens on {server.url} (stop it with Ctrl-C)", flush=True)
        while not stopped.wait(0.5):  # on Windows, signals do not end a wait without a limit
            pass


@contextmanager
def _handled_signals(stopped: Event) -> Iterator[None]:
    """Return a context manager that sets `stopped` if SIGINT or SIGTERM arrives during its block."""
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _add_option(parser: argparse.ArgumentParser, option: str, text: str) -> None:
    flag, default = f"--{option.replace('_', '-')}", default_of(option)
    if isinstance(default, bool):
        shown = f"{text} (default: {'yes' if default else 'no'})"
        parser.add_argument(flag, dest=option, action=argparse.BooleanOptionalAction, default=None, help=shown)
    else:
        parser.add_argument(flag, dest=option, help=text)


def _options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `mock_personalize` that the command line sets, converted to the types that it expects.

    Args:
        arguments: All arguments of the command line by name, with None for those that are not given.
    """
    given = {each.name: arguments[each.name] for each in fields(Options) if arguments.get(each.name) is not None}
    return {
        name: value if isinstance(value, bool) else option_value(default_of(name), value, f"--{name.replace('_', '-')}")
        for name, value in given.items()
    }


def _check_host(host: str, *, is_public_allowed: bool) -> None:
    if is_public_allowed or host == "localhost":
        return
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise PersonalizeMockError(
            f"--host {host}: other machines could reach the server, which has no password. Write --host 127.0.0.1, or "
            "add --allow-public, for example in a container."
        )


def _loaded(server: Server, folder: str | None) -> str:
    """Load a folder's CSV files, or demo data if `folder` is None, and return lines with the ids that clients need."""
    loaded = server.mock.load() if folder is None else load_folder(server.mock, Path(folder))
    labels = {"campaign_arn": "campaignArn", "tracking_id": "trackingId"}
    ids = [f"{labels[name]} {value}" for name, value in vars(loaded)["_arns"].items() if name in labels]
    recommenders = [f"recommenderArn {arn}" for arn in loaded.recommender_arns.values()]
    return "\n  ".join([f"loaded {loaded.name}:", *ids, *recommenders])
