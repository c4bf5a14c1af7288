"""The kinds of resources, as documented: ARNs, lists, lifecycles' steps and quotas."""

from collections.abc import Mapping
from dataclasses import dataclass

FAULT = "failureReason"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource.

    Attributes:
        path: as it stands in ARNs.
        plural: the member of List responses.
        parent: the member with which a List is narrowed, None if it cannot be.
        summary: what List entries show besides name, ARN, status and dates, as far as there is something to show.
        seconds: how long the steps of its lifecycles take in the model and, as options, in the mock.
        deletable: whether there is a Delete operation.
        newest_first: whether lists begin with the newest.
    """

    name: str
    path: str
    plural: str
    parent: str | None = None
    summary: tuple[str, ...] = ()
    seconds: Mapping[str, float] | None = None
    deletable: bool = True
    newest_first: bool = False

    @property
    def member(self) -> str:
        return self.name[0].lower() + self.name[1:]

    @property
    def arn(self) -> str:
        return f"{self.member}Arn"

    @property
    def listing(self) -> str:
        return f"List{self.plural[0].upper()}{self.plural[1:]}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("Schema", "schema", "schemas", None, ("domain",)),
        Kind("DatasetGroup", "dataset-group", "datasetGroups", None, ("domain", FAULT), {"": 30, ".delete": 60}),
        Kind(
            "Dataset",
            "dataset",
            "datasets",
            "datasetGroupArn",
            ("datasetType",),
            {"": 20, ".delete": 40, ".update": 100},
        ),
        Kind(
            "DatasetImportJob",
            "dataset-import-job",
            "datasetImportJobs",
            "datasetArn",
            ("jobName", "importMode", FAULT),
            {"": 300},
            deletable=False,
        ),
        Kind("EventTracker", "event-tracker", "eventTrackers", "datasetGroupArn", (), {"": 25, ".delete": 35}),
        Kind("Filter", "filter", "Filters", "datasetGroupArn", ("datasetGroupArn", FAULT), {"": 50, ".delete": 70}),
        Kind(
            "Solution",
            "solution",
            "solutions",
            "datasetGroupArn",
            ("recipeArn",),
            {"": 0, ".delete": 80, ".update": 180},
        ),
        Kind(
            "SolutionVersion",
            "solution-version",
            "solutionVersions",
            "solutionArn",
            ("trainingMode", "trainingType", FAULT),
            {"": 1200, ".stop": 90},
            deletable=False,
        ),
        Kind("Campaign", "campaign", "campaigns", "solutionArn", (FAULT,), {"": 600, ".delete": 900, ".update": 500}),
        Kind(
            "Recommender",
            "recommender",
            "recommenders",
            "datasetGroupArn",
            ("datasetGroupArn", "recipeArn", "recommenderConfig"),
            {"": 2400, ".delete": 1000, ".update": 700, ".stop": 310, ".start": 290},
        ),
        Kind(
            "MetricAttribution",
            "metric-attribution",
            "metricAttributions",
            "datasetGroupArn",
            (FAULT,),
            {"": 45, ".delete": 55},
        ),
        Kind(
            "DatasetExportJob",
            "dataset-export-job",
            "datasetExportJobs",
            "datasetArn",
            ("jobName", FAULT),
            {"": 250},
            deletable=False,
        ),
        Kind(
            "DataDeletionJob",
            "data-deletion-job",
            "dataDeletionJobs",
            "datasetGroupArn",
            ("jobName", "datasetGroupArn", FAULT),
            {"": 800},
            deletable=False,
            newest_first=True,
        ),
        Kind(
            "BatchInferenceJob",
            "batch-inference-job",
            "batchInferenceJobs",
            "solutionVersionArn",
            ("jobName", "solutionVersionArn", "batchInferenceJobMode", FAULT),
            {"": 780},
            deletable=False,
        ),
        Kind(
            "BatchSegmentJob",
            "batch-segment-job",
            "batchSegmentJobs",
            "solutionVersionArn",
            ("jobName", "solutionVersionArn", FAULT),
            {"": 480},
            deletable=False,
        ),
    )
}
NAMELESS = {"SolutionVersion", *(name for name in KINDS if name.endswith("Job"))}  # whose List entries show no `name`

# Documented (Service Quotas, 2025/26): the limit, what counts together, and what counts.
QUOTAS: Mapping[str, tuple[str, int, str | None, str]] = {
    "DatasetGroup": ("active_dataset_groups", 5, None, "all"),
    "Schema": ("schemas", 500, None, "all"),
    "DatasetImportJob": ("import_jobs_in_flight", 5, None, "running"),
    "Filter": ("filters_per_group", 30, "datasetGroupArn", "all"),
    "Solution": ("solutions_per_group", 20, "datasetGroupArn", "all"),
    "SolutionVersion": ("solution_versions_in_flight", 20, None, "running"),
    "Campaign": ("campaigns_per_group", 5, "datasetGroupArn", "all"),
    "Recommender": ("recommenders_per_group", 5, "datasetGroupArn", "all"),
    "DataDeletionJob": ("data_deletion_jobs_pending", 5, "datasetGroupArn", "pending"),
    "BatchInferenceJob": ("batch_inference_jobs_in_flight", 5, None, "running"),
    "BatchSegmentJob": ("batch_segment_jobs_in_flight", 5, None, "running"),
}
