"""Runtime operations: checks of a request, candidates, the query to the model and the response."""
