"""The ten use cases of the two domains, as recommenders: made, asked, updated, stopped, started and deleted."""

from corpus.asking import EXPRESSIONS, ask_for_items
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
            recommender = stage.make("CreateRecommender", **request, recommenderConfig=config)
            stage.recording.trained.add(entry["recipeArn"])
            made[entry["name"]] = recommender
            ask_for_items(stage, {"recommenderArn": recommender}, filters)
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
            stage.ask("PutEvents", trackingId=tracking, sessionId=f"s-{user}", userId=user, eventList=events)
        stage.jump(wait)
        for recommender in recommenders:
            for user in (user_id(3), "newcomer"):
                request = {"recommenderArn": recommender, "userId": user, "itemId": item_id(7), "numResults": 10}
                stage.tried("GetRecommendations", f"after {wait} s", **request)
    for recommender in recommenders:
        stage.look(recommender)


def _upkeep(stage: Stage, recommenders: list[str]) -> None:
    first, second, *_ = recommenders
    config = {"minRecommendationRequestsPerSecond": 3, "enableMetadataWithRecommendations": False}
    for recommender in recommenders:
        stage.tried("UpdateRecommender", recommenderArn=recommender, recommenderConfig=config)
    for recommender in recommenders:
        stage.settle(recommender)
    excluded = {"trainingDataConfig": {"excludedDatasetColumns": {"Users": ["AGE"]}}}
    stage.make("UpdateRecommender", "columns", recommenderArn=first, recommenderConfig=excluded)
    exploration = {"itemExplorationConfig": {"explorationWeight": "0.8"}}
    for recommender in recommenders:
        stage.tried("UpdateRecommender", "exploration", recommenderArn=recommender, recommenderConfig=exploration)
        stage.settle(recommender)
        request = {"recommenderArn": recommender, "userId": user_id(5), "itemId": item_id(7), "numResults": 10}
        stage.tried("GetRecommendations", "after updates", **request)
    stage.make("StopRecommender", recommenderArn=first)
    stage.tried("GetRecommendations", recommenderArn=first, userId=user_id(1), itemId=item_id(1))
    stage.jump(9 * DAY)
    stage.make("StartRecommender", recommenderArn=first)
    stage.tried("GetRecommendations", recommenderArn=first, userId=user_id(1), itemId=item_id(1))
    stage.delete(second)
    stage.ask("ListRecommenders")
