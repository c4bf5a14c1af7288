"""Resources and operations of Amazon Personalize. Each resource type has a module for its dataclass and operations.

Importing the package registers all handlers (functions that answer operations) and all effects (functions that run when
the status of a resource changes, or at a scheduled time).
"""

from personalize_mock.resources import (
    automatic_training,
    batch_inference_jobs,
    batch_segment_jobs,
    campaign_serving,
    campaigns,
    data_deletion_jobs,
    dataset_export_jobs,
    dataset_groups,
    dataset_import_jobs,
    datasets,
    event_trackers,
    filters,
    metric_attributions,
    recipes,
    recommender_training,
    recommenders,
    schemas,
    solution_version_training,
    solution_versions,
    solutions,
    tags,
)

__all__ = [
    "automatic_training",
    "batch_inference_jobs",
    "batch_segment_jobs",
    "campaign_serving",
    "campaigns",
    "data_deletion_jobs",
    "dataset_export_jobs",
    "dataset_groups",
    "dataset_import_jobs",
    "datasets",
    "event_trackers",
    "filters",
    "metric_attributions",
    "recipes",
    "recommender_training",
    "recommenders",
    "schemas",
    "solution_version_training",
    "solution_versions",
    "solutions",
    "tags",
]
