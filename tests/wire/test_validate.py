"""Validation of requests, and the messages about violations."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.wire.errors import SerializationException, ValidationException
from personalize_mock.wire.model import CONTROL, operation_by_name, service_model
from personalize_mock.wire.validate import compile_pattern, validate

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS"
ARNS = r"arn:([a-z\d-]+):personalize:.*:.*:.+"
DOMAINS = "[ECOMMERCE, VIDEO_ON_DEMAND]"
LONG = "a" * 64
EVENT = {"eventType": "Watch", "sentAt": 1_700_000_000}

hides_tags = pytest.mark.skipif(
    not service_model(CONTROL).shape_for("TagKey").metadata.get("sensitive"), reason="this botocore shows tags"
)


def violations(operation, **params):
    """The message about violated constraints."""
    with pytest.raises(ValidationException) as raised:
        validate(operation_by_name(operation), params)
    return str(raised.value)


def serialization_error(operation, **params):
    """The message about a value that is not valid JSON of the right type."""
    with pytest.raises(SerializationException) as raised:
        validate(operation_by_name(operation), params)
    return str(raised.value)


def events(*changes):
    """Parameters of PutEvents."""
    return {"trackingId": "t", "sessionId": "s", "eventList": [EVENT | change for change in changes]}


def test_a_valid_request_passes():
    validate(operation_by_name("CreateDatasetGroup"), {"name": "shop"})
    validate(operation_by_name("PutEvents"), events({"itemId": "i1", "properties": "{}", "eventValue": 1}))


@pytest.mark.parametrize(
    ("operation", "params", "value", "path", "constraint"),
    [
        (
            "DescribeDataset",
            {"datasetArn": "shop"},
            "'shop'",
            "datasetArn",
            f"satisfy regular expression pattern: {ARNS}",
        ),
        ("ListSchemas", {"maxResults": 101}, "'101'", "maxResults", "have value less than or equal to 100"),
        ("ListSchemas", {"maxResults": 0}, "'0'", "maxResults", "have value greater than or equal to 1"),
        ("CreateDatasetGroup", {"name": LONG}, f"'{LONG}'", "name", "have length less than or equal to 63"),
        (
            "CreateDatasetGroup",
            {"name": "a", "domain": "BOOKS"},
            "'BOOKS'",
            "domain",
            f"satisfy enum value set: {DOMAINS}",
        ),
        ("CreateDatasetGroup", {}, "null", "name", "not be null"),
        ("CreateDatasetGroup", {"name": None}, "null", "name", "not be null"),
    ],
)
def test_one_violation_is_worded_as_in_aws(operation, params, value, path, constraint):
    assert violations(operation, **params) == (
        f"1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: Member must {constraint}"
    )


def test_all_violations_are_reported_at_once():
    text = violations("CreateDatasetGroup", name="", domain="BOOKS")

    assert text.startswith("3 validation errors detected: ")
    assert text.count("failed to satisfy constraint") == 3
    assert text.count("; ") == 2


def test_paths_count_members_of_lists_from_one():
    text = violations("PutEvents", **events({}, {"eventType": "a" * 257}))

    assert "at 'eventList.2.member.eventType' failed" in text


def test_members_of_nested_structures_have_a_path():
    text = violations("CreateDatasetImportJob", jobName="j", datasetArn=ARN, dataSource={"dataLocation": "ftp://a"})

    assert "Value 'ftp://a' at 'dataSource.dataLocation' failed" in text


def test_a_list_that_is_too_long_is_a_violation():
    assert (
        "at 'eventList' failed to satisfy constraint: Member must have length less than or equal to 10"
        in violations("PutEvents", **events(*[{}] * 11))
    )


def test_a_missing_member_in_a_list_is_reported_with_its_path():
    text = violations("PutEvents", trackingId="t", sessionId="s", eventList=[{"eventType": "Watch"}])

    assert text == (
        "1 validation error detected: Value null at 'eventList.1.member.sentAt' failed to satisfy constraint: "
        "Member must not be null"
    )


@hides_tags
def test_invalid_members_of_a_list_are_reported_once_with_all_their_constraints():
    text = violations("UntagResource", resourceArn=ARN, tagKeys=["fine", "a!", "#" * 129])

    assert text == (
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, "
        r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$]"
    )


def test_lists_are_written_as_in_java():
    text = violations("GetPersonalizedRanking", campaignArn=ARN, userId="u1", inputList=["i1", "a" * 257])

    assert text.startswith(f"1 validation error detected: Value '[i1, {'a' * 257}]' at 'inputList' failed")


def test_a_quoted_value_is_cut_off_after_a_thousand_characters():
    text = violations("CreateDatasetGroup", name="a" * 11_000_000)
    constraint = "at 'name' failed to satisfy constraint: Member must have length less than or equal to 63"
    assert text == f"1 validation error detected: Value '{'a' * 1000}...' {constraint}"
    ids = {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "a" * 1_000_000, "sentAt": 1}] * 11}
    assert len(violations("PutEvents", **ids)) < 2000


def test_unknown_members_of_a_list_that_is_too_long_may_be_nested_deeply():
    deep = {}
    for _ in range(100_000):
        deep = {"deeper": [deep]}
    metrics = [{"metricName": "m", "eventType": "e", "expression": "x", "unknown": deep}] * 11
    text = violations("UpdateMetricAttribution", addMetrics=metrics)
    start = "Value '[{metricName=m, eventType=e, expression=x, unknown={deeper=[{deeper=["
    assert text.startswith(f"1 validation error detected: {start}")
    assert text.endswith(
        "...' at 'addMetrics' failed to satisfy constraint: Member must have length less than or equal to 10"
    )


def test_members_of_a_list_that_is_too_long_are_not_reported():
    assert violations("PutEvents", **events(*[{"eventType": ""}] * 11)) == (
        "1 validation error detected: Value at 'eventList' failed to satisfy constraint: "
        "Member must have length less than or equal to 10"
    )


def test_a_hundred_thousand_invalid_members_are_one_violation():
    ids = {"campaignArn": ARN, "userId": "u1", "inputList": ["a" * 257] * 100_000}

    assert violations("GetPersonalizedRanking", **ids).count("failed to satisfy") == 1
    assert (
        violations("GetRecommendations", filterValues=dict.fromkeys(map(str, range(25)), "a" * 1001)).count("fail") == 1
    )


def test_values_of_maps_are_checked():
    assert violations("GetRecommendations", context={"DEVICE": "a" * 1001}) == (
        "1 validation error detected: Value at 'context' failed to satisfy constraint: "
        "Map value must satisfy constraint: [Member must have length less than or equal to 1000]"
    )


def test_keys_of_maps_are_checked():
    assert violations("GetRecommendations", context={"a b": "x"}) == (
        "1 validation error detected: Value at 'context' failed to satisfy constraint: Map keys must satisfy "
        "constraint: [Member must have length less than or equal to 150, "
        r"Member must satisfy regular expression pattern: [A-Za-z\d_]+]"
    )


def test_maps_are_written_as_in_java():
    columns = {"ITEMS": ["TITLE"], "ITE": ["A", "B"]}

    assert "Value '{ITEMS=[TITLE], ITE=[A, B]}' at 'metadataColumns' failed" in violations(
        "GetRecommendations", metadataColumns=columns
    )


def test_sensitive_values_are_not_shown():
    text = violations("PutEvents", **events({"itemId": "secret" * 50}))

    assert "Value at 'eventList.1.member.itemId' failed" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutEvents", events({"eventType": "secret" * 50})),
        ("PutEvents", events({"impression": ["secret" * 50]})),
        ("GetRecommendations", {"filterValues": {"a": "secret" * 200}}),
        ("GetRecommendations", {"context": {"a b": "secret"}}),
        ("GetRecommendations", {"promotions": [{"name": "a", "filterValues": {"a": "secret"}}] * 2}),
        pytest.param("UntagResource", {"resourceArn": ARN, "tagKeys": ["secret!"]}, marks=hides_tags),
    ],
)
def test_sensitive_values_are_not_shown_at_any_depth(operation, params):
    assert "secret" not in violations(operation, **params)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_infinite_numbers_and_nan_are_rejected(value):
    message = serialization_error("PutEvents", **events({"eventValue": value}))

    assert message == "Value at 'eventList.1.member.eventValue' must be a finite number."
    assert "'eventList.1.member.sentAt'" in serialization_error("PutEvents", **events({"sentAt": value}))


@pytest.mark.parametrize(
    ("operation", "params", "path"),
    [
        ("CreateDatasetGroup", {"name": "a\ud800"}, "name"),
        ("PutEvents", events({"properties": "\udc00"}), "eventList.1.member.properties"),
        ("GetPersonalizedRanking", {"inputList": ["i1", "\ud800"]}, "inputList.2.member"),
        ("GetRecommendations", {"context": {"\ud800": "a"}}, "context.key"),
        ("GetRecommendations", {"context": {"a": "\ud800"}}, "context.a.member"),
    ],
)
def test_an_unpaired_surrogate_is_rejected(operation, params, path):
    text = f"Value at '{path}' must be Unicode; it contains half a surrogate pair."
    assert serialization_error(operation, **params) == text


def test_a_surrogate_pair_is_accepted():
    validate(operation_by_name("PutEvents"), events({"itemId": "\U0001f39e", "impression": ["\U0001f39e"]}))


@pytest.mark.parametrize(
    ("operation", "params", "path"),
    [
        ("PutEvents", events(*({"itemId": "secret"} for _ in range(11))), "eventList"),
        ("PutUsers", {"datasetArn": ARN, "users": [{"userId": "u", "properties": "secret"}] * 11}, "users"),
        pytest.param(
            "TagResource",
            {"resourceArn": ARN, "tags": [{"tagKey": "secret", "tagValue": ""}] * 201},
            "tags",
            marks=hides_tags,
        ),
        pytest.param("UntagResource", {"resourceArn": ARN, "tagKeys": ["secret"] * 201}, "tagKeys", marks=hides_tags),
        ("GetRecommendations", {"context": {f"C{number}": "secret" for number in range(151)}}, "context"),
    ],
)
def test_lists_and_maps_that_hold_sensitive_values_are_not_shown(operation, params, path):
    text = violations(operation, **params)

    assert f"Value at '{path}' failed to satisfy constraint: Member must have length less than" in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("operation", "params", "path"),
    [
        ("CreateDatasetGroup", {"name": 7}, "'name' must be of type string"),
        ("CreateDatasetGroup", {"name": ["shop"]}, "'name' must be of type string"),
        ("ListSchemas", {"maxResults": "7"}, "'maxResults' must be of type integer"),
        ("ListSchemas", {"maxResults": True}, "'maxResults' must be of type integer"),
        ("ListSchemas", {"maxResults": 7.5}, "'maxResults' must be of type integer"),
        ("CreateSolution", {"performHPO": "yes"}, "'performHPO' must be of type boolean"),
        ("CreateSolution", {"solutionConfig": []}, "'solutionConfig' must be of type structure"),
        ("CreateDatasetGroup", {"name": "shop", "tags": {"a": "b"}}, "'tags' must be of type list"),
        ("CreateDatasetGroup", {"name": "shop", "tags": ["a"]}, "'tags.1.member' must be of type structure"),
        ("GetRecommendations", {"context": {"a": 1}}, "'context.a.member' must be of type string"),
        ("PutEvents", {"eventList": [{"sentAt": "now"}]}, "'eventList.1.member.sentAt' must be of type timestamp"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_serialization_exception(operation, params, path):
    assert serialization_error(operation, **params) == f"Value at {path}."


def test_unknown_members_are_ignored():
    validate(operation_by_name("CreateDatasetGroup"), {"name": "shop", "colour": 7})
    validate(
        operation_by_name("CreateDatasetGroup"),
        {"name": "shop", "tags": [{"tagKey": "a", "tagValue": "", "colour": 7}]},
    )


def test_integers_are_accepted_as_floats():
    validate(operation_by_name("PutEvents"), events({"eventValue": 1}))


@pytest.mark.parametrize("key", ["größe", "a b", "クラス", "x:y/z=1+2-3@4", ""])
def test_tag_keys_may_have_letters_of_all_alphabets(key):
    assert compile_pattern(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$").match(key)


@pytest.mark.parametrize("key", ["a!", "a#b", "a,b"])
def test_tag_keys_may_not_have_other_punctuation(key):
    assert not compile_pattern(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$").match(key)


@pytest.mark.parametrize(
    ("pattern", "text"), [("^[A-Za-z]+$", "abc\n"), ("[a-z]+", "ab1"), ("a|b", "ab"), (r"\d+", "٣")]
)
def test_a_pattern_must_match_the_whole_text_as_in_java(pattern, text):
    assert not compile_pattern(pattern).match(text)


SOURCE = r"^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$"


@pytest.mark.parametrize(("pattern", "text"), [(SOURCE, "a" * 20_000), (ARNS, f"arn:aws:personalize:{':' * 20_000}\n")])
def test_patterns_take_linear_time(pattern, text):
    assert not compile_pattern(pattern).match(f"{text}ä\n")  # in cubic time this would take years


@pytest.mark.parametrize("pattern", [SOURCE, ARNS])
@given(
    text=st.text("a :\n\x7f", max_size=6).map("".join) | st.text("a:\n", max_size=6).map("arn:a:personalize:{}".format)
)
def test_a_fast_pattern_matches_the_same_texts_as_the_pattern_of_the_model(pattern, text):
    model_pattern = re.compile(rf"(?:{pattern})\Z", re.ASCII)

    assert bool(compile_pattern(pattern).match(text)) == bool(model_pattern.match(text))


def test_text_that_is_too_long_is_not_matched_with_its_pattern():
    key = f"arn:aws{':kms:' * 100_000}"
    text = violations("CreateDatasetGroup", name="a", kmsKeyArn=key)

    assert text.endswith("Member must have length less than or equal to 2048")


def test_page_tokens_are_ascii():
    assert compile_pattern(r"\p{ASCII}{0,1500}").match("abc=")
    assert not compile_pattern(r"\p{ASCII}{0,1500}").match("ä")
