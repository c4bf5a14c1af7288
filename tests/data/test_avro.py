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
MINIMAL = {
    "INTERACTIONS": ("Interactions", [USER, ITEM, TIME]),
    "ITEMS": ("Items", [ITEM, COLOR]),
    "USERS": ("Users", [USER, COLOR]),
    "ACTIONS": ("Actions", [ACTION, COLOR]),
    "ACTION_INTERACTIONS": ("ActionInteractions", [USER, ACTION, EVENT_TYPE, TIME]),
}


def schema(name, *fields, **root):
    return json.dumps({"type": "record", "name": name, "fields": list(fields), "version": "1.0", **root})


def field(name, type_, **attributes):
    return {"name": name, "type": type_, **attributes}


def own_fields(count):
    return [field(f"OWN_{letter}", "int") for letter in letters(count)]


def letters(count):
    return [chr(65 + number // 26) + chr(65 + number % 26) for number in range(count)]


def assert_refused(text, *words, domain=None):
    with pytest.raises(SchemaError) as error:
        parse(text, domain=domain)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("dataset_type", MINIMAL)
def test_the_minimal_custom_schema_of_each_type_is_accepted(dataset_type):
    name, fields = MINIMAL[dataset_type]
    parsed = parse(schema(name, *fields))
    assert parsed.dataset_type == dataset_type
    assert parsed.names == tuple(field_["name"] for field_ in fields)
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
    type_ = ["null", rule.types[0]] if nullable and rule.nullable else rule.types[0]
    flags = {"categorical": rule.categorical, "textual": rule.textual}
    return field(name, type_, **{flag: True for flag, is_set in flags.items() if is_set})


RULE_KEYS = [(domain, type_) for domain, rules in RULES.items() for type_ in rules]


@pytest.mark.parametrize("nullable", [False, True])
@pytest.mark.parametrize(("domain", "dataset_type"), RULE_KEYS)
def test_every_field_of_the_rules_is_accepted_as_listed(domain, dataset_type, nullable):
    rule = RULES[domain][dataset_type]
    known = {**rule.required, **rule.reserved}
    fields = [declared(name, field_, nullable=nullable) for name, field_ in known.items()]
    parsed = parse(schema(dataset_type, *fields, *own_fields(1)), domain=domain)
    assert [field_.nullable for field_ in parsed.fields[:-1]] == [
        nullable and field_.nullable for field_ in known.values()
    ]


EVERY_KNOWN_FIELD = [
    (domain, type_, name)
    for domain, type_ in RULE_KEYS
    for name in {**RULES[domain][type_].required, **RULES[domain][type_].reserved}
]


@pytest.mark.parametrize(("domain", "dataset_type", "name"), EVERY_KNOWN_FIELD)
def test_a_reserved_field_with_another_declaration_is_refused(domain, dataset_type, name):
    rule = RULES[domain][dataset_type]
    known = {**rule.required, **rule.reserved}
    others = [declared(other, known[other], nullable=False) for other in known if other != name] + own_fields(1)
    right = declared(name, known[name], nullable=False)

    def refuse(wrong, *words):
        assert_refused(schema(dataset_type, wrong, *others), name, *words, domain=domain)

    refuse(field(name, "boolean"), "reserve")
    if not known[name].nullable:
        refuse({**right, "type": ["null", right["type"]]}, "null")
    if known[name].categorical:
        refuse(field(name, "string"), '"categorical": true')
    elif known[name].textual:
        refuse(field(name, "string"), '"textual": true')
    elif right["type"] == "string":
        refuse(field(name, "string", categorical=True), "remove categorical")


@pytest.mark.parametrize(("domain", "dataset_type"), RULE_KEYS)
def test_a_missing_required_field_is_refused(domain, dataset_type):
    required = RULES[domain][dataset_type].required
    for name in required:
        others = [declared(other, required[other], nullable=False) for other in required if other != name]
        assert_refused(schema(dataset_type, *others, *own_fields(1)), name, "missing", domain=domain)


@pytest.mark.parametrize("text", ["", "{", "{'type': 'record'}", "[" * 20_000, '{"a": 1,}'])
def test_invalid_json_is_refused(text):
    assert_refused(text, "not JSON")


def test_the_message_says_that_a_schema_is_nested_too_deeply():
    with pytest.raises(SchemaError, match="its lists and objects are nested too deeply"):
        parse('{"type":' * 20_000)


@pytest.mark.parametrize("text", ["[]", '"Items"', "null", "{}", '{"type": "array"}'])
def test_a_schema_must_be_a_record(text):
    assert_refused(text, '"type": "record"')


@pytest.mark.parametrize("name", ["items", "ITEMS", "I_tems"])
def test_case_and_underscores_of_the_name_do_not_matter(name):
    assert parse(schema(name, ITEM, COLOR)).dataset_type == "ITEMS"


@pytest.mark.parametrize("name", [None, "Item", "", 3, ["Items"]])
def test_the_name_must_be_a_dataset_type(name):
    assert_refused(schema(name, ITEM, COLOR), "ActionInteractions")


def test_namespace_version_and_unknown_attributes_are_ignored():
    color = {**COLOR, "doc": "of the cover", "optional": True}
    parsed = parse(schema("Items", ITEM, color, namespace="org.example", version=2, aliases=[]))
    assert parsed.field("COLOR").categorical
    parse(json.dumps({"type": "record", "name": "Items", "fields": [ITEM, COLOR]}))


@pytest.mark.parametrize("fields", [None, [], {}, "USER_ID"])
def test_a_schema_without_fields_is_refused(fields):
    assert_refused(json.dumps({"type": "record", "name": "Items", "fields": fields}), '"fields"')


@pytest.mark.parametrize("broken", ["ITEM_ID", None, ["ITEM_ID", "string"]])
def test_a_field_must_be_an_object(broken):
    assert_refused(schema("Items", ITEM, broken), "each field")


@pytest.mark.parametrize("name", [None, "", "1ST", "A-B", "A B", "Ä", "A" * 151, 5])
def test_an_invalid_field_name_is_refused(name):
    assert_refused(schema("Items", ITEM, field(name, "int")), "field name")


@pytest.mark.parametrize(
    ("first", "second"), [("GENRES_FIELD_1", "GENRESFIELD1"), ("COLOR", "COLOR"), ("COLOR", "color")]
)
def test_names_that_differ_only_in_case_and_underscores_are_refused(first, second):
    assert_refused(schema("Items", ITEM, field(first, "int"), field(second, "int")), first, second)


@pytest.mark.parametrize("type_", ["boolean", "double", "float", "int", "long", "string"])
def test_a_type_may_stand_alone_or_in_a_list_or_with_null_on_either_side(type_):
    for written, nullable in ((type_, False), ([type_], False), (["null", type_], True), ([type_, "null"], True)):
        parsed = parse(schema("Items", ITEM, field("OWN", written))).field("OWN")
        assert (parsed.type, parsed.nullable) == (type_, nullable)


@pytest.mark.parametrize(
    "type_",
    [
        None, "null", ["null"], [], "bytes", "String", ["int", "long"], ["null", "int", "long"],
        ["null", "null", "int"], ["int", "int"], {"type": "array", "items": "string"},
        ["null", {"type": "map", "values": "int"}], {"type": "enum", "name": "E", "symbols": ["A"]},
        {"type": "long", "logicalType": "timestamp-millis"}, 3,
    ],
)  # fmt: skip
def test_other_types_are_refused(type_):
    assert_refused(schema("Items", ITEM, field("OWN", type_)), "OWN", "type")


@pytest.mark.parametrize("flag", ["categorical", "textual", "itemName"])
def test_only_strings_can_have_flags(flag):
    assert_refused(schema("Items", ITEM, COLOR, field("OWN", "int", **{flag: True})), "OWN", flag, "string")
    assert parse(schema("Items", ITEM, COLOR, field("OWN", "int", **{flag: False})))


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_flag_must_be_true_or_false(value):
    assert_refused(schema("Items", ITEM, field("OWN", "string", categorical=value)), "OWN", "categorical")


def test_a_field_cannot_be_categorical_and_textual():
    assert_refused(schema("Items", ITEM, field("OWN", "string", categorical=True, textual=True)), "OWN", "both")


@pytest.mark.parametrize("dataset_type", ["INTERACTIONS", "USERS", "ACTIONS", "ACTION_INTERACTIONS"])
@pytest.mark.parametrize("flag", ["textual", "itemName"])
def test_only_items_can_have_textual_fields_and_item_names(dataset_type, flag):
    name, fields = MINIMAL[dataset_type]
    assert_refused(schema(name, *fields, field("OWN", "string", **{flag: True})), flag, "OWN", "Items")


@pytest.mark.parametrize("flag", ["textual", "itemName"])
def test_a_schema_can_have_one_textual_field_and_one_item_name(flag):
    twice = [field(name, "string", **{flag: True}) for name in ("ONE", "TWO")]
    assert_refused(schema("Items", ITEM, *twice), "ONE, TWO", flag)


def test_an_item_name_field_is_recognised():
    parsed = parse(schema("Items", ITEM, field("TITLE", "string", itemName=True), TEXT))
    assert parsed.field("TITLE").item_name
    assert not parsed.field("DESCRIPTION").item_name
    assert parsed.field("OTHER") is None


@pytest.mark.parametrize("only", [field("TITLE", "string"), TEXT, field("FLAG", "boolean")])
def test_any_own_field_counts_as_metadata(only):
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
    assert_refused(schema(name, *fields), "metadata")


@pytest.mark.parametrize(
    ("dataset_type", "limit"),
    [("INTERACTIONS", 5), ("ITEMS", 100), ("USERS", 25), ("ACTIONS", 10), ("ACTION_INTERACTIONS", 5)],
)
def test_required_and_reserved_fields_do_not_count_as_metadata(dataset_type, limit):
    name, fields = MINIMAL[dataset_type]
    known = [field_ for field_ in fields if field_ is not COLOR]
    assert parse(schema(name, *known, *own_fields(limit)))
    assert_refused(schema(name, *known, *own_fields(limit + 1)), str(limit), str(limit + 1))


@pytest.mark.parametrize("dataset_type", ["ACTIONS", "ACTION_INTERACTIONS"])
def test_domains_have_no_action_datasets(dataset_type):
    name, fields = MINIMAL[dataset_type]
    assert_refused(schema(name, *fields), "ECOMMERCE", dataset_type, domain="ECOMMERCE")


def test_an_unknown_domain_is_refused():
    assert_refused(schema("Items", ITEM, COLOR), "RETAIL", domain="RETAIL")


def test_both_names_of_the_expiration_field_are_reserved():
    for name in ("EXPIRATION_TIMESTAMP", "ACTION_EXPIRATION_TIMESTAMP"):
        assert parse(schema("Actions", ACTION, COLOR, field(name, ["null", "long"])))
        assert_refused(schema("Actions", ACTION, COLOR, field(name, "string")), name)


def test_names_reserved_in_another_domain_are_free():
    assert parse(schema("Items", ITEM, field("GENRES", "string"), field("PRICE", "int")))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
arbitrary_fields = st.lists(
    st.fixed_dictionaries({}, optional={"name": json_values, "type": json_values}) | json_values
)


@given(st.sampled_from(["Items", "Users"]) | json_values, arbitrary_fields | json_values)
def test_arbitrary_json_raises_only_schema_errors(name, fields):
    with contextlib.suppress(SchemaError):
        parse(json.dumps({"type": "record", "name": name, "fields": fields}))


def test_parsing_schemas_does_not_import_numpy():
    code = "import sys; import personalize_mock.data.avro; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
