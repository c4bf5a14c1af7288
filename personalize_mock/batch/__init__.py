"""Batch inference jobs and batch segment jobs: lines of JSON read from S3, answered in blocks and written back."""
