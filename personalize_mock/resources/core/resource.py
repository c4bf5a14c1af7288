"""Base class of all resources, and the classes that describe the lifecycle of a resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import ClassVar

from botocore import xform_name

from personalize_mock.undo_log import Undoable

FINAL_STATUSES = ("ACTIVE", "CREATE FAILED", "CREATE STOPPED", "INACTIVE", None)  # None: the type has no status
# Event trackers and filters can be used in these statuses. This is assumed: tutorials use them right after creation,
# and no recorded response shows that the service refuses them while they are being created.
USABLE_STATUSES = ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a lifecycle.

    Attributes:
        status: The status of a resource in this stage. None means that the resource is removed.
        share: The fraction of the lifecycle's duration that passes between the previous stage and this one.
        effect: The name of a function registered with `@effect`, which runs when a resource enters the stage, or None.
    """

    status: str | None
    share: float = 0.0
    effect: str | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The stages that a resource goes through when it is created, updated, deleted, stopped or restarted.

    Attributes:
        name: The name, such as `create` or `stop`.
        stages: The stages in order.
        failed: The final status if the function of a stage fails. It replaces the status of the last stage.
        holder: The attribute that contains the object whose status changes, such as `latest_campaign_update`. None if
            the status of the resource itself changes.
        moves_date: Whether entering a stage updates lastUpdatedDateTime.
    """

    name: str
    stages: tuple[Stage, ...]
    failed: str = "CREATE FAILED"
    holder: str | None = None
    moves_date: bool = True


@dataclass
class LifecycleState(Undoable):
    """The progress of a resource in its current lifecycle.

    Attributes:
        lifecycle: The name of the current lifecycle, or None if the resource is not changing.
        stage: The index of the current stage.
        next_stage_at: The time when the next stage is due, in epoch seconds. None if no stage is scheduled.
        failure_reason: The error message, if the function of a stage has failed, or None.
        polls: The number of calls that have shown the status during the current stage, counted only if
            `polls_per_stage` is set.
        polls_per_stage: The number of such calls after which the next stage begins. None if it begins at a scheduled
            time.
        held_status: The status in which a rule of a test keeps the resource until it is released, or None.
        held_by: The number of the rule that keeps the resource in `held_status`, or None.
    """

    lifecycle: str | None = None
    stage: int = 0
    next_stage_at: float | None = None
    failure_reason: str | None = None
    polls: int = 0
    polls_per_stage: int | None = None
    held_status: str | None = None
    held_by: int | None = None


@dataclass(kw_only=True)
class Resource(Undoable):
    """Base class of resources. Most fields of a subclass are named after members of the Describe response.

    Attributes:
        ARN_TYPE: The resource type as it appears in ARNs, such as `dataset-group`.
        LIST_MEMBER: The member of the List operation's response that holds the resources, such as `datasetGroups`.
        LIFECYCLES: The lifecycles that a resource of this type can go through. Empty if the type has no status.
        ordinal: The number of the resource in its store, in order of creation.
        lifecycle_state: The progress of the resource in its current lifecycle.
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
        """Give each subclass a property for its ARN that is named after the class, such as `campaign_arn`."""
        setattr(cls, f"{xform_name(cls.__name__)}_arn", property(attrgetter("arn")))

    @property
    def recipe_name(self) -> str:
        """The name of the recipe, if the duration of the creation depends on the recipe, else ""."""
        return ""

    @property
    def is_running(self) -> bool:
        """Whether the status says that a creation, update, deletion, stop or restart is in progress."""
        return self.status not in FINAL_STATUSES

    @property
    def has_failed(self) -> bool:
        """Whether the creation of the resource has failed, so that its status is CREATE FAILED."""
        return self.status == "CREATE FAILED"

    def polled_resources(self) -> "list[Resource]":
        """Return the resources whose statuses appear in the Describe response for this resource."""
        return [self]

    @classmethod
    def lifecycle(cls, name: str) -> Lifecycle | None:
        """Return the lifecycle with the given name, or None if the resource type has no such lifecycle."""
        return next((lifecycle for lifecycle in cls.LIFECYCLES if lifecycle.name == name), None)

    @classmethod
    def label(cls) -> str:
        """Return the name of the resource type in words, such as `dataset group`."""
        return cls.ARN_TYPE.replace("-", " ")
