"""Recipe that recommends actions to a user."""
