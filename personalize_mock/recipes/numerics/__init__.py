"""Numerical building blocks of the recipes. They do not import any recipe."""
