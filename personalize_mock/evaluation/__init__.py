"""Offline evaluation: splits, metrics and the evaluation of each type of recipe."""
