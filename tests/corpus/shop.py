"""A small shop of films: made-up data with structure, schemas, and dataset groups that hold them."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from corpus.stage import ROLE, SEED, Stage

DAY = 86_400
END = 1_719_705_600  # 2024-06-30 00:00 UTC, a day before the clock starts
PERIOD = 60 * DAY
USERS, ITEMS, EVENTS = 120, 150, 4000
INCREMENT = 1000  # the fewest rows that can be imported into Interactions
GENRES = ("Comedy", "Crime", "Drama", "Horror", "Romance", "Western")
MEMBERSHIPS = ("Free", "Basic", "Premium")
DEVICES = ("mobile", "tv", "desktop")
SOURCES = ("home", "search", "")
WORDS = {
    "Comedy": ("joke", "party", "wedding", "clown", "neighbour"),
    "Crime": ("heist", "detective", "murder", "gang", "witness"),
    "Drama": ("family", "courtroom", "illness", "farewell", "teacher"),
    "Horror": ("ghost", "cellar", "scream", "monster", "night"),
    "Romance": ("letter", "summer", "kiss", "promise", "harbour"),
    "Western": ("horse", "saloon", "sheriff", "desert", "railway"),
}
CATEGORICAL = {"type": "string", "categorical": True}

Fields = Mapping[str, Any]
INTERACTION_FIELDS: Fields = {
    "USER_ID": "string",
    "ITEM_ID": "string",
    "EVENT_TYPE": "string",
    "EVENT_VALUE": ["null", "float"],
    "TIMESTAMP": "long",
    "DEVICE": CATEGORICAL,
    "EVENT_ATTRIBUTION_SOURCE": ["null", "string"],
}
ITEM_FIELDS: Fields = {
    "ITEM_ID": "string",
    "TITLE": {"type": "string", "itemName": True},
    "GENRES": CATEGORICAL,
    "PRICE": "float",
    "CREATION_TIMESTAMP": "long",
    "DESCRIPTION": {"type": ["null", "string"], "textual": True},
    "YEAR": ["null", "int"],
}
USER_FIELDS: Fields = {"USER_ID": "string", "AGE": "int", "MEMBERSHIP": CATEGORICAL}
ECOMMERCE_NAMES = {"GENRES": "CATEGORY_L1", "DESCRIPTION": "PRODUCT_DESCRIPTION"}
VIDEO_NAMES = {"MEMBERSHIP": "SUBSCRIPTION_MODEL", "DESCRIPTION": "PRODUCT_DESCRIPTION"}
EVENT_TYPES = {"ECOMMERCE": ("View", "Purchase"), None: ("Watch", "Click"), "VIDEO_ON_DEMAND": ("Watch", "Click")}


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of a dataset, the values of a row in the order of the fields."""

    fields: Fields
    rows: Sequence[Sequence[Any]]

    @property
    def text(self) -> str:
        """The CSV."""
        return csv_text(list(self.fields), self.rows)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A dataset group with data.

    Attributes:
        group: Its ARN.
        datasets: The ARNs of its datasets by type.
    """

    group: str
    datasets: Mapping[str, str]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


def avro_schema(kind: str, fields: Fields) -> str:
    """Return an Avro schema; a field's value is its type, or a dictionary of type and attributes."""
    described = [
        {"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in fields.items()
    ]
    space = "com.amazonaws.personalize.schema"
    name = kind.replace("_", "")
    return json.dumps({"type": "record", "name": name, "namespace": space, "fields": described, "version": "1.0"})


@cache
def tables(domain: str | None = None, *, seed: int = SEED, events: int = EVENTS) -> Mapping[str, Table]:
    """Return the shop's data, with the names that a domain asks for."""
    rng = np.random.default_rng(seed)
    genres = rng.integers(len(GENRES), size=(2, ITEMS))
    tastes = rng.integers(len(GENRES), size=USERS)
    popularity = -np.log1p(rng.permutation(ITEMS)) * 0.8
    ages = rng.integers(16, 80, size=USERS).tolist()
    films = _films(rng, genres)
    people = [(user_id(user), ages[user], MEMBERSHIPS[user % len(MEMBERSHIPS)]) for user in range(USERS)]
    liking = popularity + 2.5 * (genres[0] == tastes[:, None]) + 1.5 * (genres[1] == tastes[:, None])
    happened = _events(rng, liking, genres[0], EVENT_TYPES[domain], events)
    names = {"ECOMMERCE": ECOMMERCE_NAMES, "VIDEO_ON_DEMAND": VIDEO_NAMES, None: {}}[domain]
    return {
        "Interactions": Table(fields=INTERACTION_FIELDS, rows=happened),
        "Items": Table(fields=_renamed(ITEM_FIELDS, names), rows=films),
        "Users": Table(fields=_renamed(USER_FIELDS, names), rows=people),
    }


def item_id(item: int) -> str:
    """Return the id of an item."""
    return f"i{item:03d}"


def user_id(user: int) -> str:
    """Return the id of a user."""
    return f"u{user:03d}"


def open_shop(
    stage: Stage, name: str = "shop", kinds: Sequence[str] = ("Interactions", "Items", "Users"), **members: Any
) -> Shop:
    """Make a dataset group with datasets into which data is imported.

    Args:
        stage: The stage.
        name: Of the group.
        kinds: The types of its datasets.
        **members: Of the request for the group, such as its domain.
    """
    group = stage.create_and_wait("CreateDatasetGroup", name=name, **members)
    domain = members.get("domain")
    data = tables(domain)
    datasets = {kind: add_dataset(stage, group, name, kind, data[kind].fields, domain=domain) for kind in kinds}
    for kind in kinds:
        load(stage, datasets[kind], data[kind].text, f"{name}-{kind.lower()}")
    return Shop(group=group, datasets=datasets)


def add_dataset(
    stage: Stage, group: str, name: str, kind: str, fields: Fields, *, domain: str | None = None, **members: Any
) -> str:
    """Make a dataset with a schema of its own and return its ARN."""
    of_domain = {} if domain is None else {"domain": domain}
    schema = stage.create("CreateSchema", name=f"{name}-{kind.lower()}", schema=avro_schema(kind, fields), **of_domain)
    request = {"name": f"{name}-{kind.lower()}", "schemaArn": schema, "datasetGroupArn": group, "datasetType": kind}
    return stage.create_and_wait("CreateDataset", **request, **members)


def load(stage: Stage, dataset: str, text: str | bytes, name: str, **members: Any) -> str:
    """Import a CSV text into a dataset and return the job's ARN."""
    location = stage.put(text, f"in/{name}.csv")
    source = {"dataLocation": location}
    request = {"jobName": name, "datasetArn": dataset, "dataSource": source, "roleArn": ROLE}
    return stage.create_and_wait("CreateDatasetImportJob", **{**request, **members})


def a_solution(stage: Stage, group: str, recipe_arn: str | None, name: str, **members: Any) -> str:
    """Make a solution that is only trained when it is told to."""
    of_recipe = {} if recipe_arn is None else {"recipeArn": recipe_arn}
    request = {"name": name, "datasetGroupArn": group, "performAutoTraining": False, **of_recipe, **members}
    return stage.create_and_wait("CreateSolution", **request)


def a_campaign(stage: Stage, version: str, name: str, **config: Any) -> str:
    """Deploy a version."""
    more = {"campaignConfig": config} if config else {}
    return stage.create_and_wait("CreateCampaign", name=name, solutionVersionArn=version, **more)


def a_filter(stage: Stage, group: str, name: str, expression: str) -> str:
    """Make a filter."""
    return stage.create_and_wait("CreateFilter", name=name, datasetGroupArn=group, filterExpression=expression)


def a_tracker(stage: Stage, group: str, name: str = "tracker") -> str:
    """Make an event tracker and return its tracking id."""
    arn = stage.create_and_wait("CreateEventTracker", name=name, datasetGroupArn=group)
    return str(stage.describe(arn)["trackingId"])


def _films(rng: np.random.Generator, genres: np.ndarray) -> list[tuple[Any, ...]]:
    ages = np.where(rng.random(ITEMS) < 0.2, rng.integers(1, 25, size=ITEMS), rng.integers(60, 900, size=ITEMS))
    prices = np.round(np.exp(rng.normal(1.5, 0.5, size=ITEMS)), 2).tolist()
    picks = rng.integers(5, size=(ITEMS, 4)).tolist()
    films = []
    for item, (first, second) in enumerate(genres.T.tolist()):
        mine = GENRES[first] if first == second else f"{GENRES[first]}|{GENRES[second]}"
        words = [
            WORDS[GENRES[genre]][pick] for genre, pick in zip((first, first, second, second), picks[item], strict=True)
        ]
        title = f"The {words[0]} and the {words[2]} {item}"
        story = "" if item % 17 == 0 else f"A {words[1]} meets a {words[3]} and another {words[0]}."
        year = "" if item % 11 == 0 else 1950 + item % 70
        films.append((item_id(item), title, mine, prices[item], END - DAY * int(ages[item]), story, year))
    return films


def _events(
    rng: np.random.Generator, liking: np.ndarray, genres: np.ndarray, types: tuple[str, str], count: int
) -> list[tuple[Any, ...]]:
    zeal = rng.lognormal(sigma=0.6, size=USERS)
    users = np.concatenate([np.repeat(np.arange(USERS), 2), rng.choice(USERS, count - 2 * USERS, p=zeal / zeal.sum())])
    times = np.sort(END - rng.integers(PERIOD, size=count)).tolist()
    order = rng.permutation(count)
    rows = []
    for user, time in zip(users[order].tolist(), times, strict=True):
        item = int(np.argmax(liking[user] + rng.gumbel(size=ITEMS)))
        first = rng.random() < 0.6
        value = round(float(rng.random()), 2) if first else ""
        device, source = DEVICES[(genres[item] + time) % 3], SOURCES[int(rng.integers(3))]
        rows.append((user_id(user), item_id(item), types[0 if first else 1], value, time, device, source))
    return rows


def _renamed(fields: Fields, names: Mapping[str, str]) -> Fields:
    return {names.get(name, name): field for name, field in fields.items()}
