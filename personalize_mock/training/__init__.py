"""From datasets to a fitted and evaluated model."""
