"""Views of the calls and status changes of a simulation: lists with assertions, and texts for people."""
