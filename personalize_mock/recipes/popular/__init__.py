"""Recipes that recommend what is popular or trending."""
