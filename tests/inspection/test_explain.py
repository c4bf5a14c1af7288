"""mock.explain: why items or actions are in an answer."""

import json

import pytest
from builders import client

from personalize_mock import PersonalizeMockError

NO_DRAMA = 'EXCLUDE ItemID WHERE Items.GENRES IN ("Drama")'


@pytest.fixture
def films(mock):
    return mock.load(filters={"no-drama": NO_DRAMA})


def ask(films, user="ada", **members):
    runtime = client("personalize-runtime")
    return runtime.get_recommendations(campaignArn=films.campaign_arn, userId=user, numResults=10, **members)


def ids_of(answer):
    return [entry["itemId"] for entry in answer["itemList"]]


def test_the_items_of_the_answer_are_explained_in_their_order(mock, films):
    answer = ask(films)
    explanation = mock.explain(answer)

    assert [item.item_id for item in explanation] == ids_of(answer)
    assert [item.position for item in explanation] == list(range(1, 11))
    assert [item.score for item in explanation] == [entry.get("score") for entry in answer["itemList"]]
    assert (explanation.user_id, explanation.recipe, explanation.is_current) == (
        "ada",
        "aws-user-personalization-v2",
        True,
    )


def test_the_id_of_an_answer_is_enough(mock, films):
    answer = ask(films)

    assert mock.explain(answer["recommendationId"]).as_dict() == mock.explain(answer).as_dict()


def test_explaining_changes_and_logs_nothing(mock, films):
    answer, before = ask(films), len(mock.journal)
    mock.explain(answer)

    assert len(mock.journal) == before
    assert ask(films)["itemList"] == answer["itemList"]


def test_the_nearest_items_are_of_the_history_and_best_first(mock):
    tastes = [("alien", "brazil", "cube"), ("x", "y")]
    interactions = [(f"u{user}", item) for user in range(30) for item in tastes[user % 2]]
    loaded = mock.load(name="small", recipe="aws-user-personalization", interactions=interactions)
    explanation = mock.explain(ask(loaded, "u0"))
    nearest = explanation["alien"].nearest

    assert {item for item, _ in nearest} <= set(tastes[0])
    assert dict(nearest)["alien"] == pytest.approx(1, abs=1e-5)  # as near as the others, which the same users watch
    assert [similarity for _, similarity in nearest] == sorted((value for _, value in nearest), reverse=True)


def test_explored_items_are_those_that_the_service_marks(mock, films):
    answer = ask(films)
    marked = [entry["itemId"] for entry in answer["itemList"] if entry.get("reason") == ["Exploration"]]

    assert [item.item_id for item in mock.explain(answer) if item.explored] == marked


def test_without_exploration_nothing_is_explored(mock):
    config = {"itemExplorationConfig": {"explorationWeight": "0"}}
    films = mock.load(recipe="aws-user-personalization", name="calm")
    mock.call("UpdateCampaign", campaignArn=films.campaign_arn, campaignConfig=config)
    mock.wait(films.campaign_arn)
    answer = ask(films)

    assert {item.chosen_by for item in mock.explain(answer)} == {"relevance"}


def test_filtered_out_are_the_items_of_the_unfiltered_list_that_the_filtered_one_lacks(mock, films):
    unfiltered, filtered = ask(films), ask(films, filterArn=films.filter_arns["no-drama"])
    explanation = mock.explain(filtered)

    assert explanation.filtered_out
    assert set(explanation.filtered_out) == set(ids_of(unfiltered)) - set(ids_of(filtered))
    assert mock.explain(unfiltered).filtered_out == ()


def test_the_objective_has_a_share_only_if_there_is_one(mock, films):
    assert {item.objective_share for item in mock.explain(ask(films)) if not item.explored} <= {0.0, None}

    recipe = "aws-user-personalization"
    dear = mock.load(name="dear", recipe=recipe, items=_prices(), interactions=_views(), objective=("PRICE", "HIGH"))
    items = [item for item in mock.explain(ask(dear, "u0")) if item.relevance is not None]

    assert all(0 <= item.objective_share <= 1 for item in items)
    assert max(item.objective_share for item in items) > 0.1
    order = [item.relevance + item.objective for item in items if item.chosen_by == "relevance"]
    assert order == sorted(order, reverse=True)


def _prices():
    return [{"ITEM_ID": f"i{number}", "PRICE": float(number)} for number in range(40)]


def _views():
    return [(f"u{user}", f"i{(user * 7 + turn * (1 + user % 3)) % 40}") for user in range(40) for turn in range(12)]


def test_changed_data_is_said(mock, films):
    answer = ask(films, "somebody new")
    event = {"eventType": "Watch", "itemId": "alien", "sentAt": mock.clock.now()}
    for _ in range(3):
        client("personalize-events").put_events(
            trackingId=films.tracking_id, sessionId="s", userId="somebody new", eventList=[event]
        )
    explanation = mock.explain(answer)

    assert not explanation.is_current
    assert any("has changed" in note for note in explanation.notes)


def test_users_without_history_have_no_nearest_items(mock, films):
    explanation = mock.explain(ask(films, "somebody new"))

    assert {item.nearest for item in explanation if item.nearest is not None} == {()}
    assert any("no history" in note for note in explanation.notes)


