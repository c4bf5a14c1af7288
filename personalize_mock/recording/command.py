"""The command `python -m personalize_mock compare`."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import fields

from personalize_mock.exceptions import PersonalizeMockError

EQUAL, DIFFERENT, UNUSABLE = 0, 1, 2  # exit statuses


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `python -m personalize_mock compare` to its argument parser."""
    parser.description = (
        "Replay a recording against the mock, and report the differences. The exit status is 0 if there are none, "
        "1 if there are some, and 2 if the recording cannot be used."
    )
    parser.add_argument("file", help="file written by personalize_mock.recording.record")
    parser.add_argument(
        "--data", metavar="FOLDER", help="folder with the files that jobs read: s3://bucket/key is FOLDER/bucket/key"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--partial", action="store_true", help="use the calls before the first damaged line")
    parser.add_argument(
        "--duration", type=float, metavar="FACTOR", help="largest factor by which durations may differ (default: 2)"
    )
    parser.add_argument(
        "--metric", type=float, metavar="SHARE", help="largest relative difference of metrics (default: 0.1)"
    )
    parser.add_argument("--overlap", type=float, metavar="SHARE", help="smallest share of common items (default: 0.8)")
    parser.add_argument("--correlation", type=float, metavar="RHO", help="smallest rank correlation (default: 0.8)")


def run(parsed: Namespace) -> tuple[int, str]:
    """Run `python -m personalize_mock compare`, and return the exit status and the text of the report.

    If the recording cannot be compared, the error is written to standard error, and the report is "".
    """
    from personalize_mock.recording.comparison import compare
    from personalize_mock.recording.differences import Tolerance

    limits = {field.name: getattr(parsed, field.name) for field in fields(Tolerance)}
    try:
        tolerance = Tolerance(**{name: value for name, value in limits.items() if value is not None})
        comparison = compare(parsed.file, data=parsed.data, partial=parsed.partial, tolerance=tolerance)
    except PersonalizeMockError as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE, ""
    status = DIFFERENT if comparison.differences else EQUAL
    return status, comparison.as_json() if parsed.json else str(comparison)
