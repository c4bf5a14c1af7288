"""Wrong values given to the handle of a mock: the error names the value and says what to write instead."""

import pytest

from personalize_mock import PersonalizeMockError

WRONG = {
    "an unknown operation of the journal": (
        lambda mock: mock.journal.calls("PutEvent"),
        r"journal\.calls\('PutEvent'\): there is no such operation\. Did you mean 'PutEvents'\?",
    ),
    "a number for an operation of the journal": (
        lambda mock: mock.journal.calls(3),
        r"journal\.calls\(3\): there is no such operation",
    ),
    "a name for an ARN of the journal": (
        lambda mock: mock.journal.transitions("shop"),
        r"journal\.transitions\('shop'\): not an ARN\. Write an ARN from a response",
    ),
    "a word for a region": (lambda mock: mock.call("ListSchemas", region="mars"), r"region='mars': .*'us-east-1'"),
    "an empty region of load": (lambda mock: mock.load(region=""), r"region='': .*'us-east-1'"),
    "a word for minimums": (lambda mock: mock.load(minimums="no"), "minimums='no': neither True nor False"),
    "a list for schemas": (lambda mock: mock.load(schemas=[]), r"schemas=\[\]: not a dictionary\. Write schemas=\{"),
    "an empty recipe": (lambda mock: mock.load(recipe=""), "recipe='': there is no such recipe"),
    "an empty name": (lambda mock: mock.load(name=""), "name='': not a valid name"),
    "one recommender without a list": (
        lambda mock: mock.load(recommenders="aws-vod-top-picks"),
        r"recommenders='aws-vod-top-picks': not a list\. Write recommenders=\['aws-vod-top-picks'\]",
    ),
    "a dictionary of recommenders": (lambda mock: mock.load(recommenders={}), r"recommenders=\{\}: not a list"),
    "an unknown member of config": (
        lambda mock: mock.load(config={"algorithmHyperParameter": {}}),
        "config has no member 'algorithmHyperParameter'. Did you mean 'algorithmHyperParameters'",
    ),
    "an unknown nested member of a call": (
        lambda mock: mock.call("PutEvents", trackingId="t", sessionId="s", eventList=[{"itemID": "i"}]),
        r"PutEvents\.eventList\[0\] has no member 'itemID'\. Did you mean 'itemId'",
    ),
    "a number for a message": (
        lambda mock: mock.on("ListSchemas", optional=True).raises("ThrottlingException", 3),
        r"raises\('ThrottlingException', 3\): the message must be a string, not 3",
    ),
    "a dictionary for a body": (
        lambda mock: mock.on("ListSchemas", optional=True).responds(503, {}),
        r"responds\(503\): body=\{\} is neither a string nor bytes",
    ),
    "a number for a path": (lambda mock: mock.snapshot().save(3), r"save\(3\): not a path"),
    "an empty path": (lambda mock: mock.snapshot().save(""), r"save\(''\): not a path"),
}


@pytest.mark.parametrize(("use", "message"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_value_is_an_error_that_names_it_and_says_what_to_write(mock, use, message):
    with pytest.raises(PersonalizeMockError, match=message):
        use(mock)


ODD = (None, True, -1, float("nan"), "", "nonsense", b"bytes", [], {"a": 1}, object(), 10**400, print)


@pytest.mark.parametrize("value", ODD, ids=[ascii(value)[:20] for value in ODD])
def test_no_method_raises_another_error_whatever_it_is_given(mock, value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    interactions = [("u", "i")]

    def on(operation):
        return mock.on(operation, optional=True)

    uses = (
        *(mock.wait, mock.call, mock.calls, mock.explain, mock.restore, mock.snapshot().save, mock.clock.jump_to, on),
        *(mock.journal.calls, mock.journal.transitions),
        lambda value: mock.call("ListSchemas", region=value),
        lambda value: mock.call("ListSchemas", account=value),
        lambda value: mock.on("ListSchemas", optional=value).returns({"schemas": []}, times=value),
        lambda value: on("GetRecommendations").recommends(value),
        lambda value: on("GetRecommendations").returns(value),
        lambda value: on("GetRecommendations").raises(value),
        lambda value: on("GetRecommendations").responds(value),
        lambda value: on("GetRecommendations").delays(value),
        lambda value: on("CreateCampaign").fails_job(value),
        lambda value: on("CreateCampaign").holds(value),
        lambda value: mock.load(interactions=interactions, name=f"n{value}", recipe=value),
        lambda value: mock.load(interactions=interactions, name=f"o{value}", objective=value),
        lambda value: mock.load(interactions=interactions, name=f"f{value}", filters={"f": value}),
        lambda value: mock.load(interactions=value, name="other"),
    )
    for use in uses:
        try:
            use(value)
        except PersonalizeMockError as error:
            assert len(str(error)) > 30  # noqa: PT017  # some values are valid in some places
