"""The handle of a mock that runs in a server, as `mock_personalize(server=...)` returns it."""
