"""Batch jobs: inference with and without filters and themes, and segments of both recipes."""

from collections.abc import Iterable, Mapping
from typing import Any

from corpus.shop import a_filter, a_solution, a_tracker, item_id, open_shop, user_id
from corpus.stage import BUCKET, ROLE, Stage, json_lines, recipe

KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
BAD_LINES: tuple[Any, ...] = ("{", "[]", '{"userId": 3}', "{}", "", '{"userId": null}', '{"more": "x"}')
USERS: tuple[Any, ...] = (
    *({"userId": user_id(user)} for user in range(0, 40, 4)),
    {"userId": "stranger"},
    {"userId": user_id(2), "context": {"DEVICE": "mobile"}},
    {"userId": user_id(2), "context": {"WEATHER": "rain"}},
    {"userId": user_id(2), "note": "é", "filterValues": {"GENRE": '"Drama"'}},
)
RANKINGS: tuple[Any, ...] = (
    *({"userId": user_id(user), "itemList": [item_id(item) for item in range(user, user + 9)]} for user in range(6)),
    {"userId": user_id(1), "itemList": []},
    {"userId": user_id(1), "itemList": ["unheard-of", item_id(3)]},
)
ITEMS: tuple[Any, ...] = (
    *({"itemId": item_id(item)} for item in range(0, 60, 7)),
    {"itemId": "unheard-of"},
    {"itemId": item_id(3), "filterValues": {"GENRE": '"Comedy","Crime"'}},
)
THEMES = {
    "batchInferenceJobMode": "THEME_GENERATION",
    "themeGenerationConfig": {"fieldsForThemeGeneration": {"itemName": "TITLE"}},
}


def play(stage: Stage) -> None:
    """Run batch inference jobs."""
    shop = open_shop(stage)
    seen = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    filters = {
        "seen": a_filter(stage, shop.group, "seen", seen),
        "genre": a_filter(stage, shop.group, "genre", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)"),
        "alike": a_filter(stage, shop.group, "alike", "INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES"),
        "people": a_filter(stage, shop.group, "people", 'INCLUDE UserID WHERE Users.MEMBERSHIP IN ("Free")'),
    }
    lines: Mapping[str, Iterable[Any]] = {
        "aws-user-personalization": USERS,
        "aws-user-personalization-v2": USERS,
        "aws-hrnn-metadata": USERS,
        "aws-popularity-count": USERS,
        "aws-personalized-ranking": RANKINGS,
        "aws-similar-items": ITEMS,
        "aws-sims": ITEMS,
        "aws-semantic-similarity": ITEMS,
    }
    for name, given in lines.items():
        version = stage.train(a_solution(stage, shop.group, recipe(name), name))
        _infer(stage, name, version, given, numResults=7)
        _infer(stage, f"{name}-bad", version, BAD_LINES)
        for key, arn in filters.items():
            _infer(stage, f"{name}-{key}", version, given, numResults=7, filterArn=arn)
        _infer(stage, f"{name}-themes", version, given, numResults=6, **THEMES)
        if name == "aws-user-personalization":
            exploration = {"itemExplorationConfig": {"explorationWeight": "1"}}
            _infer(stage, f"{name}-explored", version, given, batchInferenceJobConfig=exploration)
        if name == "aws-semantic-similarity":
            influence = {"rankingInfluence": {"POPULARITY": 0.6}}
            _infer(stage, f"{name}-influence", version, given, batchInferenceJobConfig=influence)
    _folder(stage, version)
    stage.pages("ListBatchInferenceJobs", 6)
    stage.call("ListBatchInferenceJobs", "of a version", solutionVersionArn=version)


