import numpy as np
from dataset_tables import dataset_table

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.rows_by_id import RowsById
from personalize_mock.data.tables import Numbers, Strings, Table


def rows():
    columns = {
        "ITEM_ID": Strings.from_values(["a", "b", "a", None]),
        "COLOR": Strings.from_values(["red", None, "blue", "red"]),
        "PRICE": Numbers(values=np.array([1.5, 0, 2.5, 9]), valid=np.array([True, False, True, True])),
    }
    fields = [SchemaField(name=name, type="string" if name != "PRICE" else "float") for name in columns]
    return RowsById(dataset_table(Table(columns=columns, rows=4), key="ITEM_ID", fields=fields))


def test_the_last_row_of_an_id_counts():
    assert rows().values("a") == {"COLOR": "blue", "PRICE": 2.5}


def test_missing_values_and_rows_are_none():
    assert rows().values("b") == {"COLOR": None, "PRICE": None}
    assert rows().values("c") is None


def test_fields_are_found_in_any_case_except_the_id():
    assert rows().field("price").name == "PRICE"
    assert rows().field("ITEM_ID") is None


def test_metadata_follows_the_order_of_the_ids():
    metadata = rows().metadata(IdMap(["b", "c", "a"]))
    assert metadata.row.tolist() == [1, -1, 2]
    assert metadata.texts("COLOR") == [None, None, "blue"]
