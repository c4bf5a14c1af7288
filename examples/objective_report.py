"""Trade-off between relevance and an item attribute: measures, tables and the chart of `objective_optimization.py`."""

import math
from bisect import bisect_left, bisect_right
from statistics import fmean
from textwrap import shorten

SENSITIVITIES = ("OFF", "LOW", "MEDIUM", "HIGH")
LENGTH = 25
# Recorded on the real service in July 2021: MovieLens 100k, ratings above 3, an attribute independent of popularity.
RECORDED = {
    "OFF": {"NDCG@5": 0.0801, "NDCG@10": 0.1026, "NDCG@25": 0.1304, "rewards": 0.0620, "coverage": 0.1432},
    "LOW": {"NDCG@5": 0.0827, "NDCG@10": 0.1024, "NDCG@25": 0.1512, "rewards": 0.1121, "coverage": 0.1081},
    "HIGH": {"NDCG@5": 0.0035, "NDCG@10": 0.0112, "NDCG@25": 0.0484, "rewards": 0.0360, "coverage": 0.0689},
}
METRICS = {
    **{f"NDCG@{k}": f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)},
    "rewards": "average_rewards_at_k",
    "coverage": "coverage",
}


def percentiles(values):
    """Return the share of the catalogue below each item's value; ties count half."""
    ordered = sorted(values.values())
    return {
        item: (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 / len(ordered)
        for item, value in values.items()
    }


def ndcg(items, held_out):
    gained = sum(1 / math.log2(2 + place) for place, item in enumerate(items[:LENGTH]) if item in held_out)
    return gained / sum(1 / math.log2(2 + place) for place in range(min(LENGTH, len(held_out))))


def summarize(lists, held_out, values):
    """Return the mean NDCG@25, value and percentile of the lists."""
    shares = percentiles(values)
    shown = [item for items in lists.values() for item in items[:LENGTH] if item in values]
    return (
        fmean(ndcg(items, held_out[user]) for user, items in lists.items()),
        fmean(values[item] for item in shown),
        fmean(shares[item] for item in shown),
    )


def by_value(items, values):
    return sorted(items, key=lambda item: -values.get(item, 0))


def best_re_ranked(lists, values, depth):
    """Return the most valuable 25 of each user's best `depth` recommendations, most valuable first."""
    return {user: by_value(items[:depth], values)[:LENGTH] for user, items in lists.items()}


def with_quota(lists, values, quota):
    """Return the best recommendations, but the last `quota` of 25 are the most valuable of the rest."""
    kept = LENGTH - quota
    return {user: items[:kept] + by_value(items[kept:], values)[:quota] for user, items in lists.items()}


def alternatives(lists, held_out, values):
    """Return curves of what one can do without an objective: points as from `summarize`, by name."""
    return {
        "re-rank the best N by value": [
            summarize(best_re_ranked(lists, values, depth), held_out, values)
            for depth in (25, 30, 40, 60, 100, 170, 300, 500)
        ],
        "quota for the most valuable": [
            summarize(with_quota(lists, values, quota), held_out, values) for quota in range(0, 26, 5)
        ],
    }


def ratios_to_off(metrics):
    """Return each metric of LOW and HIGH relative to OFF, by level and short name."""
    return {
        level: {name: metrics[level][name] / metrics["OFF"][name] if metrics["OFF"][name] else 0.0 for name in METRICS}
        for level in ("LOW", "HIGH")
    }


def short_names(metrics):
    return {level: {name: values[key] for name, key in METRICS.items()} for level, values in metrics.items()}


def print_table(title, header, rows, align=">"):
    print(f"\n{title}\n")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for first, *rest in (header, *rows):
        cells = [f"{cell:{align}{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join((f"{first:<{widths[0]}}", *cells)).rstrip())


def print_metrics(metrics):
    names = list(metrics["OFF"])
    short = [
        name.replace("normalized_discounted_cumulative_gain", "ndcg").replace("mean_reciprocal_rank", "mrr")
        for name in names
    ]
    rows = [
        [level, *(f"{values[name]:.4f}" if name in values else "" for name in names)]
        for level, values in metrics.items()
    ]
    print_table("Offline metrics (get_solution_metrics)", ["", *short], rows)


def print_recorded(metrics):
    rows = []
    for label, ratios in (("recorded", ratios_to_off(RECORDED)), ("here", ratios_to_off(short_names(metrics)))):
        rows += [
            [f"{level} {label}", *(f"{value:.0%}" for value in values.values())] for level, values in ratios.items()
        ]
    print_table("Metrics relative to OFF, recorded on other data and here", ["", *METRICS], sorted(rows, reverse=True))


def print_trade_off(attribute, points):
    header = ["", "NDCG@25", "vs OFF", f"mean {attribute}", "percentile"]
    baseline = points["OFF"][0] or 1
    rows = [
        [name, f"{gain:.4f}", f"{gain / baseline:.0%}", f"{value:.2f}", f"{share:.2f}"]
        for name, (gain, value, share) in points.items()
    ]
    print_table(f"Relevance and {attribute} of the 25 recommendations for each user", header, rows)


def print_lists(user, attribute, items, lists, length=8):
    titles = {row["ITEM_ID"]: row.get("TITLE") or row["ITEM_ID"] for row in items}
    values = {row["ITEM_ID"]: f"{float(row[attribute]):.6g}" for row in items}
    shown = {item: f"{shorten(title, 26, placeholder='...')} {values[item]}" for item, title in titles.items()}
    tops = [[shown.get(item, item) for item in lists[name][user][:length]] for name in SENSITIVITIES]
    rows = [[f"{n}.", *row] for n, row in enumerate(zip(*tops, strict=False), start=1)]
    print_table(f"User {user}: titles and {attribute}", ["", *SENSITIVITIES], rows, align="<")


def draw(attributes, metrics, path):
    """Save a chart with a panel for each attribute and one for the recorded metrics.

    `attributes` maps the title of a panel to its points by name and its alternative curves.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(11, 8.5), layout="constrained")
    panels = figure.subplots(2, 2)
    for axes, (title, (points, curves)) in zip(panels.flat, attributes.items(), strict=False):
        draw_trade_off(axes, title, points, curves)
    draw_recorded(panels.flat[3], metrics)
    for axes in panels.flat:
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    panels.flat[0].legend(loc="upper left", fontsize=8)
    figure.savefig(path, dpi=130)
    print(f"\nSaved the chart to {path}.")


def draw_trade_off(axes, title, points, curves):
    baseline = points["OFF"][0] or 1
    for (name, curve), style in zip(curves.items(), ("--", ":"), strict=True):
        gains, _, shares = zip(*curve, strict=True)
        axes.plot(shares, [gain / baseline for gain in gains], style, color="#8a8a8a", linewidth=1.5, label=name)
    gains, _, shares = zip(*(points[name] for name in SENSITIVITIES), strict=True)
    axes.plot(
        shares, [gain / baseline for gain in gains], "o-", color="#2a6f97", markersize=8, linewidth=2, label="objective"
    )
    for name, gain, share in zip(SENSITIVITIES, gains, shares, strict=True):
        axes.annotate(name, (share, gain / baseline), xytext=(6, 6), textcoords="offset points", fontsize=9)
    if "popularity" in points:
        gain, _, share = points["popularity"]
        axes.plot(share, gain / baseline, "s", color="#c0843c", markersize=8, label="popularity")
    axes.set(title=title, xlabel="mean percentile of the attribute among the 25", ylabel="NDCG@25 relative to OFF")
    axes.set_xlim(0, 1.08)
    axes.set_ylim(0, 1.2)


def draw_recorded(axes, metrics):
    places = range(len(METRICS))
    styles = {"LOW": ("#7fb3d0", "o"), "HIGH": ("#1d4e6b", "s")}
    for label, ratios, shift in (
        ("recorded", ratios_to_off(RECORDED), -0.12),
        ("here", ratios_to_off(short_names(metrics)), 0.12),
    ):
        for level, values in ratios.items():
            color, marker = styles[level]
            axes.plot(
                [place + shift for place in places],
                list(values.values()),
                marker,
                color=color,
                markersize=8,
                fillstyle="none" if label == "recorded" else "full",
                markeredgewidth=2,
                label=f"{level}, {label}",
            )
    axes.axhline(1, color="#8a8a8a", linewidth=1)
    axes.set_xticks(list(places), list(METRICS))
    axes.set(title="Recorded on the real service (other data) and here", ylabel="relative to OFF")
    axes.set_ylim(0, None)
    axes.legend(fontsize=8)
