"""Trade-off of an optimization objective: relevance and attribute at four sensitivities, and a popularity baseline.

    python examples/objective_optimization.py
    python examples/objective_optimization.py path/to/folder --attribute YEAR --output trade-off.png

The folder holds Personalize CSV files: interactions.csv and items.csv, optionally users.csv, each plain or gzipped.
Without a folder the data is generated. The functions that call the service also work against the real service, where
they wait for hours.
"""

import argparse
import json
import time
from bisect import bisect_left, bisect_right
from pathlib import Path
from statistics import fmean
from textwrap import shorten

import boto3
from csv_tables import avro_schema, choose_attribute, csv_bytes, generate_tables, load_folder, prepare_items

from personalize_mock import mock_personalize

REGION = "us-east-1"
BUCKET = "personalize-objective-optimization"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
POPULARITY = "arn:aws:personalize:::recipe/aws-popularity-count"
SENSITIVITIES = ("OFF", "LOW", "MEDIUM", "HIGH")

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


def start_training(personalize, dataset_group_arn, attribute):
    """Start training a solution for each sensitivity and one for the baseline."""
    versions = {}
    for name in (*SENSITIVITIES, "popularity"):
        recipe, config = POPULARITY, {}
        if name in SENSITIVITIES:
            objective = {"itemAttribute": attribute, "objectiveSensitivity": name}
            recipe, config = RECIPE, {"solutionConfig": {"optimizationObjective": objective}}
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
        **(exploration if name in SENSITIVITIES else {}),
    )["campaignArn"]


def train_and_deploy(personalize, dataset_group_arn, attribute):
    versions = start_training(personalize, dataset_group_arn, attribute)
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


def recommend(runtime, campaign_arn, users):
    lists = {}
    for user in users:
        response = runtime.get_recommendations(campaignArn=campaign_arn, userId=user, numResults=25)
        lists[user] = [item["itemId"] for item in response["itemList"]]
    return lists


# Evaluation.


def value_and_percentile(items, attribute):
    """Return the attribute of each item, and the share of the catalogue below it (ties count half)."""
    values = {row["ITEM_ID"]: float(row[attribute]) for row in items}
    ordered = sorted(values.values())
    return {
        item: (value, (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 / len(ordered))
        for item, value in values.items()
    }


def print_table(title, header, rows, align=">"):
    print(f"\n{title}\n")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for first, *rest in (header, *rows):
        cells = [f"{cell:{align}{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join((f"{first:<{widths[0]}}", *cells)).rstrip())


def print_metrics(metrics):
    names = list(metrics["OFF"])
    short = [
        name.replace("normalized_discounted_cumulative_gain", "ndcg").replace("mean_reciprocal_rank", "mrr")
        for name in names
    ]
    rows = [
        [level, *(f"{values[name]:.4f}" if name in values else "" for name in names)]
        for level, values in metrics.items()
    ]
    print_table("Offline metrics (get_solution_metrics)", ["", *short], rows)


def print_trade_off(attribute, points):
    header = ["", "NDCG@25", "vs OFF", f"mean {attribute}", "percentile"]
    baseline = points["OFF"][0] or 1
    rows = [
        [name, f"{ndcg:.4f}", f"{ndcg / baseline:.0%}", f"{value:.2f}", f"{percentile:.2f}"]
        for name, (ndcg, value, percentile) in points.items()
    ]
    print_table(f"Relevance and {attribute} of the 25 recommendations for each user", header, rows)


def print_lists(user, attribute, items, lists, length=8):
    titles = {row["ITEM_ID"]: row.get("TITLE") or row["ITEM_ID"] for row in items}
    values = {row["ITEM_ID"]: f"{float(row[attribute]):.6g}" for row in items}
    shown = {item: f"{shorten(title, 26, placeholder='...')} {values[item]}" for item, title in titles.items()}
    tops = [[shown.get(item, item) for item in lists[name][user][:length]] for name in SENSITIVITIES]
    rows = [[f"{n}.", *row] for n, row in enumerate(zip(*tops, strict=False), start=1)]
    print_table(f"User {user}: titles and {attribute}", ["", *SENSITIVITIES], rows, align="<")


def draw(attribute, points, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    ndcg, _, share = zip(*(points[name] for name in SENSITIVITIES), strict=True)
    axes.plot(share, ndcg, "o-", color="#2a6f97", markersize=9, linewidth=2)
    axes.plot(points["popularity"][2], points["popularity"][0], "s", color="#9a9a9a", markersize=9)
    for name, (height, value, width) in points.items():
        right, top = name in {"MEDIUM", "popularity"}, name not in {"LOW", "HIGH"}  # labels must not overlap
        axes.annotate(
            f"{name}\nmean {value:.2f}",
            (width, height),
            xytext=(4 if right else -4, 8 if top else -8),
            textcoords="offset points",
            ha="left" if right else "right",
            va="bottom" if top else "top",
            fontsize=9,
        )
    axes.set_xlabel(f"mean percentile of {attribute} among the 25 recommendations")
    axes.set_ylabel("NDCG@25")
    axes.set_title(f"Relevance and {attribute} at each sensitivity")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.15 * max(point[0] for point in points.values()))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    print(f"\nSaved the chart to {path}.")


def summarize(metrics, lists, known):
    points = {}
    for name, by_user in lists.items():
        shown = [known[item] for items in by_user.values() for item in items if item in known]
        ndcg = metrics[name]["normalized_discounted_cumulative_gain_at_25"]
        points[name] = (ndcg, fmean(value for value, _ in shown), fmean(share for _, share in shown))
    return points


def main():
    parser = argparse.ArgumentParser(description="Compare the sensitivities of an optimization objective.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help="folder of Personalize CSV files (default: generated data)"
    )
    parser.add_argument("--attribute", help="numeric column of the items to optimize for (default: the first)")
    parser.add_argument("--output", type=Path, default=Path("objective_optimization.png"), metavar="PNG")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    tables = load_folder(options.folder) if options.folder else generate_tables(options.seed)
    attribute = choose_attribute(tables["items"], options.attribute)
    items = tables["items"] = prepare_items(tables["items"], attribute)
    users = sorted({row["USER_ID"] for row in tables["interactions"]})

    started = time.perf_counter()
    with mock_personalize(seed=options.seed) as mock:
        simulated_start = mock.clock.now()
        personalize = boto3.client("personalize", region_name=REGION)
        personalize_runtime = boto3.client("personalize-runtime", region_name=REGION)
        dataset_group_arn = create_dataset_group(personalize, tables)
        metrics, campaigns = train_and_deploy(personalize, dataset_group_arn, attribute)
        lists = {name: recommend(personalize_runtime, arn, users) for name, arn in campaigns.items()}
        simulated = mock.clock.now() - simulated_start
    seconds = time.perf_counter() - started

    points = summarize(metrics, lists, value_and_percentile(items, attribute))
    print_metrics(metrics)
    print_trade_off(attribute, points)
    for user in users[:: max(1, len(users) // 3)][:3]:
        print_lists(user, attribute, items, lists)
    draw(attribute, points, options.output)
    print(f"\nSimulated time: {simulated.total_seconds() / 3600:.1f} h. Real time: {seconds:.1f} s.")


if __name__ == "__main__":
    main()
