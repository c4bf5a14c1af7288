import pytest
from builders import (
    INTERACTIONS,
    ITEMS,
    a_dataset,
    a_dataset_group,
    avro_schema,
    client,
    needs_shape,
    recipe,
    refusal,
)

PERSONALIZATION = recipe("aws-user-personalization")
V2 = recipe("aws-user-personalization-v2")


@pytest.fixture
def group(mock):
    return a_dataset_group(mock)


def create(group, name="solution", **members):
    return client().create_solution(**{"name": name, "datasetGroupArn": group, "recipeArn": PERSONALIZATION, **members})


def describe(arn):
    return client().describe_solution(solutionArn=arn)["solution"]


def echo(group, config, **members):
    """The solutionConfig that DescribeSolution shows of one that was sent."""
    return describe(create(group, solutionConfig=config, **members)["solutionArn"])["solutionConfig"]


def objects(group, config, **members):
    """The code with which a solutionConfig is refused."""
    refused = refusal(create, group=group, solutionConfig=config, **members)[0]
    assert client().list_solutions()["solutions"] == []
    return refused


def ranges(**kinds):
    """An hpoConfig with ranges, by the first words of their members."""
    return {
        "hpoConfig": {
            "algorithmHyperParameterRanges": {f"{kind}HyperParameterRanges": each for kind, each in kinds.items()}
        }
    }


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
    assert echo(group, config) == config


def test_columns_of_the_training_data_are_echoed(mock, group):
    a_dataset(mock, group, "Items")
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE", "GENRES"]}}}
    assert echo(group, config) == config


def test_an_event_threshold_is_a_text_and_is_echoed(mock, group):
    fields = {**INTERACTIONS, "EVENT_VALUE": "float"}
    schema = client().create_schema(name="with-values", schema=avro_schema(fields=fields))["schemaArn"]
    a_dataset(mock, group, schemaArn=schema)
    assert echo(group, {"eventValueThreshold": "0.5"}, eventType="Watch") == {"eventValueThreshold": "0.5"}


def test_event_weights_are_numbers_and_are_echoed(mock, group):
    needs_shape("EventsConfig")
    weights = [{"eventType": "Watch", "eventValueThreshold": 0.5, "weight": 0.3}, {"eventType": "Click", "weight": 1.0}]
    config = {"eventsConfig": {"eventParametersList": weights}}
    assert echo(group, config, recipeArn=V2) == config


def test_an_objective_is_echoed(mock, group):
    a_dataset(mock, group, "Items")
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert echo(group, config) == config


def test_ranges_are_shown_under_the_algorithms_longer_names(mock, group):
    """As in the guide's example: ranges are renamed, fixed hyperparameters are not."""
    ranges = {
        "integerHyperParameterRanges": [{"name": "bptt", "minValue": 2, "maxValue": 22}],
        "continuousHyperParameterRanges": [],
        "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
    }
    config = {"algorithmHyperParameters": {"hidden_dimension": "55"}}
    shown = echo(group, {**config, "hpoConfig": {"algorithmHyperParameterRanges": ranges}}, performHPO=True)
    assert shown["algorithmHyperParameters"] == {"hidden_dimension": "55"}
    assert shown["hpoConfig"]["algorithmHyperParameterRanges"] == {
        "integerHyperParameterRanges": [{"name": "training.bptt", "minValue": 2, "maxValue": 22}],
        "continuousHyperParameterRanges": [],
        "categoricalHyperParameterRanges": [{"name": "data.recency_mask", "values": ["true", "false"]}],
    }


def test_a_hyperparameter_of_another_algorithm_is_refused_in_the_reported_words(mock, group):
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
        ranges(integer=[{"name": "bptt", "minValue": 1, "maxValue": 32}]),
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
def test_a_configuration_outside_its_limits_is_refused(mock, group, config):
    if "eventsConfig" in config:
        needs_shape("EventsConfig")
    a_dataset(mock, group)
    assert objects(group, config) == "InvalidInputException"


@pytest.mark.parametrize("expression", ["rate(7 hours)", "every day", "rate(1000000 days)"])
def test_a_schedule_outside_the_pattern_breaks_the_model(mock, group, expression):
    assert objects(group, {"autoTrainingConfig": {"schedulingExpression": expression}}) == "ValidationException"


def test_a_threshold_needs_event_values_in_the_schema(mock, group):
    a_dataset(mock, group)
    assert objects(group, {"eventValueThreshold": "0.5"}) == "InvalidInputException"


@pytest.mark.parametrize(("field", "threshold"), [("EVENT_TYPE", {}), ("EVENT_VALUE", {"eventValueThreshold": 0.5})])
def test_event_weights_need_what_they_speak_of_in_the_schema(mock, group, field, threshold):
    needs_shape("EventsConfig")
    fields = {**INTERACTIONS, "EVENT_VALUE": "float"}
    del fields[field]
    schema = client().create_schema(name="without", schema=avro_schema(fields=fields))["schemaArn"]
    solution = create(group, recipeArn=V2)["solutionArn"]
    a_dataset(mock, group, schemaArn=schema)
    weights = {"eventsConfig": {"eventParametersList": [{"eventType": "Watch", "weight": 0.5, **threshold}]}}
    refused = [
        refusal(create, group=group, name="other", recipeArn=V2, solutionConfig=weights),
        refusal(client().update_solution, solutionArn=solution, solutionUpdateConfig=weights),
    ]
    assert [code for code, _ in refused] == ["InvalidInputException"] * 2
    assert all(f"needs the field {field} in the schema" in text for _, text in refused)


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
def test_an_objective_needs_a_numeric_field_that_is_never_null(group_with_items, attribute):
    config = {"optimizationObjective": {"itemAttribute": attribute, "objectiveSensitivity": "LOW"}}
    assert objects(group_with_items, config) == "InvalidInputException"


@pytest.mark.parametrize("name", ["aws-popularity-count", "aws-sims", "aws-similar-items"])
def test_only_two_families_of_recipes_take_an_objective(group_with_items, name):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert objects(group_with_items, config, recipeArn=recipe(name)) == "InvalidInputException"
    create(group_with_items, recipeArn=recipe("aws-personalized-ranking"), solutionConfig=config)


def test_an_objective_needs_an_items_dataset_and_an_attribute(mock, group):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}
    assert objects(group, config) == "InvalidInputException"
    assert objects(group, {"optimizationObjective": {"objectiveSensitivity": "LOW"}}) == "InvalidInputException"


def test_a_sensitivity_outside_the_model_is_refused(group_with_items):
    config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "VERY_HIGH"}}
    assert objects(group_with_items, config) == "ValidationException"
