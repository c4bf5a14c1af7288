import numpy as np
from aligning import dataset_table

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


def test_of_rows_with_the_same_id_the_last_one_counts():
    assert rows().values("a") == {"COLOR": "blue", "PRICE": 2.5}


def test_what_is_missing_is_none():
    assert rows().values("b") == {"COLOR": None, "PRICE": None}
    assert rows().values("c") is None


def test_fields_are_found_in_any_case_but_the_key_is_none_of_them():
    assert rows().field("price").name == "PRICE"
    assert rows().field("ITEM_ID") is None


def test_rows_stand_in_the_order_of_other_ids():
    metadata = rows().metadata(IdMap(["b", "c", "a"]))
    assert metadata.row.tolist() == [1, -1, 2]
    assert metadata.texts("COLOR") == [None, None, "blue"]
