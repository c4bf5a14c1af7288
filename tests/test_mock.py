"""Start and end of a mock: nesting, moto around and inside it, options, and restoring what was patched."""

import subprocess
import sys
import textwrap
import threading
from datetime import date
from unittest.mock import MagicMock, patch

import boto3
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.resources.core.durations import DURATIONS
from personalize_mock.wire import registry


def client(service="personalize", region="us-east-1", **keywords):
    return boto3.client(service, region_name=region, **keywords)


def group_names(personalize):
    return [group["name"] for group in personalize.list_dataset_groups()["datasetGroups"]]


def test_the_context_manager_returns_the_handle():
    with mock_personalize() as mock:
        answer = mock.call("CreateDatasetGroup", name="group")
        assert answer == {"datasetGroupArn": "arn:aws:personalize:us-east-1:123456789012:dataset-group/group"}
        assert group_names(client()) == ["group"]


def test_start_and_stop_do_the_same_as_the_context_manager():
    mock = mock_personalize()
    mock.start()
    try:
        client().create_dataset_group(name="group")
        assert group_names(client()) == ["group"]
    finally:
        mock.stop()
    with mock_personalize():
        assert group_names(client()) == []


def test_stopping_a_mock_that_is_not_active_is_an_error():
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        mock_personalize().stop()


def test_using_the_handle_of_a_mock_that_is_not_active_is_an_error():
    with pytest.raises(PersonalizeMockError, match="with mock_personalize"):
        mock_personalize().clock  # noqa: B018  # reading it is the test


def test_an_unknown_option_is_an_error_with_the_nearest_or_all_names():
    with pytest.raises(PersonalizeMockError, match=r"no option 'sed'\. Did you mean 'seed'\?"):
        mock_personalize(sed=1)
    with pytest.raises(PersonalizeMockError, match=r"no option 'xyz'\. Write one of 'seed', 'strict', "):
        mock_personalize(xyz=1)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"seed": "one"}, "must be a whole number"),
        ({"strict": "False"}, "Write strict=True or strict=False"),
        ({"autojump": None}, "autojump=True or autojump=False"),
        ({"check_permissions": 1}, "check_permissions=True"),
        ({"sleep": "never"}, "sleep='virtual'"),
        ({"sleep_modules": ("json",)}, "Remove it: `from time import sleep` is virtual in every module"),
        ({"minimum_interactions": -1}, "0 or more"),
        ({"minimum_interactions": "100"}, "must be a whole number"),
        ({"minimum_interactions": 100, "strict": False}, "has no effect"),
        ({"durations": 60}, r"Write durations=\{'solution-version': 10\}"),
        ({"durations": None}, "not a dictionary"),
        ({"durations": {1: 60}}, "Write one of"),
        ({"durations": {"solutoin": 1}}, "solution"),
        ({"durations": {"solution": -1}}, "0 or more"),
        ({"durations": {"solution": "60"}}, "a number of seconds, 0 or more and at most 1e"),
        ({"durations": {"solution": float("nan")}}, "a number of seconds, 0 or more and at most 1e"),
        ({"durations": {"solution": 1e15}}, "a number of seconds, 0 or more and at most 1e"),
        ({"durations": {"solution-version:aws-simz": 1}}, "aws-sims"),
        ({"durations": {"solution-version:aws-vod-top-picks": 1}}, "aws-sims"),
        ({"durations": {"recommender:aws-sims": 1}}, "aws-vod-top-picks"),
        ({"durations": {"campaign:aws-sims": 1}}, "Write 'campaign'"),
        ({"quotas": ("campaigns_per_group",)}, r"Write quotas=\{'campaigns_per_group': 10\}"),
        ({"quotas": {1: 1, "campaigns": 1}}, "unknown quota 1"),
        ({"quotas": {"campaigns": 1}}, "campaigns_per_group"),
        ({"quotas": {"campaigns_per_group": -1}}, "0 or more"),
        ({"quotas": {"campaigns_per_group": "5"}}, "a whole number"),
        ({"clock": "yesterday"}, "ISO 8601"),
        ({"clock": date(2024, 5, 1)}, r"datetime\(2024, 5, 1\)"),
        ({"clock": True}, "is not a point in time"),
        ({"clock": 1_714_521_600_000}, "not milliseconds"),
        ({"clock": float("nan")}, "seconds since 1970"),
    ],
)
def test_an_option_that_is_wrong_or_has_no_effect_is_an_error_that_says_what_to_write(options, hint):
    with pytest.raises(PersonalizeMockError, match=hint):
        mock_personalize(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"minimum_interactions": 0, "strict": False},
        {"durations": {"solution-version.stop:aws-sims": 1.5, "recommender.start:aws-vod-top-picks": 0}},
        {"durations": dict.fromkeys(DURATIONS, 0)},  # including recipes that ListRecipes no longer has
        {"quotas": {"campaigns_per_group": 0}},
        {"clock": 0},
        {"clock": "2024-05-01"},
    ],
)
def test_an_option_that_has_an_effect_is_accepted(options):
    with mock_personalize(**options) as mock:
        assert mock.call("ListSchemas") == {"schemas": []}


