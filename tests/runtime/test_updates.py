"""Effects of model updates, events and metadata on campaigns."""

import json

import pytest
from builders import (
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_schema,
    a_solution,
    a_solution_version,
    an_event_tracker,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    needs_shape,
    refusal,
    settle,
)

from personalize_mock import mock_personalize
from personalize_mock.recipes.personal.model import Personalization

HOUR = 3600
FIELDS_WITH_VALUE = {
    "USER_ID": "string",
    "ITEM_ID": "string",
    "EVENT_TYPE": "string",
    "EVENT_VALUE": ["null", "float"],
    "TIMESTAMP": "long",
}


@pytest.fixture
def mock():
    with mock_personalize(clock="2024-05-01") as mock:
        yield mock


def put(mock, group, items, *, session="s", event_type="Watch", value=None, **members):
    trackers = mock.call("ListEventTrackers", datasetGroupArn=group)["eventTrackers"]
    arn = trackers[0]["eventTrackerArn"] if trackers else an_event_tracker(mock, group)
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=arn)["eventTracker"]
    extra = {} if value is None else {"eventValue": value}
    events = [{"eventType": event_type, "itemId": item, "sentAt": mock.clock.now(), **extra} for item in items]
    client("personalize-events").put_events(
        trackingId=tracker["trackingId"], sessionId=session, eventList=events, **members
    )


def ids(campaign, user, **members):
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId=user, **members)
    return [item["itemId"] for item in answer["itemList"]]


def deployed(mock, group, recipe="aws-user-personalization", *, name="c", config=None, **members):
    solution = a_solution(mock, group, recipe, name=name, performAutoTraining=False, **members)
    version = a_solution_version(mock, solution)
    return a_campaign(mock, version, name=name, campaignConfig=config or {})


def test_an_update_keeps_the_history_of_a_session_without_a_user(mock):
    group = a_group_with_data(mock)
    campaign = deployed(mock, group)
    put(mock, group, ["i40", "i43", "i46"], session="anonymous")
    before = ids(campaign, "anonymous")
    assert before != ids(campaign, "nobody")
    mock.clock.jump(5 * HOUR)
    assert ids(campaign, "anonymous") == before


def test_events_are_live_until_the_next_training(mock, monkeypatch):
    queries, rank = [], Personalization.rank
    monkeypatch.setattr(
        Personalization,
        "rank",
        lambda self, query, **members: (
            queries.append(query),
            rank(self, query, **members),
        )[1],
    )
    group = a_group_with_data(mock)
    campaign = deployed(mock, group)
    put(mock, group, ["i40", "i43", "i46"], userId="u0")
    ids(campaign, "u0")
    mock.clock.jump(5 * HOUR)
    put(mock, group, ["i49"], userId="u0")
    for asked in (campaign, deployed(mock, group, name="later")):
        ids(asked, "u0")
    ids(campaign, "nobody")
    assert [query.live for query in queries] == [3, 4, 0, 0]
    assert len({len(query.history) for query in queries[1:3]}) == 1


def test_a_training_assigns_session_events_to_the_user_who_signs_in_later(mock):
    group = a_group_with_data(mock)
    put(mock, group, ["i40", "i43"], session="visit")
    put(mock, group, ["i46"], session="visit", userId="somebody")
    expression = 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")'
    response = mock.call("CreateFilter", name="watched", datasetGroupArn=group, filterExpression=expression)
    watched = settle(mock, response["filterArn"])
    before = deployed(mock, group)
    assert set(ids(before, "somebody", filterArn=watched)) == {"i40", "i43", "i46"}
    put(mock, group, ["i49"], session="visit")
    assert set(ids(before, "somebody", filterArn=watched)) == {"i40", "i43", "i46"}
    retrained = deployed(mock, group, name="d")
    assert set(ids(retrained, "somebody", filterArn=watched)) == {"i40", "i43", "i46", "i49"}
    assert set(ids(before, "somebody", filterArn=watched)) == {"i40", "i43", "i46"}


