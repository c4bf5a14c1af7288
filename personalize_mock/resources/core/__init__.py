"""The parts that all resources share: the base class, lifecycles, durations, quotas and the generic operations."""
