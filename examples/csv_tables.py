"""Personalize CSV files as lists of dicts, prepared for an optimization objective."""

import csv
import gzip
import io
from statistics import median

from personalize_mock.synthetic import generate

LEAKING = {"NUM_RATINGS", "AVG_RATING"}  # counted from interactions that the metrics hold out
RESERVED = {
    "USER_ID": "string",
    "ITEM_ID": "string",
    "TIMESTAMP": "long",
    "EVENT_TYPE": "string",
    "EVENT_VALUE": "float",
    "CREATION_TIMESTAMP": "long",
}


def load_folder(folder):
    tables = {}
    for dataset_type in ("interactions", "items", "users"):
        for path in (folder / f"{dataset_type}.csv", folder / f"{dataset_type}.csv.gz"):
            if path.exists():
                with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
                    tables[dataset_type] = list(csv.DictReader(file))
    if not {"interactions", "items"} <= tables.keys():
        raise SystemExit(f"{folder} must contain interactions.csv and items.csv, or the same files with .gz.")
    return tables


def generate_tables(seed):
    shop = generate(seed=seed)
    texts = {"interactions": shop.interactions, "items": shop.items, "users": shop.users}
    return {dataset_type: list(csv.DictReader(io.StringIO(text))) for dataset_type, text in texts.items()}


def is_numeric(rows, column):
    try:
        for row in rows:
            float(row[column] or 0)
    except ValueError:
        return False
    return True


def choose_attribute(items, wanted=None):
    """Return the wanted column, or the first numeric one that is neither reserved nor leaking."""
    columns = [name for name in items[0] if name not in RESERVED and name not in LEAKING]
    numeric = [name for name in columns if is_numeric(items, name)]
    if wanted is None and numeric:
        return numeric[0]
    if wanted not in items[0] or not is_numeric(items, wanted):
        raise SystemExit(f"{wanted} is not a numeric column of the items. Choose one of {numeric}.")
    return wanted


def prepare_items(items, attribute):
    """Fill gaps in the attribute with the median. An objective needs a column without nulls."""
    middle = median(float(row[attribute]) for row in items if row[attribute])
    kept = [name for name in items[0] if name == attribute or name not in LEAKING]
    return [{name: row[name] for name in kept} | {attribute: row[attribute] or str(middle)} for row in items]


def avro_field(column, rows):
    """Return a field of an Avro schema. Text with many repeated values becomes a category."""
    values = [row[column] for row in rows]
    avro_type = RESERVED.get(column) or ("float" if is_numeric(rows, column) else "string")
    field = {"name": column, "type": avro_type if all(values) else ["null", avro_type]}
    if avro_type == "string" and column not in RESERVED and len(set(values)) < len(values) / 2:
        field["categorical"] = True
    if column == "DESCRIPTION":
        field["textual"] = True
    if column == "TITLE":
        field["itemName"] = True
    return field


def avro_schema(name, rows):
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [avro_field(column, rows) for column in rows[0]],
        "version": "1.0",
    }


def csv_bytes(rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
