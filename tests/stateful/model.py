"""An independent model of what is documented: which things there are, and how many there may be.

What single operations ask for and do stands in `rules_*.py`. A kind of resource needs a line of `KINDS`, a rule for
its Create operation, and a way to ask for it in `asking*.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stateful.kinds import KINDS, QUOTAS
from stateful.timeline import ACTIVE, FAILED, Effect, Stage, Thing, Timeline, creation

ACCOUNT, REGION = "123456789012", "us-east-1"
RESTING = (ACTIVE, FAILED, "CREATE STOPPED", "INACTIVE", "COMPLETED", "FAILED", None)
Request = dict[str, Any]
_COUNTS: Mapping[str, Callable[[Thing], bool]] = {
    "all": lambda thing: thing.status != FAILED,
    "running": lambda thing: thing.status not in RESTING,
    "pending": lambda thing: thing.status == "PENDING",
}


ORDER = (
    "Validation",
    "AccessDenied",
    "ResourceNotFound",
    "ResourceInUse",
    "InvalidInput",
    "TooManyTags",
    "ResourceAlreadyExists",
    "LimitExceeded",
)


class Refusals:
    """The errors with which a request must be refused, and those with which it may be, where nothing is documented."""

    def __init__(self) -> None:
        self.must: set[str] = set()
        self.may: set[str] = set()
        self._reasons: list[tuple[str, ...]] = []

    def __call__(self, *errors: str, when: object, at_last: bool = False) -> bool:
        """Notes errors, any of which will do, if there is a reason; says whether there is.

        What S3 says is asked for `at_last`, when all else is well.
        """
        if when:
            self.must.update(errors)
            self._reasons += [] if at_last else [errors]
        return bool(when)

    def before(self, error: str) -> list[tuple[str, ...]]:
        """The reasons that should have been told before an error, if that is not one of those that may be."""
        place = ORDER.index(error)
        return [each for each in self._reasons if error not in self.may and max(map(ORDER.index, each)) < place]

    def perhaps(self, *errors: str, when: object) -> None:
        """Notes errors for a reason on which the documents are silent."""
        if when:
            self.may.update(errors)


Accepted = Callable[[dict[str, Any]], None]
Rule = Callable[..., Accepted | None]
RULES: dict[str, Rule] = {}


def rule(operation: str) -> Callable[[Rule], Rule]:
    """Registers what an operation asks for: `(model, refuse, **request) -> what an accepted request does`."""

    def register(function: Rule) -> Rule:
        RULES[operation] = function
        return function

    return register


class Model(Timeline):
    """What the service must hold.

    Attributes:
        quotas: limits by kind, where they are not the documented ones.
        factor: what durations are multiplied with.
        things: by kind and ARN, in order of creation.
        ever: the ids that were given so far.
        trained: asked for the ARN of a version of a solution that is trained by itself at this instant.
        hidden: the kinds of files that are not in S3 at the moment.
        peek: asked for an id that no response has told yet, by ARN and name.
    """

    def __init__(self, start: float, *, quotas: Mapping[str, int], factor: float) -> None:
        super().__init__(start)
        self.quotas = quotas
        self.factor = factor
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
        self.ever: set[str] = set()
        self.hidden: set[str] = set()
        self.trained: Callable[[str], str] = str
        self.peek: Callable[[str, str], str] = str.join
        self.remove = lambda thing: self.things[thing.kind].pop(thing.arn)

    def arn(self, path: str, name: str) -> str:
        return f"arn:aws:personalize:{REGION}:{ACCOUNT}:{path}/{name}"

    def get(self, kind: str, arn: str | None) -> Thing | None:
        return self.things[kind].get(arn or "")

    def all(self, kind: str, **members: Any) -> list[Thing]:
        """The things of a kind that show, or have as facts, some values."""
        return [
            thing
            for thing in self.things[kind].values()
            if all(thing.shown.get(name, thing.facts.get(name)) == value for name, value in members.items())
        ]

    def lacks(self, location: str) -> bool:
        """Whether there is nothing at a location."""
        kind = location.rpartition("/")[2].removesuffix(".csv")
        return not location.startswith("s3://tiny/") or kind in (*self.hidden, "none")

    def fresh(self, value: str) -> str:
        """An id that must never come twice."""
        assert value not in self.ever, f"{value} was used before"
        self.ever.add(value)
        return value

    def seconds(self, kind: str, step: str = "") -> float:
        return (KINDS[kind].seconds or {}).get(step, 0) * self.factor

    def add(
        self,
        kind: str,
        arn: str,
        shown: dict[str, Any],
        facts: dict[str, Any] | None = None,
        *,
        run: Effect | None = None,
        finish: Effect | None = None,
        stages: Sequence[Stage] = (),
    ) -> Thing:
        """Takes in what was created; `run` happens when it is IN_PROGRESS, `finish` when it becomes ACTIVE.

        Other `stages` than those of creations can be given instead.
        """
        dates = {"creationDateTime": self.now, "lastUpdatedDateTime": self.now}
        thing = Thing(kind, arn, {KINDS[kind].arn: arn, **shown, **dates}, facts or {})
        self.things[kind][arn] = thing
        if KINDS[kind].seconds is not None:
            self.follow(thing, stages or creation(self.seconds(kind), run, finish))
        return thing

    def full(self, kind: str, parent: str | None = None) -> bool:
        """Whether one more would be too many."""
        name, limit, per, what = QUOTAS[kind]
        own = self.all(kind) if per is None else self.all(kind, **{per: parent})
        return sum(map(_COUNTS[what], own)) >= self.quotas.get(name, limit)

    def needs(self, refuse: Refusals, kind: str, arn: str | None, *, error: str = "ResourceInUse") -> Thing | None:
        """Asks for a thing that is there and ACTIVE."""
        thing = self.get(kind, arn)
        refuse("ResourceNotFound", when=thing is None)
        refuse(error, when=thing is not None and thing.status != ACTIVE)
        return thing
