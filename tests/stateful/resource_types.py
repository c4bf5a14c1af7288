"""Table of the resource types: ARNs, lists, durations and quotas.

Quotas: Developer guide, "Amazon Personalize endpoints and quotas" (2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass

FAULT = "failureReason"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type.

    Attributes:
        name: Name, for example DatasetGroup.
        path: Part of the ARN, for example dataset-group.
        plural: Member of List responses.
        parent: Member of List requests that filters by parent, if any.
        summary: Members of List entries besides name, ARN, status and dates.
        seconds: Durations of the lifecycle steps, in the model and as options of the mock.
        deletable: Whether there is a Delete operation.
        newest_first: Whether lists begin with the newest resource.
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


RESOURCE_TYPES = {
    resource_type.name: resource_type
    for resource_type in (
        ResourceType("Schema", "schema", "schemas", None, ("domain",)),
        ResourceType(
            "DatasetGroup", "dataset-group", "datasetGroups", None, ("domain", FAULT), {"": 30, ".delete": 60}
        ),
        ResourceType(
            "Dataset",
            "dataset",
            "datasets",
            "datasetGroupArn",
            ("datasetType",),
            {"": 20, ".delete": 40, ".update": 100},
        ),
        ResourceType(
            "DatasetImportJob",
            "dataset-import-job",
            "datasetImportJobs",
            "datasetArn",
            ("jobName", "importMode", FAULT),
            {"": 300},
            deletable=False,
        ),
        ResourceType("EventTracker", "event-tracker", "eventTrackers", "datasetGroupArn", (), {"": 25, ".delete": 35}),
        ResourceType(
            "Filter", "filter", "Filters", "datasetGroupArn", ("datasetGroupArn", FAULT), {"": 50, ".delete": 70}
        ),
        ResourceType(
            "Solution",
            "solution",
            "solutions",
            "datasetGroupArn",
            ("recipeArn",),
            {"": 0, ".delete": 80, ".update": 180},
        ),
        ResourceType(
            "SolutionVersion",
            "solution-version",
            "solutionVersions",
            "solutionArn",
            ("trainingMode", "trainingType", FAULT),
            {"": 1200, ".stop": 90},
            deletable=False,
        ),
        ResourceType(
            "Campaign", "campaign", "campaigns", "solutionArn", (FAULT,), {"": 600, ".delete": 900, ".update": 500}
        ),
        ResourceType(
            "Recommender",
            "recommender",
            "recommenders",
            "datasetGroupArn",
            ("datasetGroupArn", "recipeArn", "recommenderConfig"),
            {"": 2400, ".delete": 1000, ".update": 700, ".stop": 310, ".start": 290},
        ),
        ResourceType(
            "MetricAttribution",
            "metric-attribution",
            "metricAttributions",
            "datasetGroupArn",
            (FAULT,),
            {"": 45, ".delete": 55},
        ),
        ResourceType(
            "DatasetExportJob",
            "dataset-export-job",
            "datasetExportJobs",
            "datasetArn",
            ("jobName", FAULT),
            {"": 250},
            deletable=False,
        ),
        ResourceType(
            "DataDeletionJob",
            "data-deletion-job",
            "dataDeletionJobs",
            "datasetGroupArn",
            ("jobName", "datasetGroupArn", FAULT),
            {"": 800},
            deletable=False,
            newest_first=True,
        ),
        ResourceType(
            "BatchInferenceJob",
            "batch-inference-job",
            "batchInferenceJobs",
            "solutionVersionArn",
            ("jobName", "solutionVersionArn", "batchInferenceJobMode", FAULT),
            {"": 780},
            deletable=False,
        ),
        ResourceType(
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
NAMELESS = {
    "SolutionVersion",
    *(name for name in RESOURCE_TYPES if name.endswith("Job")),
}  # List entries without `name`

# By resource type: the quota, its limit, the member that groups resources, and the resources that count.
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
