"""Whatever is asked, the answer is one of the model's, and a refusal changes nothing."""

import builders
import pytest
from botocore.exceptions import ClientError
from contract.output import faults
from contract.registry import IMPLEMENTED
from contract.strategies import request
from contract.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_mock.wire.model import modelled_errors

COMMON = {"ValidationException", "AccessDeniedException", "NotImplementedException"}
MONTH = 30 * 86_400
RANDOM = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", IMPLEMENTED)
@RANDOM
@given(data=st.data())
def test_a_random_request_is_answered_or_refused_as_modelled(built: World, name: str, data: st.DataObject):
    asked = IMPLEMENTED[name]
    members = data.draw(request(asked, built))
    with built.put_back():
        before = built.state()
        try:
            response = built.call(name, **members)
        except ClientError as refused:
            assert refused.response["Error"]["Code"] in modelled_errors(asked) | COMMON
            assert refused.response["Error"]["Message"]
            assert built.state() == before
        else:
            assert faults(asked.output, response) == []
            built.mock.clock.jump(MONTH)


@RANDOM
@given(data=st.data())
def test_whatever_is_accepted_can_be_trained(built: World, data: st.DataObject):
    members = data.draw(request(IMPLEMENTED["CreateSolution"], built))
    recipe = st.sampled_from(["aws-user-personalization", "aws-popularity-count"])
    members |= {
        "name": "random",
        "datasetGroupArn": built.arns["datasetGroupArn"],
        "recipeArn": builders.recipe(data.draw(recipe)),
        "performAutoML": False,
    }
    with built.put_back():
        try:
            solution = built.call("CreateSolution", **members)["solutionArn"]
        except ClientError:
            return
        version = builders.a_solution_version(built.mock, solution)
        described = built.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        assert described["status"] in ("ACTIVE", "CREATE FAILED")
