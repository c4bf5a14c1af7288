"""Strategies for random requests that are valid by shape and mostly name existing resources."""

from functools import cache

import builders
from botocore.model import Shape
from contract.world import MISSING, World
from hypothesis import strategies as st

from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import compile_pattern

Strategy = st.SearchStrategy

EXTRA = 3  # members of a list or map beyond the minimum
WORDS = (
    *("", "0", "1", "-1", "0.5", "10", "1e400", "nan", "inf", "٣", " 7 ", "true", "Watch", "u1", "i1", "a/b", "\x00"),
    *(
        "hidden_dimension",
        "bptt",
        "recency_mask",
        "exploration_weight",
        "explorationWeight",
        "explorationItemAgeCutOff",
    ),
    *(
        "popularity_discount_factor",
        "PRICE",
        "GENRES",
        "EVENT_TYPE",
        "ITEMS",
        "INTERACTIONS",
        "maxNumberOfTrainingJobs",
    ),
)
_TEXTS = {
    "Name": st.sampled_from(["shop", "solution", "campaign", "import-0", "interactions"]),
    "S3Location": st.sampled_from(
        [
            "s3://data/import-0.csv",
            "s3://data/",
            "s3://data",
            "s3://none/a",
            "s3:///a",
            "https://data.s3.x/a",
            "s3://[/a",
        ]
    ),
    "RoleArn": st.sampled_from([builders.ROLE, "arn:aws:iam::999999999999:role/Theirs"]),
    "AvroSchema": st.sampled_from(
        [*map(builders.avro_schema, builders.FIELDS), "{}", "[]", "null", "{", '"string"', "1"]
    ),
    "DatasetType": st.sampled_from(list(builders.FIELDS)),
    "SchedulingExpression": st.sampled_from(["rate(1 day)", "rate(0 days)", "rate(31 days)", f"rate({'9' * 9} days)"]),
}


@cache
def request(operation: Operation, world: World, *, whole: bool = False) -> Strategy:
    """Return requests of an operation. With `whole` they have all members, and lists and maps are not empty."""
    return _structure(operation.input, world, whole=whole)


def _values(shape: Shape, name: str, world: World, *, whole: bool) -> Strategy:
    if shape.type_name == "structure":
        return _structure(shape, world, whole=whole)
    if shape.type_name == "list":
        low, high = _size(shape, whole=whole)
        return st.lists(_values(shape.member, name, world, whole=whole), min_size=low, max_size=high)
    if shape.type_name == "map":
        low, high = _size(shape, whole=whole)
        keys, values = (_values(part, "", world, whole=whole) for part in (shape.key, shape.value))
        return st.dictionaries(keys, values, min_size=low, max_size=high)
    if shape.type_name == "string":
        return _text(shape, name, world)
    return _scalar(shape)


def _structure(shape: Shape, world: World, *, whole: bool) -> Strategy:
    members = {name: _values(member, name, world, whole=whole) for name, member in shape.members.items()}
    if whole:
        return st.fixed_dictionaries(members)
    required = {name: members.pop(name) for name in shape.required_members}
    return st.fixed_dictionaries(required, optional=members)


def _size(shape: Shape, *, whole: bool) -> tuple[int, int]:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 1_000_000)
    low = max(low, int(whole))
    return low, min(high, low + EXTRA)


def _scalar(shape: Shape) -> Strategy:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name in ("integer", "long", "timestamp"):
        return st.integers(-(2**31) if low is None else low, 2**31 - 1 if high is None else high)
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _text(shape: Shape, name: str, world: World) -> Strategy:
    rules = shape.metadata
    if rules.get("enum"):
        return st.sampled_from(rules["enum"])
    if shape.name == "Arn":
        return _arn(name, world)
    low, high = rules.get("min", 0), rules.get("max", 100)
    pattern = compile_pattern(rules["pattern"]) if "pattern" in rules else None
    free = st.from_regex(pattern, fullmatch=True) if pattern else st.text(min_size=low, max_size=min(high, low + 20))
    known = _TEXTS.get(shape.name, st.sampled_from(WORDS))

    def fits(text: str) -> bool:
        return low <= len(text) <= high and (pattern is None or bool(pattern.match(text)))

    return st.one_of(known, free).filter(fits)


def _arn(name: str, world: World) -> Strategy:
    own = world.arns.get(name)
    others = [*world.arns.values(), MISSING, f"{world.arns['solutionArn']}/$LATEST", "arn:aws:personalize:::x"]
    return st.sampled_from(others if own is None else [own, own, own, *others])
