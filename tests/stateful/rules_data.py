"""Documented rules of schemas, dataset groups, datasets, import jobs, event trackers, filters, records and events."""

from hashlib import md5
from typing import Any

import builders
from stateful import samples
from stateful.model import ACCOUNT, Accepted, ExpectedErrors, Model, rule
from stateful.timeline import ACTIVE, USABLE, ModelResource

Response = dict[str, Any]
TAKES_IMPORTS = ("CREATE PENDING", "CREATE IN_PROGRESS", ACTIVE)


def optional(**members: Any) -> dict[str, Any]:
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


@rule("CreateSchema")
def create_schema(
    model: Model, refuse: ExpectedErrors, *, name: str, schema: str, domain: str | None = None
) -> Accepted:
    arn, schema_type = model.arn("schema", name), samples.SCHEMA_TYPES.get(schema)
    lacking = samples.LACKING_DOMAIN_FIELDS.get(domain or "", ())
    refuse("InvalidInput", when=schema_type is None or schema_type in lacking)
    refuse.perhaps("InvalidInput", when=domain and str(schema_type).startswith("ACTION"))
    refuse("ResourceAlreadyExists", when=model.get("Schema", arn))
    refuse("LimitExceeded", when=model.quota_reached("Schema"))

    def accepted(response: Response) -> None:
        assert response == {"schemaArn": arn}
        shown = {"name": name, "schema": schema, **optional(domain=domain)}
        model.add("Schema", arn, shown, {"type": schema_type, "domain": domain, "width": samples.WIDTHS.get(schema, 0)})

    return accepted


@rule("CreateDatasetGroup")
def create_dataset_group(model: Model, refuse: ExpectedErrors, *, name: str, domain: str | None = None) -> Accepted:
    arn = model.arn("dataset-group", name)
    refuse("ResourceAlreadyExists", when=model.get("DatasetGroup", arn))
    refuse("LimitExceeded", when=model.quota_reached("DatasetGroup"))

    def accepted(response: Response) -> None:
        assert response == {"datasetGroupArn": arn, **optional(domain=domain)}
        model.add("DatasetGroup", arn, {"name": name, **optional(domain=domain)}, {"domain": domain})

    return accepted


@rule("CreateDataset")
def create_dataset(
    model: Model, refuse: ExpectedErrors, *, name: str, schema_arn: str, dataset_group_arn: str, dataset_type: str
) -> Accepted:
    schema, group = model.get("Schema", schema_arn), model.require(refuse, "DatasetGroup", dataset_group_arn)
    upper = dataset_type.upper()
    arn = model.arn("dataset", f"{dataset_group_arn.rpartition('/')[2]}/{upper}")
    refuse("ResourceNotFound", when=schema is None)
    refuse("InvalidInput", when=schema is not None and schema.facts["type"] != upper)
    if schema is not None and group is not None:
        refuse("InvalidInput", when=schema.facts["domain"] != group.facts["domain"])
        refuse("InvalidInput", when=group.facts["domain"] and upper.startswith("ACTION"))
    refuse("ResourceAlreadyExists", when=model.get("Dataset", arn))

    def accepted(response: Response) -> None:
        assert response == {"datasetArn": arn}
        assert schema is not None
        width = schema.facts["width"]
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "datasetType": upper, "schemaArn": schema_arn}
        if upper == "ACTION_INTERACTIONS":
            shown["trackingId"] = model.new_id(model.read_attribute(arn, "tracking_id"))
        model.add(
            "Dataset", arn, shown, {"bulk": False, "usable": False, "revision": 0, "width": width, "listed_user": False}
        )

    return accepted


@rule("CreateDatasetImportJob")
def create_dataset_import_job(
    model: Model,
    refuse: ExpectedErrors,
    *,
    job_name: str,
    dataset_arn: str,
    data_source: dict[str, str],
    role_arn: str,
    import_mode: str = "FULL",
) -> Accepted:
    dataset, arn = model.get("Dataset", dataset_arn), model.arn("dataset-import-job", job_name)
    location = data_source["dataLocation"]
    refuse("ResourceNotFound", when=dataset is None)
    refuse("ResourceInUse", when=dataset is not None and dataset.status not in TAKES_IMPORTS)
    refuse("AccessDenied", when=role_arn != builders.ROLE)
    refuse("InvalidInput", when=dataset and import_mode == "INCREMENTAL" and not dataset.facts["bulk"])
    missing, other = model.is_missing(location), False
    if dataset is not None and not missing:
        other = samples.LOCATIONS[location] != dataset.shown["datasetType"] or dataset.facts["width"] > 0
    refuse("InvalidInput", when=missing or other, checked_last=True)
    refuse("ResourceAlreadyExists", when=model.get("DatasetImportJob", arn))
    refuse("LimitExceeded", when=model.quota_reached("DatasetImportJob"))

    def accepted(response: Response) -> None:
        assert response == {"datasetImportJobArn": arn}
        assert dataset is not None
        shown = {"jobName": job_name, "datasetArn": dataset_arn, "dataSource": data_source, "roleArn": role_arn}
        mode = {"importMode": import_mode}
        model.add(
            "DatasetImportJob",
            arn,
            {**shown, **mode},
            run=lambda: model.is_missing(location),
            finish=lambda: add_data(dataset, bulk=True),
        )

    return accepted


