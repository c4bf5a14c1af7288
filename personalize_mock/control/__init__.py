"""HTTP endpoints with JSON that control the mock in a server, such as `POST /load` for `mock.load`."""
