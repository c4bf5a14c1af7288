"""How a sequence goes on: openings, and one random step."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import builders
from stateful import asking_jobs, asking_runtime, texts
from stateful.asking import ASKING, JUMPS, WEIGHTS, Pick, is_sensible, known
from stateful.engine import Setup
from stateful.kinds import KINDS
from stateful.walk import Walk

T = TypeVar("T")
IMPORTED = (asking_jobs, asking_runtime)  # they fill the table
SIZES = (1, 2, 3, 7, 100)


def arn(path: str, name: str) -> str:
    return f"arn:aws:personalize:us-east-1:123456789012:{path}/{name}"


def setup(pick: Pick) -> Setup:
    """Mostly a clock that only jumps when told to, and durations as in `KINDS`."""
    return Setup(
        autojump=pick((False, False, True)), factor=pick((1.0, 1.0, 1.0, 0.0, 0.3)), few=pick((True, True, False))
    )


def data(walk: Walk, group: str = "a", domain: str | None = None) -> None:
    """A group with interactions."""
    members = {"domain": domain} if domain else {}
    name = f"Interactions-{domain or 'custom'}".lower()
    walk.call("CreateSchema", name=name, schema=texts.SCHEMAS["Interactions"], **members)
    walk.call("CreateDatasetGroup", name=group, **members)
    walk.jump(60)
    made = {"schemaArn": arn("schema", name), "datasetGroupArn": arn("dataset-group", group)}
    walk.call("CreateDataset", name="interactions", datasetType="Interactions", **made)
    walk.jump(60)
    imported(walk, f"{group}/INTERACTIONS", name=group)


def filled(walk: Walk, kind: str) -> None:
    """A dataset of another type with data; the group is that of `data`."""
    walk.call("CreateSchema", name=f"{kind}-custom", schema=texts.SCHEMAS[kind])
    made = {"schemaArn": arn("schema", f"{kind}-custom"), "datasetGroupArn": arn("dataset-group", "a")}
    walk.call("CreateDataset", name=kind, datasetType=kind, **made)
    walk.jump(60)
    imported(walk, f"a/{kind.upper()}", name=kind)


def imported(walk: Walk, dataset: str, *, name: str) -> None:
    """An import of the file that fits a dataset."""
    source = {"dataLocation": f"s3://{texts.BUCKET}/{dataset.rpartition('/')[2]}.csv"}
    request = {"datasetArn": arn("dataset", dataset), "dataSource": source, "roleArn": builders.ROLE}
    walk.call("CreateDatasetImportJob", jobName=f"job-{name}", **request)
    walk.jump(301)


def version(walk: Walk, name: str = "a", recipe: str = texts.POPULARITY) -> str:
    """A solution version that is trained; the group is that of `data`."""
    request = {"datasetGroupArn": arn("dataset-group", "a"), "performAutoTraining": False}
    walk.call("CreateSolution", name=name, recipeArn=recipe, **request)
    walk.call("CreateSolutionVersion", solutionArn=arn("solution", name))
    walk.jump(1200)
    return list(walk.model.things["SolutionVersion"])[-1]


def deployed(walk: Walk) -> None:
    """A campaign, and a tracker."""
    data(walk)
    walk.call("CreateEventTracker", name="a", datasetGroupArn=arn("dataset-group", "a"))
    walk.call("CreateCampaign", name="a", solutionVersionArn=version(walk))
    walk.jump(600)


def shown(walk: Walk) -> None:
    """A recommender of a domain."""
    data(walk, domain=texts.VOD)
    recipe = next(iter(texts.USE_CASES))
    walk.call("CreateRecommender", name="a", datasetGroupArn=arn("dataset-group", "a"), recipeArn=recipe)
    walk.jump(2400)


def trained(walk: Walk) -> None:
    """A solution version."""
    data(walk)
    version(walk)


def nothing(walk: Walk) -> None:
    """Nothing at all."""


def everything(walk: Walk) -> None:
    """A shop with all types of datasets, a filter and two campaigns."""
    deployed(walk)
    group = arn("dataset-group", "a")
    for kind in ("Items", "Users", "Actions", "Action_Interactions"):
        walk.call("CreateSchema", name=f"{kind}-custom", schema=texts.SCHEMAS[kind])
        made = {"schemaArn": arn("schema", f"{kind}-custom"), "datasetGroupArn": group}
        walk.call("CreateDataset", name=kind, datasetType=kind, **made)
    walk.jump(60)
    walk.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=texts.NOTHING_SEEN)
    walk.call("CreateCampaign", name="b", solutionVersionArn=version(walk, "b", texts.SIMS))
    walk.jump(600)


def segmented(walk: Walk) -> None:
    """A version that finds users, a filter, and items."""
    data(walk)
    version(walk, "b", texts.AFFINITY)
    version(walk, "c", texts.SIMS)
    group = arn("dataset-group", "a")
    walk.call("CreateSchema", name="items", schema=texts.SCHEMAS["Items"])
    walk.call("CreateSchema", name="wider", schema=texts.WIDER["Items"][0])
    made = {"schemaArn": arn("schema", "items"), "datasetGroupArn": group}
    walk.call("CreateDataset", name="items", datasetType="Items", **made)
    walk.jump(60)
    walk.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=texts.DRAMA)
    walk.jump(60)


def filtered(walk: Walk) -> None:
    """A recommender, a filter and a tracker."""
    shown(walk)
    group = arn("dataset-group", "a")
    walk.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=texts.NOTHING_SEEN)
    walk.call("CreateEventTracker", name="a", datasetGroupArn=group)
    walk.jump(60)


def ranked(walk: Walk) -> None:
    """Items with their metadata, a filter, and campaigns that rank and recommend."""
    data(walk)
    filled(walk, "Items")
    group, shown = arn("dataset-group", "a"), {"campaignConfig": {"enableMetadataWithRecommendations": True}}
    walk.call("CreateFilter", name="a", datasetGroupArn=group, filterExpression=texts.DRAMA)
    for name, recipe in (("a", texts.RANKING), ("b", texts.POPULARITY)):
        walk.call("CreateCampaign", name=name, solutionVersionArn=version(walk, name, recipe), **shown)
    walk.jump(600)


def acting(walk: Walk) -> None:
    """Actions, what users did with them, filters, and a campaign that recommends them."""
    data(walk)
    filled(walk, "Actions")
    filled(walk, "Action_Interactions")
    for name, expression in (("a", texts.TALK), ("b", texts.NOTHING_SEEN)):
        walk.call("CreateFilter", name=name, datasetGroupArn=arn("dataset-group", "a"), filterExpression=expression)
    walk.call("CreateCampaign", name="a", solutionVersionArn=version(walk, "a", texts.ACTING))
    walk.jump(600)


OPENINGS: Sequence[Callable[[Walk], None]] = (
    nothing,
    data,
    trained,
    deployed,
    shown,
    everything,
    filtered,
    segmented,
    ranked,
    acting,
)


def a_call(operation: str) -> Callable[[Walk, Pick], None]:
    return lambda walk, pick: walk.call(operation, **ASKING[operation](pick, walk.model))


def a_jump(walk: Walk, pick: Pick) -> None:
    walk.jump(pick(JUMPS))


def a_list(walk: Walk, pick: Pick) -> None:
    kind = KINDS[pick(list(KINDS))]
    parents = {each.arn: each.name for each in KINDS.values()}
    narrowed = kind.parent and pick(range(2))
    parent = known(pick, walk.model, parents[kind.parent or ""]) if narrowed else None
    walk.list_all(kind.name, pick((None, *SIZES)), parent)


def a_page(walk: Walk, pick: Pick) -> None:
    walk.read_on(pick(list(KINDS)), pick(SIZES[:3]))


def a_bad_token(walk: Walk, pick: Pick) -> None:
    walk.bad_token(pick(list(KINDS)), pick(list(KINDS)))


def a_file(walk: Walk, pick: Pick) -> None:
    walk.hide(pick([*walk.model.hidden, *texts.FILES][:3]) if walk.model.hidden else pick(list(texts.FILES)))


MOVES: dict[str, Callable[[Walk, Pick], None]] = {
    "jump": a_jump,
    "list": a_list,
    "read a page": a_page,
    "bad token": a_bad_token,
    "file": a_file,
    **{operation: a_call(operation) for operation in ASKING},
}
MOVE_WEIGHTS = {"jump": 22, "list": 4, "read a page": 3, "bad token": 1, "file": 1, **WEIGHTS}


_NAMES, _WEIGHTS = list(MOVE_WEIGHTS), list(MOVE_WEIGHTS.values())
SELDOM = 0.03


def picker(random: Random) -> Pick:
    """Choices of a random generator."""

    def pick(options: Sequence[T], /) -> T:
        return options[int(random.random() * len(options))]

    return pick


def _move(random: Random, walk: Walk) -> str:
    """A move; seldom one about things of which there are none."""
    while True:
        (move,) = random.choices(_NAMES, _WEIGHTS)
        if is_sensible(walk.model, move) or random.random() < SELDOM:
            return move


def go(seed: int, length: int, counts: Any = None) -> Walk:
    """A whole sequence. A failed one is `Walk.steps` of the error's `walk`."""
    random = Random(seed)
    pick = picker(random)
    walk = Walk(setup(pick), counts)
    try:
        pick(OPENINGS)(walk)
        for _ in range(length):
            MOVES[_move(random, walk)](walk, pick)
        walk.look_at_everything()
    except Exception as error:
        raise Failed(walk, error) from error
    return walk


def replay(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> Walk:
    """Does again what a walk has done."""
    walk = Walk(setup)
    for what, *arguments in steps:
        if what == "call":
            operation, request = arguments
            walk.call(operation, **request)
        else:
            getattr(walk, what)(*arguments)
    walk.look_at_everything()
    return walk


def shortened(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """As few of the steps as still fail: those are left out, one after the other, without which it fails too."""
    kept = list(steps)
    for size in (16, 4, 1, 1):
        at = len(kept)
        while at > 0:
            at -= size
            fewer = kept[: max(at, 0)] + kept[max(at, 0) + size :]
            if _fails(setup, fewer):
                kept = fewer
    return kept


def _fails(setup: Setup, steps: Sequence[tuple[Any, ...]]) -> bool:
    try:
        replay(setup, steps)
    except Exception:  # noqa: BLE001  # whatever goes wrong
        return True
    return False


class Failed(AssertionError):  # noqa: N818  # an outcome, as in hypothesis
    """A sequence that went wrong."""

    def __init__(self, walk: Walk, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.walk = walk
