"""Recipes and the models that recipes fit."""
