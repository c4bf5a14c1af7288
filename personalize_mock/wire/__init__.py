"""The AWS protocol: requests and responses as botocore's service models define them. It imports no resource."""
