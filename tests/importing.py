"""Import jobs in tests: starting one, looking at one, and what a dataset then holds."""

from builders import ROLE, a_solution, a_solution_version, client, interactions_csv, put_object, settle


def start(dataset, location=None, *, name="job", **members):
    chosen = put_object(interactions_csv()) if location is None else location
    request = {"jobName": name, "datasetArn": dataset, "dataSource": {"dataLocation": chosen}, "roleArn": ROLE}
    return client().create_dataset_import_job(**{**request, **members})["datasetImportJobArn"]


def describe(job):
    return client().describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]


def catalogue(mock, dataset):
    """The items that a popularity model of the dataset's group knows."""
    group = client().describe_dataset(datasetArn=dataset)["dataset"]["datasetGroupArn"]
    name = f"solution-{len(mock.journal)}"
    version = a_solution_version(mock, a_solution(mock, group, "aws-popularity-count", name=name))
    campaign = client().create_campaign(name=name, solutionVersionArn=version)["campaignArn"]
    settle(mock, campaign)
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0", numResults=500)
    return {entry["itemId"] for entry in answer["itemList"]}
