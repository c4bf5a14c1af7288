"""Offline evaluation of fitted models: data splits, metrics, and one evaluation class for each type of recipe."""
