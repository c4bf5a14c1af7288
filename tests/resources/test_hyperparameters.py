"""That each hyperparameter of each recipe is checked against its limits, wherever it can be sent."""

from itertools import count

import pytest
from builders import a_dataset_group, client, recipe, refusal

from personalize_mock import mock_personalize
from personalize_mock.resources import catalogue
from personalize_mock.resources.hyperparameter_checks import check_exploration
from personalize_mock.wire.errors import InvalidInputException

MAPS = {"algorithm": "algorithmHyperParameters", "featurization": "featureTransformationParameters"}
EXPLORATION = {
    "exploration_weight": "explorationWeight",
    "exploration_item_age_cut_off": "explorationItemAgeCutOff",
}
LEGACY = [recipe(f"aws-hrnn{suffix}") for suffix in ("", "-coldstart", "-metadata")]
ENTRIES = [*catalogue.recipes(), *map(catalogue.recipe, LEGACY)]
SENT = [(entry.name, each) for entry in ENTRIES for each in entry.hyperparameters if each.section in MAPS]
FIXED = [(name, each) for name, each in SENT if not each.hpo_only]
TUNED = [(name, each) for name, each in SENT if each.tunable]
NUMBERS = count()
CAMPAIGN = [(entry, each) for entry in ENTRIES for each in entry.hyperparameters if each.section == "campaign"]


def ids(value):
    return value if isinstance(value, str) else getattr(value, "name", None)


@pytest.fixture(scope="module")
def group():
    """A dataset group that takes any number of solutions."""
    with mock_personalize(clock=0, quotas={"solutions_per_group": 10_000}) as mock:
        yield a_dataset_group(mock)


def create(group, name, config, **members):
    """A solution of a name that is not taken."""
    request = {"name": f"solution-{next(NUMBERS)}", "datasetGroupArn": group, "recipeArn": recipe(name), **members}
    return client().create_solution(**request, solutionConfig=config)


def good(each):
    """Values at the limits of a hyperparameter."""
    if each.values:
        return list(each.values)
    return [_text(each, value) for value in (each.minimum, each.maximum, each.default) if value is not None]


def bad(each):
    """Values just outside, and of another kind."""
    if each.values:
        return ["maybe", "", "1.5"]
    step = 1 if each.type == "integer" else 0.001
    outside = [_text(each, each.minimum - step)]
    outside += [] if each.maximum is None else [_text(each, each.maximum + step)]
    return [*outside, "many", "", "nan", "inf", *(["40.5"] if each.type == "integer" else [])]


def _text(each, value):
    return str(int(value)) if each.type == "integer" else str(value)


@pytest.mark.parametrize(("name", "each"), FIXED, ids=ids)
def test_a_value_is_taken_up_to_its_limits_and_refused_beyond_them(group, name, each):
    for value in good(each):
        create(group, name, {MAPS[each.section]: {each.name: value}})
    for value in bad(each):
        code, text = refusal(create, group=group, name=name, config={MAPS[each.section]: {each.name: value}})
        assert code == "InvalidInputException"
        assert each.name in text


@pytest.mark.parametrize(("name", "each"), SENT, ids=ids)
def test_a_value_in_the_wrong_map_is_refused(group, name, each):
    other = MAPS["featurization" if each.section == "algorithm" else "algorithm"]
    assert refusal(create, group=group, name=name, config={other: {each.name: good(each)[0]}})[0] == (
        "InvalidInputException"
    )


@pytest.mark.parametrize(("name", "each"), [case for case in SENT if case[1].hpo_only], ids=ids)
def test_what_only_a_search_may_set_is_refused_as_a_value(group, name, each):
    _, text = refusal(create, group=group, name=name, config={MAPS[each.section]: {each.name: good(each)[0]}})
    assert text == f"Hyperparameter {each.name} can be set only through hpoConfig."


def hpo(each, *values):
    """An hpoConfig with one range."""
    if each.values:
        entry = {"name": each.name, "values": list(values)}
        ranges = {"categoricalHyperParameterRanges": [entry]}
    else:
        read, kind = (int, "integer") if each.type == "integer" else (float, "continuous")
        entry = {"name": each.name, "minValue": read(values[0]), "maxValue": read(values[-1])}
        ranges = {f"{kind}HyperParameterRanges": [entry]}
    return {"hpoConfig": {"algorithmHyperParameterRanges": ranges}}


@pytest.mark.parametrize(("name", "each"), TUNED, ids=ids)
def test_a_range_is_taken_up_to_the_limits_and_refused_beyond_them(group, name, each):
    inside = good(each)[:2]
    create(group, name, hpo(each, *inside), performHPO=True)
    step = 1 if each.type == "integer" else 0.001
    beyond = (
        [["true", "maybe"]] if each.values else [(each.minimum - step, inside[1]), (inside[0], each.maximum + step)]
    )
    for values in beyond:
        refused = refusal(create, group=group, name=name, config=hpo(each, *values), performHPO=True)
        assert refused[0] == "InvalidInputException"
        assert each.name in refused[1]


@pytest.mark.parametrize(("name", "each"), [case for case in SENT if not case[1].tunable], ids=ids)
def test_what_cannot_be_tuned_has_no_range(group, name, each):
    config = hpo(each, *good(each)[:2])
    tunes = catalogue.recipe(recipe(name)).hpo
    assert refusal(create, group=group, name=name, config=config, performHPO=tunes)[0] == "InvalidInputException"


@pytest.mark.parametrize(("entry", "each"), CAMPAIGN, ids=ids)
def test_how_much_is_explored_is_taken_up_to_its_limits_and_refused_beyond_them(entry, each):
    for value in good(each):
        check_exploration(entry, {EXPLORATION[each.name]: value})
    for value in bad(each):
        with pytest.raises(InvalidInputException, match=each.name):
            check_exploration(entry, {EXPLORATION[each.name]: value})


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.domain is None], ids=ids)
def test_hyperparameters_of_other_recipes_are_refused(group, entry):
    known = {each.name for each in entry.hyperparameters}
    foreign = [each for _, each in FIXED if each.name not in known]
    for each in {each.name: each for each in foreign}.values():
        config = {MAPS[each.section]: {each.name: good(each)[0]}}
        _, text = refusal(create, group=group, name=entry.name, config=config)
        assert text == f"Provide a hyperparameter that is used in the algorithm: {entry.algorithm_arn}"
