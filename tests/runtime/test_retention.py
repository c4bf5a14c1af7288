"""Retention of interactions in filters."""

from builders import a_campaign, a_group_with_data, a_trained_solution_version, an_event_tracker, client, settle

THREE_MONTHS = 91 * 86_400


def test_filters_ignore_users_without_events_for_three_months(mock):
    group = a_group_with_data(mock, "shop", "Interactions")
    campaign = a_campaign(mock, a_trained_solution_version(mock, "aws-popularity-count", group=group))
    text = 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("watch")'
    watched = client().create_filter(name="watched", datasetGroupArn=group, filterExpression=text)["filterArn"]
    settle(mock, watched)
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=an_event_tracker(mock, group))["eventTracker"]

    def count():
        answer = client("personalize-runtime").get_recommendations(
            campaignArn=campaign, userId="u1", filterArn=watched, numResults=60
        )
        return len(answer["itemList"])

    assert count() == 20
    mock.clock.jump(THREE_MONTHS)
    assert count() == 0
    event = {"eventType": "Watch", "itemId": "i1", "sentAt": mock.clock.now()}
    client("personalize-events").put_events(
        trackingId=tracker["trackingId"], sessionId="s1", userId="u1", eventList=[event]
    )
    assert count() == 1
