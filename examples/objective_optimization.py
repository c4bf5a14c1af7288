"""Trade-off of an optimization objective: relevance and attribute at four sensitivities, for three attributes.

    python examples/objective_optimization.py
    python examples/objective_optimization.py path/to/folder --attribute YEAR --output trade-off.png

The folder holds Personalize CSV files: interactions.csv and items.csv, optionally users.csv, each plain or gzipped.
Without a folder the data is generated. The three attributes are a column of the items, the same times the popularity of
the item, and divided by it. The newest tenth of some users' interactions is held out before the import and measures
what each list is worth. The functions that call the service also work against the real service, where they wait for
hours.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from pathlib import Path

import boto3
from csv_tables import avro_schema, choose_attribute, csv_bytes, generate_tables, load_folder, prepare_items
from objective_report import (
    SENSITIVITIES,
    alternatives,
    draw,
    print_lists,
    print_metrics,
    print_recorded,
    print_trade_off,
    summarize,
)

from personalize_mock import mock_personalize

REGION = "us-east-1"
BUCKET = "personalize-objective-optimization"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
POPULARITY = "arn:aws:personalize:::recipe/aws-popularity-count"
QUOTAS = {"campaigns_per_group": 20, "solutions_per_group": 20}  # adjustable on the real service as well

# Calls of the service.


def wait_until_active(name, describe):
    status, max_time = None, time.time() + 3 * 60 * 60
    while time.time() < max_time:
        description = describe()
        if description["status"] != status:
            status = description["status"]
            print(f"{name}: {status}")
        if status == "ACTIVE":
            return description
        if status == "CREATE FAILED":
            raise SystemExit(description.get("failureReason", f"{name} failed."))
        time.sleep(60)
    raise SystemExit(f"{name} is not ACTIVE after three hours.")


def policy(**statement):
    service = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [service | statement]})


def create_role():
    iam = boto3.client("iam", region_name=REGION)
    trust = policy(Action="sts:AssumeRole")
    role = iam.create_role(RoleName="PersonalizeRoleDemo", AssumeRolePolicyDocument=trust)["Role"]
    for name in ("service-role/AmazonPersonalizeFullAccess", "AmazonS3FullAccess"):
        iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    time.sleep(60)  # IAM is eventually consistent
    return role["Arn"]


def upload(tables):
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=BUCKET)
    resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    readable = policy(Action=["s3:GetObject", "s3:ListBucket"], Resource=resources)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=readable)
    for dataset_type, rows in tables.items():
        s3.put_object(Bucket=BUCKET, Key=f"{dataset_type}.csv", Body=csv_bytes(rows))


def import_dataset(personalize, dataset_group_arn, role_arn, dataset_type, rows):
    schema_arn = personalize.create_schema(
        name=f"objective-{dataset_type}", schema=json.dumps(avro_schema(dataset_type.capitalize(), rows))
    )["schemaArn"]
    dataset_arn = personalize.create_dataset(
        name=f"objective-{dataset_type}",
        datasetType=dataset_type.upper(),
        datasetGroupArn=dataset_group_arn,
        schemaArn=schema_arn,
    )["datasetArn"]
    wait_until_active(
        f"dataset {dataset_type}", lambda: personalize.describe_dataset(datasetArn=dataset_arn)["dataset"]
    )
    job_arn = personalize.create_dataset_import_job(
        jobName=f"objective-{dataset_type}",
        datasetArn=dataset_arn,
        dataSource={"dataLocation": f"s3://{BUCKET}/{dataset_type}.csv"},
        roleArn=role_arn,
    )["datasetImportJobArn"]
    wait_until_active(
        f"import of {dataset_type}",
        lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job_arn)["datasetImportJob"],
    )


def create_dataset_group(personalize, tables):
    dataset_group_arn = personalize.create_dataset_group(name="objective-optimization")["datasetGroupArn"]
    upload(tables)
    role_arn = create_role()
    wait_until_active(
        "dataset group",
        lambda: personalize.describe_dataset_group(datasetGroupArn=dataset_group_arn)["datasetGroup"],
    )
    for dataset_type, rows in tables.items():
        import_dataset(personalize, dataset_group_arn, role_arn, dataset_type, rows)
    return dataset_group_arn


def solutions_for(attributes):
    """Return the name, recipe and objective of each solution. With OFF all attributes have the same lists."""
    solutions = {"OFF": (RECIPE, {"itemAttribute": attributes[0], "objectiveSensitivity": "OFF"})}
    for attribute in attributes:
        for level in SENSITIVITIES[1:]:
            objective = {"itemAttribute": attribute, "objectiveSensitivity": level}
            solutions[f"{level}-{attribute}"] = (RECIPE, objective)
    return solutions | {"popularity": (POPULARITY, None)}


def start_training(personalize, dataset_group_arn, solutions):
    versions = {}
    for name, (recipe, objective) in solutions.items():
        config = {"solutionConfig": {"optimizationObjective": objective}} if objective else {}
        solution_arn = personalize.create_solution(
            name=f"objective-{name.lower()}",
            datasetGroupArn=dataset_group_arn,
            recipeArn=recipe,
            performAutoTraining=False,
            **config,
        )["solutionArn"]
        response = personalize.create_solution_version(solutionArn=solution_arn)
        versions[name] = response["solutionVersionArn"]
    return versions


def deploy(personalize, name, version_arn):
    """Create a campaign without exploration, so that the lists differ only by the objective."""
    exploration = {"campaignConfig": {"itemExplorationConfig": {"explorationWeight": "0"}}}
    return personalize.create_campaign(
        name=f"objective-{name.lower()}",
        solutionVersionArn=version_arn,
        minProvisionedTPS=1,
        **({} if name == "popularity" else exploration),
    )["campaignArn"]


def train_and_deploy(personalize, dataset_group_arn, solutions):
    versions = start_training(personalize, dataset_group_arn, solutions)
    for name, arn in versions.items():
        wait_until_active(
            f"solution version {name}",
            lambda arn=arn: personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"],
        )
    metrics = {
        name: personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"] for name, arn in versions.items()
    }
    campaigns = {name: deploy(personalize, name, arn) for name, arn in versions.items()}
    for name, arn in campaigns.items():
        wait_until_active(
            f"campaign {name}", lambda arn=arn: personalize.describe_campaign(campaignArn=arn)["campaign"]
        )
    return metrics, campaigns


def recommend(runtime, campaign_arn, users, count=25):
    lists = {}
    for user in users:
        response = runtime.get_recommendations(campaignArn=campaign_arn, userId=user, numResults=count)
        lists[user] = [item["itemId"] for item in response["itemList"]]
    return lists


# Data.


def hold_out(interactions, test_users):
    """Return the interactions to import, and the items that some users chose in their newest tenth."""
    by_user = defaultdict(list)
    for row in sorted(interactions, key=lambda row: int(row["TIMESTAMP"])):
        by_user[row["USER_ID"]].append(row)
    users = sorted(user for user, rows in by_user.items() if len(rows) > 1)
    tested = {user: max(1, len(by_user[user]) // 10) for user in users[:: -(-len(users) // test_users)]}
    kept = [row for user, rows in by_user.items() for row in rows[: len(rows) - tested.get(user, 0)]]
    held_out = {user: {row["ITEM_ID"] for row in by_user[user][-count:]} for user, count in tested.items()}
    return kept, held_out


def add_attributes(items, attribute, interactions):
    """Add two columns to the items: the attribute times the popularity of the item, and divided by it."""
    popularity = Counter(row["ITEM_ID"] for row in interactions)
    lowest = min(float(row[attribute]) for row in items)
    for row in items:
        value, count = float(row[attribute]) - min(0.0, lowest), 1 + popularity[row["ITEM_ID"]]
        row[f"{attribute}_RISING"], row[f"{attribute}_FALLING"] = f"{value * count:.6g}", f"{value / count:.6g}"
    return [attribute, f"{attribute}_RISING", f"{attribute}_FALLING"]


def report(items, attributes, metrics, lists, held_out):
    """Print the tables and return the panels of the chart."""
    panels = {}
    best = {user: found[:25] for user, found in lists["OFF"].items()}
    for attribute in attributes:
        values = {row["ITEM_ID"]: float(row[attribute]) for row in items}
        by_name = {"OFF": best} | {level: lists[f"{level}-{attribute}"] for level in SENSITIVITIES[1:]}
        by_name["popularity"] = lists["popularity"]
        points = {name: summarize(found, held_out, values) for name, found in by_name.items()}
        if attribute == attributes[0]:
            levels = {level: metrics[f"{level}-{attribute}"] for level in SENSITIVITIES[1:]}
            levels = {"OFF": metrics["OFF"]} | levels
            print_metrics(levels | {"popularity": metrics["popularity"]})
            print_recorded(levels)
        print_trade_off(attribute, points)
        for user in list(held_out)[:: max(1, len(held_out) // 2)][:1]:
            print_lists(user, attribute, items, by_name)
        panels[attribute] = points, alternatives(lists["OFF"], held_out, values)
    return panels, levels


def main():
    parser = argparse.ArgumentParser(description="Compare the sensitivities of an optimization objective.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help="folder of Personalize CSV files (default: generated data)"
    )
    parser.add_argument("--attribute", help="numeric column of the items to optimize for (default: the first)")
    parser.add_argument("--output", type=Path, default=Path("objective_optimization.png"), metavar="PNG")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test-users", type=int, default=300, metavar="N", help="users to measure the lists of")
    options = parser.parse_args()

    tables = load_folder(options.folder) if options.folder else generate_tables(options.seed)
    wanted = options.attribute or (None if options.folder else "ROYALTY")  # it is independent of popularity
    attribute = choose_attribute(tables["items"], wanted)
    tables["interactions"], held_out = hold_out(tables["interactions"], options.test_users)
    items = tables["items"] = prepare_items(tables["items"], attribute)
    attributes = add_attributes(items, attribute, tables["interactions"])

    started = time.perf_counter()
    with mock_personalize(seed=options.seed, quotas=QUOTAS) as mock:
        simulated_start = mock.clock.now()
        personalize = boto3.client("personalize", region_name=REGION)
        runtime = boto3.client("personalize-runtime", region_name=REGION)
        dataset_group_arn = create_dataset_group(personalize, tables)
        metrics, campaigns = train_and_deploy(personalize, dataset_group_arn, solutions_for(attributes))
        lists = {
            name: recommend(runtime, arn, held_out, count=500 if name == "OFF" else 25)
            for name, arn in campaigns.items()
        }
        simulated = mock.clock.now() - simulated_start
    seconds = time.perf_counter() - started

    panels, levels = report(items, attributes, metrics, lists, held_out)
    draw(panels, levels, options.output)
    print(f"\nSimulated time: {simulated.total_seconds() / 3600:.1f} h. Real time: {seconds:.1f} s.")


if __name__ == "__main__":
    main()
