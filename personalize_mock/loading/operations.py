"""Creation of resources from data, with the calls that a client would make.

Unlike resources that a client creates, these resources are ACTIVE at once, and the simulated clock does not move. If a
call fails, all changes are undone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

from personalize_mock.environment import Environment, Objects, Role
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.settings import LoadSettings
from personalize_mock.loading.tables import PreparedDataset
from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.core.crud import find
from personalize_mock.resources.dataset_groups import DatasetGroup
from personalize_mock.simulation import Store
from personalize_mock.undo_log import LOG, Transaction
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import LimitExceededException, ResourceAlreadyExistsException, ServiceError
from personalize_mock.wire.model import operation_by_name

ROLE = "arn:{partition}:iam::{account}:role/PersonalizeMockLoad"
BUCKET = "personalize-mock-{account}-{region}"
LONGEST_NAME = 63  # botocore model
QUOTA_HINT = " Or raise the limit with quotas=. Run 'python -m personalize_mock quotas' to list the names."
EVENT_TYPE_HINT = " The interactions have the event types {event_types}, and the recommender needs {needed}."


class Instantly:
    """An environment (S3, IAM and status transitions) in which every resource is ACTIVE as soon as it is created.

    It has the same effect as the progression "immediate" for all resource types in moto's state manager. S3 and IAM
    roles are those of another environment.

    Args:
        environment: The environment whose S3 and IAM roles are used.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def objects(self, account: str, region: str) -> Objects:
        """Return access to S3 on behalf of an account in a region."""
        return self._environment.objects(account, region)

    def role(self, arn: str) -> Role | None:
        """Return the IAM role with the given ARN, or None if it does not exist."""
        return self._environment.role(arn)

    def caller(self, account: str) -> None:
        """Return None in place of the IAM user or role that sent a request, because the mock itself makes the calls."""
        del account

    def transition(self, arn_type: str) -> Mapping[str, Any]:
        """Return the transition that makes a resource ACTIVE immediately. It is the same for all resource types."""
        del arn_type
        return {"progression": "immediate"}


@contextmanager
def loading(store: Store, *, minimums: bool) -> Iterator[None]:
    """Return a context manager for `mock.load`. Resources created in its block are ACTIVE at once.

    If the block raises an exception, everything that it has done is undone. Calls from other threads wait until the
    block ends. The rules of the test (`mock.on`) do not apply in the block, and permissions are not checked.

    Args:
        store: The resources of one account and region.
        minimums: Whether imports and solution versions require the service's minimum amounts of data.
    """
    simulation, clock = store.simulation, store.clock
    is_outermost = not clock.is_held()
    with clock.lock:
        if is_outermost:
            clock.recover()
        names = ("options", "environment", "interceptor", "is_loading")
        before = {name: getattr(simulation, name) for name in names}
        options = simulation.options
        with clock.during_call("load"):
            clock.catch_up()
            try:
                least = options.minimum_interactions if minimums else 0
                simulation.options = replace(options, check_permissions=False, minimum_interactions=least)
                simulation.environment = Instantly(simulation.environment)
                simulation.interceptor, simulation.is_loading = None, True
                with Transaction():
                    yield
            finally:
                vars(simulation).update(before)


def create(
    store: Store, settings: LoadSettings, datasets: Mapping[str, PreparedDataset], *, minimums: bool
) -> dict[str, Any]:
    """Create all resources for one call to `mock.load`.

    Args:
        store: The resources of one account and region.
        settings: The checked settings, which say what to create.
        datasets: The data by dataset type.
        minimums: Whether later trainings in the dataset group require the service's minimum amounts of data.

    Returns:
        The ARNs and ids of the resources by the name of the attribute of `LoadedData`, such as "campaign_arn".
    """
    steps = _Steps(store, settings)
    steps.create_group(minimums=minimums)
    for dataset in datasets.values():
        steps.import_dataset(dataset)
    if "INTERACTIONS" in datasets:
        steps.create_tracker()
    if settings.recipe is not None:
        steps.create_solution(settings.recipe)
    event_types = ", ".join(sorted(datasets["INTERACTIONS"].event_types)) if "INTERACTIONS" in datasets else ""
    for recipe in settings.recommenders:
        steps.create_recommender(recipe, event_types)
    for name, expression in settings.filters.items():
        steps.create_filter(name, expression)
    return steps.created


