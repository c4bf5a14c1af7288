"""Recorder of the mock's responses, to show that two versions of the mock respond alike.

    python tests/corpus/record.py OUT.json
    python tests/corpus/record.py --compare BEFORE.json [OUT.json]

Every scenario runs in its own mock with a fixed seed and clock, and uses only the public interface. The recording has a
digest and a short readable form of each response, and the texts of errors apart from them. A comparison exits with 1 if
a digest differs, and with 0 if only texts differ.
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
    live_events,
    options,
    permissions,
    public_interface,
    recipes,
    refusals,
    reports,
    stacks,
    timeline,
    training,
    upkeep,
)
from corpus.recording import Recording
from corpus.stage import CLOCK, SEED, Stage, models

import personalize_mock

Result = dict[str, Any]
Play = Callable[[Stage], None]

# By name: the scenario and the options of its mock. The longest come first, so that processes share them evenly.
SCENARIOS: Mapping[str, tuple[Play, Mapping[str, Any]]] = {
    "recipes": (recipes.play, {"quotas": {"campaigns_per_group": 40, "solutions_per_group": 40}}),
    "training": (training.play, {"quotas": {"solutions_per_group": 60, "campaigns_per_group": 10}}),
    "timeline": (timeline.play, {}),
    "objective": (recipes.play_objective, {"quotas": {"campaigns_per_group": 40, "solutions_per_group": 40}}),
    "ecommerce": (domains.play_shop, {}),
    "video": (domains.play_videos, {}),
    "live": (live_events.play, {}),
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
    "public interface": (public_interface.play, {}),
    "loose": (options.play_loose, {"strict": False}),
    "quick": (options.play_quick, {"durations": options.DURATIONS, "minimum_interactions": 150, "autojump": False}),
}
MIN_REFUSALS = 100


def main(arguments: Sequence[str]) -> int:
    """Record, compare if requested, and return the exit code."""
    parser = argparse.ArgumentParser(description="Record the mock's responses and compare two recordings.")
    parser.add_argument("output", nargs="?", type=Path, help="file for the recording")
    parser.add_argument("--compare", type=Path, metavar="BEFORE", help="recording to compare with")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="play only this scenario; repeatable")
    parser.add_argument("--processes", type=int, default=2, help="number of scenarios played at a time")
    given = parser.parse_args(arguments)
    if given.output is None and given.compare is None:
        parser.error("provide a file for the recording or a recording to compare with")
    log(f"personalize_mock is that of {Path(personalize_mock.__file__).parent}")
    result = record(given.only or list(SCENARIOS), given.processes)
    if given.output is not None:
        given.output.write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n")
    complete = is_complete(result, whole=given.only is None)
    if given.compare is None:
        return 0 if complete else 1
    before = json.loads(given.compare.read_text())
    same = compare(before, result, only=given.only)
    return 0 if same and complete else 1


def record(names: Sequence[str], processes: int) -> Result:
    """Play scenarios in separate processes and merge their recordings in the order of `SCENARIOS`."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        recordings = list(pool.map(play_scenario, names))
    result: Result = {
        part: {label: value for recording in recordings for label, value in getattr(recording, part).items()}
        for part in ("steps", "numbers", "texts")
    }
    result["operations"] = sorted({operation for recording in recordings for operation in recording.answered})
    result["listed recipes"] = sorted({arn for recording in recordings for arn in recording.listed})
    result["trained recipes"] = sorted({arn for recording in recordings for arn in recording.trained if arn})
    result["refusals"] = {
        code: sum(recording.refusals[code] for recording in recordings)
        for code in sorted({code for recording in recordings for code in recording.refusals})
    }
    result["faults"] = {recording.scenario: recording.fault for recording in recordings if recording.fault is not None}
    return result


def play_scenario(name: str) -> Recording:
    """Play one scenario. An exception is recorded and does not stop the other scenarios."""
    play, chosen = SCENARIOS[name]
    recording = Recording(name)
    began = time.perf_counter()
    with personalize_mock.mock_personalize(seed=SEED, clock=CLOCK, **chosen) as mock:
        stage = Stage(mock, recording)
        try:
            play(stage)
        except Exception as error:  # noqa: BLE001  # an exception stops only its scenario
            recording.fault = f"{type(error).__name__}: {error}"
            recording.add("stopped", type(error).__name__)
        stage.record_journal()
    log(f"{name}: {len(recording.steps)} steps in {time.perf_counter() - began:.1f} s")
    return recording


def is_complete(result: Result, *, whole: bool) -> bool:
    """Log operations and recipes that are missing in the recording, and return whether none is."""
    wanted = {name for model in models().values() for name in model.operation_names}
    missing = sorted(wanted - set(result["operations"]))
    untrained = sorted(set(result["listed recipes"]) - set(result["trained recipes"]))
    refused = sum(result["refusals"].values())
    log(f"{len(result['steps'])} steps, {len(result['operations'])} of {len(wanted)} operations answered")
    log(f"{len(result['trained recipes'])} recipes trained, {refused} calls refused")
    faults = [f"{name} stopped: {fault}" for name, fault in result["faults"].items()]
    if whole:
        faults += [f"never answered: {name}" for name in missing]
        faults += [f"never trained: {arn}" for arn in untrained]
        faults += ["too few calls were refused"] if refused < MIN_REFUSALS else []
    for fault in faults:
        log(f"FAULT {fault}")
    return not faults


def compare(before: Result, after: Result, *, only: Sequence[str] | None = None) -> bool:
    """Log the differences of two recordings, and return whether all digests are equal."""
    old, new = (_only(each["steps"], only) for each in (before, after))
    differing = [label for label in {**old, **new} if old.get(label) != new.get(label)]
    for label in differing:
        log(f"STEP {label}")
        log(f"  before: {_as_text(before['numbers'], label)}")
        log(f"  after:  {_as_text(after['numbers'], label)}")
    if not differing and list(old) != list(new):
        log("STEPS come in another order")
        differing = ["order"]
    texts, new_texts = (_only(each["texts"], only) for each in (before, after))
    changed = [label for label in {**texts, **new_texts} if texts.get(label) != new_texts.get(label)]
    for label in changed:
        log(f"TEXT {label}")
        log(f"  before: {_as_text(texts, label)}")
        log(f"  after:  {_as_text(new_texts, label)}")
    log(f"{len(differing)} of {len(old)} steps and {len(changed)} texts differ")
    return not differing


def log(line: str) -> None:
    """Write a line to stderr."""
    sys.stderr.write(f"{line}\n")


def _only(values: Mapping[str, Any], only: Sequence[str] | None) -> dict[str, Any]:
    return {label: value for label, value in values.items() if only is None or label.split(": ")[0] in only}


def _as_text(values: Mapping[str, Any], label: str) -> str:
    return json.dumps(values[label], sort_keys=True) if label in values else "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
