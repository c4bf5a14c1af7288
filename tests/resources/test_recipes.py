import pytest
from builders import client, recipe, refusal


def test_describe_recipe_shows_all_members(mock):
    shown = client().describe_recipe(recipeArn=recipe("aws-hrnn-metadata"))["recipe"]
    assert list(shown) == [
        "name",
        "recipeArn",
        "algorithmArn",
        "featureTransformationArn",
        "status",
        "description",
        "creationDateTime",
        "recipeType",
        "lastUpdatedDateTime",
    ]
    assert (shown["name"], shown["status"]) == ("aws-hrnn-metadata", "ACTIVE")
    assert shown["recipeType"] == "USER_PERSONALIZATION"


def test_the_algorithm_and_feature_transformation_of_a_recipe_can_be_described(mock):
    shown = client().describe_recipe(recipeArn=recipe("aws-hrnn-metadata"))["recipe"]
    algorithm = client().describe_algorithm(algorithmArn=shown["algorithmArn"])["algorithm"]
    assert algorithm["algorithmArn"] == shown["algorithmArn"]
    assert algorithm["defaultHyperParameters"]["bptt"] == "32"
    arn = shown["featureTransformationArn"]
    transformation = client().describe_feature_transformation(featureTransformationArn=arn)["featureTransformation"]
    assert transformation["status"] == "ACTIVE"
    assert set(transformation["defaultParameters"].values()) >= {"0.0", "0.99"}


@pytest.mark.parametrize(
    ("operation", "member", "arn", "label"),
    [
        ("describe_recipe", "recipeArn", "recipe/none", "recipe"),
        ("describe_algorithm", "algorithmArn", "algorithm/none", "algorithm"),
        (
            "describe_feature_transformation",
            "featureTransformationArn",
            "feature-transformation/none",
            "feature transformation",
        ),
    ],
)
def test_an_unknown_arn_is_not_found(mock, operation, member, arn, label):
    code, message = refusal(getattr(client(), operation), **{member: f"arn:aws:personalize:::{arn}"})
    assert code == "ResourceNotFoundException"
    assert message == f"The given {label} does not exist: arn:aws:personalize:::{arn}"


def test_without_max_results_the_recipes_take_two_pages(mock):
    first = client().list_recipes()
    second = client().list_recipes(nextToken=first["nextToken"])
    assert "nextToken" not in second
    names = [entry["name"] for entry in first["recipes"] + second["recipes"]]
    assert names == sorted(names)
    assert len(names) == 22


def test_the_five_recipes_of_a_domain_take_two_pages(mock):
    first = client().list_recipes(domain="ECOMMERCE")
    second = client().list_recipes(domain="ECOMMERCE", nextToken=first["nextToken"])
    recipes = first["recipes"] + second["recipes"]
    assert [entry["domain"] for entry in recipes] == ["ECOMMERCE"] * 5
    assert list(recipes[0])[:2] == ["name", "recipeArn"]


def test_custom_recipes_have_no_domain(mock):
    recipes = list(client().get_paginator("list_recipes").paginate().search("recipes"))
    with_domain = [entry["name"] for entry in recipes if "domain" in entry]
    assert with_domain == [entry["name"] for entry in recipes if entry["name"].startswith(("aws-ecomm-", "aws-vod-"))]


def test_the_creation_date_of_a_first_recipe_is_the_recorded_one(mock):
    recipes = client().get_paginator("list_recipes").paginate().search("recipes")
    sims = next(entry for entry in recipes if entry["name"] == "aws-sims")
    assert sims["creationDateTime"].isoformat().startswith("2019-06-10T00:00:00")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_of_any_size_contain_all_recipes(mock, size):
    pages = client().get_paginator("list_recipes").paginate(PaginationConfig={"PageSize": size})
    assert len(list(pages.search("recipes"))) == 22


@pytest.mark.parametrize("token", ["nonsense", "W10="])
def test_an_invented_token_is_rejected(mock, token):
    assert refusal(client().list_recipes, nextToken=token)[0] == "InvalidNextTokenException"


def test_a_token_of_another_list_is_rejected(mock):
    token = client().list_recipes()["nextToken"]
    code, message = refusal(client().list_schemas, nextToken=token)
    assert (code, message) == ("InvalidNextTokenException", "The token is not valid.")


def test_a_page_of_more_than_100_is_rejected(mock):
    assert refusal(client().list_recipes, maxResults=101)[0] == "ValidationException"
