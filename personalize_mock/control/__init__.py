"""Control endpoints of a server: the methods of a mock's handle as HTTP requests with JSON."""
