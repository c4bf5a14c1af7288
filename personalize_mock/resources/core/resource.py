"""Base class of all resources, and the lifecycles that their statuses follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from botocore import xform_name

from personalize_mock.undo_log import Undoable

FINAL_STATUSES = ("ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE", None)  # None: the type has no status
# Event trackers and filters with these statuses can be used. Ours: tutorials use them right after their creation, and
# no recording shows that the service refuses those that are still being created.
USABLE_STATUSES = ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a lifecycle.

    Attributes:
        status: The status to show. None removes the resource.
        share: The share of the lifecycle's duration between the previous stage and this one.
        effect: The name of an effect to run on entering the stage, or None.
    """

    status: str | None
    share: float = 0.0
    effect: str | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The stages of a creation, an update, a deletion or another transition, in order.

    Attributes:
        name: The name, such as `stop`.
        stages: The stages.
        failed: The status to show instead of the last stage's if an effect has failed.
        holder: The attribute of the resource that holds the status, or None if the resource itself holds it.
        moves_date: Whether each stage is a change for lastUpdatedDateTime.
    """

    name: str
    stages: tuple[Stage, ...]
    failed: str = "CREATE FAILED"
    holder: str | None = None
    moves_date: bool = True


@dataclass
class LifecycleState(Undoable):
    """A resource's position in its current lifecycle.

    Attributes:
        lifecycle: The name of the current lifecycle, or None if the resource is at rest.
        stage: The index of the stage entered last.
        next_stage_at: When the next stage is due, in epoch seconds. None if none is scheduled.
        failure_reason: The message of the effect that has failed, or None.
        polls: The number of polls in the current stage, counted if polls move the resource.
        polls_per_stage: The number of polls that each stage takes, or None if time moves the resource.
    """

    lifecycle: str | None = None
    stage: int = 0
    next_stage_at: float | None = None
    failure_reason: str | None = None
    polls: int = 0
    polls_per_stage: int | None = None


@dataclass(kw_only=True)
class Resource(Undoable):
    """Base class of resources. The fields of its subclasses are members of the service's structures.

    Attributes:
        ARN_TYPE: The resource type in ARNs, such as `dataset-group`.
        LIST_MEMBER: The member of the List operation's response, such as `datasetGroups`.
        LIFECYCLES: The lifecycles that a resource of the type can go through. Empty if the type has no status.
        ordinal: The number of the resource in its store, in order of creation.
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
        """Add the ARN as a property under its name in requests, in snake case (`campaign_arn`)."""
        setattr(cls, f"{xform_name(cls.__name__)}_arn", property(lambda self: self.arn))

    @property
    def recipe_name(self) -> str:
        """The name of the recipe if durations depend on it, or an empty string."""
        return ""

    def polled_resources(self) -> "list[Resource]":
        """Return the resources whose status a Describe response shows."""
        return [self]

    @classmethod
    def lifecycle(cls, name: str) -> Lifecycle | None:
        """Return the lifecycle with a name, or None."""
        return next((lifecycle for lifecycle in cls.LIFECYCLES if lifecycle.name == name), None)

    @classmethod
    def label(cls) -> str:
        """Return the resource type in words, such as `dataset group`."""
        return cls.ARN_TYPE.replace("-", " ")
