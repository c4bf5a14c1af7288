"""Offline metrics: pure functions with their formulas, and the evaluation that calls them."""
