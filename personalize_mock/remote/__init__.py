"""Handle with which a test controls a mock that runs in a server. `mock_personalize(server=...)` returns it."""
