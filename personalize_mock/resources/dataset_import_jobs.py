"""Dataset import jobs, which add the rows of CSV files in S3 to a dataset.

CreateDatasetImportJob itself rejects files that lack a column of the schema or do not fit the schema (recorded 2019 and
2022). It is unknown how much of the files the service reads during this call. The mock checks the first 16 KiB of the
first file, and rejects it if more than half of the rows there do not fit.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.progress import logger
from personalize_mock.resources import attribution_reports, event_type_quota, locations
from personalize_mock.resources.core import quotas
from personalize_mock.resources.core.crud import add, check_absent, check_active, describe_handler, find, list_handler
from personalize_mock.resources.core.effects import effect
from personalize_mock.resources.core.lifecycle import JobFailed, create
from personalize_mock.resources.core.resource import Resource
from personalize_mock.resources.datasets import Dataset
from personalize_mock.resources.passed_roles import check_passed_role
from personalize_mock.resources.tags import Tags, check_tags
from personalize_mock.simulation import Store
from personalize_mock.timing.stopwatch import Stopwatch
from personalize_mock.wire.errors import InvalidInputException
from personalize_mock.wire.registry import handler

if TYPE_CHECKING:
    from personalize_mock.data.csv_files import ImportFailed
    from personalize_mock.data.tables import Table

# Dataset types and import modes that require a minimum number of rows.
# Developer guide, "Amazon Personalize endpoints and quotas" (2025).
NEED_MINIMUM = (("INTERACTIONS", "FULL"), ("INTERACTIONS", "INCREMENTAL"), ("ACTION_INTERACTIONS", "INCREMENTAL"))
# Recorded 2024: a job was accepted six seconds after its dataset, whose creation takes fifteen seconds or more.
BEING_CREATED = ("CREATE PENDING", "CREATE IN_PROGRESS")
# Recorded 2022. The developer guide shows it with CSV in upper case and no space after the colon.
MISSING_COLUMNS = "Input csv is missing the following columns: [{columns}]"
# Ours.
FIRST_PART = 16_384  # bytes of the first file that CreateDatasetImportJob checks
LEFT_OUT = "{arn} skipped rows that do not fit the schema: {rows}"
FULL_FIRST = "Dataset {arn} has no imported data yet. Set importMode to FULL."


@dataclass(kw_only=True)
class DatasetImportJob(Resource):
    """A dataset import job, with the members that DescribeDatasetImportJob returns.

    Attributes:
        table: The rows that the job has read but not yet added to the dataset, or None.
        size: The number of bytes read.
        warnings: The messages of the warnings issued so far. Each warning is issued once: if a test turns warnings into
            errors, the first attempt to read the files raises the warning, and the second succeeds.
    """

    ARN_TYPE = "dataset-import-job"
    LIST_MEMBER = "datasetImportJobs"
    LIFECYCLES = (create(effect="load", finish="publish"),)

    dataset_arn: str
    data_source: Mapping[str, str]
    role_arn: str | None = None
    import_mode: str = "FULL"
    publish_attribution_metrics_to_s3: bool | None = None
    table: "Table | None" = None
    size: int = 0
    warnings: set[str] = field(default_factory=set)

    @property
    def job_name(self) -> str:
        """The name of the job, under the name that this member has in requests and responses (`jobName`)."""
        return self.name


@effect(DatasetImportJob)
def load(store: Store, job: DatasetImportJob) -> None:
    """Read the CSV files of an import job from S3 when the job starts.

    If at most 1 % of the rows do not fit the schema, these rows are skipped with a warning. If there are more, the job
    fails.
    """
    from personalize_mock.data.csv_files import ImportFailed
    from personalize_mock.data.csv_rows import read_tolerantly

    dataset, watch = find(store, Dataset, job.dataset_arn), Stopwatch()
    needs_minimum = (dataset.dataset_type, job.import_mode) in NEED_MINIMUM and store.options.strict
    minimum = store.options.minimum_interactions if needs_minimum else 0
    locations.recheck_access(store, job.role_arn, job.data_source["dataLocation"], source=job.arn)
    try:
        files = locations.read(store, job.data_source["dataLocation"])
        job.size = sum(map(len, files.values()))
        job.table, left_out = read_tolerantly(
            files, dataset.parsed_schema, minimum_rows=minimum, reuse=store.options.reuse
        )
    except InvalidInputException as failure:
        raise JobFailed(str(failure)) from None
    except ImportFailed as failure:
        _log_details(job.arn, failure)
        raise JobFailed(str(failure)) from None
    logger.info("%s: read %s rows in %.2f s", job.arn, job.table.rows, watch.seconds())
    after = dataset.contents.with_import(job.table, mode=job.import_mode)
    excess = event_type_quota.excess_reason(store, dataset, after.event_types)
    if excess is not None:
        raise JobFailed(excess)
    if left_out is not None:
        text = LEFT_OUT.format(arn=job.arn, rows=left_out)
        _warn(job, text)


@effect(DatasetImportJob)
def publish(store: Store, job: DatasetImportJob) -> None:
    """Add the rows that an import job has read to its dataset when the job ends.

    The import mode FULL replaces earlier imports, and INCREMENTAL adds to them.
    """
    table, job.table = job.table, None
    assert table is not None  # noqa: S101  # a job that could not read has already failed
    dataset = find(store, Dataset, job.dataset_arn)
    dataset.contents = dataset.contents.with_import(table, mode=job.import_mode, at=store.clock.timestamp())
    to_s3 = bool(job.publish_attribution_metrics_to_s3)
    attribution_reports.report_import(store, dataset, table, mode=job.import_mode, to_s3=to_s3)


@handler
def create_dataset_import_job(
    store: Store,
    *,
    job_name: str,
    dataset_arn: str,
    data_source: Mapping[str, str],
    role_arn: str | None = None,
    import_mode: str = "FULL",
    publish_attribution_metrics_to_s3: bool | None = None,
    tags: Tags = (),
) -> DatasetImportJob:
    """Answer a CreateDatasetImportJob request.

    The beginning of the first CSV file is checked at once. All files are read when the job starts.
    """
    check_passed_role(store, role_arn)
    dataset = find(store, Dataset, dataset_arn)
    if dataset.status not in BEING_CREATED:
        check_active(store, dataset)
    locations.parse(data_source.get("dataLocation", ""))
    if import_mode == "INCREMENTAL" and dataset.contents.bulk is None:
        raise InvalidInputException(FULL_FIRST.format(arn=dataset_arn))
    if publish_attribution_metrics_to_s3:
        attribution_reports.check_reports(store, dataset)
    check_tags(tags)
    arn = store.arn(DatasetImportJob.ARN_TYPE, job_name)
    check_absent(store, DatasetImportJob, arn)
    quotas.check_quota(store, "import_jobs_in_flight")
    locations.check_access(store, role_arn, data_source["dataLocation"], source=arn)
    _check_first_part(store, dataset, data_source["dataLocation"], source=arn)
    job = DatasetImportJob(
        arn=arn,
        name=job_name,
        dataset_arn=dataset_arn,
        data_source=data_source,
        role_arn=role_arn,
        import_mode=import_mode,
        publish_attribution_metrics_to_s3=publish_attribution_metrics_to_s3,
        tags=tags,
    )
    return add(store, job)


def _check_first_part(store: Store, dataset: Dataset, location: str, *, source: str) -> None:
    """Check the header and the first rows of the first CSV file at an S3 location against the schema of a dataset.

    Args:
        store: The resources of one account and region.
        dataset: The dataset to import into.
        location: The S3 location of the files.
        source: The ARN of the import job, for log messages.

    Raises:
        InvalidInputException: There is no file, columns are missing, or more than half of the first rows do not fit the
            schema.
    """
    from personalize_mock.data.csv_files import ColumnsMissing, ImportFailed
    from personalize_mock.data.csv_rows import check_first_part

    file, content = locations.read_start(store, location, FIRST_PART)
    try:
        check_first_part(file, content, dataset.parsed_schema, reuse=store.options.reuse)
    except ColumnsMissing as failure:
        raise InvalidInputException(MISSING_COLUMNS.format(columns=", ".join(failure.names))) from None
    except ImportFailed as failure:
        _log_details(source, failure)
        raise InvalidInputException(str(failure)) from None


def _warn(job: DatasetImportJob, text: str) -> None:
    if text not in job.warnings:
        job.warnings.add(text)
        logger.warning("%s", text)
        warnings.warn(text, PersonalizeMockWarning, stacklevel=2)


def _log_details(arn: str, failure: "ImportFailed") -> None:
    if failure.details:
        logger.warning("%s: %s %s", arn, failure, failure.details)


describe_dataset_import_job = describe_handler(DatasetImportJob)
list_dataset_import_jobs = list_handler(DatasetImportJob)
