"""Recipes: what can be trained, and the models that come of it."""
