"""Server that makes the mock available to clients in other processes and languages."""