def test_campaigns_of_one_group_explore_the_same_items(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    solution = a_solution(mock, group, performAutoTraining=False)
    version = a_solution_version(mock, solution)
    one, other = (
        a_campaign(mock, version, name=name, campaignConfig={"itemExplorationConfig": {"explorationWeight": "1"}})
        for name in ("one", "other")
    )
    assert all(ids(one, f"u{user}") == ids(other, f"u{user}") for user in range(10))


def test_text_models_accept_new_items_without_interactions(mock):
    group = a_dataset_group(mock, "texts")
    fields = {
        "ITEM_ID": "string",
        "TITLE": {"type": "string", "itemName": True},
        "DESCRIPTION": {"type": ["null", "string"], "textual": True},
    }
    schema = a_schema(mock, "Items", name="texts", schema=avro_schema("Items", fields))
    dataset = a_dataset(mock, group, "Items", schemaArn=schema)
    words = ("rocket planet orbit", "garden flower seed", "harbour ship captain")
    rows = [(f"i{number}", f"Title {number}", f"{words[number % 3]} {number}") for number in range(60)]
    an_import_job(mock, dataset, csv_text(list(fields), rows))
    campaign = deployed(mock, group, "aws-semantic-similarity")

    def similar(item):
        answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, itemId=item, numResults=10)
        item_ids = [item["itemId"] for item in answer["itemList"]]
        return [int(item_id[1:]) % 3 for item_id in item_ids if item_id != "first"]

    assert set(similar("i0")) == {0}
    properties = {"title": "Another", "description": "rocket planet orbit"}
    client("personalize-events").put_items(
        datasetArn=dataset, items=[{"itemId": "first", "properties": json.dumps(properties)}]
    )
    mock.clock.jump(HOUR)
    assert set(similar("i0")) == {0}


def test_events_below_the_event_value_threshold_are_ignored(mock):
    group = a_dataset_group(mock, "valued")
    schema = a_schema(mock, name="valued", schema=avro_schema("Interactions", FIELDS_WITH_VALUE))
    rows = [
        (f"u{user}", f"i{(user % 2) * 30 + (user * 3 + turn) % 30}", "Watch", 5, 1_700_000_000 + turn)
        for user in range(60)
        for turn in range(20)
    ]
    an_import_job(mock, a_dataset(mock, group, schemaArn=schema), csv_text(list(FIELDS_WITH_VALUE), rows))
    campaign = deployed(mock, group, eventType="Watch", solutionConfig={"eventValueThreshold": "4"})
    before = ids(campaign, "new-user")
    put(mock, group, ["i40", "i43", "i46"], value=1.0, userId="new-user")
    assert ids(campaign, "new-user") == before
    put(mock, group, ["i40", "i43", "i46"], value=5.0, userId="new-user")
    assert ids(campaign, "new-user") != before


@pytest.mark.parametrize(
    ("recipe", "config", "names"),
    [
        (
            "aws-user-personalization",
            {
                "featureTransformationParameters": {
                    "min_user_history_length_percentile": "0.9",
                    "max_user_history_length_percentile": "0.1",
                }
            },
            "min_user_history_length_percentile",
        ),
        (
            "aws-user-personalization-v2",
            {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.0}]}},
            "weight",
        ),
        ("aws-user-personalization-v2", {"eventsConfig": {"eventParametersList": [{"weight": 0.5}]}}, "eventType"),
        (
            "aws-user-personalization-v2",
            {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "eventValueThreshold": 2.0}]}},
            "EVENT_VALUE",
        ),
    ],
)
def test_configurations_without_usable_interactions_are_refused(mock, recipe, config, names):
    if "eventsConfig" in config:
        needs_shape("EventsConfig")
    group = a_group_with_data(mock)
    code, message = refusal(
        client("personalize").create_solution,
        name="s",
        datasetGroupArn=group,
        recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
        solutionConfig=config,
    )
    assert code == "InvalidInputException"
    assert names in message


