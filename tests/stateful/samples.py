"""Schemas, files, filters and records for requests. They are tiny, so imports and trainings are fast."""

import json

import builders

BUCKET = "tiny"
VOD, ECOMMERCE = "VIDEO_ON_DEMAND", "ECOMMERCE"
DOMAINS = (None, VOD, ECOMMERCE)

SCHEMAS = {dataset_type: builders.avro_schema(dataset_type) for dataset_type in builders.FIELDS}
EXTRA = {"type": ["null", "string"], "categorical": True}
WIDER = {  # schemas with one more field, nullable or not
    dataset_type: [
        builders.avro_schema(dataset_type, {**builders.FIELDS[dataset_type], "EXTRA": extra})
        for extra in (EXTRA, {**EXTRA, "type": "string"})
    ]
    for dataset_type in ("Items", "Users")
}
SCHEMA_TYPES = {text: dataset_type.upper() for dataset_type, text in SCHEMAS.items()} | {
    text: dataset_type.upper() for dataset_type, wider in WIDER.items() for text in wider
}
WIDTHS = {text: width for wider in WIDER.values() for width, text in enumerate(wider, 1)}
ALLOWED_WIDTHS = {(0, 0), (0, 1), (1, 1), (2, 2)}  # replacements of a schema that are allowed
INVALID_SCHEMAS = ("{}", "nonsense")
LACKING_DOMAIN_FIELDS = {ECOMMERCE: ("ITEMS",)}  # schemas without the fields that the domain requires

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
LOCATIONS = {f"s3://{BUCKET}/{name}.csv": name for name in FILES}
OUTPUT = f"s3://{BUCKET}/out/"
MISSING_LOCATIONS = (f"s3://{BUCKET}/none.csv", "s3://none/ITEMS.csv")

UNSEEN_ITEMS = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
DRAMA = 'INCLUDE ItemID WHERE Items.GENRES IN ("Drama")'
TALK = 'INCLUDE ActionID WHERE Actions.KIND IN ("talk")'
FILTERS = {UNSEEN_ITEMS: "INTERACTIONS", DRAMA: "ITEMS", TALK: "ACTIONS"}
EXPRESSIONS = {"SAMPLECOUNT()": "INTERACTIONS", "SUM(Items.PRICE)": "ITEMS"}
INVALID_EXPRESSIONS = ("nonsense", "SUM(Items.NONE)")
INVALID_FILTERS = ("nonsense", "INCLUDE ItemID WHERE Items.NONE = 1")

POPULARITY, SIMS = builders.recipe("aws-popularity-count"), builders.recipe("aws-sims")
RECIPES = {  # required id of recipes that recommend items; for the first the documentation contradicts itself
    POPULARITY: None,
    SIMS: "itemId",
}
RANKING, NEXT_BEST_ACTION = builders.recipe("aws-personalized-ranking"), builders.recipe("aws-next-best-action")
OPERATIONS = {  # runtime operation of a recipe's campaigns
    **dict.fromkeys(RECIPES, "GetRecommendations"),
    RANKING: "GetPersonalizedRanking",
    NEXT_BEST_ACTION: "GetActionRecommendations",
}
AFFINITY = builders.recipe("aws-item-affinity")  # only for batch segment jobs
SOLUTION_RECIPES = (*OPERATIONS, AFFINITY)
USE_CASES = {  # domain and required id
    builders.recipe("aws-vod-most-popular"): (VOD, "userId"),
    builders.recipe("aws-vod-because-you-watched-x"): (VOD, "itemId"),
}
OTHER_DOMAIN_USE_CASE = builders.recipe("aws-ecomm-popular-items-by-views")  # there are never events for it
UNKNOWN_RECIPE = builders.recipe("aws-none")

VALID_RECORDS = {
    "items": {"itemId": "i1", "properties": json.dumps({"genres": "Drama", "price": 1.5, "creationTimestamp": 0})},
    "users": {"userId": "u1", "properties": json.dumps({"age": 30, "membership": "Free"})},
    "actions": {"actionId": "a1", "properties": json.dumps({"kind": "talk", "value": 2})},
}
INVALID_RECORDS = {
    "items": {"itemId": "i1", "properties": "nonsense"},
    "users": {"userId": "u1", "properties": json.dumps({"age": "old", "membership": "Free"})},
    "actions": {"actionId": "a1"},
}
COLUMNS = ("GENRES", "PRICE", "CREATION_TIMESTAMP")
KNOWN_ACTIONS = {"a1", "a2"}
VALID_EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000, "itemId": "i1"}
INVALID_EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000}
VALID_ACTION = {"actionId": "a1", "sessionId": "s1", "userId": "u1", "timestamp": 1_700_000_000, "eventType": "Taken"}
INVALID_ACTION = {**VALID_ACTION, "eventType": "Bought"}
