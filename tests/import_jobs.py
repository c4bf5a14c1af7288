"""Import jobs for tests."""

from builders import ROLE, a_solution, a_solution_version, client, interactions_csv, put_object, settle


def start_import(dataset, location=None, *, name="job", **members):
    """Start a job that imports a location, by default a new file of interactions, and return its ARN."""
    location = put_object(interactions_csv()) if location is None else location
    request = {"jobName": name, "datasetArn": dataset, "dataSource": {"dataLocation": location}, "roleArn": ROLE}
    return client().create_dataset_import_job(**{**request, **members})["datasetImportJobArn"]


def describe_import(job):
    return client().describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]


def items_of_training(mock, dataset):
    """Train a popularity model on the dataset's group and return the ids of its items."""
    group = client().describe_dataset(datasetArn=dataset)["dataset"]["datasetGroupArn"]
    name = f"solution-{len(mock.journal)}"
    version = a_solution_version(mock, a_solution(mock, group, "aws-popularity-count", name=name))
    campaign = client().create_campaign(name=name, solutionVersionArn=version)["campaignArn"]
    settle(mock, campaign)
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0", numResults=500)
    return {entry["itemId"] for entry in answer["itemList"]}
