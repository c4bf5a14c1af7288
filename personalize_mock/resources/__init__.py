"""One module per noun of the API: its dataclass, lifecycle and operations. Importing it fills the operation table."""

from personalize_mock.resources import (
    campaigns,
    dataset_groups,
    dataset_import_jobs,
    datasets,
    recipes,
    schemas,
    solution_versions,
    solutions,
)

__all__ = [
    "campaigns",
    "dataset_groups",
    "dataset_import_jobs",
    "datasets",
    "recipes",
    "schemas",
    "solution_versions",
    "solutions",
]
