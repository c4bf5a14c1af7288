"""Methods of a mock that wait, call operations, declare rules and load data."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from personalize_mock.restorable import Restorable
from personalize_mock.views import Views

if TYPE_CHECKING:
    from personalize_mock.loading.loaded import LoadedData
    from personalize_mock.names import OperationName, RecipeName
    from personalize_mock.rules.rule import Rule


class Handle(Views, Restorable):
    """Base class of mocks, with the methods and attributes that tests use while a mock is active.

    Attributes:
        clock: The simulated clock.
        journal: The API calls and status changes so far.
    """

    def wait(self, arn: str) -> str | None:
        """Move the clock until a resource has a final status, such as ACTIVE, and return this status.

        This also waits for an update, a restart or a deletion to finish. It takes real time only for work that must be
        done first, such as fitting a model.

            mock.wait(personalize.create_campaign(...)["campaignArn"])

        Args:
            arn: The ARN of the resource.

        Returns:
            The status, or None if the resource has been removed or its type has no status.

        Raises:
            PersonalizeMockError: The creation or update has failed (the message contains the failureReason), the
                resource does not exist, a rule keeps it in its status, or no mock is active.
        """
        from personalize_mock.waiting import wait

        return wait(self._simulation(), arn)

    def call(
        self, operation: "OperationName", *, account: str = "123456789012", region: str | None = None, **params: Any
    ) -> dict[str, Any]:
        """Call an operation without a boto3 client.

        Args:
            operation: Name of the operation in the API, such as "CreateSchema".
            account: The id of the calling account, twelve digits.
            region: The region to call. Default: $AWS_DEFAULT_REGION, or else us-east-1.
            **params: Members of the request, named and typed as in boto3.

        Returns:
            The response that boto3 would return, without ResponseMetadata.

        Raises:
            botocore.exceptions.ClientError: The operation fails.
            PersonalizeMockError: No mock is active, the operation or a member does not exist, or the account or region
                is invalid.
        """
        from personalize_mock.wire.direct import call, check_caller

        region = _default_region() if region is None else region
        check_caller(account, region)
        return call(self._simulation().store(account, region), operation, params)

    def on(self, operation: "OperationName", /, *, optional: bool = False, **members: Any) -> "Rule":
        """Declare a rule that says what happens to certain calls of an operation, in place of the usual answer.

            mock.on("GetRecommendations", userId="42").recommends("a", "b")
            mock.on("GetRecommendations").raises("ThrottlingException", times=2)
            mock.on("CreateSolutionVersion").fails_job("Out of luck")

        The newest rule that matches a call is applied to it. Calls that no rule matches go to the mocked service. If a
        rule is applied, campaigns and other resources in the request need not exist. A rule that is never applied fails
        the test when the mock ends.

        Args:
            operation: Name of the operation in the API, such as "GetRecommendations".
            optional: Whether the test may end without a call to which the rule is applied.
            **members: Members of the request that the rule is for, named and typed as in boto3: a value that must be
                equal, a dictionary with some of the members of a dictionary, a function that returns whether a value
                matches, or None for a member that the request must lack.

        Returns:
            The rule, whose methods declare what happens. Its attributes `called`, `call_count` and `calls` describe the
            calls to which it was applied.

        Raises:
            PersonalizeMockError: No mock is active, the operation or a member does not exist, or a value has the wrong
                type.
        """
        from personalize_mock.rules.rule_book import book_of

        book = book_of(self._simulation())
        return book.add(self, operation, members, optional=optional)

    def load(
        self,
        interactions: Any = None,
        *,
        items: Any = None,
        users: Any = None,
        actions: Any = None,
        action_interactions: Any = None,
        recipe: "RecipeName | str | None" = None,
        config: Mapping[str, Any] | None = None,
        objective: "tuple[str, Literal['OFF', 'LOW', 'MEDIUM', 'HIGH']] | None" = None,
        domain: 'Literal["ECOMMERCE", "VIDEO_ON_DEMAND"] | None' = None,
        recommenders: "Sequence[RecipeName | str] | None" = None,
        filters: Mapping[str, str] | None = None,
        schemas: Mapping[str, Mapping[str, Any]] | None = None,
        name: str | None = None,
        minimums: bool = False,
        account: str = "123456789012",
        region: str | None = None,
    ) -> "LoadedData":
        """Create an ACTIVE campaign or ACTIVE recommenders from data. If no data is given, demo data is used.

            films = mock.load(interactions=[("ada", "alien"), ("ada", "brazil"), ("bob", "alien")])
            assert "brazil" in films.recommend("bob")

        Data can be a list of tuples (interactions only), a list of dictionaries, a dictionary of columns, a DataFrame
        (pandas, polars, pyarrow and others), a CSV text with a header, the path of a CSV file, or the location of an
        object in moto's S3 (`s3://bucket/key`). Column names may be in any case and style: `userId` means USER_ID.

        The same resources exist afterwards as if a client had created them: dataset group, schemas, datasets, import
        jobs, event tracker, filters, and a solution with a version and a campaign, or recommenders. There are three
        differences. The simulated clock does not move, so all dates are the current time. `journal.calls()` leaves out
        the calls that create the resources. The solution has no automatic training.

        Schemas are inferred, and `LoadedData.schemas` shows them. A text column is categorical if it has values that
        contain `|`, or if its values repeat (each occurs at least 1.5 times on average). No column is made textual.
        Without a TIMESTAMP column, the rows get times one second apart, which end just before the latest full hour.

        If the data is invalid, the error names the row and says what to write, and nothing is created.

        Args:
            interactions: USER_ID, ITEM_ID, and optionally TIMESTAMP (epoch seconds, datetime or ISO 8601), EVENT_TYPE,
                EVENT_VALUE and other columns. A tuple is (user, item), optionally followed by an event type, a time or
                both.
            items: ITEM_ID and at least one other column.
            users: USER_ID and at least one other column.
            actions: ACTION_ID and at least one other column, for aws-next-best-action.
            action_interactions: USER_ID, ACTION_ID and EVENT_TYPE, for aws-next-best-action.
            recipe: The name or the ARN of the recipe of the solution. Default: aws-user-personalization-v2, or
                aws-user-personalization if there is an objective. In a domain, no solution is created by default.
            config: The solutionConfig of CreateSolution.
            objective: A numeric column of items, and the sensitivity of the optimization objective.
            domain: The domain of the dataset group, or None for a custom dataset group. In a domain, interactions
                without EVENT_TYPE get the event type that the recommenders need.
            recommenders: The recipes of the recommenders, only in a domain. Default: the one that recommends items for
                a user, or none if `recipe` is given.
            filters: Filter expressions by name.
            schemas: Avro schemas to use instead of inferred ones, by argument: {"items": {...}}.
            name: The name of the dataset group, solution and campaign. Default: "loaded", or "demo" for demo data, and
                "loaded-2" and so on if the name is taken.
            minimums: Whether the service's minimum amounts of data are required, now and by later trainings in the
                dataset group. Later imports require them in any case.
            account: The id of the account that owns the resources.
            region: The region of the resources. Default: $AWS_DEFAULT_REGION, or else us-east-1.

        Raises:
            PersonalizeMockError: No mock is active, an argument is wrong, or the data is invalid.
        """
        from functools import partial

        from personalize_mock.loading.load import ARGUMENTS, load
        from personalize_mock.wire.direct import check_caller

        region = _default_region() if region is None else region
        check_caller(account, region)
        sources = (interactions, items, users, actions, action_interactions)
        settings: dict[str, Any] = {"domain": domain, "recipe": recipe, "recommenders": recommenders}
        return load(
            self._simulation().store(account, region),
            partial(self.call, account=account, region=region),
            {argument: source for argument, source in zip(ARGUMENTS, sources, strict=True) if source is not None},
            name=name,
            schemas=schemas,
            minimums=minimums,
            settings={**settings, "config": config, "objective": objective, "filters": filters},
        )


def _default_region() -> str:
    return os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
