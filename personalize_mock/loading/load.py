"""Implementation of `mock.load`: checks of the data and settings, then the calls that a client would make."""

import marshal
from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Any

from personalize_mock.content_cache import cached, digest
from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.loading import operations, sources
from personalize_mock.loading.demo import demo_data
from personalize_mock.loading.loaded import ByName, Call, LoadedData
from personalize_mock.loading.settings import LoadSettings, check_data, check_settings
from personalize_mock.loading.tables import PreparedDataset, prepare
from personalize_mock.resources import locations
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

ARGUMENTS = ("interactions", "items", "users", "actions", "action_interactions")
HOUR = 3600
Schemas = Mapping[str, Mapping[str, Any]]


def load(
    store: Store,
    call: Call,
    data: Mapping[str, Any],
    *,
    name: str | None,
    schemas: Schemas | None,
    minimums: bool,
    settings: Mapping[str, Any],
) -> LoadedData:
    """Create resources from data, and return the result of `mock.load`. `Handle.load` describes the arguments in full.

    Args:
        store: The resources of the account and region to load into.
        call: Function that calls an operation in this account and region.
        data: The data of each argument that was given, such as "interactions". If it is empty, the demo data is loaded.
        name: The name of the dataset group, or None for a default name.
        schemas: Avro schemas by argument. Schemas that are not given are inferred.
        minimums: Whether the service's minimum amounts of data are required.
        settings: The remaining arguments of `Handle.load`, which `check_settings` checks.
    """
    checked = check_settings(name=_free_name(store, "loaded" if data else "demo") if name is None else name, **settings)
    _check_schemas(schemas, data)
    if not isinstance(minimums, bool):
        raise PersonalizeMockError(f"minimums={minimums!r}: neither True nor False. Write minimums=True, for example.")
    now = int(store.clock.timestamp()) // HOUR * HOUR
    if _is_taken(store, checked.name):
        raise PersonalizeMockError(
            f"name={checked.name!r}: a dataset group with this name already exists. Write another name, such as "
            f"name='{checked.name}-2'."
        )
    datasets = _demo(store, checked, now) if not data else _prepared(store, checked, data, schemas or {}, now)
    check_data(checked, datasets)
    with operations.loading(store, minimums=minimums):
        created = operations.create(store, checked, datasets, minimums=minimums)
    return _result(store, checked, datasets, created, call)


def _is_taken(store: Store, name: str) -> bool:
    return store.arn("dataset-group", name) in store.by_type_name("DatasetGroup")


def _free_name(store: Store, name: str) -> str:
    """Return `name` if no dataset group has it. Otherwise, add the first free number, as in "loaded-2"."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(each for each in names if not _is_taken(store, each))


def _demo(store: Store, settings: LoadSettings, now: int) -> dict[str, PreparedDataset]:
    def make() -> dict[str, PreparedDataset]:
        data = demo_data(now=now, domain=settings.domain)
        return _prepared(store, settings, data, {}, now)

    key = digest("demo data", repr((now, settings.domain)))
    return cached(key, make, reuse=store.options.reuse)


def _prepared(
    store: Store, settings: LoadSettings, data: Mapping[str, Any], schemas: Schemas, now: int
) -> dict[str, PreparedDataset]:
    prepared = (
        _prepare(store, settings, argument, source, schemas.get(argument), now=now) for argument, source in data.items()
    )
    return {dataset.dataset_type: dataset for dataset in prepared}


def _prepare(
    store: Store,
    settings: LoadSettings,
    argument: str,
    source: Any,
    schema: Mapping[str, Any] | None,
    *,
    now: int,
) -> PreparedDataset:
    text = sources.csv_content(argument, source, _fetch(store, argument))
    columns = None if text is not None else sources.read(argument, source)

    def make() -> PreparedDataset:
        read = sources.read(argument, text) if columns is None else columns
        return prepare(read, domain=settings.domain, event_type=settings.event_type, now=now, schema=schema)

    content = text if columns is None else _as_bytes((dict(columns.values), dict(columns.given)))
    setting = repr((settings.domain, settings.event_type, now, schema))
    key = None if content is None else digest("loaded data", argument, content, str(columns is None), setting)
    return cached(key, make, reuse=store.options.reuse)


def _as_bytes(values: Any) -> bytes | None:
    """Serialize loaded data for a cache key, so that different values give different bytes.

    Return None if a value is of a class that `marshal` does not support, such as datetime.
    """
    try:
        return marshal.dumps(values, 2)  # the last version whose bytes depend on nothing but the values
    except ValueError:
        return None


def _fetch(store: Store, argument: str) -> Callable[[str], bytes]:
    def fetch(location: str) -> bytes:
        try:
            files = locations.read(store, location)
        except InvalidInputException as error:
            raise PersonalizeMockError(
                f"{argument}={location!r}: there is no such object in moto's S3 ({error}). Upload the object first."
            ) from None
        if len(files) > 1:
            raise PersonalizeMockError(
                f"{argument}={location!r}: a folder with {len(files)} objects cannot be loaded. Write the location of "
                "one object."
            )
        return next(iter(files.values()))

    return fetch


def _check_schemas(schemas: Schemas | None, data: Mapping[str, Any]) -> None:
    if schemas is None:
        return
    if not isinstance(schemas, Mapping):
        raise PersonalizeMockError(
            f"schemas={schemas!r}: not a dictionary. Write schemas={{'items': {{'type': 'record', ...}}}}, for example."
        )
    for argument in schemas:
        if argument not in data:
            raise PersonalizeMockError(
                f"schemas={{{argument!r}: ...}}: there is no data for this schema. "
                f"{did_you_mean(argument, data) if data else 'Pass data as well.'}"
            )


def _result(
    store: Store,
    settings: LoadSettings,
    datasets: Mapping[str, PreparedDataset],
    created: Mapping[str, Any],
    call: Call,
) -> LoadedData:
    by_name = {name: ByName(name, values) for name, values in created.items() if isinstance(values, dict)}
    schemas = {each.dataset_type.lower(): each.schema for each in datasets.values()}
    recipes = {recipe.name: recipe for recipe in settings.recommenders}
    if settings.recipe is not None:
        recipes["solution"] = settings.recipe
    return LoadedData(
        name=settings.name,
        dataset_group_arn=created["dataset_group_arn"],
        schemas=ByName("schemas", schemas),
        metrics=ByName("metrics", _metrics(store, settings, created)),
        _arns={name: value for name, value in created.items() if isinstance(value, str)},
        _recipes=recipes,
        _call=call,
        **by_name,
    )


def _metrics(store: Store, settings: LoadSettings, created: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
    arns = dict(created["recommender_arns"])
    if settings.recipe is not None:
        arns[settings.recipe.name] = created["solution_version_arn"]
    trained = {recipe: store.resource(arn) for recipe, arn in arns.items()}
    return {recipe: resource.fitted_model.metrics for recipe, resource in trained.items() if resource is not None}
