"""Sessions of boto3 share what they read while a mock is active, and do not notice it."""

import functools
import inspect
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import MagicMock, patch

import boto3
import botocore.session
import pytest
from botocore import credentials, hooks, httpsession
from botocore.client import ClientCreator
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.hooks import EventAliaser, HierarchicalEmitter, _PrefixTrie
from botocore.httpsession import URLLib3Session
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

from personalize_mock import mock_personalize
from personalize_mock.moto_backend import client_cache, shared_files

SERVICES = ("personalize", "personalize-runtime", "s3", "sts")


@contextmanager
def parsed_files():
    """Record which JSON files botocore reads."""
    read, paths = JSONFileLoader._load_file, []

    def record(loader, path, open_method):
        data = read(loader, path, open_method)
        paths.extend([path] if data is not None else [])
        return data

    with patch.object(JSONFileLoader, "_load_file", record):
        yield paths


def make_clients():
    """Make clients as a test does, in a session of its own."""
    session = boto3.Session(region_name="us-east-1")
    clients = [session.client(name) for name in SERVICES]
    session.resource("s3").Bucket("films")
    clients[0].get_paginator("list_schemas")
    assert clients[2].waiter_names
    return clients


def test_the_second_session_of_a_process_reads_no_file():
    with mock_personalize():
        make_clients()
    with mock_personalize(), parsed_files() as paths:
        make_clients()
    assert paths == []


def test_the_second_session_of_a_process_lists_no_services():
    with mock_personalize():
        make_clients()
        boto3.Session().get_available_services()
        with patch("os.listdir", side_effect=AssertionError):
            assert "personalize" in boto3.Session().get_available_services()
            with pytest.raises(UnknownServiceError, match=r"personalise.*personalize-runtime"):
                boto3.Session().client("personalise")


def test_a_session_outside_a_mock_reads_its_files_itself():
    with mock_personalize():
        make_clients()
    with parsed_files() as paths:
        boto3.Session().client("personalize", region_name="us-east-1")
    assert any("personalize" in path for path in paths)


def test_clients_of_a_session_are_equal_with_and_without_the_cache():
    def describe(clients):
        return [
            (
                client.meta.endpoint_url,
                client.meta.service_model._service_description,
                client.waiter_names,
                [getattr(client, name).__doc__ and name for name in dir(client)],
            )
            for client in clients
        ]

    plain = describe(make_clients())
    with mock_personalize():
        assert describe(make_clients()) == plain
        assert describe(make_clients()) == plain


@mock_personalize
def test_a_changed_service_model_is_changed_in_its_session_only():
    changed, other = botocore.session.Session(), botocore.session.Session()
    model = changed.get_component("data_loader").load_service_model("personalize", "service-2")
    model["operations"]["ForgetEverything"] = {**model["operations"]["ListRecipes"], "name": "ForgetEverything"}
    model["shapes"]["ListRecipesRequest"]["members"].clear()
    client = changed.create_client("personalize", "us-east-1")
    assert hasattr(client, "forget_everything")
    assert not client.meta.service_model.operation_model("ListRecipes").input_shape.members
    client = other.create_client("personalize", "us-east-1")
    assert not hasattr(client, "forget_everything")
    assert client.meta.service_model.operation_model("ListRecipes").input_shape.members


@mock_personalize
def test_changed_endpoint_rules_and_partitions_are_changed_in_their_session_only():
    rule = {"type": "endpoint", "conditions": [], "endpoint": {"url": "https://films.test", "properties": {}}}
    changed, other = botocore.session.Session(), botocore.session.Session()
    loader = changed.get_component("data_loader")
    loader.load_service_model("personalize", "endpoint-rule-set-1")["rules"] = [rule]
    loader.load_data("partitions")["partitions"][0]["outputs"]["dnsSuffix"] = "shop.test"
    loader.load_data("endpoints")["partitions"].clear()
    assert url_of(changed, "personalize") == "https://films.test"
    assert url_of(changed, "sts") == "https://sts.us-west-2.shop.test"
    assert changed.get_available_regions("personalize") == []
    assert url_of(other, "personalize") == "https://personalize.us-west-2.amazonaws.com"
    assert url_of(other, "sts") == "https://sts.us-west-2.amazonaws.com"
    assert "us-east-1" in other.get_available_regions("personalize")


