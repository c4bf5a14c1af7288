"""Checks of every hyperparameter of every recipe, in every place where it can be sent."""

from itertools import count
from math import isfinite

import pytest
from builders import a_group_with_data, a_solution, a_solution_version, client, recipe, refusal

from personalize_mock import mock_personalize
from personalize_mock.resources import catalogue
from personalize_mock.resources.hyperparameter_checks import TRAINABLE, check_exploration, check_ranges
from personalize_mock.wire.errors import InvalidInputException

MAPS = {"algorithm": "algorithmHyperParameters", "featurization": "featureTransformationParameters"}
EXPLORATION = {
    "exploration_weight": "explorationWeight",
    "exploration_item_age_cut_off": "explorationItemAgeCutOff",
}
LEGACY = [recipe(f"aws-hrnn{suffix}") for suffix in ("", "-coldstart", "-metadata")]
ENTRIES = [*catalogue.recipes(), *map(catalogue.recipe, LEGACY)]
IN_SOLUTION_CONFIG = [
    (entry.name, parameter) for entry in ENTRIES for parameter in entry.hyperparameters if parameter.section in MAPS
]
SETTABLE = [(name, parameter) for name, parameter in IN_SOLUTION_CONFIG if not parameter.hpo_only]
TUNABLE = [(name, parameter) for name, parameter in IN_SOLUTION_CONFIG if parameter.tunable]
NUMBERS = count()
CAMPAIGN = [
    (entry, parameter) for entry in ENTRIES for parameter in entry.hyperparameters if parameter.section == "campaign"
]


def ids(value):
    return value if isinstance(value, str) else getattr(value, "name", None)


@pytest.fixture(scope="module")
def shop():
    """A mock without a quota of solutions, and a dataset group with data."""
    with mock_personalize(clock=0, quotas={"solutions_per_group": 10_000}) as mock:
        yield mock, a_group_with_data(mock, "data", "Interactions", "Items")


@pytest.fixture
def group(shop):
    """A dataset group with data."""
    return shop[1]


def create(group, name, config, **members):
    """Create a solution with a new name."""
    request = {"name": f"solution-{next(NUMBERS)}", "datasetGroupArn": group, "recipeArn": recipe(name), **members}
    return client().create_solution(**request, solutionConfig=config)


def allowed_values(parameter):
    """Values at the limits of a hyperparameter."""
    if parameter.values:
        return list(parameter.values)
    return [
        _text(parameter, value)
        for value in (parameter.minimum, parameter.maximum, parameter.default)
        if value is not None
    ]


def refused_values(parameter):
    """Values just outside the limits, and of another type."""
    if parameter.values:
        return ["maybe", "", "1.5"]
    step = 1 if parameter.type == "integer" else 0.001
    outside = [_text(parameter, parameter.minimum - step)]
    outside += [] if parameter.maximum is None else [_text(parameter, parameter.maximum + step)]
    return [*outside, "many", "", "nan", "inf", " 40", "4_0", "٤٠", *(["40.5"] if parameter.type == "integer" else [])]


def _text(parameter, value):
    return str(int(value)) if parameter.type == "integer" else str(value)


@pytest.mark.parametrize(("name", "parameter"), SETTABLE, ids=ids)
def test_a_value_is_accepted_up_to_its_limits_and_refused_beyond_them(group, name, parameter):
    for value in allowed_values(parameter):
        create(group, name, {MAPS[parameter.section]: {parameter.name: value}})
    for value in refused_values(parameter):
        code, text = refusal(create, group=group, name=name, config={MAPS[parameter.section]: {parameter.name: value}})
        assert code == "InvalidInputException"
        assert parameter.name in text


