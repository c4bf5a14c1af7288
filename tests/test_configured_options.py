"""Options of pytest's fixtures from the configuration file and from the environment."""

import os
from dataclasses import fields

import pytest

from personalize_mock import PersonalizeMockError
from personalize_mock.configured_options import configured_options, ini_names
from personalize_mock.simulation import Options


def from_environment(**variables):
    return configured_options(lambda _: "", variables)


def from_ini(**settings):
    return configured_options(lambda name: settings.get(name, ""), {})


def test_every_option_can_be_configured():
    assert list(ini_names()) == [f"personalize_mock_{each.name}" for each in fields(Options)]


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("seed", "7", 7),
        ("strict", "False", False),
        ("autojump", "on", True),
        ("sleep", "real", "real"),
        ("clock", "2024-05-01", "2024-05-01"),
        ("clock", "1714521600.5", 1714521600.5),
        ("quotas", "campaigns_per_group=10", {"campaigns_per_group": 10}),
        ("durations", "campaign=5, solution-version:aws-sims = 0.5", {"campaign": 5, "solution-version:aws-sims": 0.5}),
        ("durations", "\ncampaign = 5\nfilter = 6\n", {"campaign": 5, "filter": 6}),
    ],
)
def test_a_text_has_the_type_of_its_option(option, text, value):
    name = f"personalize_mock_{option}"

    assert from_ini(**{name: text}) == {option: value}
    assert from_environment(**{name.upper(): text}) == {option: value}


def test_empty_settings_are_no_settings():
    assert from_environment(PERSONALIZE_MOCK_SEED=" ") == {}


def test_the_configuration_file_wins_over_the_environment_option_by_option():
    ini = {"personalize_mock_seed": "1"}
    environment = {"PERSONALIZE_MOCK_SEED": "2", "PERSONALIZE_MOCK_SLEEP": "real"}

    assert configured_options(lambda name: ini.get(name, ""), environment) == {"seed": 1, "sleep": "real"}


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        (
            "SEED",
            "one",
            r"variable PERSONALIZE_MOCK_SEED: The value 'one' has the wrong .* PERSONALIZE_MOCK_SEED=1,",
        ),
        ("STRICT", "maybe", r"'maybe' has the wrong type\. Write PERSONALIZE_MOCK_STRICT=true"),
        ("SLEEP", "never", r"PERSONALIZE_MOCK_SLEEP: sleep='never': unknown mode"),
        ("QUOTAS", "campaigns", r"'campaigns' is not a pair .* Write PERSONALIZE_MOCK_QUOTAS=name=10"),
        ("QUOTAS", "campaign_per_group=1", r"Did you mean 'campaigns_per_group'"),
        ("MINIMUM_INTERACTION", "1", r"Did you mean PERSONALIZE_MOCK_MINIMUM_INTERACTIONS\?"),
    ],
)
def test_wrong_values_and_similar_names_are_refused_with_their_origin(variable, text, message):
    with pytest.raises(PersonalizeMockError, match=message):
        from_environment(**{f"PERSONALIZE_MOCK_{variable}": text})


def test_a_wrong_value_in_the_configuration_file_names_the_setting():
    with pytest.raises(PersonalizeMockError, match="pytest's configuration file, personalize_mock_seed: The value 'x'"):
        from_ini(personalize_mock_seed="x")


def test_other_variables_are_ignored():
    assert from_environment(PERSONALIZE_MOCK_DATA="/data", OTHER="x") == {}
    assert from_environment(**os.environ) == from_environment()
