"""Views of the calls and status changes of a simulation: lists with assertion methods, and readable summaries."""