def test_an_inner_mock_shares_the_state_and_only_the_outermost_one_resets_it():
    with mock_personalize():
        client().create_dataset_group(name="outer")
        with mock_personalize():
            client().create_dataset_group(name="inner")
            assert group_names(client()) == ["outer", "inner"]
        assert group_names(client()) == ["outer", "inner"]
    with mock_personalize():
        assert group_names(client()) == []


def test_an_inner_mock_with_other_options_is_an_error_and_the_outer_one_goes_on():
    with mock_personalize(seed=1) as mock:
        with (
            pytest.raises(PersonalizeMockError, match="seed=2: a mock with seed=1 is active"),
            mock_personalize(seed=2),
        ):
            pass
        with mock_personalize(seed=1):
            pass
        assert mock.call("ListDatasetGroups") == {"datasetGroups": []}


def test_a_mock_inside_mock_aws_replaces_motos_personalize_and_restores_it():
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="a-bucket")
        with mock_personalize():
            client().create_dataset_group(name="group")
            assert boto3.client("s3").list_buckets()["Buckets"][0]["Name"] == "a-bucket"
        client().create_schema(name="stock", schema="not an Avro schema")
        with mock_personalize():
            assert group_names(client()) == []
            assert client().list_schemas()["schemas"] == []
        assert client().list_schemas()["schemas"][0]["name"] == "stock"


def test_mock_aws_inside_a_mock_shares_its_state():
    with mock_personalize():
        client().create_dataset_group(name="group")
        with mock_aws():
            assert group_names(client()) == ["group"]
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="a-bucket")
        assert group_names(client()) == ["group"]


def test_stopping_restores_every_name_that_was_patched():
    import time

    import moto.personalize.models as stock
    from moto import backend_index
    from moto.core.botocore_stubber import BotocoreStubber
    from moto.iam.models import IAMBackend

    def names():
        return {
            "backends": stock.personalize_backends,
            "process": BotocoreStubber.process_request,
            "send": botocore.endpoint.Endpoint._send,
            "sleep": time.sleep,
            "time": time.time,
            "monotonic": time.monotonic,
            "policies": IAMBackend._init_aws_policies,
        }

    before, patterns = names(), list(backend_index.backend_url_patterns)
    with mock_personalize():
        client("iam").list_roles()
        client().list_dataset_groups()
        during = names()
    assert all(during[name] is not before[name] for name in before)
    assert names() == before
    assert backend_index.backend_url_patterns == patterns


def test_an_exception_inside_a_mock_restores_what_was_patched():
    import moto.personalize.models as stock

    before = stock.personalize_backends
    with pytest.raises(ZeroDivisionError), mock_personalize():
        1 / 0  # noqa: B018  # the exception is the test
    assert stock.personalize_backends is before


def test_resetting_moto_resets_the_simulation_but_not_the_time():
    from moto.core.base_backend import BackendDict

    with mock_personalize(clock="2024-05-01") as mock:
        client().create_dataset_group(name="group")
        mock.clock.jump(3600)
        BackendDict.reset()
        assert group_names(client()) == []
        assert mock.clock.now().isoformat() == "2024-05-01T01:00:00+00:00"


