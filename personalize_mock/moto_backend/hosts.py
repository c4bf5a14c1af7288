"""Host names of the Personalize services in all AWS partitions."""

import re
from functools import lru_cache

# DNS suffixes of the partitions in botocore, with those of their dual-stack endpoints.
_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.aws.hci.ic.gov",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.cloud-aws.adc-e.uk",
    "c2s.ic.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "sc2s.sgov.gov",
)
# Start of the URLs of the three services, as moto's `url_bases` take it. The group is the region.
URL_BASE = (
    r"https?://(?:vpce-[a-z0-9-]+\.)?personalize(?:-runtime|-events)?(?:-fips)?\.([a-z0-9-]+)\."
    rf"(?:vpce\.)?(?:{'|'.join(map(re.escape, _DOMAINS))})\.?"
)
HOSTS = re.compile(rf"{URL_BASE}(?=[:/]|$)")


@lru_cache(maxsize=64)  # a client sends all requests to the same few URLs
def region_of(url: str) -> str | None:
    """Return the region in the URL of a Personalize service, or None if the URL has another host."""
    match = HOSTS.match(url)
    return match.group(1) if match else None


def is_aws_host(host: str) -> bool:
    """Return whether a host name belongs to AWS, in any partition."""
    return host.rstrip(".").endswith(tuple(f".{domain}" for domain in _DOMAINS))
