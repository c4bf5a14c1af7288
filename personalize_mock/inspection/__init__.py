"""Inspection of a simulation: call lists with assertions, summaries, and explanations of recommendations."""