def test_without_an_active_mock_a_request_goes_to_the_network():
    sent = []

    def send(endpoint, request):
        sent.append(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    once = Config(retries={"total_max_attempts": 1})
    with (
        patch.object(botocore.endpoint.Endpoint, "_send", send),
        pytest.raises(EndpointConnectionError),
    ):
        client(config=once, **keys).list_schemas()
    assert sent == ["https://personalize.us-east-1.amazonaws.com/"]


def test_a_client_made_before_moto_was_imported_cannot_reach_the_real_service():
    program = """
        import boto3, socket, sys
        def refuse(*arguments): raise AssertionError("a socket was opened")
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        early = boto3.client("personalize", region_name="us-east-1", **keys)
        assert "moto" not in sys.modules
        from personalize_mock import mock_personalize
        with mock_personalize():
            socket.socket.connect = refuse
            early.create_dataset_group(name="early")
            late = boto3.client("personalize", region_name="us-east-1")
            print([group["name"] for group in late.list_dataset_groups()["datasetGroups"]])
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "['early']", ran.stderr


def test_a_stubber_on_a_client_takes_precedence():
    with mock_personalize():
        stubbed = client()
        with Stubber(stubbed) as stubber:
            stubber.add_response("list_schemas", {"schemas": [{"name": "stubbed"}]})
            assert stubbed.list_schemas()["schemas"][0]["name"] == "stubbed"
        assert stubbed.list_schemas()["schemas"] == []


def test_a_magic_mock_on_a_client_takes_precedence():
    with mock_personalize():
        patched = client()
        patched.list_schemas = MagicMock(return_value={"schemas": ["mine"]})
        assert patched.list_schemas() == {"schemas": ["mine"]}


def test_an_event_handler_of_the_user_gets_the_request():
    with mock_personalize():
        methods, personalize = [], client()
        personalize.meta.events.register("before-send.personalize", lambda request, **_: methods.append(request.method))
        personalize.list_schemas()
        assert methods == ["POST"]


def test_each_region_and_account_has_its_own_state():
    with mock_personalize():
        client().create_dataset_group(name="virginia")
        client(region="eu-west-1").create_dataset_group(name="ireland")
        assert group_names(client()) == ["virginia"]
        assert group_names(client(region="eu-west-1")) == ["ireland"]
        session = client("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/other", RoleSessionName="session")
        keys = session["Credentials"]
        other = client(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        assert group_names(other) == []
        arn = other.create_dataset_group(name="elsewhere")["datasetGroupArn"]
        assert arn == "arn:aws:personalize:us-east-1:111122223333:dataset-group/elsewhere"


def test_the_environment_may_set_the_account(monkeypatch):
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999988887777")
    with mock_personalize():
        assert ":999988887777:" in client().create_dataset_group(name="group")["datasetGroupArn"]


@pytest.mark.parametrize("region", ["mars-central-1", "eu-west-3"])
def test_a_call_to_a_region_without_the_service_fails_as_in_botocore(region):
    with mock_personalize():
        nowhere = client(region=region, config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(EndpointConnectionError, match=f"personalize.{region}.amazonaws.com"):
            nowhere.list_schemas()


def test_arns_in_china_have_their_own_partition():
    with mock_personalize():
        arn = client(region="cn-north-1").create_dataset_group(name="group")["datasetGroupArn"]
        assert arn == "arn:aws-cn:personalize:cn-north-1:123456789012:dataset-group/group"


def test_passthrough_in_the_configuration_of_moto_is_obeyed():
    sent = []

    def send(endpoint, request):
        sent.append(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    with (
        patch.object(botocore.endpoint.Endpoint, "_send", send),
        mock_aws(config={"core": {"passthrough": {"services": ["personalize"]}}}),
        mock_personalize(),
        pytest.raises(EndpointConnectionError),
    ):
        client(config=Config(retries={"total_max_attempts": 1})).list_schemas()
    assert sent == ["https://personalize.us-east-1.amazonaws.com/"]


@mock_personalize
def test_the_managed_policies_of_tutorials_exist_without_configuration():
    iam = client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    for name in ("service-role/AmazonPersonalizeFullAccess", "AmazonS3FullAccess"):
        iam.attach_role_policy(RoleName="role", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    attached = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {"AmazonPersonalizeFullAccess", "AmazonS3FullAccess"}


def test_the_managed_policies_exist_inside_a_mock_aws_that_used_iam_before():
    with mock_aws():
        iam = client("iam")
        iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        with mock_personalize():
            iam.attach_role_policy(RoleName="role", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
        assert len(iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]) == 1


def test_threads_share_the_state_and_cannot_use_a_name_twice():
    errors, names = [], [f"schema-{number % 20}" for number in range(160)]

    def create(names_of_thread):
        personalize = client()
        for name in names_of_thread:
            try:
                personalize.create_schema(name=name, schema='{"type": "record"}')
            except ClientError as error:
                errors.append(error.response["Error"]["Code"])

    with mock_personalize(strict=False) as mock:
        threads = [threading.Thread(target=create, args=(names[start::8],)) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(mock.call("ListSchemas")["schemas"]) == 20
        assert errors == ["ResourceAlreadyExistsException"] * 140


def test_an_unsupported_version_of_moto_is_an_error_with_the_tested_versions(monkeypatch):
    from moto.core.responses import BaseResponse

    with monkeypatch.context() as patched:
        patched.delattr(BaseResponse, "setup_class")
        with pytest.raises(PersonalizeMockError, match=r"setup_class.*moto 5\.0\.0 to"):
            mock_personalize().start()
    with mock_personalize():
        pass


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", 123456789012, None, "a" * 12, "\u0661" * 12])
def test_a_direct_call_of_an_account_that_is_not_twelve_digits_is_an_error(account):
    with mock_personalize() as mock:
        with pytest.raises(PersonalizeMockError, match=r"account=.*twelve digits. Write account='123456789012'"):
            mock.call("ListSchemas", account=account)
        assert mock.call("ListSchemas", account="111122223333") == {"schemas": []}
        with pytest.raises(PersonalizeMockError, match="Write region='us-east-1'"):
            mock.call("ListSchemas", region="")


def test_an_operation_without_a_handler_is_an_error_that_names_it(monkeypatch):
    with mock_personalize() as mock:
        monkeypatch.delitem(registry._HANDLERS, "describe_filter")
        missing = "arn:aws:personalize:us-east-1:123456789012:filter/none"
        with pytest.raises(ClientError, match="does not support DescribeFilter yet") as raised:
            client().describe_filter(filterArn=missing)
        assert raised.value.response["Error"]["Code"] == "NotImplementedException"
        with pytest.raises(PersonalizeMockError, match="no operation 'MakeCoffee'"):
            mock.call("MakeCoffee")