def add_data(dataset: ModelResource, *, bulk: bool = False, usable: bool = True) -> None:
    """Record that data arrived in a dataset. Only `usable` data can be trained on."""
    dataset.facts["revision"] += 1
    dataset.facts["bulk"] = dataset.facts["bulk"] or bulk
    dataset.facts["listed_user"] = dataset.facts["listed_user"] or bulk
    dataset.facts["usable"] = dataset.facts["usable"] or usable


@rule("CreateEventTracker")
def create_event_tracker(model: Model, refuse: ExpectedErrors, *, name: str, dataset_group_arn: str) -> Accepted:
    model.require(refuse, "DatasetGroup", dataset_group_arn)
    arn = model.arn("event-tracker", md5(dataset_group_arn.encode(), usedforsecurity=False).hexdigest()[:8])
    refuse("ResourceAlreadyExists", when=model.get("EventTracker", arn))

    def accepted(response: Response) -> None:
        tracking_id = model.new_id(response.pop("trackingId"))
        assert response == {"eventTrackerArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "accountId": ACCOUNT, "trackingId": tracking_id}
        model.add("EventTracker", arn, shown)

    return accepted


@rule("CreateFilter")
def create_filter(
    model: Model, refuse: ExpectedErrors, *, name: str, dataset_group_arn: str, filter_expression: str
) -> Accepted:
    group = model.require(refuse, "DatasetGroup", dataset_group_arn, error="InvalidInput")
    needed, arn = samples.FILTERS.get(filter_expression), model.arn("filter", name)
    datasets = model.all("Dataset", datasetGroupArn=dataset_group_arn, datasetType=needed)
    refuse("InvalidInput", when=needed is None or (group is not None and not datasets))
    refuse("ResourceAlreadyExists", when=model.get("Filter", arn))
    refuse("LimitExceeded", when=model.quota_reached("Filter", dataset_group_arn))

    def accepted(response: Response) -> None:
        assert response == {"filterArn": arn}
        shown = {"name": name, "datasetGroupArn": dataset_group_arn, "filterExpression": filter_expression}
        model.add("Filter", arn, shown, {"type": needed})

    return accepted


@rule("PutEvents")
def put_events(
    model: Model,
    refuse: ExpectedErrors,
    *,
    tracking_id: str,
    session_id: str,
    event_list: list[dict[str, Any]],
    user_id: str | None = None,
) -> Accepted:
    tracker = next(iter(model.all("EventTracker", trackingId=tracking_id)), None)
    refuse("InvalidInput", when=tracker is None or tracker.status not in USABLE)
    group = None if tracker is None else tracker.shown["datasetGroupArn"]
    datasets = model.all("Dataset", datasetGroupArn=group, datasetType="INTERACTIONS", status=ACTIVE)
    refuse("InvalidInput", when=not datasets or samples.INVALID_EVENT in event_list)
    owner = user_id or session_id
    return lambda _: add_events(
        datasets[0], [{**event, "owner": owner} for event in event_list], usable=user_id is not None
    )


def add_events(dataset: ModelResource, events: list[dict[str, Any]], *, usable: bool = True) -> None:
    """Record new events. Repeated events do not count."""
    known = dataset.facts.setdefault("events", set())
    new = {tuple(sorted(event.items())) for event in events} - known
    known |= new
    if new:
        add_data(dataset, usable=usable)


def records(model: Model, refuse: ExpectedErrors, *, dataset_arn: str, **given: list[dict[str, Any]]) -> Accepted:
    """Rule of PutItems, PutUsers and PutActions."""
    ((member, entries),) = given.items()
    dataset = model.require(refuse, "Dataset", dataset_arn)
    refuse("InvalidInput", "ResourceNotFound", when=dataset and dataset.shown["datasetType"] != member.upper())
    refuse("InvalidInput", when=samples.INVALID_RECORDS[member] in entries)
    refuse("InvalidInput", when=dataset and dataset.facts["width"] > 1)  # a required field is missing
    return lambda _: add_data(dataset)


for _operation in ("PutItems", "PutUsers", "PutActions"):
    rule(_operation)(records)


@rule("PutActionInteractions")
def put_action_interactions(
    model: Model, refuse: ExpectedErrors, *, tracking_id: str, action_interactions: list[dict[str, Any]]
) -> Accepted:
    dataset = next(iter(model.all("Dataset", trackingId=tracking_id)), None)
    refuse("ResourceNotFound", when=dataset is None)
    refuse("ResourceInUse", when=dataset and dataset.status != ACTIVE)
    refuse("InvalidInput", when=samples.INVALID_ACTION in action_interactions)

    def accepted(_: Response) -> None:
        assert dataset is not None
        add_events(dataset, action_interactions)

    return accepted
