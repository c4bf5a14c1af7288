"""What public client code does with accounts, roles, regions and files."""

import gzip
import json
import time
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import INTERACTIONS, ROLE, START, avro_schema, client, csv_text, interactions_csv, recipe, settle

from personalize_mock import mock_personalize

FULL_ACCESS = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"


def create_role():
    trust = {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = boto3.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="PersonalizeRole", AssumeRolePolicyDocument=document)["Role"]
    for arn in (FULL_ACCESS, "arn:aws:iam::aws:policy/AmazonS3FullAccess"):
        iam.attach_role_policy(RoleName="PersonalizeRole", PolicyArn=arn)
    time.sleep(60)
    return role["Arn"]


def upload(text, region="us-east-1", key="interactions.csv", compress=bytes):
    s3 = boto3.client("s3", region_name=region)
    location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket="my-bucket", **location)
    s3.put_object(Bucket="my-bucket", Key=key, Body=compress(text.encode()))
    return f"s3://my-bucket/{key}"


def allow_in_bucket_policy():
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "personalize.amazonaws.com"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("s3").put_bucket_policy(Bucket="my-bucket", Policy=policy)


def make_dataset(mock, personalize, fields=INTERACTIONS):
    group = settle(mock, personalize.create_dataset_group(name="group")["datasetGroupArn"])
    schema = personalize.create_schema(name="schema", schema=avro_schema(fields=fields))["schemaArn"]
    dataset = personalize.create_dataset(
        name="data", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )
    return group, settle(mock, dataset["datasetArn"])


def import_data(mock, personalize, dataset, location, role, *, name="job"):
    job = personalize.create_dataset_import_job(
        jobName=name, datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=role
    )["datasetImportJobArn"]
    return personalize.describe_dataset_import_job(datasetImportJobArn=settle(mock, job))["datasetImportJob"]


def test_managed_policies_can_be_attached_to_a_role(personalize_mock):
    role = create_role()
    assert role.endswith(":role/PersonalizeRole")
    attached = boto3.client("iam").list_attached_role_policies(RoleName="PersonalizeRole")["AttachedPolicies"]
    assert FULL_ACCESS in [policy["PolicyArn"] for policy in attached]


def test_an_arn_can_be_composed_and_described_before_the_resource_exists(personalize_mock):
    personalize = boto3.client("personalize")
    account = boto3.client("sts").get_caller_identity()["Account"]
    region = personalize.meta.region_name
    arn = f"arn:aws:personalize:{region}:{account}:dataset-group/workshop"
    try:
        personalize.describe_dataset_group(datasetGroupArn=arn)
        created = False
    except:  # noqa: E722  # as tutorials write it
        assert personalize.create_dataset_group(name="workshop")["datasetGroupArn"] == arn
        created = True
    assert created


@pytest.mark.parametrize("region", ["eu-west-1", "ap-northeast-1", "cn-north-1"])
def test_each_region_has_its_own_resources(mock, region):
    default, other = client(), client(region=region)
    arn = other.create_dataset_group(name="group")["datasetGroupArn"]
    assert arn.split(":")[3] == region
    assert default.list_dataset_groups()["datasetGroups"] == []
    group, dataset = make_dataset(mock, default)
    job = import_data(mock, default, dataset, upload(interactions_csv(), "eu-west-1"), create_role())
    assert job["status"] == "ACTIVE"
    assert group != arn


@pytest.mark.parametrize("order", ["policy first", "data first"])
def test_bucket_policies_may_be_set_before_or_after_the_upload(mock, order):
    steps = [lambda: upload(interactions_csv()), allow_in_bucket_policy]
    if order == "policy first":
        upload("", key="nothing")
        steps.reverse()
    for step in steps:
        step()
    _, dataset = make_dataset(mock, client())
    assert import_data(mock, client(), dataset, "s3://my-bucket/interactions.csv", create_role())["status"] == "ACTIVE"


def test_a_file_written_by_pandas_can_be_imported(mock):
    """It has an unnamed index, an extra column, another order of columns, empty cells and timestamps of 0."""
    fields = {**INTERACTIONS, "EVENT_VALUE": ["null", "float"]}
    header = ["", "ITEM_ID", "EVENT_VALUE", "rating", "USER_ID", "TIMESTAMP", "EVENT_TYPE"]
    rows = (
        (n, f"i{n % 40}", "" if n % 3 else 4.0, "", f"u{n % 50}", 0 if n % 10 == 0 else START + n, "Watch")
        for n in range(2000)
    )
    _, dataset = make_dataset(mock, client(), fields)
    location = upload(csv_text(header, rows), key="exports/2024/part-0000.csv").rpartition("/")[0] + "/"
    job = import_data(mock, client(), dataset, location, create_role())
    assert (job["status"], job["dataSource"]) == ("ACTIVE", {"dataLocation": "s3://my-bucket/exports/2024/"})


@pytest.mark.parametrize(
    "key", ["a b.csv", "a+b.csv", "a%20b.csv", "x&y=z#?.csv", "ü/é.csv", "日本/データ.csv", "part=1/run:2/it's (1).csv"]
)
def test_an_object_may_have_any_key(mock, key):
    _, dataset = make_dataset(mock, client())
    location = upload(interactions_csv(), key=key)
    assert import_data(mock, client(), dataset, location, ROLE)["status"] == "ACTIVE"
    if "/" in key:
        folder = location.rpartition("/")[0] + "/"
        assert import_data(mock, client(), dataset, folder, ROLE, name="folder")["status"] == "ACTIVE"