@pytest.mark.parametrize("text", ["٤٠", "\uff14\uff10", " 40", "40 ", "40\n", "4_0", "0x28", "40L", ""])
def test_numbers_have_ascii_digits_without_blanks_or_underscores(group, text):
    for name in ("bptt", "recency_mask"):
        config = {"algorithmHyperParameters": {name: text}}
        assert refusal(create, group=group, name="aws-hrnn", config=config)[0] == "InvalidInputException"
    config = {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": text}}}
    code, _ = refusal(create, group=group, name="aws-hrnn", config=config, performHPO=True)
    assert code == "InvalidInputException"


@pytest.mark.parametrize(("name", "parameter"), IN_SOLUTION_CONFIG, ids=ids)
def test_a_value_in_the_wrong_map_is_refused(group, name, parameter):
    other = MAPS["featurization" if parameter.section == "algorithm" else "algorithm"]
    assert refusal(create, group=group, name=name, config={other: {parameter.name: allowed_values(parameter)[0]}})[
        0
    ] == ("InvalidInputException")


@pytest.mark.parametrize(("name", "parameter"), [case for case in IN_SOLUTION_CONFIG if case[1].hpo_only], ids=ids)
def test_a_hyperparameter_that_only_hpo_sets_is_refused_as_a_value(group, name, parameter):
    _, text = refusal(
        create, group=group, name=name, config={MAPS[parameter.section]: {parameter.name: allowed_values(parameter)[0]}}
    )
    assert text == f"Hyperparameter {parameter.name} can be set only through hpoConfig."


def hpo(parameter, *values):
    """An hpoConfig with one range."""
    if parameter.values:
        entry = {"name": parameter.name, "values": list(values)}
        ranges = {"categoricalHyperParameterRanges": [entry]}
    else:
        number, member = (int, "integer") if parameter.type == "integer" else (float, "continuous")
        entry = {"name": parameter.name, "minValue": number(values[0]), "maxValue": number(values[-1])}
        ranges = {f"{member}HyperParameterRanges": [entry]}
    return {"hpoConfig": {"algorithmHyperParameterRanges": ranges}}


@pytest.mark.parametrize(("name", "parameter"), TUNABLE, ids=ids)
def test_a_range_is_accepted_if_it_can_be_trained_and_refused_if_not(group, name, parameter):
    low, high = TRAINABLE.get(parameter.name, (0, 0))
    inside = parameter.values[:2] or (low, high)
    create(group, name, hpo(parameter, *inside), performHPO=True)
    step = 1 if parameter.type == "integer" else 0.001
    beyond = [["true", "maybe"]] if parameter.values else [(low - step, high), (low, high + step)]
    for values in beyond:
        refused = refusal(create, group=group, name=name, config=hpo(parameter, *values), performHPO=True)
        assert refused[0] == "InvalidInputException"
        assert parameter.name in refused[1]


def test_a_recorded_range_beyond_the_documented_one_is_accepted(group):
    """The guide has bptt from 2 to 32. Recorded 2020-06."""
    (bptt,) = [parameter for name, parameter in TUNABLE if (name, parameter.name) == ("aws-hrnn", "bptt")]
    assert bptt.maximum == 32
    create(group, "aws-hrnn", hpo(bptt, 20, 40), performHPO=True)


NUMERIC = {parameter.name: (name, parameter) for name, parameter in TUNABLE if not parameter.values}


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("parameter_name", NUMERIC)
def test_the_ends_of_the_accepted_ranges_can_be_trained(shop, parameter_name, end):
    mock, group = shop
    name, parameter = NUMERIC[parameter_name]
    value = TRAINABLE[parameter_name][end == "high"]
    config = hpo(parameter, value, value)
    config["hpoConfig"]["hpoResourceConfig"] = {"maxNumberOfTrainingJobs": "1"}
    members = {"name": f"solution-{next(NUMBERS)}", "performHPO": True, "solutionConfig": config}
    version = a_solution_version(mock, a_solution(mock, group, name, **members))
    shown = client().describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert shown["status"] == "ACTIVE"
    assert float(shown["tunedHPOParams"]["algorithmHyperParameters"][parameter_name]) == value
    metrics = client().get_solution_metrics(solutionVersionArn=version)["metrics"]
    assert all(map(isfinite, metrics.values()))


BPTT = {"name": "bptt", "minValue": 20, "maxValue": 30}


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"integerHyperParameterRanges": [BPTT, BPTT]}, "Hyperparameter bptt has several ranges"),
        ({"continuousHyperParameterRanges": [BPTT]}, "Provide its range in integerHyperParameterRanges, not in cont"),
        (
            {"integerHyperParameterRanges": [{**BPTT, "maxValue": 2}]},
            "has the minValue 20, which is above its maxValue 2",
        ),
        (
            {"categoricalHyperParameterRanges": [{"name": "recency_mask"}]},
            "range of hyperparameter recency_mask has no",
        ),
    ],
)
def test_the_message_about_an_invalid_range_names_the_hyperparameter(ranges, message):
    with pytest.raises(InvalidInputException, match=message):
        check_ranges(catalogue.recipe(recipe("aws-hrnn")), {"algorithmHyperParameterRanges": ranges})


@pytest.mark.parametrize(("name", "parameter"), [case for case in IN_SOLUTION_CONFIG if not case[1].tunable], ids=ids)
def test_a_range_of_a_hyperparameter_that_cannot_be_tuned_is_refused(group, name, parameter):
    config = hpo(parameter, *allowed_values(parameter)[:2])
    hpo_supported = catalogue.recipe(recipe(name)).hpo
    assert (
        refusal(create, group=group, name=name, config=config, performHPO=hpo_supported)[0] == "InvalidInputException"
    )


@pytest.mark.parametrize(("entry", "parameter"), CAMPAIGN, ids=ids)
def test_an_exploration_setting_is_accepted_up_to_its_limits_and_refused_beyond_them(entry, parameter):
    for value in allowed_values(parameter):
        check_exploration(entry, {EXPLORATION[parameter.name]: value})
    for value in refused_values(parameter):
        with pytest.raises(InvalidInputException, match=parameter.name):
            check_exploration(entry, {EXPLORATION[parameter.name]: value})


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.domain is None], ids=ids)
def test_hyperparameters_of_other_recipes_are_refused(group, entry):
    own = {parameter.name for parameter in entry.hyperparameters}
    others = {parameter.name: parameter for _, parameter in SETTABLE if parameter.name not in own}
    for parameter in others.values():
        config = {MAPS[parameter.section]: {parameter.name: allowed_values(parameter)[0]}}
        _, text = refusal(create, group=group, name=entry.name, config=config)
        assert text == f"Provide a hyperparameter that is used in the algorithm: {entry.algorithm_arn}"
