"""Comparison of recipes on the same data: offline metrics and similar items.

    python examples/recipe_comparison.py
    python examples/recipe_comparison.py path/to/folder --titles "Star Wars (1977)" "Toy Story (1995)"

The folder holds Personalize CSV files: interactions.csv and items.csv, optionally users.csv, each plain or gzipped.
Without a folder the data is generated.
"""

import argparse
import time
from pathlib import Path

import boto3
from csv_tables import LEAKING, generate_tables, load_folder
from objective_optimization import REGION, create_dataset_group, wait_until_active
from objective_report import print_table

from personalize_mock import mock_personalize

RECIPE = "arn:aws:personalize:::recipe/"
PERSONAL = (
    "aws-popularity-count",
    "aws-user-personalization",
    "aws-user-personalization-v2",
    "aws-hrnn",
    "aws-hrnn-metadata",
    "aws-hrnn-coldstart",
    "aws-personalized-ranking",
    "aws-personalized-ranking-v2",
)
RELATED = ("aws-sims", "aws-similar-items", "aws-semantic-similarity")
SEGMENTS = ("aws-item-affinity", "aws-item-attribute-affinity")
TRENDS = ("aws-trending-now",)
CONFIGS = {"aws-hrnn-coldstart": {"featureTransformationParameters": {"cold_start_max_duration": "1000"}}}
COLUMNS = {
    "NDCG@25": "normalized_discounted_cumulative_gain_at_25",
    "NDCG@10": "normalized_discounted_cumulative_gain_at_10",
    "MRR@25": "mean_reciprocal_rank_at_25",
    "precision@10": "precision_at_10",
    "coverage": "coverage",
}


def prepare(tables):
    """Add a description for the recipe that learns from text, and drop leaking columns."""
    for item in tables["items"]:
        for name in LEAKING & item.keys():
            del item[name]
        item["DESCRIPTION"] = f"{item['TITLE']}. {item['GENRES'].replace('|', ' and ')}."
    return tables


def train(personalize, dataset_group_arn, recipe):
    name = recipe.removeprefix("aws-")
    solution_arn = personalize.create_solution(
        name=name,
        datasetGroupArn=dataset_group_arn,
        recipeArn=RECIPE + recipe,
        performAutoTraining=False,
        solutionConfig=CONFIGS.get(recipe, {}),
    )["solutionArn"]
    version_arn = personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
    wait_until_active(
        f"solution version {name}",
        lambda: personalize.describe_solution_version(solutionVersionArn=version_arn)["solutionVersion"],
    )
    return version_arn, personalize.get_solution_metrics(solutionVersionArn=version_arn)["metrics"]


def deploy(personalize, recipe, version_arn):
    campaign_arn = personalize.create_campaign(name=recipe, solutionVersionArn=version_arn)["campaignArn"]
    wait_until_active(f"campaign {recipe}", lambda: personalize.describe_campaign(campaignArn=campaign_arn)["campaign"])
    return campaign_arn


def similar_items(runtime, campaign_arn, item_id, titles, length):
    response = runtime.get_recommendations(campaignArn=campaign_arn, itemId=item_id, numResults=length)
    return [titles[item["itemId"]] for item in response["itemList"]]


def print_metrics(title, metrics, columns):
    rows = [
        [recipe, *(f"{values[key]:.4f}" if key in values else "" for key in columns.values())]
        for recipe, values in metrics.items()
    ]
    print_table(title, ["", *columns], rows)


def all_columns(metrics):
    return {key: key for key in sorted({key for values in metrics.values() for key in values})}


def main():
    parser = argparse.ArgumentParser(description="Compare recipes on the same data.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help="folder of Personalize CSV files (default: generated data)"
    )
    parser.add_argument(
        "--titles", nargs="*", help="titles to find similar items for (default: the three most popular)"
    )
    parser.add_argument("--length", type=int, default=8, help="number of similar items")
    options = parser.parse_args()

    tables = prepare(load_folder(options.folder) if options.folder else generate_tables(0))
    titles = {item["ITEM_ID"]: item["TITLE"] for item in tables["items"]}
    ids = {title: item for item, title in titles.items()}
    seen = [row["ITEM_ID"] for row in tables["interactions"]]
    chosen = options.titles or [titles[item] for item in sorted(set(seen), key=seen.count)[-3:]]

    started = time.perf_counter()
    with mock_personalize(quotas={"solutions_per_group": 30, "campaigns_per_group": 30}):
        personalize = boto3.client("personalize", region_name=REGION)
        runtime = boto3.client("personalize-runtime", region_name=REGION)
        dataset_group_arn = create_dataset_group(personalize, tables)
        trained = {
            recipe: train(personalize, dataset_group_arn, recipe)
            for recipe in (*PERSONAL, *RELATED, *SEGMENTS, *TRENDS)
        }
        campaigns = {recipe: deploy(personalize, recipe, trained[recipe][0]) for recipe in RELATED}
        lists = {
            title: [similar_items(runtime, arn, ids[title], titles, options.length) for arn in campaigns.values()]
            for title in chosen
        }
    seconds = time.perf_counter() - started

    metrics = {recipe: values for recipe, (_, values) in trained.items()}
    print_metrics("Recommendations for users", {recipe: metrics[recipe] for recipe in PERSONAL}, COLUMNS)
    print_metrics("Related items", {recipe: metrics[recipe] for recipe in RELATED}, COLUMNS)
    for title, group in (("User segments", SEGMENTS), ("Trends", TRENDS)):
        shown = {recipe: metrics[recipe] for recipe in group}
        print_metrics(title, shown, all_columns(shown))
    for title, columns in lists.items():
        rows = [[f"{rank}.", *row] for rank, row in enumerate(zip(*columns, strict=False), start=1)]
        print_table(f"Similar to {title}", ["", *RELATED], rows, align="<")
    print(f"\nReal time: {seconds:.1f} s.")


if __name__ == "__main__":
    main()
