"""Recipes that recommend popular or trending items."""
