"""The recipe that recommends actions to a user."""
