"""The names that are types: they are the names that the mock accepts."""

from typing import get_args

import pytest

from personalize_mock import PersonalizeMockError, mock_personalize, names
from personalize_mock.__main__ import main
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources.core.durations import DURATIONS
from personalize_mock.resources.core.quotas import QUOTAS
from personalize_mock.wire.model import operations


def test_every_operation_of_the_service_models_has_a_name():
    assert list(get_args(names.OperationName)) == sorted(operation.name for operation in operations())


def test_every_recipe_that_can_be_trained_has_a_name():
    assert sorted(get_args(names.RecipeName)) == sorted(RECIPES)


def test_every_quota_has_a_name():
    assert list(get_args(names.QuotaName)) == list(QUOTAS)


def test_every_duration_has_a_name():
    assert set(DURATIONS) <= set(get_args(names.DurationName))


@pytest.mark.parametrize("name", get_args(names.DurationName))
def test_the_option_durations_accepts_every_name(name):
    mock_personalize(durations={name: 1})


def test_a_duration_of_a_recipe_that_does_not_exist_is_refused():
    with pytest.raises(PersonalizeMockError, match="aws-sims"):
        mock_personalize(durations={"solution-version:aws-simms": 1})


def test_the_recipes_command_lists_every_recipe_and_its_operation(capsys):
    assert main(["recipes"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert list(lines) == sorted(RECIPES)
    assert lines["aws-personalized-ranking"] == "GetPersonalizedRanking"
    assert lines["aws-vod-top-picks"].split() == ["VIDEO_ON_DEMAND", "GetRecommendations"]


def test_the_durations_command_lists_seconds(capsys):
    assert main(["durations"]) == 0
    assert dict(line.split() for line in capsys.readouterr().out.splitlines())["campaign.delete"] == "960"
