"""Snapshots of a simulation: states that can be restored, in the same mock or in a later one."""
