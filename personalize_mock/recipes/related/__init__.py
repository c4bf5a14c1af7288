"""Recipes that recommend items related to an item."""
