"""Offline evaluation of models: splits, metrics, and one evaluation class per type of recipe."""
