"""Tests of iam:PassRole, which callers need if `check_permissions` and moto's access control are switched on."""

import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import ACCOUNT, ROLE, client, refusal
from moto.core import set_initial_no_auth_action_count

from personalize_mock import PersonalizeMockError, mock_personalize

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
TO_PERSONALIZE = {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}
TO_LAMBDA = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
REFUSED = "User: {user} is not authorized to perform: iam:PassRole on resource: {role} {reason}"
NOT_ALLOWED = "because no identity-based policy allows the iam:PassRole action"


@pytest.fixture
def mock():
    with mock_personalize(check_permissions=True) as mock:
        yield mock


def pass_role(effect="Allow", **more):
    return document({"Effect": effect, "Action": "iam:PassRole", "Resource": ROLE, **more})


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def a_user(*policies, name="ana"):
    """Create a user with inline policies. Return a client of Personalize with the user's access key."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name)
    for number, policy in enumerate(policies):
        iam.put_user_policy(UserName=name, PolicyName=f"inline-{number}", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return client(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def a_session(*policies, **members):
    """Create a role with inline policies and assume it. Return a client of Personalize with these credentials."""
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="Analyst", AssumeRolePolicyDocument=document(), **members)["Role"]["Arn"]
    for number, policy in enumerate(policies):
        iam.put_role_policy(RoleName="Analyst", PolicyName=f"inline-{number}", PolicyDocument=policy)
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="monday")["Credentials"]
    return client(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@set_initial_no_auth_action_count(0)
def create_group(personalize, role=ROLE, name="shop"):
    """Create a dataset group with a role while moto's access control is on."""
    return personalize.create_dataset_group(name=name, kmsKeyArn=KEY, roleArn=role)


def test_a_user_without_the_permission_to_pass_a_role_gets_the_recorded_message(mock):
    message = REFUSED.format(user=f"arn:aws:iam::{ACCOUNT}:user/ana", role=ROLE, reason=NOT_ALLOWED)

    with pytest.raises(ClientError) as refused:
        create_group(a_user())

    response = refused.value.response
    assert response["Error"] == {"Code": "AccessDeniedException", "Message": message}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert mock.call("ListDatasetGroups")["datasetGroups"] == []


@pytest.mark.parametrize(
    "policy",
    [
        pass_role(),
        pass_role(Condition=TO_PERSONALIZE),
        document({"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{ACCOUNT}:role/Personalize*"}),
    ],
)
@pytest.mark.usefixtures("mock")
def test_a_user_with_the_permission_passes_the_role(policy):
    assert create_group(a_user(policy))["datasetGroupArn"].endswith(":dataset-group/shop")


@pytest.mark.parametrize(
    "policy",
    [
        pass_role(Condition=TO_LAMBDA),
        document({"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"{ROLE}2"}),
        document({"Effect": "Allow", "Action": "personalize:*", "Resource": "*"}),
    ],
)
@pytest.mark.usefixtures("mock")
def test_permissions_for_another_role_service_or_action_do_not_count(policy):
    assert NOT_ALLOWED in refusal(create_group, personalize=a_user(policy))[1]


@pytest.mark.usefixtures("mock")
def test_an_explicit_deny_wins_over_the_permission():
    _, message = refusal(create_group, personalize=a_user(pass_role(), pass_role("Deny")))

    assert message.endswith(f"{ROLE} with an explicit deny in an identity-based policy")


@pytest.mark.usefixtures("mock")
def test_policies_of_groups_and_managed_policies_count():
    iam = boto3.client("iam")
    by_group, by_policy = a_user(name="ben"), a_user(name="cleo")
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="pass", PolicyDocument=pass_role())
    iam.add_user_to_group(GroupName="staff", UserName="ben")
    full_access = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    iam.attach_user_policy(UserName="cleo", PolicyArn=full_access)

    assert create_group(by_group, name="one")
    assert create_group(by_policy, name="two")


@pytest.mark.usefixtures("mock")
def test_the_session_of_a_role_has_the_permissions_of_the_role():
    personalize = a_session()

    _, message = refusal(create_group, personalize=personalize)
    boto3.client("iam").put_role_policy(RoleName="Analyst", PolicyName="pass", PolicyDocument=pass_role())

    assert message.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Analyst/monday is not authorized")
    assert create_group(personalize)


@pytest.mark.usefixtures("mock")
def test_a_permissions_boundary_restricts_the_session_of_a_role():
    limit = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    policy = boto3.client("iam").create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]

    _, message = refusal(create_group, personalize=a_session(pass_role(), PermissionsBoundary=policy))

    assert message.endswith("because no permissions boundary allows the iam:PassRole action")


@pytest.mark.usefixtures("mock")
def test_the_account_of_the_role_is_checked_before_the_permission():
    _, message = refusal(create_group, personalize=a_user(), role=ROLE.replace(ACCOUNT, "111122223333"))

    assert message == "Cross-account pass role is not allowed."


@pytest.mark.usefixtures("mock")
def test_a_permission_that_depends_on_an_unsupported_element_is_an_error_that_names_it():
    policy = pass_role(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})

    with pytest.raises(PersonalizeMockError, match=re.escape("DateLessThan on aws:CurrentTime")):
        create_group(a_user(policy))


def test_callers_that_moto_does_not_know_and_calls_without_a_client_pass_any_role(mock):
    unknown = client(aws_access_key_id="AKIAUNKNOWN000000000", aws_secret_access_key="secret")  # noqa: S106

    assert create_group(unknown)
    assert mock.call("CreateDatasetGroup", name="other", kmsKeyArn=KEY, roleArn=ROLE)


@pytest.mark.usefixtures("mock")
def test_without_motos_access_control_callers_pass_any_role():
    assert a_user().create_dataset_group(name="shop", kmsKeyArn=KEY, roleArn=ROLE)


@mock_personalize
def test_without_check_permissions_callers_pass_any_role():
    assert create_group(a_user())
