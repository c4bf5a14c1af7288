"""A web service with FastAPI that asks Amazon Personalize with an asynchronous client."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timezone

from aiobotocore.session import get_session
from botocore.exceptions import ClientError
from fastapi import FastAPI, HTTPException, Request


@asynccontextmanager
async def clients(app: FastAPI) -> AsyncIterator[None]:
    """Open the clients when the service starts, and close them when it stops."""
    session = get_session()
    async with AsyncExitStack() as stack:
        app.state.runtime = await stack.enter_async_context(session.create_client("personalize-runtime"))
        app.state.events = await stack.enter_async_context(session.create_client("personalize-events"))
        yield


app = FastAPI(lifespan=clients)


@app.get("/users/{user_id}/recommendations")
async def recommendations(request: Request, user_id: str, count: int = 10) -> list[str]:
    """Return the ids of recommended items. 503 asks the caller to come back later."""
    try:
        answer = await request.app.state.runtime.get_recommendations(
            campaignArn=os.environ["CAMPAIGN_ARN"], userId=user_id, numResults=count
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ThrottlingException":
            raise HTTPException(503, headers={"Retry-After": "1"}) from error
        raise
    return [item["itemId"] for item in answer["itemList"]]


@app.post("/users/{user_id}/views/{item_id}", status_code=204)
async def view(request: Request, user_id: str, item_id: str) -> None:
    """Tell Personalize that a user has looked at an item."""
    await request.app.state.events.put_events(
        trackingId=os.environ["TRACKING_ID"],
        userId=user_id,
        sessionId=user_id,
        eventList=[{"eventType": "view", "itemId": item_id, "sentAt": datetime.now(timezone.utc)}],
    )
