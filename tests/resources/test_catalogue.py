import gzip
import json
from pathlib import Path

import botocore
import pytest
from botocore import xform_name

from personalize_mock.resources import catalogue

LISTED_IN_2024 = [
    "aws-ecomm-customers-who-viewed-x-also-viewed",
    "aws-ecomm-frequently-bought-together",
    "aws-ecomm-popular-items-by-purchases",
    "aws-ecomm-popular-items-by-views",
    "aws-ecomm-recommended-for-you",
    "aws-item-affinity",
    "aws-item-attribute-affinity",
    "aws-next-best-action",
    "aws-personalized-ranking",
    "aws-personalized-ranking-v2",
    "aws-popularity-count",
    "aws-similar-items",
    "aws-sims",
    "aws-trending-now",
    "aws-user-personalization",
    "aws-user-personalization-v2",
    "aws-vod-because-you-watched-x",
    "aws-vod-more-like-x",
    "aws-vod-most-popular",
    "aws-vod-top-picks",
    "aws-vod-trending-now",
]
LEGACY = ["aws-hrnn", "aws-hrnn-coldstart", "aws-hrnn-metadata"]
ALL = [*catalogue.recipes(), *(catalogue.recipe(f"arn:aws:personalize:::recipe/{name}") for name in LEGACY)]


def recipe_named(name):
    return catalogue.recipe(f"arn:aws:personalize:::recipe/{name}")


def for_each(entries):
    return pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in entries])


def model_members(structure):
    data = Path(botocore.__file__).parent / "data/personalize/2018-05-22/service-2.json.gz"
    shapes = json.loads(gzip.decompress(data.read_bytes()))["shapes"]
    return list(shapes[structure]["members"])


def test_the_listed_recipes_are_those_recorded_in_2024_and_one_newer():
    assert [entry.name for entry in catalogue.recipes()] == sorted([*LISTED_IN_2024, "aws-semantic-similarity"])


@pytest.mark.parametrize("name", LEGACY)
def test_a_legacy_recipe_is_not_listed_but_can_be_described(name):
    assert not recipe_named(name).listed


@pytest.mark.parametrize("name", ["aws-deepfm", "aws-ffnn", "aws-nothing", ""])
def test_recipes_of_the_preview_do_not_exist(name):
    assert recipe_named(name) is None


def test_the_arns_of_recipes_are_unique():
    assert len({entry.recipe_arn for entry in ALL}) == len(ALL)


@for_each(ALL)
def test_a_recipe_is_found_by_its_arn(entry):
    assert catalogue.recipe(entry.recipe_arn) is entry


@for_each(ALL)
def test_a_recipe_has_the_members_of_describe_recipe(entry):
    missing = {name for name in model_members("Recipe") if getattr(entry, xform_name(name)) is None}
    unknown = {"algorithmArn", "featureTransformationArn", "recipeType"}
    assert missing <= unknown
    assert len(entry.description) <= 256


@for_each(entry for entry in ALL if entry.domain is None)
def test_the_algorithm_of_a_recipe_exists_and_shows_its_defaults(entry):
    algorithm = catalogue.algorithm(entry.algorithm_arn)
    assert algorithm.default_hyper_parameters == {
        name: str(parameter.default) for name, parameter in entry.parameters("algorithm").items()
    }
    missing = [name for name in model_members("Algorithm") if getattr(algorithm, xform_name(name)) is None]
    assert missing == ["roleArn"]


@for_each(entry for entry in ALL if entry.feature_transformation_arn)
def test_the_feature_transformation_of_a_recipe_exists_and_shows_its_defaults(entry):
    transformation = catalogue.feature_transformation(entry.feature_transformation_arn)
    assert {
        name: str(parameter.default) for name, parameter in entry.parameters("featurization").items()
    }.items() <= transformation.default_parameters.items()
    assert all(getattr(transformation, xform_name(name)) is not None for name in model_members("FeatureTransformation"))


@for_each(entry for entry in ALL if entry.domain is not None)
def test_a_domain_recipe_is_for_recommenders_not_campaigns(entry):
    assert entry.domain in {"ECOMMERCE", "VIDEO_ON_DEMAND"}
    assert not entry.campaign
    assert entry.algorithm_arn is None


@for_each(ALL)
def test_defaults_are_within_their_ranges(entry):
    for parameter in entry.hyperparameters:
        if parameter.values:
            assert parameter.default in parameter.values
        else:
            assert parameter.minimum <= parameter.default
            assert parameter.maximum is None or parameter.default <= parameter.maximum


