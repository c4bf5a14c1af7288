import contextlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import SchemaError, parse
from personalize_mock.data.schema_rules import RULES

USER = {"name": "USER_ID", "type": "string"}
ITEM = {"name": "ITEM_ID", "type": "string"}
ACTION = {"name": "ACTION_ID", "type": "string"}
TIME = {"name": "TIMESTAMP", "type": "long"}
EVENT_TYPE = {"name": "EVENT_TYPE", "type": "string"}
PRICE = {"name": "PRICE", "type": "float"}
COLOR = {"name": "COLOR", "type": "string", "categorical": True}
TEXT = {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True}
LEAST = {
    "INTERACTIONS": ("Interactions", [USER, ITEM, TIME]),
    "ITEMS": ("Items", [ITEM, COLOR]),
    "USERS": ("Users", [USER, COLOR]),
    "ACTIONS": ("Actions", [ACTION, COLOR]),
    "ACTION_INTERACTIONS": ("ActionInteractions", [USER, ACTION, EVENT_TYPE, TIME]),
}


def schema(name, *fields, **root):
    return json.dumps({"type": "record", "name": name, "fields": list(fields), "version": "1.0", **root})


def field(name, kind, **attributes):
    return {"name": name, "type": kind, **attributes}


def own(count):
    return [field(f"OWN_{letter}", "int") for letter in letters(count)]


def letters(count):
    return [chr(65 + number // 26) + chr(65 + number % 26) for number in range(count)]


def refused(text, *words, domain=None):
    with pytest.raises(SchemaError) as caught:
        parse(text, domain=domain)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("dataset_type", LEAST)
def test_the_least_custom_schema_of_each_type_is_accepted(dataset_type):
    name, fields = LEAST[dataset_type]
    parsed = parse(schema(name, *fields))
    assert parsed.dataset_type == dataset_type
    assert parsed.names == tuple(one["name"] for one in fields)
    assert parsed.domain is None


@pytest.mark.parametrize(
    ("domain", "name", "fields"),
    [
        ("ECOMMERCE", "Interactions", [USER, ITEM, TIME, EVENT_TYPE]),
        ("ECOMMERCE", "Users", [USER, field("MEMBERSHIP_STATUS", "string", categorical=True)]),
        ("ECOMMERCE", "Items", [ITEM, PRICE, field("CATEGORY_L1", ["string"], categorical=True)]),
        ("VIDEO_ON_DEMAND", "Interactions", [USER, ITEM, EVENT_TYPE, TIME]),
        ("VIDEO_ON_DEMAND", "Users", [USER, field("SUBSCRIPTION_MODEL", "string", categorical=True)]),
        (
            "VIDEO_ON_DEMAND",
            "Items",
            [ITEM, field("GENRES", ["string"], categorical=True), field("CREATION_TIMESTAMP", "long")],
        ),
    ],
)
def test_the_default_schema_of_each_domain_is_accepted(domain, name, fields):
    assert parse(schema(name, *fields), domain=domain).domain == domain


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "Interactions",
            [
                USER, ITEM, EVENT_TYPE, field("EVENT_VALUE", ["float", "null"]), TIME,
                field("LOCATION", "string", categorical=True),
                field("DEVICE", ["string", "null"], categorical=True), field("IMPRESSION", "string"),
            ],
        ),
        ("Users", [USER, field("AGE", "int"), field("GENDER", "string", categorical=True)]),
        (
            "Items",
            [
                ITEM, field("GENRES", ["null", "string"], categorical=True),
                field("CREATION_TIMESTAMP", "long"), TEXT,
            ],
        ),
        (
            "Actions",
            [
                ACTION, field("VALUE", ["null", "long"]), field("CREATION_TIMESTAMP", "long"),
                field("MEMBERSHIP_LEVEL", ["null", "string"], categorical=True),
                field("REPEAT_FREQUENCY", ["long", "null"]),
            ],
        ),
    ],
)  # fmt: skip
def test_the_examples_of_the_guide_are_accepted(name, fields):
    assert len(parse(schema(name, *fields)).fields) == len(fields)


def declared(name, rule, *, nullable):
    kind = ["null", rule.types[0]] if nullable and rule.nullable else rule.types[0]
    flags = {"categorical": rule.categorical, "textual": rule.textual}
    return field(name, kind, **{flag: True for flag, wanted in flags.items() if wanted})


KINDS = [(domain, kind) for domain, rules in RULES.items() for kind in rules]


@pytest.mark.parametrize("nullable", [False, True])
@pytest.mark.parametrize(("domain", "dataset_type"), KINDS)
def test_every_field_of_the_tables_is_accepted_as_listed(domain, dataset_type, nullable):
    rule = RULES[domain][dataset_type]
    known = {**rule.required, **rule.reserved}
    fields = [declared(name, one, nullable=nullable) for name, one in known.items()]
    parsed = parse(schema(dataset_type, *fields, *own(1)), domain=domain)
    assert [one.nullable for one in parsed.fields[:-1]] == [nullable and one.nullable for one in known.values()]