def url_of(session, service):
    """Return the URL to which a client of a session sends its requests."""
    provider = session.create_client(service, "us-west-2")._ruleset_resolver._provider
    return provider.resolve_endpoint(Region="us-west-2", UseFIPS=False, UseDualStack=False).url


@mock_personalize
def test_a_clients_endpoint_rules_can_be_removed_without_harm_to_others():
    client = boto3.Session().client("s3", region_name="us-east-1")
    client._ruleset_resolver._provider.ruleset.rules.clear()
    boto3.Session().client("s3", region_name="us-east-1").create_bucket(Bucket="films")


def write_model(folder, name):
    """Write a service model in which Personalize has one operation with a name of its own."""
    path = folder / "personalize" / "2018-05-22"
    path.mkdir(parents=True, exist_ok=True)
    model = Loader().load_service_model("personalize", "service-2")
    model["operations"] = {name: {**model["operations"]["ListRecipes"], "name": name}}
    (path / "service-2.json").write_text(json.dumps(model))


@pytest.mark.parametrize("how", ["environment", "variable", "loader", "search path"])
@mock_personalize
def test_models_in_folders_of_the_user_are_read_again_in_each_session(how, tmp_path, monkeypatch):
    def make_session():
        if how == "environment":
            monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
        session = botocore.session.Session()
        if how == "variable":
            session.set_config_variable("data_path", str(tmp_path))
        if how == "loader":
            session.register_component("data_loader", Loader(extra_search_paths=[str(tmp_path)]))
        if how == "search path":
            session.get_component("data_loader").search_paths.insert(0, str(tmp_path))
        return session

    for name in ("ListFilms", "ListSongs"):
        write_model(tmp_path, name)
        client = make_session().create_client("personalize", "us-east-1")
        assert client.meta.service_model.operation_names == [name]
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "2024-01-01").mkdir()
    (tmp_path / "films" / "2024-01-01" / "service-2.json").write_text("{}")
    assert "films" in make_session().get_available_services()
    assert "films" not in Loader().list_available_services("service-2")


@mock_personalize
def test_loaders_with_methods_of_the_user_keep_using_them():
    class Files(JSONFileLoader):
        def load_file(self, file_path):
            return {"mine": True} if file_path.endswith("partitions") else super().load_file(file_path)

        def exists(self, _):
            return False

    class Services(Loader):
        def list_available_services(self, type_name):
            return ["mine", *super().list_available_services(type_name)]

    assert Loader(file_loader=Files()).load_data("partitions") == {"mine": True}
    assert Loader(file_loader=Files()).list_available_services("service-2") == []
    assert Services().list_available_services("service-2")[:2] == [
        "mine",
        Loader().list_available_services("service-2")[0],
    ]


@mock_personalize
def test_a_loader_with_a_method_of_its_own_keeps_using_it():
    loader = Loader()
    loader.load_data = lambda name: {"mine": name}
    assert "mine" in loader.load_service_model("personalize", "service-2")
    assert Loader().load_service_model("personalize", "service-2")["metadata"]


@pytest.mark.parametrize("name", ["list_available_services", "determine_latest_version", "load_data_with_path"])
@mock_personalize
def test_methods_replaced_in_the_class_of_loaders_are_used_by_new_loaders(name):
    Loader().load_service_model("personalize", "service-2")
    with patch.object(Loader, name, side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError):
        Loader().load_service_model("personalize", "service-2")


@mock_personalize
def test_a_missing_file_is_missing_each_time():
    for _ in range(2):
        with pytest.raises(DataNotFoundError, match=r"Unable to load data for: personalize/films"):
            Loader().load_data("personalize/films")


@mock_personalize
def test_a_loader_returns_one_object_for_the_same_file():
    loader = Loader()
    model = loader.load_service_model("personalize", "service-2")
    assert model is loader.load_service_model("personalize", "service-2", api_version=None)
    assert model is loader.load_data("personalize/2018-05-22/service-2")
    assert model is not Loader().load_service_model("personalize", "service-2")


@mock_personalize
def test_lists_of_services_can_be_changed_by_their_receivers():
    for _ in range(2):
        services = Loader().list_available_services(type_name="service-2")
        assert "personalize" in services
        services.clear()


