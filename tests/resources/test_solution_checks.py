import pytest
from builders import (
    INTERACTIONS,
    ITEMS,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    avro_schema,
    client,
    needs_shape,
    put_an_event,
    recipe,
    refusal,
)

PERSONALIZATION = recipe("aws-user-personalization")
V2 = recipe("aws-user-personalization-v2")


@pytest.fixture
def group(mock):
    return a_group_with_data(mock)


def a_group_with_event_values(mock, *, without=()):
    """A dataset group with an event, whose Interactions schema has EVENT_VALUE but lacks some fields."""
    fields = {name: field for name, field in {**INTERACTIONS, "EVENT_VALUE": "float"}.items() if name not in without}
    schema = client().create_schema(name="with-values", schema=avro_schema(fields=fields))["schemaArn"]
    group = a_dataset_group(mock)
    a_dataset(mock, group, schemaArn=schema)
    put_an_event(mock, group)
    return group


def create(group, name="solution", **members):
    return client().create_solution(**{"name": name, "datasetGroupArn": group, "recipeArn": PERSONALIZATION, **members})


def describe(arn):
    return client().describe_solution(solutionArn=arn)["solution"]


def shown_config(group, config, **members):
    """Create a solution and return the solutionConfig that DescribeSolution shows."""
    return describe(create(group, solutionConfig=config, **members)["solutionArn"])["solutionConfig"]


def refusal_code(group, config, **members):
    """The error code of CreateSolution with a solutionConfig."""
    refused = refusal(create, group=group, solutionConfig=config, **members)[0]
    assert client().list_solutions()["solutions"] == []
    return refused


def ranges(**members):
    """A solutionConfig with hyperparameter ranges, by the first word of their members."""
    named = {f"{member}HyperParameterRanges": entries for member, entries in members.items()}
    return {"hpoConfig": {"algorithmHyperParameterRanges": named}}


@pytest.mark.parametrize(
    "config",
    [
        {"algorithmHyperParameters": {"hidden_dimension": "55", "bptt": "20", "recency_mask": "false"}},
        {"featureTransformationParameters": {"max_user_history_length_percentile": "0.9"}},
        {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}},
        {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}}},
        {},
    ],
    ids=lambda config: next(iter(config), "nothing"),
)
def test_a_configuration_is_echoed_as_it_was_sent(mock, group, config):
    assert shown_config(group, config) == config


def test_columns_of_the_training_data_are_echoed(mock, group):
    a_dataset(mock, group, "Items")
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE", "GENRES"]}}}
    assert shown_config(group, config) == config


def test_columns_cannot_be_chosen_for_a_recipe_of_actions(mock, group):
    """Developer guide, "Configuring columns used when training" (2025)."""
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"Users": ["AGE"]}}}
    a_dataset(mock, group, "Users")
    refused = refusal(create, group=group, recipeArn=recipe("aws-next-best-action"), solutionConfig=config)
    text = "Recipe aws-next-best-action does not support trainingDataConfig. Remove trainingDataConfig."
    assert refused == ("InvalidInputException", text)
    for number, name in enumerate(("aws-user-personalization", "aws-item-affinity")):
        create(group, f"solution-{number}", recipeArn=recipe(name), solutionConfig=config)


def test_an_event_threshold_is_a_string_and_is_echoed(mock):
    group = a_group_with_event_values(mock)
    assert shown_config(group, {"eventValueThreshold": "0.5"}, eventType="Watch") == {"eventValueThreshold": "0.5"}


def test_event_weights_are_numbers_and_are_echoed(mock):
    needs_shape("EventsConfig")
    group = a_group_with_event_values(mock)
    weights = [{"eventType": "Watch", "eventValueThreshold": 0.5, "weight": 0.3}, {"eventType": "Click", "weight": 1.0}]
    config = {"eventsConfig": {"eventParametersList": weights}}
    assert shown_config(group, config, recipeArn=V2) == config


def test_an_objective_is_echoed(mock, group):
    a_dataset(mock, group, "Items")
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert shown_config(group, config) == config


def test_hyperparameter_ranges_are_shown_with_prefixed_names(mock, group):
    """Fixed hyperparameters keep their names. Developer guide, "Hyperparameters and HPO" (2025)."""
    ranges = {
        "integerHyperParameterRanges": [{"name": "bptt", "minValue": 2, "maxValue": 22}],
        "continuousHyperParameterRanges": [],
        "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
    }
    config = {"algorithmHyperParameters": {"hidden_dimension": "55"}}
    shown = shown_config(group, {**config, "hpoConfig": {"algorithmHyperParameterRanges": ranges}}, performHPO=True)
    assert shown["algorithmHyperParameters"] == {"hidden_dimension": "55"}
    assert shown["hpoConfig"]["algorithmHyperParameterRanges"] == {
        "integerHyperParameterRanges": [{"name": "training.bptt", "minValue": 2, "maxValue": 22}],
        "continuousHyperParameterRanges": [],
        "categoricalHyperParameterRanges": [{"name": "data.recency_mask", "values": ["true", "false"]}],
    }


