"""The library requests as a client. Its requests have signatures of botocore."""

import json
from typing import Any

import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from outside.main_path import CREDENTIALS, ServiceError

PATHS = {"GetRecommendations": "/recommendations", "PutEvents": "/events"}
SIGNERS = {"personalize": SigV4Auth, "s3": S3SigV4Auth}


class SignedRequests:
    """Requests to the paths that the service models define."""

    def __init__(self, url: str, region: str) -> None:
        self._url, self._region = url, region
        self._credentials = Credentials(*CREDENTIALS.values())

    def put_object(self, bucket: str, key: str, text: str) -> None:
        place = f"<LocationConstraint>{self._region}</LocationConstraint>"
        configuration = f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>"
        for path, body in ((bucket, configuration), (f"{bucket}/{key}", text)):
            self._send("s3", "PUT", f"/{path}", body.encode(), {}).raise_for_status()

    def call(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if service == "personalize":
            headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AmazonPersonalize.{operation}"}
        body = json.dumps(members).encode()
        response = self._send("personalize", "POST", PATHS.get(operation, "/"), body, headers)
        if not response.ok:
            raise ServiceError(response.json()["__type"].rpartition("#")[2])
        return response.json() if response.content else {}

    def _send(self, service: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        request = AWSRequest(method, f"{self._url}{path}", headers, body)
        SIGNERS[service](self._credentials, service, self._region).add_auth(request)
        return requests.request(method, request.url, headers=dict(request.headers), data=body, timeout=30)
