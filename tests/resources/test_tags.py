import pytest
from builders import (
    ACCOUNT,
    a_campaign,
    a_data_deletion_job,
    a_dataset,
    a_dataset_group,
    a_domain_group_with_data,
    a_metric_attribution,
    a_recommender,
    a_schema,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_export_job,
    an_import_job,
    client,
    refusal,
    settle,
)

TEAM = {"tagKey": "team", "tagValue": "films"}
STAGE = {"tagKey": "stage", "tagValue": "test"}
EXCLUDE_SEEN = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'


@pytest.fixture
def group(mock):
    return a_dataset_group(mock)


def tags_of(arn):
    return client().list_tags_for_resource(resourceArn=arn)["tags"]


def tag(arn, *tags):
    return client().tag_resource(resourceArn=arn, tags=list(tags))


def untag(arn, *keys):
    return client().untag_resource(resourceArn=arn, tagKeys=list(keys))


def numbered(count, first=0):
    return [{"tagKey": f"key-{number}", "tagValue": ""} for number in range(first, first + count)]


def a_filter(mock, group, **members):
    request = {"name": "filter", "datasetGroupArn": group, "filterExpression": EXCLUDE_SEEN, **members}
    return settle(mock, mock.call("CreateFilter", **request)["filterArn"])


def test_a_new_resource_has_no_tags(group):
    assert tags_of(group) == []


def test_tags_given_at_creation_are_listed(mock):
    assert tags_of(a_dataset_group(mock, tags=[TEAM, STAGE])) == [TEAM, STAGE]


def test_all_resource_types_take_tags_at_creation(mock):
    tags = [TEAM]
    group = a_dataset_group(mock, tags=tags)
    dataset = a_dataset(mock, group, tags=tags)
    job = an_import_job(mock, dataset, tags=tags)
    solution = a_solution(mock, group, tags=tags)
    version = a_solution_version(mock, solution, tags=tags)
    arns = [
        *(group, dataset, job, solution, version),
        a_campaign(mock, version, tags=tags),
        a_filter(mock, group, tags=tags),
        an_event_tracker(mock, group, tags=tags),
        an_export_job(mock, dataset, tags=tags),
        a_data_deletion_job(mock, group, "u1", tags=tags),
        a_recommender(mock, "aws-vod-most-popular", group=a_domain_group_with_data(mock), tags=tags),
    ]
    assert [tags_of(arn) for arn in arns] == [tags] * len(arns)


def test_tag_resource_adds_tags(group):
    response = tag(group, TEAM)
    assert set(response) == {"ResponseMetadata"}
    assert tags_of(group) == [TEAM]


def test_a_schema_can_be_tagged_after_its_creation(mock):
    schema = a_schema(mock)
    tag(schema, TEAM)
    assert tags_of(schema) == [TEAM]


def test_the_value_of_an_existing_key_is_replaced(group):
    tag(group, TEAM, STAGE)
    tag(group, {"tagKey": "team", "tagValue": "music"})
    assert tags_of(group) == [{"tagKey": "team", "tagValue": "music"}, STAGE]


def test_keys_are_case_sensitive(group):
    tag(group, TEAM)
    tag(group, {"tagKey": "Team", "tagValue": "music"})
    assert len(tags_of(group)) == 2


def test_untag_resource_removes_tags_by_key(group):
    tag(group, TEAM, STAGE)
    assert set(untag(group, "team")) == {"ResponseMetadata"}
    assert tags_of(group) == [STAGE]


def test_untag_resource_ignores_unknown_keys(group):
    tag(group, TEAM)
    untag(group, "stage")
    assert tags_of(group) == [TEAM]


def test_describe_shows_no_tags(mock):
    group = a_dataset_group(mock, tags=[TEAM])
    assert "tags" not in client().describe_dataset_group(datasetGroupArn=group)["datasetGroup"]


def test_tagging_does_not_change_the_last_update(mock, group):
    before = client().describe_dataset_group(datasetGroupArn=group)
    mock.clock.jump(60)
    tag(group, TEAM)
    after = client().describe_dataset_group(datasetGroupArn=group)
    assert before["datasetGroup"] == after["datasetGroup"]


def test_a_resource_created_again_has_no_tags(mock, group):
    tag(group, TEAM)
    client().delete_dataset_group(datasetGroupArn=group)
    settle(mock, group)
    assert refusal(client().list_tags_for_resource, resourceArn=group)[0] == "ResourceNotFoundException"
    assert tags_of(a_dataset_group(mock)) == []


# Limits


def test_a_resource_can_have_50_tags(mock):
    group = a_dataset_group(mock, tags=numbered(49))
    tag(group, *numbered(1, first=49))
    assert len(tags_of(group)) == 50
    expected = ("TooManyTagsException", "A resource can have at most 50 tags. Use fewer tags.")
    assert refusal(client().tag_resource, resourceArn=group, tags=[TEAM]) == expected


def test_values_can_be_replaced_on_a_resource_with_50_tags(mock):
    group = a_dataset_group(mock, tags=numbered(50))
    tag(group, {"tagKey": "key-7", "tagValue": "seven"})
    assert {"tagKey": "key-7", "tagValue": "seven"} in tags_of(group)
    assert len(tags_of(group)) == 50


