"""Methods of a mock that show its calls and resources, explain answers and write a report."""

from typing import TYPE_CHECKING, Any

from personalize_mock import active
from personalize_mock.access import SimulationAccess

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from personalize_mock.inspection.calls import Calls
    from personalize_mock.inspection.explanation import Explanation
    from personalize_mock.names import OperationName
    from personalize_mock.simulation import Simulation


class Views(SimulationAccess):
    """Base class of mocks, with methods that summarize the state, list calls, explain answers and write a report."""

    def __repr__(self) -> str:
        """Return the simulated time, the number of calls, and the resources by type and status.

        This does not run status changes that have become due since the latest call, so they are not shown.
        """
        simulation = self._latest_simulation
        if simulation is None:
            return f"<{type(self).__name__}: not started>"
        from personalize_mock.inspection.summary import summary

        return f"<{type(self).__name__} {summary(simulation, is_active=_is_active(simulation))}>"

    def _repr_html_(self) -> str:
        """Return an HTML table with the same facts as `repr`, for notebooks."""
        from personalize_mock.inspection.html import mock_table

        return mock_table(self._latest_simulation, is_active=_is_active(self._latest_simulation))

    def calls(self, operation: "OperationName | None" = None, /, **members: Any) -> "Calls":
        """Return the calls that were made so far, as a list with assertions.

            mock.calls("PutEvents", userId="u1").assert_called_once()
            mock.calls("DeleteCampaign").assert_not_called()
            assert mock.calls("GetRecommendations").last.params["numResults"] == 5

        Calls of clients and of `mock.call` count. Calls that `mock.load` has made do not. A call that has failed
        counts, and so does each attempt of botocore's retries.

        Args:
            operation: Name of the operation in the API, such as "PutEvents". None for the calls of all operations.
            **members: Members that the requests must have, with the meaning that they have in `on`.

        Raises:
            PersonalizeMockError: The mock has never been active, the operation or a member does not exist, or a value
                has the wrong type.
        """
        from personalize_mock.inspection.calls import find_calls

        return find_calls(self.journal, operation, members)

    def explain(self, answer: "Mapping[str, Any] | str") -> "Explanation":
        """Explain the items in an answer of GetRecommendations, GetPersonalizedRanking or GetActionRecommendations.

            answer = runtime.get_recommendations(campaignArn=arn, userId="ada")
            print(mock.explain(answer))
            assert not mock.explain(answer)["alien"].explored

        For each item, the explanation has the most similar items in the user's history, how much the optimization
        objective contributed to the item's rank, and whether exploration has chosen the item. Values that the recipe's
        model does not provide are None. `filtered_out` lists the items that filters removed, and `notes` describe
        limits of the explanation. Notebooks show a table, with titles if Items has a column such as TITLE or NAME.

        The items are ranked again with the current data. `is_current` says whether this gives the same items as the
        answer. Nothing is changed or logged.

        Args:
            answer: The answer, or its recommendationId.

        Raises:
            PersonalizeMockError: No mock is active, the mock has not given this answer, a rule declared it, or its
                campaign or recommender is no longer ACTIVE.
        """
        from personalize_mock.inspection.explain import explain

        return explain(self._simulation(), answer)

    def report(self, path: "str | Path" = "personalize-mock-report.html", *, title: str | None = None) -> "Path":
        """Write a report of the run as one HTML file, and return its path.

            mock.report("report.html")

        The page shows the resources on a timeline, the metrics of the trained models, the coverage and popularity of
        the items that they recommend, the trade-off of optimization objectives, the calls, and how long the same run
        would have taken on AWS. It needs no network, follows the reader's light or dark mode and can be printed.
        Nothing is logged or changed. The report can also be written after the mock has ended.

        Args:
            path: The file, which is replaced if it exists.
            title: The title of the page. Default: "Amazon Personalize, simulated".

        Raises:
            PersonalizeMockError: The mock has never been active.
            OSError: The file cannot be written.
        """
        from pathlib import Path

        from personalize_mock.report.page import write_report

        return write_report(self._readable_simulation(), Path(path), title=title or "Amazon Personalize, simulated")


def _is_active(simulation: "Simulation | None") -> bool:
    return any(run.simulation is simulation for run in active.runs())
