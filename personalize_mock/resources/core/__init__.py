"""Base class, lifecycles, durations, quotas and generic operations that all resource types share."""