@pytest.mark.parametrize("key", ["a b.csv", "a+b.csv", "ü/é.csv"])
def test_a_key_in_a_url_is_percent_encoded_and_a_plus_is_a_plus(mock, key):
    _, dataset = make_dataset(mock, client())
    upload(interactions_csv(), key=key)
    location = f"https://my-bucket.s3.eu-west-1.amazonaws.com/{quote(key, safe='/+')}"
    assert import_data(mock, client(), dataset, location, ROLE)["status"] == "ACTIVE"


def test_the_newest_version_in_a_versioned_bucket_is_imported(mock):
    _, dataset = make_dataset(mock, client())
    upload("NONSENSE\n", key="folder/a.csv")
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket="my-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="my-bucket", Key="folder/a.csv", Body=interactions_csv().encode())
    s3.put_object(Bucket="my-bucket", Key="folder/deleted.csv", Body=b"NONSENSE\n")
    s3.delete_object(Bucket="my-bucket", Key="folder/deleted.csv")
    assert import_data(mock, client(), dataset, "s3://my-bucket/folder/", ROLE)["status"] == "ACTIVE"


def test_a_deleted_object_in_a_versioned_bucket_does_not_exist_until_it_is_restored(mock):
    _, dataset = make_dataset(mock, client())
    location, s3 = upload(interactions_csv()), boto3.client("s3")
    s3.put_bucket_versioning(Bucket="my-bucket", VersioningConfiguration={"Status": "Enabled"})
    delete_marker = s3.delete_object(Bucket="my-bucket", Key="interactions.csv")["VersionId"]
    with pytest.raises(ClientError, match="No objects found"):
        import_data(mock, client(), dataset, location, ROLE)
    s3.delete_object(Bucket="my-bucket", Key="interactions.csv", VersionId=delete_marker)
    assert import_data(mock, client(), dataset, location, ROLE)["status"] == "ACTIVE"


def test_a_job_fails_if_the_object_is_deleted_before_it_starts(mock):
    _, dataset = make_dataset(mock, client())
    location = upload(interactions_csv())
    job = client().create_dataset_import_job(
        jobName="job", datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=ROLE
    )["datasetImportJobArn"]
    boto3.client("s3").delete_object(Bucket="my-bucket", Key="interactions.csv")
    described = client().describe_dataset_import_job(datasetImportJobArn=settle(mock, job))["datasetImportJob"]
    assert (described["status"], "No objects found" in described["failureReason"]) == ("CREATE FAILED", True)


def test_importing_a_compressed_file_is_refused(mock):
    _, dataset = make_dataset(mock, client())
    location = upload(interactions_csv(), key="interactions.csv.gz", compress=gzip.compress)
    with pytest.raises(ClientError, match="Input csv") as raised:
        import_data(mock, client(), dataset, location, ROLE)
    assert raised.value.response["Error"]["Code"] == "InvalidInputException"


@pytest.mark.parametrize("location", ["s3://no-bucket/a.csv", "s3://my-bucket/no-key.csv", "s3://my-bucket/no-folder/"])
def test_a_location_without_objects_is_an_error_at_once(mock, location):
    _, dataset = make_dataset(mock, client())
    upload(interactions_csv())
    with pytest.raises(ClientError, match=r"Insufficient privileges|No objects found") as raised:
        import_data(mock, client(), dataset, location, ROLE)
    assert raised.value.response["Error"]["Code"] == "InvalidInputException"


def test_a_bucket_of_another_account_can_be_read(mock):
    """The bucket policy is checked only with `check_permissions`."""
    keys = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/owner", RoleSessionName="owner")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    theirs = boto3.Session(*(keys["Credentials"][name] for name in names)).client("s3")
    theirs.create_bucket(Bucket="their-bucket")
    theirs.put_object(Bucket="their-bucket", Key="a.csv", Body=interactions_csv().encode())
    _, dataset = make_dataset(mock, client())
    assert import_data(mock, client(), dataset, "s3://their-bucket/a.csv", ROLE)["status"] == "ACTIVE"


def test_the_steps_of_a_tutorial_work_with_permission_checks():
    with mock_personalize(check_permissions=True) as mock:
        role, location = create_role(), upload(interactions_csv())
        _, dataset = make_dataset(mock, client())
        with pytest.raises(ClientError, match="fix bucket policy on my-bucket"):
            import_data(mock, client(), dataset, location, role)
        allow_in_bucket_policy()
        assert import_data(mock, client(), dataset, location, role)["status"] == "ACTIVE"


def test_a_complete_tutorial_works_as_written():
    with mock_personalize() as mock:
        personalize, runtime = boto3.client("personalize"), boto3.client("personalize-runtime")
        role, location = create_role(), upload(interactions_csv())
        allow_in_bucket_policy()
        group, dataset = make_dataset(mock, personalize)
        assert import_data(mock, personalize, dataset, location, role)["status"] == "ACTIVE"
        solution = personalize.create_solution(
            name="personalize-poc", datasetGroupArn=group, recipeArn=recipe("aws-user-personalization")
        )["solutionArn"]
        version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
        poll(lambda: personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"])
        campaign = personalize.create_campaign(name="personalize-poc", solutionVersionArn=version, minProvisionedTPS=1)[
            "campaignArn"
        ]
        poll(lambda: personalize.describe_campaign(campaignArn=campaign)["campaign"])
        answer = runtime.get_recommendations(campaignArn=campaign, userId="u1")
        assert len([item["itemId"] for item in answer["itemList"]]) == 25


def poll(describe):
    max_time = time.time() + 3 * 60 * 60
    while time.time() < max_time:
        status = describe()["status"]
        if status in {"ACTIVE", "CREATE FAILED"}:
            break
        time.sleep(60)
    assert status == "ACTIVE"
