"""`python -m personalize_mock coverage` and `quotas`: what this version answers, and which limits it can be given."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m personalize_mock", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    coverage = commands.add_parser("coverage", help="print which operations are answered")
    coverage.add_argument("--markdown", action="store_true", help="print the table that the README shows")
    commands.add_parser("quotas", help="print the names that quotas= takes, and the service's limits")
    asked = parser.parse_args(arguments)
    print(quotas_report() if asked.command == "quotas" else coverage_report(markdown=asked.markdown))
    return 0


def quotas_report() -> str:
    """The names that `quotas=` takes, with the service's limits and what they count."""
    from personalize_mock.resources.core.quotas import QUOTAS

    width = max(map(len, QUOTAS))
    return "\n".join(f"{name:{width}}  {quota.limit:>4}  {quota.title}" for name, quota in QUOTAS.items())


def coverage_report(*, markdown: bool = False) -> str:
    """The operations of the three services and whether they are answered, from the registry."""
    from personalize_mock import events, resources  # noqa: F401  # importing them fills the operation table
    from personalize_mock.runtime import operations  # noqa: F401  # importing them fills the operation table
    from personalize_mock.wire.registry import coverage

    answered = coverage()
    total = f"{sum(answered.values())} of {len(answered)} operations"
    if markdown:
        done = ", ".join(name for name, done in answered.items() if done)
        open_ = ", ".join(name for name, done in answered.items() if not done)
        return f"**{total}**\n\nAnswered: {done}." + (f"\n\nNot yet: {open_}." if open_ else "")
    return "\n".join([*(f"{'yes' if done else ' no'}  {name}" for name, done in answered.items()), "", total])


if __name__ == "__main__":
    sys.exit(main())
