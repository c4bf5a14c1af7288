"""The work of batch jobs: lines of JSON are read from S3, answered in blocks, and written; most of it needs numpy."""
