"""Report of a simulation as one HTML page: timeline, metrics, recommended items, calls, and what AWS would bill."""
