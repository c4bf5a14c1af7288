"""Numerical building blocks of the recipes; they import no recipe."""
