"""Numerical building blocks of the recipes; none knows a recipe."""
