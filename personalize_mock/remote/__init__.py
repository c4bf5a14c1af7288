"""Handle of a mock that runs in a server. `mock_personalize(server=...)` returns it."""
