"""Effect of five live events in one genre on a user's recommendations.

    python tests/benchmarks/live_events.py FOLDER [USERS]

FOLDER holds interactions.csv.gz and items.csv.gz. Each user watches five films of one genre through PutEvents. The
films are neither in the user's list nor in the user's history. The genres take turns. Prints for how many users the
genre's share of the 25 recommendations rose, stayed and fell, and whether a filter removed the five films.
"""

import csv
import gzip
import json
import sys
from collections import Counter
from pathlib import Path

import boto3
import numpy as np
from campaigns import create

from personalize_mock import mock_personalize

GENRES = ("Action", "Comedy", "Drama", "Horror", "Sci-Fi", "Romance", "Thriller", "Animation", "War", "Crime")
INTERACTIONS = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
RECIPES = ("aws-user-personalization", "aws-user-personalization-v2", "aws-hrnn")
UNWATCHED = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")'


def import_items(mock, s3, folder: Path, group: str) -> None:
    s3.put_object(Bucket="films", Key="items.csv", Body=gzip.decompress((folder / "items.csv.gz").read_bytes()))
    genres = {"name": "GENRES", "type": ["null", "string"], "categorical": True}
    fields = [{"name": "ITEM_ID", "type": "string"}, genres]
    schema = {"type": "record", "name": "Items", "namespace": "n", "fields": fields, "version": "1.0"}
    arn = create(mock, "CreateSchema", name="items", schema=json.dumps(schema))
    dataset = create(mock, "CreateDataset", name="i", datasetGroupArn=group, datasetType="Items", schemaArn=arn)
    location = {"dataLocation": "s3://films/items.csv"}
    create(mock, "CreateDatasetImportJob", jobName="i", datasetArn=dataset, dataSource=location)


def deploy(mock, folder: Path, *, with_items: bool) -> tuple[str, str, dict[str, str]]:
    """Return a tracking id, a filter, and a campaign of each recipe."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="films")
    s3.put_object(Bucket="films", Key="events.csv", Body=gzip.decompress((folder / "interactions.csv.gz").read_bytes()))
    fields = [{"name": name, "type": avro_type} for name, avro_type in INTERACTIONS.items()]
    schema = {"type": "record", "name": "Interactions", "namespace": "n", "fields": fields, "version": "1.0"}
    group = create(mock, "CreateDatasetGroup", name="films")
    arn = create(mock, "CreateSchema", name="events", schema=json.dumps(schema))
    dataset = create(mock, "CreateDataset", name="d", datasetGroupArn=group, datasetType="Interactions", schemaArn=arn)
    location = {"dataLocation": "s3://films/events.csv"}
    create(mock, "CreateDatasetImportJob", jobName="j", datasetArn=dataset, dataSource=location)
    if with_items:
        import_items(mock, s3, folder, group)
    campaigns = {}
    for name in RECIPES:
        recipe = f"arn:aws:personalize:::recipe/{name}"
        members = {"datasetGroupArn": group, "recipeArn": recipe, "performAutoTraining": False}
        version = create(
            mock, "CreateSolutionVersion", solutionArn=create(mock, "CreateSolution", name=name, **members)
        )
        campaigns[name] = create(mock, "CreateCampaign", name=name, solutionVersionArn=version)
    tracker = mock.call("CreateEventTracker", name="t", datasetGroupArn=group)
    mock.clock.jump(86_400)
    unwatched = create(mock, "CreateFilter", name="f", datasetGroupArn=group, filterExpression=UNWATCHED)
    return tracker["trackingId"], unwatched, campaigns


def load(folder: Path):
    with gzip.open(folder / "items.csv.gz", "rt", encoding="utf-8") as lines:
        genres = {row["ITEM_ID"]: set(row["GENRES"].split("|")) for row in csv.DictReader(lines)}
    histories: dict[str, set[str]] = {}
    with gzip.open(folder / "interactions.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            histories.setdefault(row["USER_ID"], set()).add(row["ITEM_ID"])
    return genres, histories


def main(folder: Path, users: int, *, most_popular: bool, with_items: bool) -> None:
    genres, histories = load(folder)
    popular = Counter(item for items in histories.values() for item in items)
    rng = np.random.default_rng(0)
    with mock_personalize(clock="2024-05-01") as mock:
        tracking, unwatched, campaigns = deploy(mock, folder, with_items=with_items)
        events = boto3.client("personalize-events", region_name="us-east-1")
        runtime = boto3.client("personalize-runtime", region_name="us-east-1")

        def lists(user, **members):
            return {
                name: [
                    item["itemId"]
                    for item in runtime.get_recommendations(campaignArn=arn, userId=user, **members)["itemList"]
                ]
                for name, arn in campaigns.items()
            }

        changes: dict[str, list[float]] = {name: [] for name in campaigns}
        removed = []
        for number, user in enumerate(rng.permutation(sorted(histories))[:users].tolist()):
            genre = GENRES[number % len(GENRES)]
            before = lists(user)
            known = histories[user].union(*before.values())
            unknown = sorted(item for item in popular if genre in genres[item] and item not in known)
            unknown.sort(key=lambda item: -popular[item])
            chosen = unknown[:5] if most_popular else rng.choice(unknown, 5, replace=False).tolist()
            sent = [{"eventType": "Watch", "itemId": item, "sentAt": mock.clock.now()} for item in chosen]
            events.put_events(trackingId=tracking, sessionId="s", userId=user, eventList=sent)
            after = lists(user)
            for name in campaigns:
                share = [np.mean([genre in genres[item] for item in shown[name]]) for shown in (before, after)]
                changes[name].append(share[1] - share[0])
            filtered = lists(user, filterArn=unwatched, numResults=100)
            removed.append(all(not set(chosen) & set(items) for items in filtered.values()))
    which = "the most popular" if most_popular else "random"
    print(f"\nFive {which} films, {'with' if with_items else 'without'} an Items dataset, {users} users")
    for name, values in changes.items():
        change = np.array(values)
        print(
            f"  {name:30} rose {np.mean(change > 0):.1%}, stayed {np.mean(change == 0):.1%}, "
            f"fell {np.mean(change < 0):.1%}; mean change {change.mean():+.3f}"
        )
    print(f"  the filter removed the five films for {np.mean(removed):.1%} of the users")


if __name__ == "__main__":
    for most_popular in (False, True):
        for with_items in (True, False):
            main(
                Path(sys.argv[1]),
                int(sys.argv[2]) if len(sys.argv) > 2 else 300,
                most_popular=most_popular,
                with_items=with_items,
            )