@for_each(ALL)
def test_only_recipes_with_hpo_have_tunable_hyperparameters(entry):
    assert entry.hpo or not any(parameter.tunable for parameter in entry.hyperparameters)
    assert not any(parameter.tunable for parameter in entry.hyperparameters if parameter.section != "algorithm")


@for_each(ALL)
def test_every_capability_has_an_attribute(entry):
    assert all(getattr(entry, name) is True for name in entry.capabilities)


@for_each(ALL)
def test_recipes_without_an_operation_are_for_segments(entry):
    assert (entry.operation is None) == entry.batch_segment


def test_only_two_recipes_support_an_objective():
    assert [entry.name for entry in ALL if entry.optimization_objective] == [
        "aws-personalized-ranking",
        "aws-user-personalization",
    ]


@pytest.mark.parametrize(
    ("name", "algorithm", "featurization", "campaign"),
    [
        (
            "aws-user-personalization",
            ["hidden_dimension", "bptt", "recency_mask"],
            ["min_user_history_length_percentile", "max_user_history_length_percentile"],
            ["exploration_weight", "exploration_item_age_cut_off"],
        ),
        ("aws-user-personalization-v2", ["apply_recency_bias"], [], []),
        ("aws-popularity-count", [], [], []),
        ("aws-trending-now", [], ["trend_discovery_frequency"], []),
        (
            "aws-similar-items",
            ["popularity_discount_factor", "item_id_hidden_dim", "item_metadata_hidden_dim"],
            [],
            [],
        ),
        ("aws-vod-top-picks", [], [], ["exploration_weight", "exploration_item_age_cut_off"]),
    ],
)
def test_hyperparameters_belong_to_a_section_of_the_request(name, algorithm, featurization, campaign):
    entry = recipe_named(name)
    assert list(entry.parameters("algorithm")) == algorithm
    assert list(entry.parameters("featurization")) == featurization
    assert list(entry.parameters("campaign")) == campaign


def test_describe_solution_shows_two_hyperparameters_under_other_names():
    parameters = recipe_named("aws-user-personalization").parameters("algorithm")
    assert {name: parameter.describe_hpo_name for name, parameter in parameters.items()} == {
        "hidden_dimension": "hidden_dimension",
        "bptt": "training.bptt",
        "recency_mask": "data.recency_mask",
    }


def test_ranges_are_grouped_by_type():
    ranges = catalogue.algorithm(recipe_named("aws-sims").algorithm_arn).default_hyper_parameter_ranges
    assert ranges == {
        "integerHyperParameterRanges": [
            {"name": "min_cointeraction_count", "minValue": 0, "maxValue": 10, "isTunable": True}
        ],
        "continuousHyperParameterRanges": [
            {"name": "popularity_discount_factor", "minValue": 0.0, "maxValue": 1.0, "isTunable": True}
        ],
        "categoricalHyperParameterRanges": [],
    }


def test_a_shared_feature_transformation_shows_the_parameters_of_all_its_recipes():
    transformation = catalogue.feature_transformation(recipe_named("aws-popularity-count").feature_transformation_arn)
    assert transformation.name == "sims"
    assert transformation.default_parameters["max_item_interaction_count_percentile"] == "0.9"


def test_arns_have_the_partition_of_the_request():
    entry = catalogue.recipe("arn:aws-cn:personalize:::recipe/aws-hrnn")
    assert entry.recipe_arn == "arn:aws-cn:personalize:::recipe/aws-hrnn"
    assert entry.algorithm_arn == "arn:aws-cn:personalize:::algorithm/aws-hrnn"
    assert catalogue.algorithm(entry.algorithm_arn).algorithm_arn == entry.algorithm_arn
    transformation = catalogue.feature_transformation(entry.feature_transformation_arn)
    assert transformation.feature_transformation_arn == entry.feature_transformation_arn


@pytest.mark.parametrize(
    "arn",
    [
        "aws-sims",
        "arn:aws:personalize:::algorithm/aws-sims",
        "arn:aws:personalize:us-east-1:123456789012:recipe/aws-sims",
        "arn:aws:personalize:::recipe/aws-sims/1",
    ],
)
def test_other_arns_find_no_recipe(arn):
    assert catalogue.recipe(arn) is None


def test_a_recipe_arn_finds_no_algorithm():
    arn = recipe_named("aws-sims").recipe_arn
    assert catalogue.algorithm(arn) is None
    assert catalogue.feature_transformation(arn) is None


def test_an_entry_cannot_be_changed():
    with pytest.raises(AttributeError):
        recipe_named("aws-sims").name = "other"