@mock_personalize
def test_handlers_and_user_agents_of_a_session_stay_its_own():
    calls = []
    mine = boto3.Session(region_name="us-east-1")
    mine.events.register("before-call.personalize", lambda model, **_: calls.append(model.name))
    mine._session.user_agent_extra = "films/1.0"
    for session, agent in ((mine, True), (boto3.Session(region_name="us-east-1"), False)):
        client = session.client("personalize")
        client.list_recipes()
        assert ("films/1.0" in client.meta.config.user_agent) == agent
    assert calls == ["ListRecipes"]


@mock_personalize
def test_events_under_former_names_reach_their_handlers_and_own_aliases_count():
    calls = []
    for name, aliases in (("elb.Call", None), ("films.Call", {"films": "movies"}), ("films.Call", None)):
        emitter = EventAliaser(HierarchicalEmitter(), aliases)
        emitter.register(name, lambda event_name, **_: calls.append(event_name))
        emitter.emit(name)
    assert calls == ["elastic-load-balancing.Call", "movies.Call", "films.Call"]


def takes_any(**kwargs):
    """Take any keyword."""


def takes_one(event_name):
    """Take one keyword only."""


class Handlers:
    def __call__(self, **kwargs):
        pass

    def takes_any(self, event_name, **kwargs):
        pass

    def takes_one(self, event_name):
        pass


class OneKeyword:
    def __call__(self, event_name):
        pass


class Signed(Handlers):
    __signature__ = inspect.signature(takes_one)


@functools.wraps(takes_one)
def wrapper(*args, **kwargs):
    """Take any keyword, as a wrapper of a function that does not."""


def signed(**kwargs):
    """Take one keyword, according to the declared signature."""


vars(signed)["__signature__"] = inspect.signature(takes_one)
HANDLERS = (
    takes_any,
    takes_one,
    Handlers(),
    OneKeyword(),
    Signed(),
    MagicMock(),
    Handlers().takes_any,
    Handlers().takes_one,
    wrapper,
    signed,
    lambda **_: None,
    functools.partial(takes_any),
    functools.partial(takes_one),
    Handlers,
)


def test_handlers_are_accepted_and_refused_as_without_the_cache():
    def is_accepted(handler):
        try:
            HierarchicalEmitter().register("before-call", handler)
        except ValueError:
            return False
        return True

    plain = [is_accepted(handler) for handler in HANDLERS]
    assert True in plain
    assert False in plain
    with mock_personalize():
        assert [is_accepted(handler) for handler in HANDLERS] == plain


def test_stopping_restores_botocore():
    def functions():
        return (
            JSONFileLoader.load_file,
            Loader.list_available_services,
            Loader.determine_latest_version,
            Loader.load_data_with_path,
            Loader.load_service_model,
            _PrefixTrie.__copy__,
            URLLib3Session._get_ssl_context,
            httpsession.PoolManager,
            EndpointProvider.__init__,
            EventAliaser.__init__,
            hooks.accepts_kwargs,
            credentials.create_credential_resolver,
            ClientCreator._create_methods,
            ServiceModel.endpoint_discovery_operation,
        )

    before = functions()
    with mock_personalize():
        assert all(ours is not stock for ours, stock in zip(functions(), before, strict=True))
    assert functions() == before


def test_what_others_have_replaced_in_botocore_is_left_alone():
    with patch.object(JSONFileLoader, "load_file", lambda _, path: {"path": path}), mock_personalize():
        assert Loader().load_data("partitions") == {"path": Loader.BUILTIN_DATA_PATH + "/partitions"}


def test_a_session_that_outlives_its_mock_keeps_working():
    with mock_personalize():
        session = boto3.Session(region_name="us-east-1")
        session.client("personalize")
    assert session.client("personalize").meta.endpoint_url == "https://personalize.us-east-1.amazonaws.com"
    assert session.client("personalize-events").get_paginator is not None
    with mock_personalize():
        assert session.client("personalize").list_recipes()["recipes"]


@mock_personalize
def test_threads_make_clients_at_the_same_time(monkeypatch):
    for module, name in (
        (shared_files, "_files"),
        (shared_files, "_found"),
        (client_cache, "_rule_sets"),
        (client_cache, "_event_names"),
    ):
        monkeypatch.setattr(module, name, {})
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: make_clients(), range(4)))
    models = [client.meta.service_model._service_description for clients in made for client in clients[:1]]
    assert all(model == models[0] for model in models)
    assert len({id(model) for model in models}) == len(models)
