"""Personalize CSV files as lists of dicts, made ready for an optimization objective."""

import csv
import gzip
import io
from statistics import median

from personalize_mock.synthetic import generate

KEPT_OUT = {"NUM_RATINGS", "AVG_RATING"}  # counted from the very interactions that metrics hold out
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
    for kind in ("interactions", "items", "users"):
        for path in (folder / f"{kind}.csv", folder / f"{kind}.csv.gz"):
            if path.exists():
                with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
                    tables[kind] = list(csv.DictReader(file))
    if not {"interactions", "items"} <= tables.keys():
        raise SystemExit(f"{folder} holds no interactions.csv and items.csv (.gz may follow).")
    return tables


def make_up(seed):
    shop = generate(seed=seed)
    texts = {"interactions": shop.interactions, "items": shop.items, "users": shop.users}
    return {kind: list(csv.DictReader(io.StringIO(text))) for kind, text in texts.items()}


def is_numeric(rows, column):
    try:
        for row in rows:
            float(row[column] or 0)
    except ValueError:
        return False
    return True


def choose_attribute(items, wanted=None):
    """The column wanted, or the first numeric one; not what the service reserves, nor what looks ahead."""
    columns = [name for name in items[0] if name not in RESERVED and name not in KEPT_OUT]
    numeric = [name for name in columns if is_numeric(items, name)]
    if wanted is None and numeric:
        return numeric[0]
    if wanted not in items[0] or not is_numeric(items, wanted):
        raise SystemExit(f"The objective needs a numeric column of the items, one of {numeric}.")
    return wanted


def prepare_items(items, attribute):
    """An objective needs a column that is never null: gaps get the median."""
    middle = median(float(row[attribute]) for row in items if row[attribute])
    kept = [name for name in items[0] if name == attribute or name not in KEPT_OUT]
    return [{name: row[name] for name in kept} | {attribute: row[attribute] or str(middle)} for row in items]


def avro_field(column, rows):
    """Text that repeats is a category; other text is merely kept, but for names and descriptions of items."""
    values = [row[column] for row in rows]
    kind = RESERVED.get(column) or ("float" if is_numeric(rows, column) else "string")
    field = {"name": column, "type": kind if all(values) else ["null", kind]}
    if kind == "string" and column not in RESERVED and len(set(values)) < len(values) / 2:
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
