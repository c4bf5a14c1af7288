"""Recipes and the models that they fit."""