@pytest.mark.parametrize("recipe", ["aws-sims", "aws-similar-items", "aws-popularity-count"])
def test_other_recipes_say_what_they_cannot_tell(mock, recipe):
    films = mock.load(recipe=recipe)
    answer = client("personalize-runtime").get_recommendations(
        campaignArn=films.campaign_arn, userId="ada", itemId="alien"
    )
    explanation = mock.explain(answer)

    assert [item.item_id for item in explanation] == ids_of(answer)
    assert {item.objective_share for item in explanation} == {None}
    assert any(f"The scores of the recipe {recipe} cannot be divided" in note for note in explanation.notes)


def test_it_reads_well_and_converts_to_plain_data(mock, films):
    explanation = mock.explain(ask(films, filterArn=films.filter_arns["no-drama"]))
    text = repr(explanation)

    assert text.startswith("10 recommendations of aws-user-personalization-v2 for user ada\n  1. ")
    assert "by relevance" in text
    assert "near " in text
    assert "Removed by filters: " in text
    assert json.loads(json.dumps(explanation.as_dict()))["items"][0]["position"] == 1
    assert f"<td>{explanation.items[0].item_id}</td>" in explanation._repr_html_()


def test_what_cannot_be_explained_is_refused(mock, films):
    with pytest.raises(PersonalizeMockError, match="no answer of this mock"):
        mock.explain("RID-1")
    with pytest.raises(PersonalizeMockError, match="not an answer with a recommendationId"):
        mock.explain({})
    answer = ask(films)
    with pytest.raises(PersonalizeMockError, match=r"'nothing' is not in the list\. Write one of"):
        mock.explain(answer)["nothing"]
    mock.on("GetRecommendations").recommends("a")
    with pytest.raises(PersonalizeMockError, match=r"recommends\('a'\) answered this call"):
        mock.explain(ask(films))
    mock.call("DeleteCampaign", campaignArn=films.campaign_arn)
    with pytest.raises(PersonalizeMockError, match="is DELETE PENDING"):
        mock.explain(answer)


def rank(loaded, *input_list, **members):
    runtime = client("personalize-runtime")
    members = {"campaignArn": loaded.campaign_arn, "userId": "ada", "inputList": list(input_list), **members}
    return runtime.get_personalized_ranking(**members)


@pytest.fixture
def ranked(mock):
    return mock.load(name="ranked", recipe="aws-personalized-ranking-v2", filters={"no-drama": NO_DRAMA})


def test_a_ranking_is_explained_with_its_parts(mock, ranked):
    answer = rank(ranked, "brazil", "alien", "unheard of", "heat")
    explanation = mock.explain(answer)

    assert [item.item_id for item in explanation] == [entry["itemId"] for entry in answer["personalizedRanking"]]
    assert [item.score for item in explanation] == [entry.get("score") for entry in answer["personalizedRanking"]]
    assert explanation["alien"].chosen_by == "relevance"
    assert explanation["alien"].nearest
    unknown = explanation["unheard of"]
    assert (unknown.chosen_by, unknown.score, unknown.relevance) == ("request", None, None)
    assert explanation.is_current


def test_filtered_out_of_a_ranking_are_the_items_of_the_input_list_that_it_lacks(mock, ranked):
    everything = [item.item_id for item in mock.explain(ask(mock.load(name="all")))]
    answer = rank(ranked, *everything, filterArn=ranked.filter_arns["no-drama"])
    left = {entry["itemId"] for entry in answer["personalizedRanking"]}

    assert mock.explain(answer).filtered_out == tuple(item for item in everything if item not in left) != ()


def test_recommended_actions_are_explained(mock):
    recipe, users = "aws-next-best-action", ["ada", "bob", "cem"]
    loaded = mock.load(
        recipe=recipe,
        interactions=[(user, f"i{number}") for user in users for number in range(5)],
        actions=[{"ACTION_ID": "call", "ACTION_NAME": "Call us"}, {"ACTION_ID": "mail", "ACTION_NAME": "Mail us"}],
        action_interactions=[
            {"USER_ID": user, "ACTION_ID": action, "EVENT_TYPE": "Taken"}
            for user in users
            for action in ("call", "mail")
        ],
    )
    runtime = client("personalize-runtime")
    answer = runtime.get_action_recommendations(campaignArn=loaded.campaign_arn, userId="dee")
    explanation = mock.explain(answer)

    assert [item.item_id for item in explanation] == [entry["actionId"] for entry in answer["actionList"]]
    assert explanation["call"].title == "Call us"
    assert explanation.is_current
    answer["actionList"].reverse()
    assert not mock.explain(answer).is_current
    assert any(f"The scores of the recipe {recipe} cannot be divided" in note for note in explanation.notes)


@pytest.mark.parametrize("column", ["TITLE", "NAME", "MOVIE_TITLE", "PRICE_TAG"])
def test_titles_of_items_are_shown_if_the_dataset_has_them(mock, column):
    items = [{"ITEM_ID": item, column: f"The {item} & co"} for item in ("a", "b", "c")]
    loaded = mock.load(name="titled", items=items, interactions=[(f"u{n}", "abc"[n % 3]) for n in range(12)])
    explanation = mock.explain(ask(loaded, "u1"))
    expected = None if column == "PRICE_TAG" else "The a & co"

    assert explanation["a"].title == expected
    assert ("<td>The a &amp; co</td>" in explanation._repr_html_()) == (expected is not None)
    assert ("a (The a & co)" in repr(explanation)) == (expected is not None)
