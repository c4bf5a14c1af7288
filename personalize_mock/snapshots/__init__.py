"""Snapshots of a simulation, which can be restored in the same mock or in a later one."""
