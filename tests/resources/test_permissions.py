"""Tests of `check_permissions=True`: roles, bucket policies, and the evaluation of policy documents."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import (
    ACCOUNT,
    BUCKET,
    ROLE,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_metric_attribution,
    a_solution,
    a_solution_version,
    batch_request,
    client,
    interactions_csv,
    put_object,
    refusal,
    settle,
)
from import_jobs import describe_import, start_import

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.environment import Role
from personalize_mock.resources import locations
from personalize_mock.resources.permissions import SERVICE, AccessRequest, Policies
from personalize_mock.simulation import Options

GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html"
ROLE_DENIES = (
    f"Insufficient privileges for accessing data in S3. Please look at {GUIDE} and ensure your role is configured "
    "correctly."
)
BUCKET_DENIES = (
    f"Insufficient privileges for accessing data in S3. Please look at {GUIDE}#attach-bucket-policy and fix bucket "
    f"policy on {BUCKET}."
)
READ = ("s3:GetObject", "s3:ListBucket")
BOTH = (f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*")
SERVICE_PRINCIPAL = {"Service": SERVICE}


def statement(*actions, effect="Allow", resource=BOTH, **more):
    return {"Effect": effect, "Action": list(actions), "Resource": resource, **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(service=SERVICE, **more):
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more})


def a_role(*statements, trusts=None, name="PersonalizeRole", **members):
    iam = boto3.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts or trust(), **members)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
    return role["Arn"]


def a_bucket_policy(*statements):
    boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=document(*statements))


def for_service(*actions, **more):
    return statement(*actions, Principal=SERVICE_PRINCIPAL, **more)


@pytest.fixture
def checking():
    with mock_personalize(clock="2024-05-01", check_permissions=True) as mock:
        put_object(interactions_csv())
        yield mock


@pytest.fixture
def checked_dataset(checking):
    return a_dataset(checking, a_dataset_group(checking))


def imported(mock, dataset, role, location=None):
    return describe_import(
        settle(mock, start_import(dataset, location or f"s3://{BUCKET}/interactions.csv", roleArn=role))
    )


def test_without_check_permissions_the_role_need_not_exist(mock, dataset):
    assert imported(mock, dataset, f"arn:aws:iam::{ACCOUNT}:role/none", put_object(interactions_csv()))["status"] == (
        "ACTIVE"
    )


def test_the_setup_from_the_guide_gives_access(checking, checked_dataset):
    role = a_role(statement(*READ))
    a_bucket_policy(for_service(*READ))
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_managed_policies_of_aws_and_of_the_customer_count(checking, checked_dataset):
    iam, role = boto3.client("iam"), a_role()
    a_bucket_policy(for_service(*READ))
    assert refusal(start_import, dataset=checked_dataset, roleArn=role)[1] == ROLE_DENIES
    iam.attach_role_policy(RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"
    iam.detach_role_policy(RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(statement(*READ)))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="PersonalizeRole", PolicyArn=own)
    start_import(checked_dataset, roleArn=role, name="second")
    iam.create_policy_version(PolicyArn=own, PolicyDocument=document(statement("s3:ListBucket")), SetAsDefault=True)
    assert refusal(start_import, dataset=checked_dataset, name="third", roleArn=role)[1] == ROLE_DENIES


def test_personalize_full_access_covers_only_buckets_named_after_personalize(checking, checked_dataset):
    role = a_role()
    boto3.client("iam").attach_role_policy(
        RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    )
    a_bucket_policy(for_service(*READ))
    assert refusal(start_import, dataset=checked_dataset, roleArn=role)[1] == ROLE_DENIES
    location = put_object(interactions_csv(), bucket="my-personalize-data")
    policy = reading_policy("my-personalize-data")
    boto3.client("s3").put_bucket_policy(Bucket="my-personalize-data", Policy=policy)
    assert imported(checking, checked_dataset, role, location)["status"] == "ACTIVE"


def reading_policy(bucket):
    return document(for_service(*READ, resource=[f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]))


DENIED_ROLES = {
    "it does not exist": lambda: f"arn:aws:iam::{ACCOUNT}:role/none",
    "it trusts another service": lambda: a_role(statement(*READ), trusts=trust("sagemaker.amazonaws.com")),
    "it trusts the service for another account": lambda: a_role(
        statement(*READ), trusts=trust(Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}})
    ),
    "it has no policy": a_role,
    "it may not list": lambda: a_role(statement("s3:GetObject")),
    "it may not get": lambda: a_role(statement("s3:ListBucket")),
    "it may get from another bucket": lambda: a_role(
        statement("s3:ListBucket"), statement("s3:GetObject", resource="arn:aws:s3:::others/*")
    ),
    "the bucket is named without its objects": lambda: a_role(statement(*READ, resource=BOTH[0])),
    "the objects are named without their bucket": lambda: a_role(statement(*READ, resource=BOTH[1])),
    "it denies getting": lambda: a_role(statement("s3:*"), statement("s3:Get*", effect="Deny")),
}


@pytest.mark.parametrize("why", DENIED_ROLES)
def test_the_role_denies_access_if(checking, checked_dataset, why):
    a_bucket_policy(for_service(*READ))
    role = DENIED_ROLES[why]()
    refused = refusal(start_import, dataset=checked_dataset, location=f"s3://{BUCKET}/", roleArn=role)
    assert refused == ("InvalidInputException", ROLE_DENIES)
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


DENIED_BUCKETS = {
    "it has no policy": (),
    "its policy is for another service": (statement(*READ, Principal={"Service": "forecast.amazonaws.com"}),),
    "its policy is for the role": (
        statement(*READ, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"}),
    ),
    "listing is missing": (for_service("s3:GetObject"),),
    "getting is missing": (for_service("s3:ListBucket"),),
    "the bucket itself is missing": (for_service(*READ, resource=BOTH[1]),),
    "its objects are missing": (for_service(*READ, resource=BOTH[0]),),
    "it is for another folder": (
        for_service("s3:ListBucket"),
        for_service("s3:GetObject", resource=f"{BOTH[0]}/folder/*"),
    ),
    "it is for another account": (
        for_service(*READ, Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}),
    ),
    "it denies all": (for_service(*READ), statement("s3:*", effect="Deny", Principal="*")),
    "it denies the role": (
        for_service(*READ),
        statement("s3:*", effect="Deny", Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"]}),
    ),
}


@pytest.mark.parametrize("why", DENIED_BUCKETS)
def test_the_bucket_policy_denies_access_if(checking, checked_dataset, why):
    role = a_role(statement("s3:*"))
    if DENIED_BUCKETS[why]:
        a_bucket_policy(*DENIED_BUCKETS[why])
    refused = refusal(start_import, dataset=checked_dataset, location=f"s3://{BUCKET}/interactions.csv", roleArn=role)
    assert refused == ("InvalidInputException", BUCKET_DENIES)


def test_the_role_is_checked_before_the_bucket_policy(checking, checked_dataset):
    assert refusal(start_import, dataset=checked_dataset, roleArn=a_role())[1] == ROLE_DENIES


def test_a_missing_bucket_is_reported_as_denied_by_the_role(checking, checked_dataset):
    role = a_role(statement("s3:*", resource="*"))
    refused = refusal(start_import, dataset=checked_dataset, location="s3://nowhere/a.csv", roleArn=role)
    assert refused == ("InvalidInputException", ROLE_DENIES)


def test_only_objects_that_are_read_need_permission(checking, checked_dataset):
    put_object(interactions_csv(), "folder/a.csv")
    put_object("secret", "folder/deeper/b.csv")
    role = a_role(statement("s3:ListBucket"), statement("s3:GetObject", resource=f"{BOTH[0]}/folder/?.csv"))
    a_bucket_policy(for_service(*READ))
    assert imported(checking, checked_dataset, role, f"s3://{BUCKET}/folder/")["status"] == "ACTIVE"
    put_object(interactions_csv(), "folder/long-name.csv")
    assert refusal(
        start_import, dataset=checked_dataset, location=f"s3://{BUCKET}/folder/", name="second", roleArn=role
    ) == (
        "InvalidInputException",
        ROLE_DENIES,
    )


def test_a_permissions_boundary_restricts_the_role(checking, checked_dataset):
    iam = boto3.client("iam")
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(statement("s3:ListBucket")))
    role = a_role(statement("s3:*"), PermissionsBoundary=boundary["Policy"]["Arn"])
    a_bucket_policy(for_service(*READ))
    assert refusal(start_import, dataset=checked_dataset, roleArn=role)[1] == ROLE_DENIES
    wide = document(statement("s3:*", resource="*"))
    iam.create_policy_version(PolicyArn=boundary["Policy"]["Arn"], PolicyDocument=wide, SetAsDefault=True)
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_conditions_on_the_source_account_and_arn_are_met(checking, checked_dataset):
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"AWS:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/*"},
    }
    secure = statement("s3:*", effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    role = a_role(statement(*READ), trusts=trust(Condition=condition))
    a_bucket_policy(for_service(*READ, Condition=condition), secure)
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_listing_can_be_allowed_for_a_prefix(checking, checked_dataset):
    put_object(interactions_csv(), "folder/a.csv")
    some = statement("s3:ListBucket", Condition={"StringLike": {"s3:prefix": ["folder/*"]}})
    role = a_role(some, statement("s3:GetObject"))
    a_bucket_policy(for_service(*READ))
    assert refusal(start_import, dataset=checked_dataset, location=f"s3://{BUCKET}/interactions.csv", roleArn=role)[
        1
    ] == (ROLE_DENIES)
    assert imported(checking, checked_dataset, role, f"s3://{BUCKET}/folder/a.csv")["status"] == "ACTIVE"


def test_an_unsupported_condition_raises_an_error_that_names_it(checking, checked_dataset):
    role = a_role(statement(*READ, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    with pytest.raises(PersonalizeMockError, match=r"condition IpAddress on aws:SourceIp in a policy of arn:aws:iam"):
        start_import(checked_dataset, roleArn=role)


def test_a_role_of_another_account_is_rejected(checking, checked_dataset):
    code, _ = refusal(start_import, dataset=checked_dataset, roleArn="arn:aws:iam::999988887777:role/theirs")
    assert code == "AccessDeniedException"


def test_a_role_is_looked_up_in_the_account_of_its_arn(checking):
    sts = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/v", RoleSessionName="session")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    session = boto3.Session(*(sts["Credentials"][name] for name in names))
    a_role(statement("s3:*"))
    theirs = session.client("iam").create_role(RoleName="PersonalizeRole", AssumeRolePolicyDocument=trust())["Role"]
    environment = simulation().environment
    assert environment.role(theirs["Arn"]) == Role(trust=trust(), policies=())
    assert environment.role(f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole").policies


def simulation():
    from personalize_mock import active

    return active.current_run().simulation


def writable(role, location=f"s3://{BUCKET}/out/"):
    try:
        locations.check_access(
            simulation().store(ACCOUNT, "us-east-1"), role, location, source="arn:aws:personalize:::job/j", write=True
        )
    except Exception as error:  # noqa: BLE001  # compared by its text
        return str(error)
    return None


def test_writing_needs_put_object_from_the_role_and_the_bucket_policy(checking):
    role = a_role(statement(*READ))
    a_bucket_policy(for_service(*READ))
    assert writable(role) == ROLE_DENIES
    boto3.client("iam").put_role_policy(
        RoleName="PersonalizeRole", PolicyName="more", PolicyDocument=document(statement("s3:PutObject"))
    )
    assert writable(role) == BUCKET_DENIES
    a_bucket_policy(for_service("s3:ListBucket"), for_service("s3:PutObject", resource=f"{BOTH[0]}/out/*"))
    assert writable(role) is None
    assert writable(role, f"s3://{BUCKET}/out") is None
    assert writable(role, f"s3://{BUCKET}/elsewhere/") == BUCKET_DENIES
    assert writable(role, "s3://nowhere/out/") == ROLE_DENIES
    assert writable(None) == ROLE_DENIES


def test_a_batch_job_needs_to_read_its_input_and_write_to_its_output_folder(checking):
    name = ROLE.rpartition("/")[2]
    role = a_role(statement(*READ, "s3:PutObject"), name=name)
    a_bucket_policy(for_service(*READ, "s3:PutObject"))
    assert role == ROLE
    version = a_solution_version(checking, a_solution(checking, a_group_with_data(checking), "aws-popularity-count"))
    request = batch_request("batch", version)

    def outcome(**members):
        try:
            client().create_batch_inference_job(**{**request, **members})
        except ClientError as error:
            return error.response["Error"]["Message"]
        return None

    inside = [f"{BOTH[0]}/batch/in.json", BOTH[0]]
    reader = a_role(statement(*READ, resource=inside), name="reader")
    assert outcome(roleArn=reader) == ROLE_DENIES
    writer = a_role(statement("s3:PutObject", "s3:ListBucket"), name="writer")
    assert outcome(roleArn=writer) == ROLE_DENIES
    both = [statement(*READ, resource=inside), statement("s3:PutObject", resource=f"{BOTH[0]}/batch/out/*")]
    enough = a_role(*both, name="enough")
    a_bucket_policy(for_service(*READ))
    assert outcome(roleArn=enough) == BUCKET_DENIES
    a_bucket_policy(for_service(*READ, "s3:PutObject"))
    put_object("", "batch/in.json.bak")
    assert outcome(roleArn=enough) == ROLE_DENIES  # all keys that begin with the path are input
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="batch/in.json.bak")
    assert outcome(roleArn=enough) is None
    assert boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="batch/out/")["KeyCount"] == 1


def change_role(*statements):
    policy = document(*statements)
    boto3.client("iam").put_role_policy(RoleName="PersonalizeRole", PolicyName="inline", PolicyDocument=policy)


def restrict_role_to(*actions):
    change_role(statement(*actions))


def restrict_bucket_to(*actions):
    a_bucket_policy(for_service(*actions))


def outcomes(mock, revoke):
    """Return status and failure reason of one job of each type whose permissions are revoked before it runs."""
    a_role(statement("s3:*"))
    a_bucket_policy(for_service("s3:*"))
    group = a_group_with_data(mock)
    dataset = client().list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"]
    version = a_solution_version(mock, a_solution(mock, group, "aws-popularity-count"))
    location = put_object("USER_ID\nu1", "gone/users.csv")
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/exported/"}}
    jobs = {
        "DatasetImportJob": start_import(dataset, f"s3://{BUCKET}/interactions.csv", roleArn=ROLE),
        "DatasetExportJob": client().create_dataset_export_job(
            jobName="export", datasetArn=dataset, roleArn=ROLE, jobOutput=output
        )["datasetExportJobArn"],
        "DataDeletionJob": client().create_data_deletion_job(
            jobName="deletion", datasetGroupArn=group, roleArn=ROLE, dataSource={"dataLocation": location}
        )["dataDeletionJobArn"],
        "BatchInferenceJob": client().create_batch_inference_job(**batch_request("batch", version))[
            "batchInferenceJobArn"
        ],
    }
    revoke()
    return {job_type: outcome_of(mock, job_type, settle(mock, arn)) for job_type, arn in jobs.items()}


def outcome_of(mock, job_type, arn):
    member = f"{job_type[0].lower()}{job_type[1:]}"
    shown = mock.call(f"Describe{job_type}", **{f"{member}Arn": arn})[member]
    return shown["status"], shown.get("failureReason")


@pytest.mark.parametrize(
    ("restrict", "message"), [(restrict_role_to, ROLE_DENIES), (restrict_bucket_to, BUCKET_DENIES)]
)
def test_jobs_fail_if_permissions_are_revoked_before_they_run(checking, restrict, message):
    assert outcomes(checking, lambda: restrict("s3:ListBucket")) == {
        "DatasetImportJob": ("CREATE FAILED", message),
        "DatasetExportJob": ("CREATE FAILED", message),
        "DataDeletionJob": ("FAILED", message),
        "BatchInferenceJob": ("CREATE FAILED", message),
    }
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    keys = [entry["Key"] for entry in objects]
    assert not [key for key in keys if key.endswith(".out") or "exported" in key]


def test_every_object_that_a_job_writes_is_checked(checking):
    a_role(statement("s3:*"))
    a_bucket_policy(for_service("s3:*"))
    group = a_group_with_data(checking)
    version = a_solution_version(checking, a_solution(checking, group, "aws-popularity-count"))
    change_role(statement("s3:*"), statement("s3:PutObject", resource=f"{BOTH[0]}/*.out", effect="Deny"))
    job = client().create_batch_inference_job(**batch_request("batch", version))["batchInferenceJobArn"]
    assert outcome_of(checking, "BatchInferenceJob", settle(checking, job)) == ("CREATE FAILED", ROLE_DENIES)


def test_an_export_needs_the_permission_for_its_file_alone(checking):
    a_role(statement("s3:*"))
    a_bucket_policy(for_service("s3:*"))
    dataset = client().list_datasets(datasetGroupArn=a_group_with_data(checking))["datasets"][0]["datasetArn"]
    change_role(statement("s3:ListBucket"), statement("s3:PutObject", resource=f"{BOTH[0]}/exported/first/*"))

    def export(name):
        output = {"s3DataDestination": {"path": f"s3://{BUCKET}/exported"}}
        return client().create_dataset_export_job(jobName=name, datasetArn=dataset, roleArn=ROLE, jobOutput=output)

    job = export("first")["datasetExportJobArn"]
    assert outcome_of(checking, "DatasetExportJob", settle(checking, job)) == ("ACTIVE", None)
    assert refusal(export, name="second") == ("InvalidInputException", ROLE_DENIES)


def test_without_put_object_only_jobs_that_write_fail(checking):
    assert {
        job_type: status for job_type, (status, _) in outcomes(checking, lambda: restrict_role_to(*READ)).items()
    } == {
        "DatasetImportJob": "ACTIVE",
        "DatasetExportJob": "CREATE FAILED",
        "DataDeletionJob": "COMPLETED",
        "BatchInferenceJob": "CREATE FAILED",
    }


def test_an_unsupported_condition_fails_a_running_job(checking, checked_dataset):
    role = a_role(statement(*READ))
    a_bucket_policy(for_service(*READ))
    job = start_import(checked_dataset, f"s3://{BUCKET}/interactions.csv", roleArn=role)
    unsupported = statement(*READ, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    boto3.client("iam").put_role_policy(
        RoleName="PersonalizeRole", PolicyName="inline", PolicyDocument=document(unsupported)
    )
    shown = describe_import(settle(checking, job))
    assert shown["status"] == "CREATE FAILED"
    assert "condition IpAddress on aws:SourceIp" in shown["failureReason"]


def test_a_metric_attribution_needs_put_metric_data(checking, checked_dataset):
    group = client().describe_dataset(datasetArn=checked_dataset)["dataset"]["datasetGroupArn"]
    for role in (f"arn:aws:iam::{ACCOUNT}:role/none", a_role(statement("s3:*"), name="other")):
        with pytest.raises(ClientError, match=f"Allow cloudwatch:PutMetricData in role {role}"):
            a_metric_attribution(checking, group, metricsOutputConfig={"roleArn": role})
    role = a_role(statement("cloudwatch:PutMetricData", resource="*"))
    a_metric_attribution(checking, group, metricsOutputConfig={"roleArn": role})


def test_reports_of_a_metric_attribution_need_put_object_only(checking, checked_dataset):
    role = a_role(statement("s3:PutObject"), statement("cloudwatch:PutMetricData", resource="*"))
    output = {"roleArn": role, "s3DataDestination": {"path": f"s3://{BUCKET}/reports"}}
    group = client().describe_dataset(datasetArn=checked_dataset)["dataset"]["datasetGroupArn"]
    a_bucket_policy(for_service(*READ))
    with pytest.raises(ClientError, match="fix bucket policy"):
        a_metric_attribution(checking, group, metricsOutputConfig=output)
    a_bucket_policy(for_service("s3:PutObject"))
    a_metric_attribution(checking, group, metricsOutputConfig=output)


def test_policies_that_cloudformation_stores_as_dictionaries_count(checking, checked_dataset):
    from moto.iam.models import iam_backends

    role = a_role()
    (made,) = (made for backend in iam_backends[ACCOUNT].values() for made in backend.roles.values())
    made.put_policy("inline", json.loads(document(statement(*READ))))
    a_bucket_policy(for_service(*READ))
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def verdict(*statements, **request):
    members = {"action": "s3:GetObject", "resource": f"{BOTH[0]}/a.csv", **request}
    return Policies("a policy", [document(*statements)]).evaluate(AccessRequest(**members))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], None),
        ([statement("s3:GetObject")], "Allow"),
        ([statement("S3:getobject")], "Allow"),
        ([statement("s3:Get*")], "Allow"),
        ([statement("s3:Get?bject")], "Allow"),
        ([statement("*", resource="*")], "Allow"),
        ([statement("s3:PutObject")], None),
        ([statement("s3:GetObject", resource=f"{BOTH[0]}/A.csv")], None),
        ([statement("s3:GetObject", resource=f"{BOTH[0]}/[a].csv")], None),
        ([statement("s3:GetObject", effect="Deny")], "Deny"),
        ([statement("s3:GetObject"), statement("s3:*", effect="Deny")], "Deny"),
        ([statement("s3:GetObject"), statement("s3:Put*", effect="Deny")], "Allow"),
        ([{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}], "Allow"),
        ([{"Effect": "Allow", "NotAction": ["iam:*", "s3:Get*"], "Resource": "*"}], None),
        ([{"Effect": "Deny", "Action": "s3:*", "NotResource": BOTH}], None),
        ([{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::others/*"}], "Deny"),
    ],
)
def test_statements_match_actions_and_resources(statements, expected):
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (SERVICE_PRINCIPAL, "Allow"),
        ({"Service": ["s3.amazonaws.com", SERVICE]}, "Allow"),
        ({"Service": "s3.amazonaws.com"}, None),
        ({"AWS": ACCOUNT}, None),
        ("*", "Allow"),
        ({"AWS": "*"}, "Allow"),
    ],
)
def test_a_principal_can_be_the_service(principal, expected):
    assert verdict(statement("s3:*", Principal=principal), service=SERVICE) == expected


@pytest.mark.parametrize("name", ["arn:aws:iam::1:role/r", "1", "arn:aws:iam::1:root"])
def test_a_principal_can_be_the_role_or_its_account(name):
    assert verdict(statement("s3:*", Principal={"AWS": name}), role="arn:aws:iam::1:role/r") == "Allow"
    assert verdict(statement("s3:*", Principal={"AWS": name}), role="arn:aws:iam::2:role/r") is None


def test_a_statement_without_a_principal_is_for_identities_only():
    assert verdict(statement("s3:*")) == "Allow"
    assert verdict(statement("s3:*"), service=SERVICE) is None


def test_wildcards_match_in_linear_time():
    """A regular expression with backtracking would take longer than the age of the universe."""
    resource = f"{BOTH[0]}/{'a' * 5000}"
    assert verdict(statement("s3:*", resource=f"{BOTH[0]}/{'*a' * 2000}*b"), resource=resource) is None
    assert verdict(statement("s3:*", resource=f"{BOTH[0]}/{'*a' * 2000}*"), resource=resource) == "Allow"


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        ("arn:aws:personalize:*:1:job/*", True),
        ("arn:aws:personalize:us-east-1:1:*/1", True),
        ("arn:*:*:*:*:job/1", True),
        ("arn:aws:*:1:job/1", False),
        ("arn:*job/1", False),
        ("*", False),
    ],
)
def test_arn_like_compares_component_by_component(pattern, met):
    context = {"aws:sourcearn": "arn:aws:personalize:us-east-1:1:job/1"}
    condition = {"ArnLike": {"aws:SourceArn": pattern}}
    assert verdict(statement("s3:*", Condition=condition), context=context) == ("Allow" if met else None)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, True),
        ({"StringEquals": {"aws:SourceAccount": "2"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": ["1", "2"]}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "2"}}, True),
        ({"StringLike": {"aws:sourcearn": "arn:*:job/?"}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:*:*:*:*:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:*"}}, False),  # a star does not reach beyond a component
        ({"StringEquals": {"aws:SourceAccount": "1"}, "Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "1"}, "Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"StringEquals": {"s3:prefix": "a"}}, False),
        ({"StringEqualsIfExists": {"s3:prefix": "a"}}, True),
        ({"StringNotEquals": {"s3:prefix": "a"}}, True),
        ({"Null": {"s3:prefix": "true"}}, True),
        ({"Null": {"aws:SourceAccount": "true"}}, False),
    ],
)
def test_conditions_are_evaluated(condition, met):
    context = {
        "aws:sourceaccount": "1",
        "aws:sourcearn": "arn:aws:personalize:us-east-1:1:job/1",
        "aws:securetransport": "true",
    }
    assert verdict(statement("s3:*", Condition=condition), context=context) == ("Allow" if met else None)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"NotPrincipal": {"AWS": "1"}}, "NotPrincipal"),
        ({"Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}, "policy variable"),
        ({"Condition": {"NumericLessThan": {"s3:max-keys": "10"}}}, "NumericLessThan on s3:max-keys"),
        ({"Condition": {"ForAnyValue:StringLike": {"aws:SourceArn": "*"}}}, "ForAnyValue:StringLike"),
        ({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}, "aws:PrincipalTag/team"),
    ],
)
def test_unsupported_parts_are_named(part, named):
    with pytest.raises(PersonalizeMockError, match=f"does not support .*{named}.* in a policy"):
        verdict({**statement("s3:*"), **part})


def test_unsupported_parts_of_other_statements_are_ignored():
    assert verdict(statement("s3:Put*", Condition={"IpAddress": {"aws:SourceIp": "::1"}}), statement("s3:*")) == "Allow"


def test_a_policy_that_is_not_json_raises_an_error():
    with pytest.raises(PersonalizeMockError, match=r"the policy of bucket b is not JSON \(.* column 2"):
        Policies("the policy of bucket b", ["{"])


def test_the_option_is_off_by_default():
    assert not Options().check_permissions
