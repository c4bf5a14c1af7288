"""The ten use cases of the two domains, as recommenders: made, asked, updated, stopped, started and deleted."""

from corpus.runtime_requests import EXPRESSIONS, request_items
from corpus.shop import DAY, Shop, a_filter, a_tracker, item_id, open_shop, user_id
from corpus.stage import Stage

FEW = 50


def play_shop(stage: Stage) -> None:
    """Play the use cases of ECOMMERCE."""
    _play(stage, "ECOMMERCE", "View", "Purchase")


def play_videos(stage: Stage) -> None:
    """Play the use cases of VIDEO_ON_DEMAND."""
    _play(stage, "VIDEO_ON_DEMAND", "Watch", "Click")


def _play(stage: Stage, domain: str, first: str, second: str) -> None:
    shop = open_shop(stage, domain=domain)
    genres = "CATEGORY_L1" if domain == "ECOMMERCE" else "GENRES"
    names = ("seen", "genre", "price", "young", "alike")
    filters = {name: a_filter(stage, shop.group, name, EXPRESSIONS[name].replace("GENRES", genres)) for name in names}
    made = {}
    for page in stage.pages("ListRecipes", FEW, domain=domain):
        for entry in page["recipes"]:
            config = {"enableMetadataWithRecommendations": True, "minRecommendationRequestsPerSecond": 2}
            request = {"name": entry["name"], "datasetGroupArn": shop.group, "recipeArn": entry["recipeArn"]}
            recommender = stage.create_and_wait("CreateRecommender", **request, recommenderConfig=config)
            stage.recording.trained.add(entry["recipeArn"])
            made[entry["name"]] = recommender
            request_items(stage, {"recommenderArn": recommender}, filters)
    stage.pages("ListRecommenders", 2, datasetGroupArn=shop.group)
    _live(stage, shop, list(made.values()), (first, second))
    _upkeep(stage, list(made.values()))


def _live(stage: Stage, shop: Shop, recommenders: list[str], types: tuple[str, str]) -> None:
    """Put events, and ask at once, after an update and after the weekly training."""
    tracking = a_tracker(stage, shop.group)
    for wait in (0, 3 * 3600, 8 * DAY):
        now = stage.mock.clock.now()
        events = [
            {"eventType": types[turn % 2], "itemId": item_id(turn), "sentAt": now, "properties": '{"DEVICE": "tv"}'}
            for turn in range(8)
        ]
        for user in (user_id(3), "newcomer"):
            stage.call("PutEvents", trackingId=tracking, sessionId=f"s-{user}", userId=user, eventList=events)
        stage.jump(wait)
        for recommender in recommenders:
            for user in (user_id(3), "newcomer"):
                request = {"recommenderArn": recommender, "userId": user, "itemId": item_id(7), "numResults": 10}
                stage.try_call("GetRecommendations", f"after {wait} s", **request)
    for recommender in recommenders:
        stage.describe(recommender)


def _upkeep(stage: Stage, recommenders: list[str]) -> None:
    first, second, *_ = recommenders
    config = {"minRecommendationRequestsPerSecond": 3, "enableMetadataWithRecommendations": False}
    for recommender in recommenders:
        stage.try_call("UpdateRecommender", recommenderArn=recommender, recommenderConfig=config)
    for recommender in recommenders:
        stage.settle(recommender)
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"Users": ["AGE"]}}}
    stage.create_and_wait("UpdateRecommender", "columns", recommenderArn=first, recommenderConfig=excluded)
    exploration = {"itemExplorationConfig": {"explorationWeight": "0.8"}}
    for recommender in recommenders:
        stage.try_call("UpdateRecommender", "exploration", recommenderArn=recommender, recommenderConfig=exploration)
        stage.settle(recommender)
        request = {"recommenderArn": recommender, "userId": user_id(5), "itemId": item_id(7), "numResults": 10}
        stage.try_call("GetRecommendations", "after updates", **request)
    stage.create_and_wait("StopRecommender", recommenderArn=first)
    stage.try_call("GetRecommendations", recommenderArn=first, userId=user_id(1), itemId=item_id(1))
    stage.jump(9 * DAY)
    stage.create_and_wait("StartRecommender", recommenderArn=first)
    stage.try_call("GetRecommendations", recommenderArn=first, userId=user_id(1), itemId=item_id(1))
    stage.delete(second)
    stage.call("ListRecommenders")
