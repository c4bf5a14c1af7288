"""One module per noun of the API: its dataclass, lifecycle and operations. Importing it fills the operation table."""

from personalize_mock.resources import (
    automatic,
    campaigns,
    dataset_groups,
    dataset_import_jobs,
    datasets,
    event_trackers,
    filters,
    recipes,
    recommenders,
    schemas,
    solution_versions,
    solutions,
)

__all__ = [
    "automatic",
    "campaigns",
    "dataset_groups",
    "dataset_import_jobs",
    "datasets",
    "event_trackers",
    "filters",
    "recipes",
    "recommenders",
    "schemas",
    "solution_versions",
    "solutions",
]
