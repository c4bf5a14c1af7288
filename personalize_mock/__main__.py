"""Command-line interface, which lists operations, recipes and quotas, compares recordings, and runs the server."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from personalize_mock.recording.command import add_arguments, run


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Args:
        arguments: The command-line arguments without the program name, or None to read them from `sys.argv`.
    """
    parser = argparse.ArgumentParser(prog="python -m personalize_mock", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    coverage = commands.add_parser("coverage", help="list the operations and whether the mock supports them")
    coverage.add_argument("--markdown", action="store_true", help="print the list as in the README")
    commands.add_parser("recipes", help="list the recipes, and the use cases of domains")
    commands.add_parser("durations", help="list the names that durations= accepts, with the default seconds")
    commands.add_parser("quotas", help="list the names that quotas= accepts, with the limits of the service")
    add_arguments(commands.add_parser("compare", help="compare recorded calls with the mock"))
    _add_serve(commands, sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(arguments)
    if parsed.command == "compare":
        status, report = run(parsed)
        print(report, end="\n" if report else "")
        return status
    if parsed.command == "serve":
        from personalize_mock.server import command

        return command.run(parsed)
    reports = {"recipes": recipes_report, "durations": durations_report, "quotas": quotas_report}
    print(coverage_report(markdown=parsed.markdown) if parsed.command == "coverage" else reports[parsed.command]())
    return 0


def _add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", arguments: Sequence[str]) -> None:
    serve = commands.add_parser("serve", help="run a server with all services of moto and Amazon Personalize")
    if "serve" in arguments:
        from personalize_mock.server import command

        command.add_arguments(serve)


def recipes_report() -> str:
    """Return a text table of the recipes and use cases.

    Each line has the name, the domain (empty for recipes without a domain), and the operation of the runtime API that
    uses the recipe, or "batch segment jobs".
    """
    from personalize_mock.recipes.registry import RECIPES
    from personalize_mock.resources.recipes import find_recipe

    entries = [find_recipe(f"arn:aws:personalize:::recipe/{name}") for name in sorted(RECIPES)]
    return _table((entry.name, entry.domain or "", entry.operation or "batch segment jobs") for entry in entries)


def durations_report() -> str:
    """Return a text table of the durations that a mock can change.

    Each line has the name for the option `durations` of `mock_personalize`, and the default in seconds.
    """
    from personalize_mock.resources.core.durations import DURATIONS

    return _table((name, f"{seconds:>6g}") for name, seconds in DURATIONS.items())


def quotas_report() -> str:
    """Return a text table of the quotas that a mock can change.

    Each line has the name for the option `quotas` of `mock_personalize`, the service's limit and a description.
    """
    from personalize_mock.resources.core.quotas import QUOTAS

    return _table((name, f"{quota.limit:>4}", quota.title) for name, quota in QUOTAS.items())


def coverage_report(*, markdown: bool = False) -> str:
    """Return a text that lists the operations of the three Personalize APIs and says which of them the mock supports.

    Args:
        markdown: Whether to format the text in Markdown, as in the README.
    """
    from personalize_mock import events, resources  # noqa: F401  # importing them registers handlers
    from personalize_mock.runtime import operations  # noqa: F401  # importing it registers handlers
    from personalize_mock.wire.registry import coverage

    is_supported = coverage()
    total = f"{sum(is_supported.values())} of {len(is_supported)} operations"
    if markdown:
        supported = ", ".join(name for name, has_handler in is_supported.items() if has_handler)
        missing = ", ".join(name for name, has_handler in is_supported.items() if not has_handler)
        return f"**{total}**\n\nSupported: {supported}." + (f"\n\nNot yet supported: {missing}." if missing else "")
    lines = [f"{'yes' if has_handler else ' no'}  {name}" for name, has_handler in is_supported.items()]
    return "\n".join([*lines, "", total])


def _table(rows: Iterable[Sequence[str]]) -> str:
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main())