class _Steps:
    """Creation of the resources for one call to `mock.load`. Each step is a method, such as `import_dataset`.

    Attributes:
        created: The ARNs and ids of the resources created so far, by the name of the attribute of `LoadedData`.
    """

    def __init__(self, store: Store, settings: LoadSettings) -> None:
        self._store = store
        self._settings = settings
        self._name = settings.name
        self._domain = {} if settings.domain is None else {"domain": settings.domain}
        self._group_arn = store.arn("dataset-group", settings.name)
        self._role = ROLE.format(partition=store.partition, account=store.account)
        self.created: dict[str, Any] = {
            "dataset_group_arn": self._group_arn,
            **{name: {} for name in ("dataset_arns", "schema_arns", "recommender_arns", "filter_arns")},
        }

    def call(self, operation: str, hint: str = "", **params: Any) -> dict[str, Any]:
        """Call an operation and return its response.

        Args:
            operation: The name of the operation.
            hint: Text to add to the error message if the created resource fails.
            **params: The members of the request.

        Raises:
            PersonalizeMockError: The call is refused, or the created resource fails, for example with CREATE FAILED.
        """
        found = operation_by_name(operation)
        assert found is not None  # noqa: S101  # all names are written in this module
        try:
            answer = dispatch(self._store, found, params)
        except ResourceAlreadyExistsException as error:
            raise PersonalizeMockError(
                f"{self._place}: {error} Choose another name, such as name='{self._name}-2'."
            ) from None
        except ServiceError as error:
            limit = QUOTA_HINT if isinstance(error, LimitExceededException) else ""
            raise PersonalizeMockError(f"{self._place}: {operation} failed: {error}{limit}") from None
        for name, value in answer.items():
            if name.endswith("Arn"):
                self._check_active(operation, value, hint)
        return answer

    @property
    def _place(self) -> str:
        return f"load(name={self._name!r})"

    def _check_active(self, operation: str, arn: str, hint: str) -> None:
        resource = self._store.resource(arn)
        reason = getattr(resource, "failure_reason", None)
        if reason:
            raise PersonalizeMockError(f"{self._place}: {operation} created {arn}, which failed: {reason}{hint}")

    def create_group(self, *, minimums: bool) -> None:
        """Create a dataset group.

        Args:
            minimums: Whether later trainings in the dataset group require the service's minimum amounts of data.
        """
        arn = self.call("CreateDatasetGroup", name=self._name, **self._domain)["datasetGroupArn"]
        find(self._store, DatasetGroup, arn).needs_minimums = minimums

    def import_dataset(self, dataset: PreparedDataset) -> None:
        """Create a schema and a dataset, and import the prepared data into the dataset."""
        argument = dataset.dataset_type.lower()
        name = f"{self._name}-{argument}"
        schema = self.call("CreateSchema", name=name, schema=dataset.schema_text, **self._domain)["schemaArn"]
        arn = self.call(
            "CreateDataset",
            name=name,
            schemaArn=schema,
            datasetGroupArn=self._group_arn,
            datasetType=dataset.dataset_type.title(),
        )["datasetArn"]
        location = self._upload(f"{self._name}/{argument}.csv", dataset.content)
        source = {"dataLocation": location}
        self.call("CreateDatasetImportJob", jobName=name, datasetArn=arn, dataSource=source, roleArn=self._role)
        self.created["schema_arns"][argument], self.created["dataset_arns"][argument] = schema, arn

    def create_tracker(self) -> None:
        """Create an event tracker for the dataset group, and add its tracking id to `created`."""
        tracker = self.call("CreateEventTracker", name=self._name, datasetGroupArn=self._group_arn)
        self.created["tracking_id"] = tracker["trackingId"]

    def create_solution(self, recipe: RecipeEntry) -> None:
        """Create a solution, train a solution version and, if the recipe can have a campaign, deploy it."""
        options: dict[str, Any] = {"solutionConfig": self._settings.config} if self._settings.config else {}
        if recipe.perform_auto_training:
            options["performAutoTraining"] = False
        arn = recipe.recipe_arn.replace("arn:aws:", f"arn:{self._store.partition}:", 1)
        solution = self.call(
            "CreateSolution", name=self._name, datasetGroupArn=self._group_arn, recipeArn=arn, **options
        )["solutionArn"]
        version = self.call("CreateSolutionVersion", solutionArn=solution)["solutionVersionArn"]
        self.created |= {"solution_arn": solution, "solution_version_arn": version}
        if recipe.campaign:
            campaign = self.call("CreateCampaign", name=self._name, solutionVersionArn=version)
            self.created["campaign_arn"] = campaign["campaignArn"]

    def create_recommender(self, recipe: RecipeEntry, event_types: str) -> None:
        """Create a recommender in the dataset group, named after the dataset group and the use case.

        Args:
            recipe: The recipe of the recommender.
            event_types: The event types of the interactions as text, for the error if the recipe needs others.
        """
        needed = recipe.required_event_type
        hint = EVENT_TYPE_HINT.format(event_types=event_types, needed=needed) if needed else ""
        use_case = recipe.name.removeprefix("aws-ecomm-").removeprefix("aws-vod-")
        answer = self.call(
            "CreateRecommender",
            hint=hint,
            name=f"{self._name}-{use_case}"[:LONGEST_NAME],
            datasetGroupArn=self._group_arn,
            recipeArn=recipe.recipe_arn.replace("arn:aws:", f"arn:{self._store.partition}:", 1),
        )
        self.created["recommender_arns"][recipe.name] = answer["recommenderArn"]

    def create_filter(self, name: str, expression: str) -> None:
        """Create a filter in the dataset group.

        If a filter named "unseen" exists already, for example, the new filter in the dataset group "films" is called
        "films-unseen".

        Args:
            name: The name of the filter in the arguments of `mock.load`.
            expression: The filter expression.
        """
        is_taken = self._store.arn("filter", name) in self._store.by_type_name("Filter")
        answer = self.call(
            "CreateFilter",
            name=f"{self._name}-{name}" if is_taken else name,
            datasetGroupArn=self._group_arn,
            filterExpression=expression,
        )
        self.created["filter_arns"][name] = answer["filterArn"]

    def _upload(self, key: str, content: bytes) -> str:
        store = self._store
        bucket = BUCKET.format(account=store.account, region=store.region)
        if store.objects.keys(bucket, "") is None:
            LOG.record(store.objects.delete_bucket, bucket)
            store.objects.create_bucket(bucket, store.region, store.partition)
        LOG.record(store.objects.delete, bucket, key)
        store.objects.write(bucket, key, BytesIO(content), at=store.clock.timestamp())
        return f"s3://{bucket}/{key}"
