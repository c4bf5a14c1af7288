"""Mocks with other options: loose ones, short durations, no jumps of polls, and sleeps that move the time."""

import time

from corpus.runtime_requests import KNOWN_USERS, NEW_USER
from corpus.shop import (
    END,
    INTERACTION_FIELDS,
    USER_FIELDS,
    a_campaign,
    a_solution,
    add_dataset,
    avro_schema,
    csv_text,
    item_id,
    load,
    tables,
    user_id,
)
from corpus.stage import Stage, recipe

DURATIONS = {"solution-version": 60, "solution-version:aws-sims": 5, "dataset-import-job": 2, "campaign": 0}
RECIPES = ("aws-popularity-count", "aws-sims", "aws-user-personalization")
FEW, SOME = 12, 200


def play_loose(stage: Stage) -> None:
    """Train on a handful of rows, with schemas that the service would refuse."""
    stage.create("CreateSchema", name="text", schema="no schema at all")
    odd = {name: field for name, field in INTERACTION_FIELDS.items() if name != "EVENT_VALUE"}
    stage.create("CreateSchema", name="users", schema=avro_schema("Users", {**USER_FIELDS, "AGE": "double"}))
    group = stage.create_and_wait("CreateDatasetGroup", name="loose")
    dataset = add_dataset(stage, group, "loose", "Interactions", odd)
    rows = [(user_id(n % 4), item_id(n), "Watch", END + n, "tv", "") for n in range(FEW)]
    load(stage, dataset, csv_text(list(odd), rows), "few")
    _ask(stage, group)


def play_quick(stage: Stage) -> None:
    """Go through it with durations and a minimum of our own; sleeps move the time, polls do not."""
    start = stage.mock.clock.now()
    group = stage.create("CreateDatasetGroup", name="quick")
    for seconds in (0.5, 1, 10, 60):
        stage.describe(group)
        time.sleep(seconds)  # a sleep of less than a second is real
        stage.recording.add("slept", (stage.mock.clock.now() - start).total_seconds() if seconds >= 1 else 0)
    stage.mock.clock.autojump = True
    dataset = add_dataset(stage, group, "quick", "Interactions", INTERACTION_FIELDS)
    rows = tables()["Interactions"].rows[:SOME]
    load(stage, dataset, csv_text(list(INTERACTION_FIELDS), rows), "some")
    _ask(stage, group)


def _ask(stage: Stage, group: str) -> None:
    for name in RECIPES:
        solution = a_solution(stage, group, recipe(name), name)
        campaign = a_campaign(stage, stage.train(solution), name)
        for user in (*KNOWN_USERS, user_id(1), NEW_USER):
            request = {"campaignArn": campaign, "userId": user, "itemId": item_id(1), "numResults": 10}
            stage.try_call("GetRecommendations", **request)
            stage.try_call("GetRecommendations", "context", context={"WEATHER": "rain"}, **request)
