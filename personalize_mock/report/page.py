"""The report page: a single HTML file without scripts, which loads no other files."""

from html import escape
from importlib import resources
from pathlib import Path

from personalize_mock.journal import time_text
from personalize_mock.report import sections
from personalize_mock.report.facts import Facts, collect
from personalize_mock.report.timeline_section import timeline
from personalize_mock.simulation import Simulation


def write_report(simulation: Simulation, path: Path, *, title: str) -> Path:
    """Write the report of a simulation to a file, and return the path of the file.

    Args:
        simulation: The simulation, which may have ended.
        path: The path of the file. An existing file is replaced.
        title: The title of the page.
    """
    path.write_text(page(collect(simulation), title=title), encoding="utf-8")
    return path


def page(facts: Facts, *, title: str) -> str:
    """Return the whole report page as HTML."""
    parts = [
        ("Timeline", timeline(facts.lives)),
        ("Metrics", sections.metrics(facts)),
        ("Recommended items", sections.recommendations(facts)),
        ("Optimization objective", sections.objectives(facts)),
        ("Calls", sections.calls(facts)),
        ("On AWS", sections.on_aws(facts)),
    ]
    body = "".join(f"<section><h2>{name}</h2>{content}</section>" for name, content in parts if content)
    period = f"{time_text(facts.start)} to {time_text(facts.end)} UTC, simulated. Seed {facts.seed}."
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{_style_sheet()}</style></head>\n"
        f'<body><main><h1>{escape(title)}</h1><p class="note">{period}</p>{sections.tiles(facts)}{body}'
        "<footer>Written by personalize_mock. Everything on this page comes from a simulation, not from AWS.</footer>"
        "</main></body></html>\n"
    )


def _style_sheet() -> str:
    return resources.files("personalize_mock.report").joinpath("page.css").read_text(encoding="utf-8")
