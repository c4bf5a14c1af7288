"""Base class of all resources, and the lifecycles that their statuses follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from botocore import xform_name

FINAL_STATUSES = ("ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE", None)  # None: a type without a status


@dataclass(frozen=True, slots=True)
class Stage:
    """One status; `share` is the part of the whole duration that passes before it is entered.

    A status of None removes the resource; `effect` names a method `(store) -> None` of the resource.
    """

    status: str | None
    share: float = 0.0
    effect: str | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Stages in order; `subject` names the part of the resource whose status moves, if it is not its own."""

    name: str
    stages: tuple[Stage, ...]
    failed: str = "CREATE FAILED"
    subject: str | None = None


@dataclass(slots=True)
class LifecycleState:
    """Where a resource stands in the lifecycle that it follows."""

    lifecycle: str | None = None
    stage: int = 0
    due: float | None = None
    failure: str | None = None
    polls: int = 0
    polls_per_stage: int | None = None


@dataclass(kw_only=True)
class Resource:
    """A thing with an ARN. Subclasses are dataclasses whose fields are members of the service's structures.

    Attributes:
        PATH: the kind as it stands in the ARN, `dataset-group`.
        PLURAL: the member of List responses.
        LIFECYCLES: those that it can follow; what has no status has none.
    """

    ARN_TYPE: ClassVar[str]
    LIST_MEMBER: ClassVar[str]
    LIFECYCLES: ClassVar[tuple[Lifecycle, ...]] = ()

    arn: str
    name: str
    creation_date_time: float = 0.0
    last_updated_date_time: float = 0.0
    status: str | None = None
    failure_reason: str | None = None
    tags: Sequence[Mapping[str, str]] = ()
    ordinal: int = 0
    lifecycle_state: LifecycleState = field(default_factory=LifecycleState, repr=False)

    def __init_subclass__(cls) -> None:
        """The wire calls the ARN `campaignArn`, `datasetGroupArn`...; inside it is `arn`."""
        setattr(cls, f"{xform_name(cls.__name__)}_arn", property(lambda self: self.arn))

    @property
    def recipe_name(self) -> str:
        """What further tells durations of this kind apart; a recipe's name for solution versions."""
        return ""

    def polled_resources(self) -> "list[Resource]":
        """The resources whose status a description of this one shows."""
        return [self]

    @classmethod
    def lifecycle(cls, name: str) -> Lifecycle | None:
        """The lifecycle of that name, or None."""
        return next((lifecycle for lifecycle in cls.LIFECYCLES if lifecycle.name == name), None)

    @classmethod
    def label(cls) -> str:
        """The kind in words, `dataset group`."""
        return cls.ARN_TYPE.replace("-", " ")
