"""Report of a run on one HTML page: timeline, metrics, recommended items, calls and the time on AWS."""
