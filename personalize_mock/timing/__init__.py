"""Simulated time: the clock of a simulation, its queue of scheduled events, and replacements of sleeping functions."""
