"""Recipes that recommend items related to a given item."""
