"""HTTP endpoints with JSON bodies that control a mock in a server, such as `POST /load` for `mock.load`."""
