"""Functions that return the sections of the report page as HTML."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from typing import get_args

from personalize_mock.journal import Call, time_text
from personalize_mock.recipes.objective import Sensitivity
from personalize_mock.report.charts import COLORS, Axis, Series, bars, line_chart, round_up
from personalize_mock.report.durations import duration_text
from personalize_mock.report.facts import Facts
from personalize_mock.report.models import SAMPLE, TradeOffPoint, TrainedModel

LATEST_CALLS = 100
NDCG = "normalized_discounted_cumulative_gain_at_25"
LEVELS = get_args(Sensitivity)  # in ascending order
SHORT_NAMES = {
    "normalized_discounted_cumulative_gain_at_": "NDCG@",
    "mean_reciprocal_rank_at_": "MRR@",
    "precision_at_": "P@",
}


def tiles(facts: Facts) -> str:
    """Return the tiles at the top of the page: durations, and numbers of calls, resources and models."""
    entries = [
        (duration_text(facts.waiting.seconds), "of waiting on AWS"),
        (duration_text(facts.end - facts.start), "of simulated time"),
        (f"{len(facts.calls):,}", f"calls, {len(facts.errors):,} failed"),
        (f"{facts.resources:,}", "resources"),
        (f"{len(facts.models):,}", "trained models"),
    ]
    return f'<div class="tiles">{"".join(_tile(number, text) for number, text in entries)}</div>'


def metrics(facts: Facts) -> str:
    """Return a table of the metrics of all trained models, one model per row."""
    if not facts.models:
        return "<p>No model has been trained.</p>"
    names = sorted({name for model in facts.models for name in model.metrics}, key=_metric_order)
    header = ["model", "recipe", "interactions", *map(short_name, names)]
    rows = [
        [model.name, model.recipe, f"{model.interactions:,}", *(_metric(model, name) for name in names)]
        for model in facts.models
    ]
    return table(header, rows, numbers=range(2, len(header)))


def short_name(metric: str) -> str:
    """Return a short name for a metric of the API, such as "P@5" for "precision_at_5".

    A name for which there is no short form is returned unchanged.
    """
    for prefix, short in SHORT_NAMES.items():
        if metric.startswith(prefix) and metric[len(prefix) :].isdigit():
            return short + metric[len(prefix) :]
    return metric


def _metric_order(metric: str) -> tuple[str, int]:
    prefix, _, cutoff = metric.rpartition("_")
    return (prefix, int(cutoff)) if cutoff.isdigit() else (metric, 0)


def recommendations(facts: Facts) -> str:
    """Return charts of the coverage and popularity of the items that each model recommends."""
    models = [model for model in facts.models if model.sample is not None][-COLORS:]
    if not models:
        return "<p>No model recommends items.</p>"
    samples = [(model.name, model.sample) for model in models if model.sample is not None]
    series = [Series(name=name, points=sample.curve) for name, sample in samples]
    data = Series(
        name="interactions in the data of the first model", points=samples[0][1].data_curve, is_reference=True
    )
    popularity = line_chart(
        "Share of the recommendations that the most popular items take",
        Axis(title="share of items, most popular first", as_percent=True),
        Axis(title="share of recommendations", as_percent=True),
        [*series, data],
    )
    covered = bars((name, sample.coverage) for name, sample in samples)
    return (
        f'<p class="note">Lists of 25 items without exploration and filters, for at most {SAMPLE} users or items of '
        'each model.</p><div class="charts">'
        f'<figure class="chart"><h3>Coverage: share of items that appear in the lists</h3>{covered}</figure>'
        f"{popularity}</div>"
    )


def objectives(facts: Facts) -> str:
    """Return charts of the trade-off between NDCG@25 and the item attribute that an objective maximizes.

    The result is "" if no model has an optimization objective.
    """
    by_attribute: dict[tuple[bytes, str, str], list[tuple[TrainedModel, TradeOffPoint]]] = defaultdict(list)
    for model in facts.models:
        if model.sample is not None and model.sample.objective is not None:
            point = model.sample.objective
            by_attribute[model.data, model.recipe, point.attribute].append((model, point))
    charts = [_trade_off(attribute, recipe, models) for (_, recipe, attribute), models in by_attribute.items()]
    return f'<div class="charts">{"".join(charts)}</div>' if charts else ""


def calls(facts: Facts) -> str:
    """Return a table with the number of calls to each operation, and lists of the failed and the latest calls."""
    if not facts.calls:
        return "<p>No calls were made.</p>"
    counts = Counter(call.operation for call in facts.calls)
    failed = Counter(call.operation for call in facts.errors)
    latest = {call.operation: call.at for call in facts.calls}
    rows = [
        [name, f"{count:,}", f"{failed[name]:,}" if failed[name] else "", time_text(latest[name])]
        for name, count in counts.most_common()
    ]
    return (
        table(["operation", "calls", "failed", "latest"], rows, numbers=(1, 2))
        + _details("Failed calls", facts.errors)
        + _details("Latest calls", facts.calls)
    )


def on_aws(facts: Facts) -> str:
    """Return a table of the waiting time and the billed usage that the same calls would have caused on AWS."""
    waited = facts.waiting
    rows = [["Waiting for status changes, as simulated", duration_text(waited.simulated)]]
    if waited.skipped:
        rows.append(["Waiting skipped by mock.load or shorter durations", duration_text(waited.skipped)])
    rows += [[amount.name, amount.text] for amount in facts.amounts]
    return (
        f"{table(['', 'amount'], rows)}"
        '<p class="note">Most durations were recorded on the real service, where they differ from run to run. '
        "Resources that were deleted during the run are left out. "
        "Prices depend on the region; see the pricing page of Amazon Personalize.</p>"
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """Return an HTML table that scrolls if it is wider than the page.

    Args:
        header: The titles of the columns. A line may break after an underscore.
        rows: The rows, each with the text of all its cells.
        numbers: The indices of the columns to align to the right, because they hold numbers.
    """
    right = set(numbers)
    classes = [' class="number"' if column in right else "" for column in range(len(header))]
    head = "".join(
        f"<th{kind}>{escape(name).replace('_', '_<wbr>')}</th>" for name, kind in zip(header, classes, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for cell, kind in zip(row, classes, strict=True))}</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _tile(number: str, text: str) -> str:
    return f'<div class="tile"><b>{escape(number)}</b><span>{escape(text)}</span></div>'


def _metric(model: TrainedModel, name: str) -> str:
    value = model.metrics.get(name)
    return "" if value is None else f"{value:.4f}"


def _trade_off(attribute: str, recipe: str, models: Sequence[tuple[TrainedModel, TradeOffPoint]]) -> str:
    ordered = sorted(models, key=lambda pair: LEVELS.index(pair[1].sensitivity))
    gains = [model.metrics.get(NDCG, 0.0) for model, _ in ordered]
    points = [(point.percentile, gain) for (_, point), gain in zip(ordered, gains, strict=True)]
    chart = line_chart(
        f"{attribute}, {recipe}",
        Axis(title=f"mean percentile of {attribute} in the lists", as_percent=True),
        Axis(title="NDCG@25", high=round_up(max(gains) * 1.1)),
        [Series(name="sensitivity", points=points, labels=[point.sensitivity for _, point in ordered])],
    )
    alone = len({point.sensitivity for _, point in ordered}) == 1
    note = '<p class="note">Train versions with other sensitivities, such as OFF, to see the trade-off.</p>'
    return f"<div>{chart}{note if alone else ''}</div>"


def _details(title: str, listed: Sequence[Call]) -> str:
    if not listed:
        return ""
    lines = "".join(f"<div><code>{escape(str(call))}</code></div>" for call in listed[-LATEST_CALLS:])
    count = f"{len(listed):,}" if len(listed) <= LATEST_CALLS else f"the latest {LATEST_CALLS} of {len(listed):,}"
    return f"<details><summary>{title} ({count})</summary>{lines}</details>"