EVERY_KNOWN_FIELD = [
    (domain, kind, name)
    for domain, kind in KINDS
    for name in {**RULES[domain][kind].required, **RULES[domain][kind].reserved}
]


@pytest.mark.parametrize(("domain", "dataset_type", "name"), EVERY_KNOWN_FIELD)
def test_a_known_field_differently_declared_is_refused(domain, dataset_type, name):
    rule = RULES[domain][dataset_type]
    known = {**rule.required, **rule.reserved}
    others = [declared(other, known[other], nullable=False) for other in known if other != name] + own(1)
    right = declared(name, known[name], nullable=False)

    def refuse(wrong, *words):
        refused(schema(dataset_type, wrong, *others), name, *words, domain=domain)

    refuse(field(name, "boolean"), "reserve")
    if not known[name].nullable:
        refuse({**right, "type": ["null", right["type"]]}, "null")
    if known[name].categorical:
        refuse(field(name, "string"), '"categorical": true')
    elif known[name].textual:
        refuse(field(name, "string"), '"textual": true')
    elif right["type"] == "string":
        refuse(field(name, "string", categorical=True), "remove categorical")


@pytest.mark.parametrize(("domain", "dataset_type"), KINDS)
def test_a_required_field_cannot_be_left_out(domain, dataset_type):
    required = RULES[domain][dataset_type].required
    for name in required:
        others = [declared(other, required[other], nullable=False) for other in required if other != name]
        refused(schema(dataset_type, *others, *own(1)), name, "missing", domain=domain)


@pytest.mark.parametrize("text", ["", "{", "{'type': 'record'}", "[" * 20_000, '{"a": 1,}'])
def test_what_is_not_json_is_refused(text):
    refused(text, "not JSON")


def test_a_schema_that_is_nested_too_deeply_is_told_so():
    with pytest.raises(SchemaError, match="its lists and objects are nested too deeply"):
        parse('{"type":' * 20_000)


@pytest.mark.parametrize("text", ["[]", '"Items"', "null", "{}", '{"type": "array"}'])
def test_what_is_not_a_record_is_refused(text):
    refused(text, '"type": "record"')


@pytest.mark.parametrize("name", ["items", "ITEMS", "I_tems"])
def test_case_and_underscores_of_the_name_do_not_matter(name):
    assert parse(schema(name, ITEM, COLOR)).dataset_type == "ITEMS"


@pytest.mark.parametrize("name", [None, "Item", "", 3, ["Items"]])
def test_a_name_that_is_no_dataset_type_is_refused(name):
    refused(schema(name, ITEM, COLOR), "ActionInteractions")


def test_namespace_version_and_unknown_attributes_may_be_anything():
    color = {**COLOR, "doc": "of the cover", "optional": True}
    parsed = parse(schema("Items", ITEM, color, namespace="org.example", version=2, aliases=[]))
    assert parsed.field("COLOR").categorical
    parse(json.dumps({"type": "record", "name": "Items", "fields": [ITEM, COLOR]}))


@pytest.mark.parametrize("fields", [None, [], {}, "USER_ID"])
def test_a_schema_without_fields_is_refused(fields):
    refused(json.dumps({"type": "record", "name": "Items", "fields": fields}), '"fields"')


@pytest.mark.parametrize("broken", ["ITEM_ID", None, ["ITEM_ID", "string"]])
def test_a_field_that_is_no_object_is_refused(broken):
    refused(schema("Items", ITEM, broken), "each field")


@pytest.mark.parametrize("name", [None, "", "1ST", "A-B", "A B", "Ä", "A" * 151, 5])
def test_an_unusable_field_name_is_refused(name):
    refused(schema("Items", ITEM, field(name, "int")), "field name")


@pytest.mark.parametrize(
    ("first", "second"), [("GENRES_FIELD_1", "GENRESFIELD1"), ("COLOR", "COLOR"), ("COLOR", "color")]
)
def test_names_that_differ_in_case_and_underscores_only_are_refused(first, second):
    refused(schema("Items", ITEM, field(first, "int"), field(second, "int")), first, second)


@pytest.mark.parametrize("kind", ["boolean", "double", "float", "int", "long", "string"])
def test_every_type_is_read_alone_in_a_list_and_with_null_on_either_side(kind):
    for written, nullable in ((kind, False), ([kind], False), (["null", kind], True), ([kind, "null"], True)):
        parsed = parse(schema("Items", ITEM, field("OWN", written))).field("OWN")
        assert (parsed.type, parsed.nullable) == (kind, nullable)


