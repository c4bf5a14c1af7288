"""Synthetic data sets for tests: users, items and interactions with a structure that a recommender can learn."""

from personalize_mock.synthetic.generator import SyntheticData, generate

__all__ = ["SyntheticData", "generate"]