def test_a_hyperparameter_of_another_algorithm_is_refused_with_the_reported_message(mock, group):
    members = {"recipeArn": recipe("aws-similar-items"), "name": "similar", "datasetGroupArn": group}
    config = {"algorithmHyperParameters": {"bptt": "20"}}
    code, message = refusal(client().create_solution, **members, solutionConfig=config)
    assert code == "InvalidInputException"
    algorithm = "arn:aws:personalize:::algorithm/aws-similar-items"
    assert message == f"Provide a hyperparameter that is used in the algorithm: {algorithm}"


@pytest.mark.parametrize(
    "config",
    [
        {"algorithmHyperParameters": {"bptt": "1"}},
        {"algorithmHyperParameters": {"bptt": "twenty"}},
        {"algorithmHyperParameters": {"hidden_dimension": "257"}},
        {"algorithmHyperParameters": {"recency_mask": "maybe"}},
        {"featureTransformationParameters": {"max_user_history_length_percentile": "1.1"}},
        {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "41"}}},
        {"hpoConfig": {"hpoResourceConfig": {"maxParallelTrainingJobs": "0"}}},
        {
            "hpoConfig": {
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 3}]
                }
            }
        },
        ranges(integer=[{"name": "recency_mask", "minValue": 0, "maxValue": 1}]),
        ranges(continuous=[{"name": "bptt", "minValue": 2, "maxValue": 32}]),
        ranges(categorical=[{"name": "bptt", "values": ["2", "32"]}]),
        ranges(categorical=[{"name": "recency_mask", "values": []}]),
        ranges(categorical=[{"name": "recency_mask"}]),
        ranges(categorical=[{"name": "recency_mask", "values": ["true", "maybe"]}]),
        ranges(integer=[{"name": "bptt", "minValue": 0, "maxValue": 32}]),
        ranges(
            integer=[{"name": "bptt", "minValue": 2, "maxValue": 8}, {"name": "bptt", "minValue": 9, "maxValue": 32}]
        ),
        ranges(integer=[{"minValue": 2, "maxValue": 8}]),
        ranges(integer=[{"name": "popularity_discount_factor", "minValue": 0, "maxValue": 1}]),
        {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}},
        {"autoTrainingConfig": {"schedulingExpression": "rate(0 days)"}},
        {"eventValueThreshold": "much"},
        {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 1.0}]}},
        {"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE"]}}},
        {"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["EVENT_TYPE"]}}},
    ],
    ids=str,
)
def test_an_invalid_configuration_is_refused(mock, group, config):
    if "eventsConfig" in config:
        needs_shape("EventsConfig")
    assert refusal_code(group, config) == "InvalidInputException"


@pytest.mark.parametrize("expression", ["rate(7 hours)", "every day", "rate(1000000 days)"])
def test_a_schedule_that_does_not_match_the_pattern_is_refused(mock, group, expression):
    assert refusal_code(group, {"autoTrainingConfig": {"schedulingExpression": expression}}) == "ValidationException"


def test_a_threshold_needs_event_value_in_the_schema(mock, group):
    assert refusal_code(group, {"eventValueThreshold": "0.5"}) == "InvalidInputException"


@pytest.mark.parametrize(("field", "threshold"), [("EVENT_TYPE", {}), ("EVENT_VALUE", {"eventValueThreshold": 0.5})])
def test_event_weights_need_their_fields_in_the_schema(mock, field, threshold):
    needs_shape("EventsConfig")
    group = a_group_with_event_values(mock, without={field})
    solution = create(group, recipeArn=V2)["solutionArn"]
    weights = {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.5, **threshold}]}}
    refused = [
        refusal(create, group=group, name="other", recipeArn=V2, solutionConfig=weights),
        refusal(client().update_solution, solutionArn=solution, solutionUpdateConfig=weights),
    ]
    assert [code for code, _ in refused] == ["InvalidInputException"] * 2
    assert all(f"has no field {field}" in text for _, text in refused)


# The optimization objective.


@pytest.fixture
def group_with_items(mock, group):
    nullable = {"type": ["null", "float"]}
    fields = {**ITEMS, "RATING": nullable}
    schema = client().create_schema(name="items", schema=avro_schema("Items", fields))["schemaArn"]
    a_dataset(mock, group, "Items", schemaArn=schema)
    return group


@pytest.mark.parametrize(
    "attribute", ["RATING", "GENRES", "NO_SUCH_FIELD"], ids=["nullable", "not numeric", "not there"]
)
def test_an_objective_needs_a_numeric_field_that_does_not_allow_null(group_with_items, attribute):
    config = {"optimizationObjective": {"itemAttribute": attribute, "objectiveSensitivity": "LOW"}}
    assert refusal_code(group_with_items, config) == "InvalidInputException"


@pytest.mark.parametrize("name", ["aws-popularity-count", "aws-sims", "aws-similar-items"])
def test_an_objective_is_refused_for_recipes_that_do_not_support_it(group_with_items, name):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert refusal_code(group_with_items, config, recipeArn=recipe(name)) == "InvalidInputException"
    create(group_with_items, recipeArn=recipe("aws-personalized-ranking"), solutionConfig=config)


def test_an_objective_needs_an_items_dataset_and_an_attribute(mock, group):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert refusal_code(group, config) == "InvalidInputException"
    assert refusal_code(group, {"optimizationObjective": {"objectiveSensitivity": "LOW"}}) == "InvalidInputException"


def test_an_unknown_sensitivity_is_refused(group_with_items):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "VERY_HIGH"}}
    assert refusal_code(group_with_items, config) == "ValidationException"