@pytest.mark.parametrize(
    "kind",
    [
        None, "null", ["null"], [], "bytes", "String", ["int", "long"], ["null", "int", "long"],
        ["null", "null", "int"], ["int", "int"], {"type": "array", "items": "string"},
        ["null", {"type": "map", "values": "int"}], {"type": "enum", "name": "E", "symbols": ["A"]},
        {"type": "long", "logicalType": "timestamp-millis"}, 3,
    ],
)  # fmt: skip
def test_other_types_are_refused(kind):
    refused(schema("Items", ITEM, field("OWN", kind)), "OWN", "type")


@pytest.mark.parametrize("flag", ["categorical", "textual", "itemName"])
def test_flags_are_for_strings_only(flag):
    refused(schema("Items", ITEM, COLOR, field("OWN", "int", **{flag: True})), "OWN", flag, "string")
    assert parse(schema("Items", ITEM, COLOR, field("OWN", "int", **{flag: False})))


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_flag_is_true_or_false(value):
    refused(schema("Items", ITEM, field("OWN", "string", categorical=value)), "OWN", "categorical")


def test_a_field_is_not_categorical_and_textual_at_once():
    refused(schema("Items", ITEM, field("OWN", "string", categorical=True, textual=True)), "OWN", "both")


@pytest.mark.parametrize("dataset_type", ["INTERACTIONS", "USERS", "ACTIONS", "ACTION_INTERACTIONS"])
@pytest.mark.parametrize("flag", ["textual", "itemName"])
def test_text_and_item_names_are_for_items_only(dataset_type, flag):
    name, fields = LEAST[dataset_type]
    refused(schema(name, *fields, field("OWN", "string", **{flag: True})), flag, "OWN", "Items")


@pytest.mark.parametrize("flag", ["textual", "itemName"])
def test_one_field_of_text_and_one_item_name_are_the_most(flag):
    twice = [field(name, "string", **{flag: True}) for name in ("ONE", "TWO")]
    refused(schema("Items", ITEM, *twice), "ONE, TWO", flag)


def test_an_item_name_is_known_as_such():
    parsed = parse(schema("Items", ITEM, field("TITLE", "string", itemName=True), TEXT))
    assert parsed.field("TITLE").item_name
    assert not parsed.field("DESCRIPTION").item_name
    assert parsed.field("OTHER") is None


@pytest.mark.parametrize("only", [field("TITLE", "string"), TEXT, field("FLAG", "boolean")])
def test_any_field_of_ones_own_does_for_metadata(only):
    assert parse(schema("Items", ITEM, only))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Items", [ITEM, field("CREATION_TIMESTAMP", "long")]),
        ("Users", [USER]),
        ("Actions", [ACTION, field("VALUE", "long")]),
    ],
)
def test_a_schema_without_metadata_is_refused(name, fields):
    refused(schema(name, *fields), "metadata")


@pytest.mark.parametrize(
    ("dataset_type", "limit"),
    [("INTERACTIONS", 5), ("ITEMS", 100), ("USERS", 25), ("ACTIONS", 10), ("ACTION_INTERACTIONS", 5)],
)
def test_metadata_fields_are_counted_without_known_ones(dataset_type, limit):
    name, fields = LEAST[dataset_type]
    known = [one for one in fields if one is not COLOR]
    assert parse(schema(name, *known, *own(limit)))
    refused(schema(name, *known, *own(limit + 1)), str(limit), str(limit + 1))


@pytest.mark.parametrize("dataset_type", ["ACTIONS", "ACTION_INTERACTIONS"])
def test_domains_have_no_actions(dataset_type):
    name, fields = LEAST[dataset_type]
    refused(schema(name, *fields), "ECOMMERCE", dataset_type, domain="ECOMMERCE")


def test_an_unknown_domain_is_refused():
    refused(schema("Items", ITEM, COLOR), "RETAIL", domain="RETAIL")


def test_both_names_of_the_expiration_are_reserved():
    for name in ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"):
        assert parse(schema("Actions", ACTION, COLOR, field(name, ["null", "long"])))
        refused(schema("Actions", ACTION, COLOR, field(name, "string")), name)


def test_a_reserved_name_of_another_domain_is_free():
    assert parse(schema("Items", ITEM, field("GENRES", "string"), field("PRICE", "int")))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
odd_fields = st.lists(st.fixed_dictionaries({}, optional={"name": json_values, "type": json_values}) | json_values)


@given(st.sampled_from(["Items", "Users"]) | json_values, odd_fields | json_values)
def test_odd_schemas_raise_nothing_but_schema_errors(name, fields):
    with contextlib.suppress(SchemaError):
        parse(json.dumps({"type": "record", "name": name, "fields": fields}))


def test_reading_schemas_does_not_import_numpy():
    code = "import sys; import personalize_mock.data.avro; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
