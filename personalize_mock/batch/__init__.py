"""Batch inference jobs and batch segment jobs, which read JSON lines from S3 and write back a result for each line."""
