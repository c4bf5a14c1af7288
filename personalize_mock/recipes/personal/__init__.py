"""Recipes that recommend items to a user."""
