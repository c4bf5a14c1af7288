"""Recipes that find the users who are most interested in an item, or in items with given attributes."""
