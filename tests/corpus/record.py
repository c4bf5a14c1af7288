"""A recording of what the mock answers, to prove that another version of it answers the same.

    python tests/corpus/record.py OUT.json
    python tests/corpus/record.py --compare BEFORE.json [OUT.json]

Every scenario runs in a mock of its own with a fixed seed and clock, through the public interface alone. What is
recorded are digests of the answers, step by step; a short form of them in clear; and, apart, the texts of errors.
A comparison ends with 1 if a digest differs and with 0 if nothing but texts does.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus import (
    actions,
    batches,
    catalogue,
    domains,
    filtering,
    live,
    options,
    permissions,
    recipes,
    refusals,
    reports,
    stacks,
    surroundings,
    timeline,
    training,
    upkeep,
)
from corpus.recording import Recording
from corpus.stage import CLOCK, SEED, Stage, models

import personalize_mock

Result = dict[str, Any]
Play = Callable[[Stage], None]

# By name: what is played, and the options of its mock; the longest first, so that two processes share them well.
SCENARIOS: Mapping[str, tuple[Play, Mapping[str, Any]]] = {
    "recipes": (recipes.play, {"quotas": {"campaigns_per_group": 40, "solutions_per_group": 40}}),
    "training": (training.play, {"quotas": {"solutions_per_group": 60, "campaigns_per_group": 10}}),
    "timeline": (timeline.play, {}),
    "objective": (recipes.play_objective, {"quotas": {"campaigns_per_group": 40, "solutions_per_group": 40}}),
    "ecommerce": (domains.play_shop, {}),
    "video": (domains.play_videos, {}),
    "live": (live.play, {}),
    "filters": (filtering.play, {}),
    "batches": (batches.play, {}),
    "segments": (batches.play_segments, {}),
    "actions": (actions.play, {}),
    "reports": (reports.play, {}),
    "upkeep": (upkeep.play, {}),
    "refusals": (refusals.play, {}),
    "small data": (refusals.play_small_data, {}),
    "quotas": (refusals.play_quotas, {"quotas": refusals.QUOTAS}),
    "permissions": (permissions.play, {"check_permissions": True}),
    "stacks": (stacks.play, {}),
    "catalogue": (catalogue.play, {}),
    "surroundings": (surroundings.play, {}),
    "loose": (options.play_loose, {"strict": False}),
    "quick": (options.play_quick, {"durations": options.DURATIONS, "minimum_interactions": 150, "autojump": False}),
}
FEWEST_REFUSALS = 100


def main(arguments: Sequence[str]) -> int:
    """Record, and compare if that is asked for; return the exit code."""
    parser = argparse.ArgumentParser(description="Record what the mock answers, and compare two recordings.")
    parser.add_argument("output", nargs="?", type=Path, help="where the recording goes")
    parser.add_argument("--compare", type=Path, metavar="BEFORE", help="a recording to compare with")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="play this scenario alone; repeatable")
    parser.add_argument("--processes", type=int, default=2, help="how many scenarios are played at a time")
    given = parser.parse_args(arguments)
    if given.output is None and given.compare is None:
        parser.error("say where the recording goes, or what it is compared with")
    tell(f"personalize_mock is that of {Path(personalize_mock.__file__).parent}")
    result = record(given.only or list(SCENARIOS), given.processes)
    if given.output is not None:
        given.output.write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n")
    complete = covers(result, whole=given.only is None)
    if given.compare is None:
        return 0 if complete else 1
    before = json.loads(given.compare.read_text())
    same = compare(before, result, only=given.only)
    return 0 if same and complete else 1


def record(names: Sequence[str], processes: int) -> Result:
    """Play scenarios, each in a process of its own, and put together what they show in the order of `SCENARIOS`."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        recordings = list(pool.map(played, names))
    result: Result = {
        part: {label: value for each in recordings for label, value in getattr(each, part).items()}
        for part in ("steps", "numbers", "texts")
    }
    result["operations"] = sorted({operation for each in recordings for operation in each.answered})
    result["listed recipes"] = sorted({arn for each in recordings for arn in each.listed})
    result["trained recipes"] = sorted({arn for each in recordings for arn in each.trained if arn})
    result["refusals"] = {
        code: sum(each.refusals[code] for each in recordings)
        for code in sorted({code for each in recordings for code in each.refusals})
    }
    result["faults"] = {each.scenario: each.fault for each in recordings if each.fault is not None}
    return result


def played(name: str) -> Recording:
    """Play one scenario; what stops it is recorded, so that the others are played nevertheless."""
    play, chosen = SCENARIOS[name]
    recording = Recording(name)
    began = time.perf_counter()
    with personalize_mock.mock_personalize(seed=SEED, clock=CLOCK, **chosen) as mock:
        stage = Stage(mock, recording)
        try:
            play(stage)
        except Exception as error:  # noqa: BLE001  # whatever stops a scenario is told, and stops no other
            recording.fault = f"{type(error).__name__}: {error}"
            recording.add("stopped", type(error).__name__)
        stage.see_journal()
    tell(f"{name}: {len(recording.steps)} steps in {time.perf_counter() - began:.1f} s")
    return recording


def covers(result: Result, *, whole: bool) -> bool:
    """Tell what is missing of all that should be recorded; return whether nothing is."""
    wanted = {name for model in models().values() for name in model.operation_names}
    missing = sorted(wanted - set(result["operations"]))
    untrained = sorted(set(result["listed recipes"]) - set(result["trained recipes"]))
    refused = sum(result["refusals"].values())
    tell(f"{len(result['steps'])} steps, {len(result['operations'])} of {len(wanted)} operations answered")
    tell(f"{len(result['trained recipes'])} recipes trained, {refused} calls refused")
    faults = [f"{name} stopped: {fault}" for name, fault in result["faults"].items()]
    if whole:
        faults += [f"never answered: {name}" for name in missing]
        faults += [f"never trained: {arn}" for arn in untrained]
        faults += ["too few calls were refused"] if refused < FEWEST_REFUSALS else []
    for fault in faults:
        tell(f"FAULT {fault}")
    return not faults


def compare(before: Result, after: Result, *, only: Sequence[str] | None = None) -> bool:
    """Tell what differs between two recordings; return whether no digest does."""
    old, new = (_of(each["steps"], only) for each in (before, after))
    differing = [label for label in {**old, **new} if old.get(label) != new.get(label)]
    for label in differing:
        tell(f"STEP {label}")
        tell(f"  before: {_shown(before['numbers'], label)}")
        tell(f"  after:  {_shown(after['numbers'], label)}")
    if not differing and list(old) != list(new):
        tell("STEPS come in another order")
        differing = ["order"]
    texts, new_texts = (_of(each["texts"], only) for each in (before, after))
    changed = [label for label in {**texts, **new_texts} if texts.get(label) != new_texts.get(label)]
    for label in changed:
        tell(f"TEXT {label}")
        tell(f"  before: {_shown(texts, label)}")
        tell(f"  after:  {_shown(new_texts, label)}")
    tell(f"{len(differing)} of {len(old)} steps and {len(changed)} texts differ")
    return not differing


def tell(line: str) -> None:
    """Write a line to the terminal."""
    sys.stderr.write(f"{line}\n")


def _of(values: Mapping[str, Any], only: Sequence[str] | None) -> dict[str, Any]:
    return {label: value for label, value in values.items() if only is None or label.split(": ")[0] in only}


def _shown(values: Mapping[str, Any], label: str) -> str:
    return json.dumps(values[label], sort_keys=True) if label in values else "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
