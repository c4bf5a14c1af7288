"""HTML report of a run: timeline, metrics, recommendations and calls on one page. No other package knows it."""
