"""The catalogue: recipes, algorithms and feature transformations, in every page, and calls without a client."""

from corpus.stage import Stage, recipe

UNLISTED = ("aws-hrnn", "aws-hrnn-coldstart", "aws-hrnn-metadata")


def play(stage: Stage) -> None:
    """Look at all of the catalogue."""
    pages = stage.pages("ListRecipes", 5)
    arns = [entry["recipeArn"] for page in pages for entry in page["recipes"]]
    stage.recording.listed.update(arns)
    for domain in ("ECOMMERCE", "VIDEO_ON_DEMAND"):
        stage.pages("ListRecipes", 4, domain=domain)
    stage.call("ListRecipes", "by the service", recipeProvider="SERVICE")
    parts = set()
    for arn in [*arns, *map(recipe, UNLISTED)]:
        shown = stage.call("DescribeRecipe", recipeArn=arn)["recipe"]
        for kind in ("algorithm", "featureTransformation"):
            if f"{kind}Arn" in shown:
                parts.add((kind, shown[f"{kind}Arn"]))
    for kind, arn in sorted(parts):
        stage.call(f"Describe{kind[0].upper()}{kind[1:]}", **{f"{kind}Arn": arn})
    stage.direct("ListRecipes")
    stage.direct("DescribeRecipe", recipeArn=recipe("aws-sims"))
    stage.direct("DescribeRecipe", recipeArn=recipe("aws-none"))
    elsewhere = Stage(stage.mock, stage.recording, "eu-west-1")
    elsewhere.create_and_wait("CreateDatasetGroup", "in eu-west-1", name="far")
    elsewhere.call("ListDatasetGroups", "in eu-west-1")
    stage.call("ListDatasetGroups", "in us-east-1")
    stage.direct("ListDatasetGroups", "in eu-west-1", region="eu-west-1")
    stage.direct("ListDatasetGroups", "of another account", account="999988887777")