def play_segments(stage: Stage) -> None:
    """Run batch segment jobs, before and after users are deleted and events put."""
    shop = open_shop(stage)
    filters = {
        "free": a_filter(stage, shop.group, "free", "INCLUDE UserID WHERE Users.MEMBERSHIP IN ($MEMBERSHIP)"),
        "young": a_filter(stage, shop.group, "young", "EXCLUDE UserID WHERE Users.AGE > 40"),
        "events": a_filter(stage, shop.group, "events", 'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("Click")'),
    }
    item_lines = [
        *ITEMS[:5],
        {"itemId": "unheard-of"},
        {"itemId": item_id(3), "filterValues": {"MEMBERSHIP": '"Free"'}},
    ]
    attribute_lines = [
        {"itemAttributes": 'ITEMS.genres = "Comedy"'},
        {"itemAttributes": 'Items.GENRES = "Drama" AND Items.YEAR = "1984"'},
        {"itemAttributes": 'ITEMS.COLOUR = "red"'},
        {"itemAttributes": "nonsense"},
        {"itemAttributes": 'ITEMS.GENRES = "None"'},
    ]
    versions = {
        name: stage.train(a_solution(stage, shop.group, recipe(name), name))
        for name in ("aws-item-affinity", "aws-item-attribute-affinity")
    }
    for note in ("before", "after"):
        for name, given in zip(versions, (item_lines, attribute_lines), strict=True):
            _segment(stage, f"{name}-{note}", versions[name], given, numResults=15)
            _segment(stage, f"{name}-{note}-bad", versions[name], BAD_LINES)
            for key, arn in filters.items():
                _segment(stage, f"{name}-{note}-{key}", versions[name], given, numResults=10, filterArn=arn)
        if note == "before":
            tracking = a_tracker(stage, shop.group)
            now = stage.mock.clock.now()
            events = [{"eventType": "Click", "itemId": item_id(1), "sentAt": now, "properties": '{"DEVICE": "tv"}'}]
            stage.call("PutEvents", trackingId=tracking, sessionId="s1", userId="fresh", eventList=events)
            location = stage.put("USER_ID\n" + "\n".join(map(user_id, range(0, 120, 2))), "gone/half.csv")
            request = {"jobName": "half", "datasetGroupArn": shop.group, "roleArn": ROLE}
            stage.create_and_wait("CreateDataDeletionJob", dataSource={"dataLocation": location}, **request)
    stage.pages("ListBatchSegmentJobs", 4)
    stage.try_call("CreateBatchInferenceJob", **_request(stage, "wrong", versions["aws-item-affinity"], ITEMS))


def _request(stage: Stage, name: str, version: str, lines: Iterable[Any], **members: Any) -> dict[str, Any]:
    location = stage.put(json_lines(lines), f"{name}/in.json")
    return {
        "jobName": name,
        "solutionVersionArn": version,
        "jobInput": {"s3DataSource": {"path": location}},
        "jobOutput": {"s3DataDestination": {"path": f"s3://{BUCKET}/{name}/out/"}},
        "roleArn": ROLE,
        **members,
    }


def _infer(stage: Stage, name: str, version: str, lines: Iterable[Any], **members: Any) -> None:
    _run(stage, "CreateBatchInferenceJob", name, _request(stage, name, version, lines, **members))


def _segment(stage: Stage, name: str, version: str, lines: Iterable[Any], **members: Any) -> None:
    _run(stage, "CreateBatchSegmentJob", name, _request(stage, name, version, lines, **members))


def _run(stage: Stage, operation: str, name: str, request: dict[str, Any]) -> None:
    answer = stage.try_call(operation, **request)
    arn = next((value for key, value in answer.items() if key.endswith("Arn")), None)
    if arn is not None:
        stage.settle(arn)
        stage.record_objects(f"{name}/out/")


def _folder(stage: Stage, version: str) -> None:
    """Run a job on a folder of several files, with encrypted output."""
    for number in range(3):
        stage.put(json_lines(ITEMS[number : number + 2]), f"many/in/{number}/part.json")
    request = _request(stage, "many", version, ITEMS)
    request["jobInput"] = {"s3DataSource": {"path": f"s3://{BUCKET}/many/in/"}}
    request["jobOutput"] = {"s3DataDestination": {"path": f"s3://{BUCKET}/many/out/", "kmsKeyArn": KEY}}
    _run(stage, "CreateBatchInferenceJob", "many", request)