def test_51_tags_are_too_many_for_one_call(group):
    assert refusal(client().tag_resource, resourceArn=group, tags=numbered(51))[0] == "TooManyTagsException"
    assert tags_of(group) == []


def test_201_tags_are_more_than_the_model_allows(group):
    assert refusal(client().tag_resource, resourceArn=group, tags=numbered(201))[0] == "ValidationException"


def test_51_keys_are_too_many_for_one_call(group):
    code, _ = refusal(client().untag_resource, resourceArn=group, tagKeys=[f"key-{number}" for number in range(51)])
    assert code == "TooManyTagKeysException"


@pytest.mark.parametrize("key", ["aws:team", "AWS:team"])
def test_keys_that_begin_with_aws_are_rejected(group, key):
    code, _ = refusal(client().tag_resource, resourceArn=group, tags=[{"tagKey": key, "tagValue": ""}])
    assert code == "InvalidInputException"


def test_a_key_cannot_occur_twice(group):
    assert refusal(client().tag_resource, resourceArn=group, tags=[TEAM, TEAM])[0] == "InvalidInputException"


@pytest.mark.parametrize(
    "tags",
    [
        [{"tagKey": "k" * 129, "tagValue": ""}],
        [{"tagKey": "key", "tagValue": "v" * 257}],
        [{"tagKey": "key?", "tagValue": ""}],
        [{"tagKey": "key", "tagValue": "a;b"}],
    ],
)
def test_keys_and_values_are_limited_as_in_the_model(group, tags):
    assert refusal(client().tag_resource, resourceArn=group, tags=tags)[0] == "ValidationException"


@pytest.mark.parametrize("key", ["Größe", "a b", "team/films", "x_y.z:1=2+3-4@5"])
def test_keys_can_contain_letters_and_some_symbols(group, key):
    tag(group, {"tagKey": key, "tagValue": key})
    assert tags_of(group) == [{"tagKey": key, "tagValue": key}]


# Resources


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("dataset-group/none", "dataset group"),
        ("campaign/none", "campaign"),
        ("solution/none", "solution"),
        ("solution/none/12345678", "solution version"),
        ("batch-inference-job/none", "batch inference job"),
    ],
)
def test_an_unknown_resource_is_not_found(mock, path, label):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:{path}"
    expected = ("ResourceNotFoundException", f"The given {label} does not exist: {arn}")
    assert refusal(client().tag_resource, resourceArn=arn, tags=[TEAM]) == expected
    assert refusal(client().untag_resource, resourceArn=arn, tagKeys=["team"]) == expected
    assert refusal(client().list_tags_for_resource, resourceArn=arn) == expected


def test_recipes_cannot_be_tagged(mock):
    arn = "arn:aws:personalize:::recipe/aws-sims"
    assert refusal(client().tag_resource, resourceArn=arn, tags=[TEAM])[0] == "ResourceNotFoundException"


def test_metric_attributions_cannot_be_tagged(mock, group):
    a_dataset(mock, group)
    arn = a_metric_attribution(mock, group)
    assert refusal(client().tag_resource, resourceArn=arn, tags=[TEAM])[0] == "InvalidInputException"
    assert refusal(client().list_tags_for_resource, resourceArn=arn)[0] == "InvalidInputException"


def test_the_resource_is_checked_before_the_tags(mock):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/none"
    assert refusal(client().tag_resource, resourceArn=arn, tags=numbered(51))[0] == "ResourceNotFoundException"


def test_a_resource_cannot_be_tagged_while_its_status_is_moving(mock):
    arn = client().create_dataset_group(name="new", tags=[TEAM])["datasetGroupArn"]
    assert tags_of(arn) == [TEAM]
    code, message = refusal(client().tag_resource, resourceArn=arn, tags=[STAGE])
    assert code == "ResourceInUseException"
    assert message == (
        f"The tags of resource {arn} cannot be changed while its status is CREATE PENDING. "
        "Wait until the running operation has finished."
    )
    assert refusal(client().untag_resource, resourceArn=arn, tagKeys=["team"])[0] == "ResourceInUseException"
    settle(mock, arn)
    tag(arn, STAGE)
    assert tags_of(arn) == [TEAM, STAGE]


def test_retrying_to_tag_without_a_sleep_succeeds(mock):
    arn = client().create_dataset_group(name="new")["datasetGroupArn"]
    tries = 0
    while not tags_of(arn):
        tries += 1
        try:
            tag(arn, TEAM)
        except client().exceptions.ResourceInUseException:
            continue
    assert tries <= 4


def test_the_tags_of_a_resource_cannot_be_listed_during_its_deletion(group):
    client().delete_dataset_group(datasetGroupArn=group)
    assert refusal(client().list_tags_for_resource, resourceArn=group)[0] == "ResourceInUseException"


def test_a_campaign_that_is_being_updated_can_be_tagged(mock):
    campaign = a_campaign(mock)
    client().update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    tag(campaign, TEAM)
    assert tags_of(campaign) == [TEAM]