@pytest.mark.parametrize(
    ("recipe", "config", "criterion"),
    [
        ("aws-user-personalization", {"eventValueThreshold": "100"}, "event value threshold: 100.0"),
        (
            "aws-user-personalization-v2",
            {"eventsConfig": {"eventParametersList": [{"eventType": "Buy"}, {"eventType": "Click"}]}},
            "eventsConfig: Buy, Click",
        ),
    ],
)
def test_a_failure_reason_names_the_filter_criterion(mock, recipe, config, criterion):
    if "eventsConfig" in config:
        needs_shape("EventsConfig")
    group = a_dataset_group(mock, "valued")
    schema = a_schema(mock, name="valued", schema=avro_schema("Interactions", FIELDS_WITH_VALUE))
    rows = [(f"u{turn % 50}", f"i{turn % 70}", "Watch", 5, 1_700_000_000 + turn) for turn in range(2000)]
    an_import_job(mock, a_dataset(mock, group, schemaArn=schema), csv_text(list(FIELDS_WITH_VALUE), rows))
    version = a_solution_version(mock, a_solution(mock, group, recipe, solutionConfig=config))
    described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
    assert described["failureReason"] == f"Dataset has fewer than 1000 interactions after filtering by {criterion}"


def first_half_share(campaign, user):
    """Return the share of items of the first half, which even users have seen, in the recommendations for a user."""
    return sum(int(item[1:]) < 30 for item in ids(campaign, user, numResults=20)) / 20


def test_new_user_attributes_take_effect_with_the_next_training(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Users")
    campaign = deployed(mock, group)
    before = first_half_share(campaign, "new")
    (users,) = [arn for arn in datasets(mock, group) if "USERS" in arn]
    row = {"userId": "new", "properties": json.dumps({"age": 30, "membership": "Premium"})}
    client("personalize-events").put_users(datasetArn=users, users=[row])
    put(mock, group, ["i1"], session="stranger")
    mock.clock.jump(3 * HOUR)
    assert first_half_share(campaign, "new") == before
    assert first_half_share(deployed(mock, group, name="later"), "new") < before


def datasets(mock, group):
    return [dataset["datasetArn"] for dataset in mock.call("ListDatasets", datasetGroupArn=group)["datasets"]]


def test_imported_interactions_never_reach_lists_before_the_next_training(mock):
    """Automatic updates bring new items and put events only."""
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    campaign = deployed(mock, group)
    interactions = f"{group.replace('dataset-group', 'dataset')}/INTERACTIONS"
    before = ids(campaign, "u0")
    rows = "".join(f"u0,i{30 + n % 30},Watch,{int(mock.clock.now().timestamp()) + n}\n" for n in range(1000))
    for mode in ("INCREMENTAL", "FULL"):
        an_import_job(mock, interactions, f"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n{rows}", importMode=mode)
        mock.clock.jump(5 * HOUR)
        assert ids(campaign, "u0") == before
    put(mock, group, ["i31", "i34", "i37"], userId="u0")
    after_events = ids(campaign, "u0")
    assert after_events != before
    mock.clock.jump(5 * HOUR)
    assert ids(campaign, "nobody")


def test_an_automatic_update_takes_in_new_items_beside_old_imports_of_interactions(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    exploring = {"itemExplorationConfig": {"explorationWeight": "1", "explorationItemAgeCutOff": "3650"}}
    campaign = deployed(mock, group, config=exploring)
    prefix = group.replace("dataset-group", "dataset")
    interactions = "".join(f"v{n % 40},j{n % 20},Watch,{n}\n" for n in range(1000))
    an_import_job(mock, f"{prefix}/INTERACTIONS", f"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n{interactions}")
    item = {"itemId": "new", "properties": '{"genres": "Comedy", "price": 1, "creationTimestamp": 1714500000}'}
    mock.call("PutItems", datasetArn=f"{prefix}/ITEMS", items=[item])
    mock.clock.jump(5 * HOUR)
    shown = {item for user in range(20) for item in ids(campaign, f"u{user}", numResults=100)}
    assert "new" in shown
    assert not any(item.startswith("j") for item in shown)
