"""Recipes that find users for an item or for item attributes."""
