"""The recipes that can be trained, by name."""

from personalize_mock.recipes.als import UserPersonalization
from personalize_mock.recipes.base import Recipe
from personalize_mock.recipes.popularity import PopularityCount

RECIPES: dict[str, Recipe] = {
    "aws-user-personalization": UserPersonalization(),
    "aws-popularity-count": PopularityCount(),
}
