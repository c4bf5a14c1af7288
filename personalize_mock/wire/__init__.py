"""The AWS face: what botocore's service models say, in and out; it knows no resource."""
