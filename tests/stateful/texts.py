"""Schemas, files, filters and records for requests, tiny so that imports and trainings cost next to nothing."""

import json

import builders

BUCKET = "tiny"
VOD, ECOMMERCE = "VIDEO_ON_DEMAND", "ECOMMERCE"
DOMAINS = (None, VOD, ECOMMERCE)

SCHEMAS = {kind: builders.avro_schema(kind) for kind in builders.FIELDS}
EXTRA = {"type": ["null", "string"], "categorical": True}
WIDER = {  # with a further field, that may be null or not
    kind: [
        builders.avro_schema(kind, {**builders.FIELDS[kind], "EXTRA": extra})
        for extra in (EXTRA, {**EXTRA, "type": "string"})
    ]
    for kind in ("Items", "Users")
}
SCHEMA_KINDS = {text: kind.upper() for kind, text in SCHEMAS.items()} | {
    text: kind.upper() for kind, wider in WIDER.items() for text in wider
}
WIDTHS = {text: width for wider in WIDER.values() for width, text in enumerate(wider, 1)}
WIDENED = {(0, 0), (0, 1), (1, 1), (2, 2)}  # how one schema may replace another
NO_SCHEMAS = ("{}", "nonsense")
NOT_IN = {ECOMMERCE: ("ITEMS",)}  # types whose schemas above lack what a domain asks for

FILES = {
    "INTERACTIONS": builders.interactions_csv(users=6, items=8, each=4),
    "ITEMS": builders.items_csv(items=8),
    "USERS": builders.users_csv(users=6),
    "ACTIONS": "ACTION_ID,KIND,VALUE\na1,talk,3\na2,text,1\n",
    "ACTION_INTERACTIONS": "USER_ID,ACTION_ID,EVENT_TYPE,TIMESTAMP\nu1,a1,Taken,1700000000\nu2,a2,Viewed,1700000001\n",
    "nonsense": "A,B\n1,2\n",
    "gone": "USER_ID\nu0\nnobody\n",
    "lines": '{"itemId": "i1"}\n{"itemId": "none"}\n{"userId": "u1"}\n',
}
LOCATIONS = {f"s3://{BUCKET}/{kind}.csv": kind for kind in FILES}
OUTPUT = f"s3://{BUCKET}/out/"
NO_LOCATIONS = (f"s3://{BUCKET}/none.csv", "s3://none/ITEMS.csv")

NOTHING_SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
DRAMA = 'INCLUDE ItemID WHERE Items.GENRES IN ("Drama")'
TALK = 'INCLUDE ActionID WHERE Actions.KIND IN ("talk")'
FILTERS = {NOTHING_SEEN: "INTERACTIONS", DRAMA: "ITEMS", TALK: "ACTIONS"}
EXPRESSIONS = {"SAMPLECOUNT()": "INTERACTIONS", "SUM(Items.PRICE)": "ITEMS"}
NO_EXPRESSIONS = ("nonsense", "SUM(Items.NONE)")
NO_FILTERS = ("nonsense", "INCLUDE ItemID WHERE Items.NONE = 1")

POPULARITY, SIMS = builders.recipe("aws-popularity-count"), builders.recipe("aws-sims")
RECIPES = {  # those that recommend items: the id that they need; whether the first needs a user is told in two ways
    POPULARITY: None,
    SIMS: "itemId",
}
RANKING, ACTING = builders.recipe("aws-personalized-ranking"), builders.recipe("aws-next-best-action")
SERVING = {  # the operation that campaigns answer
    **dict.fromkeys(RECIPES, "GetRecommendations"),
    RANKING: "GetPersonalizedRanking",
    ACTING: "GetActionRecommendations",
}
AFFINITY = builders.recipe("aws-item-affinity")  # for batch segment jobs alone
SOLVABLE = (*SERVING, AFFINITY)
USE_CASES = {  # the domain, and the event type without which there is nothing to train on
    builders.recipe("aws-vod-most-popular"): (VOD, "userId"),
    builders.recipe("aws-vod-because-you-watched-x"): (VOD, "itemId"),
}
ALIEN_USE_CASE = builders.recipe("aws-ecomm-popular-items-by-views")  # its events never come
NO_RECIPE = builders.recipe("aws-none")

GOOD_RECORDS = {
    "items": {"itemId": "i1", "properties": json.dumps({"genres": "Drama", "price": 1.5, "creationTimestamp": 0})},
    "users": {"userId": "u1", "properties": json.dumps({"age": 30, "membership": "Free"})},
    "actions": {"actionId": "a1", "properties": json.dumps({"kind": "talk", "value": 2})},
}
BAD_RECORDS = {
    "items": {"itemId": "i1", "properties": "nonsense"},
    "users": {"userId": "u1", "properties": json.dumps({"age": "old", "membership": "Free"})},
    "actions": {"actionId": "a1"},
}
COLUMNS = ("GENRES", "PRICE", "CREATION_TIMESTAMP")
KNOWN_ACTIONS = {"a1", "a2"}
GOOD_EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000, "itemId": "i1"}
BAD_EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000}
GOOD_ACTION = {"actionId": "a1", "sessionId": "s1", "userId": "u1", "timestamp": 1_700_000_000, "eventType": "Taken"}
BAD_ACTION = {**GOOD_ACTION, "eventType": "Bought"}
