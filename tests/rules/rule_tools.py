"""Helpers for tests of rules: an ARN of a campaign that does not exist, and calls that need none."""

from typing import Any

from builders import ACCOUNT, client

CAMPAIGN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/nowhere"


def recommended_ids(user: str = "u1", **members: Any) -> list[str]:
    """Return the item ids that GetRecommendations returns for a user."""
    response = runtime().get_recommendations(campaignArn=CAMPAIGN, userId=user, **members)
    return [entry["itemId"] for entry in response["itemList"]]


def runtime() -> Any:
    """Return a client of personalize-runtime that does not retry."""
    return client("personalize-runtime")
