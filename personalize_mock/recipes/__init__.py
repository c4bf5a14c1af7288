"""Recipes of Amazon Personalize, and the models that they fit to data."""
