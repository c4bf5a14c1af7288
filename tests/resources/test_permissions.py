"""Permissions, which only a mock with `check_permissions=True` looks at, and policy documents."""

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
from importing import describe, start

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.resources import locations
from personalize_mock.resources.permissions import SERVICE, AccessRequest, Policies
from personalize_mock.simulation import Options, Role

GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html"
ROLE_REFUSES = (
    f"Insufficient privileges for accessing data in S3. Please look at {GUIDE} and ensure your role is configured "
    "correctly."
)
BUCKET_REFUSES = (
    f"Insufficient privileges for accessing data in S3. Please look at {GUIDE}#attach-bucket-policy and fix bucket "
    f"policy on {BUCKET}."
)
READ = ("s3:GetObject", "s3:ListBucket")
BOTH = (f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*")
THE_SERVICE = {"Service": SERVICE}


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


def for_the_service(*actions, **more):
    return statement(*actions, Principal=THE_SERVICE, **more)


@pytest.fixture
def checking():
    with mock_personalize(clock="2024-05-01", check_permissions=True) as mock:
        put_object(interactions_csv())
        yield mock


@pytest.fixture
def checked_dataset(checking):
    return a_dataset(checking, a_dataset_group(checking))


def imported(mock, dataset, role, location=None):
    return describe(settle(mock, start(dataset, location or f"s3://{BUCKET}/interactions.csv", roleArn=role)))


def test_without_the_option_a_role_need_not_exist(mock, dataset):
    assert imported(mock, dataset, f"arn:aws:iam::{ACCOUNT}:role/none", put_object(interactions_csv()))["status"] == (
        "ACTIVE"
    )


def test_what_the_guide_tells_to_set_up_is_enough(checking, checked_dataset):
    role = a_role(statement(*READ))
    a_bucket_policy(for_the_service(*READ))
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_policies_may_be_managed_by_aws_or_by_the_user(checking, checked_dataset):
    iam, role = boto3.client("iam"), a_role()
    a_bucket_policy(for_the_service(*READ))
    assert refusal(start, dataset=checked_dataset, roleArn=role)[1] == ROLE_REFUSES
    iam.attach_role_policy(RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"
    iam.detach_role_policy(RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(statement(*READ)))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="PersonalizeRole", PolicyArn=own)
    start(checked_dataset, roleArn=role, name="second")
    iam.create_policy_version(PolicyArn=own, PolicyDocument=document(statement("s3:ListBucket")), SetAsDefault=True)
    assert refusal(start, dataset=checked_dataset, name="third", roleArn=role)[1] == ROLE_REFUSES


def test_full_access_to_the_service_covers_only_buckets_that_bear_its_name(checking, checked_dataset):
    role = a_role()
    boto3.client("iam").attach_role_policy(
        RoleName="PersonalizeRole", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    )
    a_bucket_policy(for_the_service(*READ))
    assert refusal(start, dataset=checked_dataset, roleArn=role)[1] == ROLE_REFUSES
    location = put_object(interactions_csv(), bucket="my-personalize-data")
    policy = a_bucket_policy_of("my-personalize-data")
    boto3.client("s3").put_bucket_policy(Bucket="my-personalize-data", Policy=policy)
    assert imported(checking, checked_dataset, role, location)["status"] == "ACTIVE"


def a_bucket_policy_of(bucket):
    return document(for_the_service(*READ, resource=[f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]))


REFUSED_ROLES = {
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
    "something is denied": lambda: a_role(statement("s3:*"), statement("s3:Get*", effect="Deny")),
}


@pytest.mark.parametrize("why", REFUSED_ROLES)
def test_a_role_is_blamed_when(checking, checked_dataset, why):
    a_bucket_policy(for_the_service(*READ))
    role = REFUSED_ROLES[why]()
    refused = refusal(start, dataset=checked_dataset, location=f"s3://{BUCKET}/", roleArn=role)
    assert refused == ("InvalidInputException", ROLE_REFUSES)
    assert client().list_dataset_import_jobs()["datasetImportJobs"] == []


REFUSED_BUCKETS = {
    "it has no policy": (),
    "its policy is for another service": (statement(*READ, Principal={"Service": "forecast.amazonaws.com"}),),
    "its policy is for the role": (
        statement(*READ, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"}),
    ),
    "listing is missing": (for_the_service("s3:GetObject"),),
    "getting is missing": (for_the_service("s3:ListBucket"),),
    "the bucket itself is missing": (for_the_service(*READ, resource=BOTH[1]),),
    "its objects are missing": (for_the_service(*READ, resource=BOTH[0]),),
    "it is for another folder": (
        for_the_service("s3:ListBucket"),
        for_the_service("s3:GetObject", resource=f"{BOTH[0]}/folder/*"),
    ),
    "it is for another account": (
        for_the_service(*READ, Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}),
    ),
    "it denies all": (for_the_service(*READ), statement("s3:*", effect="Deny", Principal="*")),
    "it denies the role": (
        for_the_service(*READ),
        statement("s3:*", effect="Deny", Principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole"]}),
    ),
}


@pytest.mark.parametrize("why", REFUSED_BUCKETS)
def test_a_bucket_is_blamed_when(checking, checked_dataset, why):
    role = a_role(statement("s3:*"))
    if REFUSED_BUCKETS[why]:
        a_bucket_policy(*REFUSED_BUCKETS[why])
    refused = refusal(start, dataset=checked_dataset, location=f"s3://{BUCKET}/interactions.csv", roleArn=role)
    assert refused == ("InvalidInputException", BUCKET_REFUSES)


def test_the_role_is_blamed_before_the_bucket(checking, checked_dataset):
    assert refusal(start, dataset=checked_dataset, roleArn=a_role())[1] == ROLE_REFUSES


def test_a_bucket_that_does_not_exist_is_the_roles_fault(checking, checked_dataset):
    role = a_role(statement("s3:*", resource="*"))
    refused = refusal(start, dataset=checked_dataset, location="s3://nowhere/a.csv", roleArn=role)
    assert refused == ("InvalidInputException", ROLE_REFUSES)


def test_only_the_objects_that_are_read_need_be_allowed(checking, checked_dataset):
    put_object(interactions_csv(), "folder/a.csv")
    put_object("secret", "folder/deeper/b.csv")
    role = a_role(statement("s3:ListBucket"), statement("s3:GetObject", resource=f"{BOTH[0]}/folder/?.csv"))
    a_bucket_policy(for_the_service(*READ))
    assert imported(checking, checked_dataset, role, f"s3://{BUCKET}/folder/")["status"] == "ACTIVE"
    put_object(interactions_csv(), "folder/long-name.csv")
    assert refusal(start, dataset=checked_dataset, location=f"s3://{BUCKET}/folder/", name="second", roleArn=role) == (
        "InvalidInputException",
        ROLE_REFUSES,
    )


def test_a_permissions_boundary_takes_away(checking, checked_dataset):
    iam = boto3.client("iam")
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(statement("s3:ListBucket")))
    role = a_role(statement("s3:*"), PermissionsBoundary=boundary["Policy"]["Arn"])
    a_bucket_policy(for_the_service(*READ))
    assert refusal(start, dataset=checked_dataset, roleArn=role)[1] == ROLE_REFUSES
    wide = document(statement("s3:*", resource="*"))
    iam.create_policy_version(PolicyArn=boundary["Policy"]["Arn"], PolicyDocument=wide, SetAsDefault=True)
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_a_condition_on_who_asks_and_for_what_is_met(checking, checked_dataset):
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"AWS:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-import-job/*"},
    }
    secure = statement("s3:*", effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    role = a_role(statement(*READ), trusts=trust(Condition=condition))
    a_bucket_policy(for_the_service(*READ, Condition=condition), secure)
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def test_listing_may_be_allowed_for_a_prefix(checking, checked_dataset):
    put_object(interactions_csv(), "folder/a.csv")
    some = statement("s3:ListBucket", Condition={"StringLike": {"s3:prefix": ["folder/*"]}})
    role = a_role(some, statement("s3:GetObject"))
    a_bucket_policy(for_the_service(*READ))
    assert refusal(start, dataset=checked_dataset, location=f"s3://{BUCKET}/interactions.csv", roleArn=role)[1] == (
        ROLE_REFUSES
    )
    assert imported(checking, checked_dataset, role, f"s3://{BUCKET}/folder/a.csv")["status"] == "ACTIVE"


def test_what_is_not_understood_is_named_rather_than_guessed(checking, checked_dataset):
    role = a_role(statement(*READ, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    with pytest.raises(PersonalizeMockError, match=r"condition IpAddress on aws:SourceIp in a policy of arn:aws:iam"):
        start(checked_dataset, roleArn=role)


def test_a_role_of_another_account_is_refused_as_ever(checking, checked_dataset):
    code, _ = refusal(start, dataset=checked_dataset, roleArn="arn:aws:iam::999988887777:role/theirs")
    assert code == "AccessDeniedException"


def test_a_role_of_an_assumed_account_is_looked_for_there(checking):
    sts = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/v", RoleSessionName="session")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    session = boto3.Session(*(sts["Credentials"][name] for name in names))
    a_role(statement("s3:*"))
    theirs = session.client("iam").create_role(RoleName="PersonalizeRole", AssumeRolePolicyDocument=trust())["Role"]
    environment = simulation().environment
    assert environment.role(theirs["Arn"]) == Role(trust=trust(), policies=())
    assert environment.role(f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole").policies


def simulation():
    from personalize_mock import mock as module

    return module._run.simulation


def writable(role, location=f"s3://{BUCKET}/out/"):
    try:
        locations.check_access(
            simulation().store(ACCOUNT, "us-east-1"), role, location, source="arn:aws:personalize:::job/j", write=True
        )
    except Exception as refused:  # noqa: BLE001  # compared by its text
        return str(refused)
    return None


def test_writing_takes_the_right_to_put_from_both(checking):
    role = a_role(statement(*READ))
    a_bucket_policy(for_the_service(*READ))
    assert writable(role) == ROLE_REFUSES
    boto3.client("iam").put_role_policy(
        RoleName="PersonalizeRole", PolicyName="more", PolicyDocument=document(statement("s3:PutObject"))
    )
    assert writable(role) == BUCKET_REFUSES
    a_bucket_policy(for_the_service("s3:ListBucket"), for_the_service("s3:PutObject", resource=f"{BOTH[0]}/out/*"))
    assert writable(role) is None
    assert writable(role, f"s3://{BUCKET}/out") is None
    assert writable(role, f"s3://{BUCKET}/elsewhere/") == BUCKET_REFUSES
    assert writable(role, "s3://nowhere/out/") == ROLE_REFUSES
    assert writable(None) == ROLE_REFUSES


def test_a_batch_job_reads_its_input_and_writes_to_its_output_folder(checking):
    name = ROLE.rpartition("/")[2]
    everything = a_role(statement(*READ, "s3:PutObject"), name=name)
    a_bucket_policy(for_the_service(*READ, "s3:PutObject"))
    assert everything == ROLE
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
    assert outcome(roleArn=reader) == ROLE_REFUSES
    writer = a_role(statement("s3:PutObject", "s3:ListBucket"), name="writer")
    assert outcome(roleArn=writer) == ROLE_REFUSES
    both = [statement(*READ, resource=inside), statement("s3:PutObject", resource=f"{BOTH[0]}/batch/out/*")]
    enough = a_role(*both, name="enough")
    a_bucket_policy(for_the_service(*READ))
    assert outcome(roleArn=enough) == BUCKET_REFUSES
    a_bucket_policy(for_the_service(*READ, "s3:PutObject"))
    put_object("", "batch/in.json.bak")
    assert outcome(roleArn=enough) == ROLE_REFUSES  # whatever begins with the path is input
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="batch/in.json.bak")
    assert outcome(roleArn=enough) is None
    assert boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="batch/out/")["KeyCount"] == 1


def role_keeps(*actions):
    policy = document(statement(*actions))
    boto3.client("iam").put_role_policy(RoleName="PersonalizeRole", PolicyName="inline", PolicyDocument=policy)


def bucket_keeps(*actions):
    a_bucket_policy(for_the_service(*actions))


def outcomes(mock, take_away):
    """What comes of one job of each kind if rights are taken away before it runs."""
    a_role(statement("s3:*"))
    a_bucket_policy(for_the_service("s3:*"))
    group = a_group_with_data(mock)
    dataset = client().list_datasets(datasetGroupArn=group)["datasets"][0]["datasetArn"]
    version = a_solution_version(mock, a_solution(mock, group, "aws-popularity-count"))
    location = put_object("USER_ID\nu1", "gone/users.csv")
    output = {"s3DataDestination": {"path": f"s3://{BUCKET}/exported/"}}
    jobs = {
        "DatasetImportJob": start(dataset, f"s3://{BUCKET}/interactions.csv", roleArn=ROLE),
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
    take_away()
    return {kind: outcome_of(mock, kind, settle(mock, arn)) for kind, arn in jobs.items()}


def outcome_of(mock, kind, arn):
    member = f"{kind[0].lower()}{kind[1:]}"
    shown = mock.call(f"Describe{kind}", **{f"{member}Arn": arn})[member]
    return shown["status"], shown.get("failureReason")


@pytest.mark.parametrize(("keeps", "text"), [(role_keeps, ROLE_REFUSES), (bucket_keeps, BUCKET_REFUSES)])
def test_jobs_fail_whose_rights_are_taken_away_before_they_run(checking, keeps, text):
    assert outcomes(checking, lambda: keeps("s3:ListBucket")) == {
        "DatasetImportJob": ("CREATE FAILED", text),
        "DatasetExportJob": ("CREATE FAILED", text),
        "DataDeletionJob": ("FAILED", text),
        "BatchInferenceJob": ("CREATE FAILED", text),
    }
    written = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert not [each["Key"] for each in written if each["Key"].endswith(".out") or "exported" in each["Key"]]


def test_jobs_that_can_no_longer_write_fail_and_those_that_read_do_not(checking):
    assert {kind: status for kind, (status, _) in outcomes(checking, lambda: role_keeps(*READ)).items()} == {
        "DatasetImportJob": "ACTIVE",
        "DatasetExportJob": "CREATE FAILED",
        "DataDeletionJob": "COMPLETED",
        "BatchInferenceJob": "CREATE FAILED",
    }


def test_what_is_not_understood_when_a_job_runs_is_its_reason_to_fail(checking, checked_dataset):
    role = a_role(statement(*READ))
    a_bucket_policy(for_the_service(*READ))
    job = start(checked_dataset, f"s3://{BUCKET}/interactions.csv", roleArn=role)
    strange = statement(*READ, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    boto3.client("iam").put_role_policy(
        RoleName="PersonalizeRole", PolicyName="inline", PolicyDocument=document(strange)
    )
    shown = describe(settle(checking, job))
    assert shown["status"] == "CREATE FAILED"
    assert "condition IpAddress on aws:SourceIp" in shown["failureReason"]


def test_a_metric_attribution_takes_the_right_to_put_metrics(checking, checked_dataset):
    group = client().describe_dataset(datasetArn=checked_dataset)["dataset"]["datasetGroupArn"]
    for refused in (f"arn:aws:iam::{ACCOUNT}:role/none", a_role(statement("s3:*"), name="other")):
        with pytest.raises(ClientError, match=f"Ensure that role {refused} allows it"):
            a_metric_attribution(checking, group, metricsOutputConfig={"roleArn": refused})
    role = a_role(statement("cloudwatch:PutMetricData", resource="*"))
    a_metric_attribution(checking, group, metricsOutputConfig={"roleArn": role})


def test_reports_of_a_metric_attribution_take_the_right_to_put_alone(checking, checked_dataset):
    role = a_role(statement("s3:PutObject"), statement("cloudwatch:PutMetricData", resource="*"))
    output = {"roleArn": role, "s3DataDestination": {"path": f"s3://{BUCKET}/reports"}}
    group = client().describe_dataset(datasetArn=checked_dataset)["dataset"]["datasetGroupArn"]
    a_bucket_policy(for_the_service(*READ))
    with pytest.raises(ClientError, match="fix bucket policy"):
        a_metric_attribution(checking, group, metricsOutputConfig=output)
    a_bucket_policy(for_the_service("s3:PutObject"))
    a_metric_attribution(checking, group, metricsOutputConfig=output)


def test_documents_that_cloudformation_leaves_as_dictionaries_count(checking, checked_dataset):
    from moto.iam.models import iam_backends

    role = a_role()
    (made,) = (made for backend in iam_backends[ACCOUNT].values() for made in backend.roles.values())
    made.put_policy("inline", json.loads(document(statement(*READ))))
    a_bucket_policy(for_the_service(*READ))
    assert imported(checking, checked_dataset, role)["status"] == "ACTIVE"


def verdict(*statements, **request):
    asked = {"action": "s3:GetObject", "resource": f"{BOTH[0]}/a.csv", **request}
    return Policies("a policy", [document(*statements)]).judge(AccessRequest(**asked))


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
def test_actions_and_resources(statements, expected):
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (THE_SERVICE, "Allow"),
        ({"Service": ["s3.amazonaws.com", SERVICE]}, "Allow"),
        ({"Service": "s3.amazonaws.com"}, None),
        ({"AWS": ACCOUNT}, None),
        ("*", "Allow"),
        ({"AWS": "*"}, "Allow"),
    ],
)
def test_the_service_as_principal(principal, expected):
    assert verdict(statement("s3:*", Principal=principal), service=SERVICE) == expected


@pytest.mark.parametrize("name", ["arn:aws:iam::1:role/r", "1", "arn:aws:iam::1:root"])
def test_the_names_of_a_role_as_principal(name):
    assert verdict(statement("s3:*", Principal={"AWS": name}), role="arn:aws:iam::1:role/r") == "Allow"
    assert verdict(statement("s3:*", Principal={"AWS": name}), role="arn:aws:iam::2:role/r") is None


def test_a_statement_without_principal_is_of_the_one_who_asks():
    assert verdict(statement("s3:*")) == "Allow"
    assert verdict(statement("s3:*"), service=SERVICE) is None


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, True),
        ({"StringEquals": {"aws:SourceAccount": "2"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": ["1", "2"]}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "2"}}, True),
        ({"StringLike": {"aws:sourcearn": "arn:*:job/?"}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:*"}}, False),
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
def test_conditions(condition, met):
    context = {"aws:sourceaccount": "1", "aws:sourcearn": "arn:aws:job/1", "aws:securetransport": "true"}
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
def test_parts_that_are_not_understood(part, named):
    with pytest.raises(PersonalizeMockError, match=f"does not understand .*{named}.* in a policy"):
        verdict({**statement("s3:*"), **part})


def test_parts_of_a_statement_about_something_else_need_not_be_understood():
    assert verdict(statement("s3:Put*", Condition={"IpAddress": {"aws:SourceIp": "::1"}}), statement("s3:*")) == "Allow"


def test_a_policy_that_is_not_json_is_named():
    with pytest.raises(PersonalizeMockError, match="the policy of bucket b is not JSON"):
        Policies("the policy of bucket b", ["{"])


def test_the_option_is_off_by_default():
    assert not Options().check_permissions
