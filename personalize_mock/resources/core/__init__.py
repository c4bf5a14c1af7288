"""Base class, lifecycles, durations, quotas and generic operations shared by all resource types."""
