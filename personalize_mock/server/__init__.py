"""A server that answers clients in other processes and languages."""
