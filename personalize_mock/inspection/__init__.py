"""Views of what has happened in a simulation, for people and for assertions. The service does not know this package."""
