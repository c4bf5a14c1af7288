"""Personalize resources in moto's Resource Groups Tagging API, which finds and tags resources of all services.

moto asks a number of backends for their resources. While a mock is active, it also asks `TaggableResources`. Resource
types are named as in ARNs, such as `personalize:dataset-group`. This requires moto 5.2.2 or later; earlier versions
have a fixed list of services.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource, iter_taggable_backends
from moto.resourcegroupstaggingapi import models

from personalize_mock.cleanup import Cleanup
from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.direct import call


class TaggableResources(TaggableResourcesMixin):
    """The Personalize resources of one account and region, with the methods that moto's tagging API calls."""

    SERVICE_NAMESPACE = "personalize"

    def __init__(self, store: Store) -> None:
        self._store = store
        self.partition = store.partition

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield all resources with their tags, except those that are being deleted."""
        with self._store.simulation.lock:
            resources = self._store.resources()
        for resource in resources:
            if not (resource.status or "").startswith("DELETE"):
                tags = {tag["tagKey"]: tag["tagValue"] for tag in resource.tags}
                resource_type = f"{self.SERVICE_NAMESPACE}:{resource.ARN_TYPE}"
                yield TaggedResource(arn=resource.arn, tags=tags, resource_type=resource_type)

    def tag_resource(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource. `tags` maps keys to values."""
        self._call("TagResource", arn, tags=[{"tagKey": key, "tagValue": value} for key, value in tags.items()])

    def untag_resource(self, arn: str, tag_keys: Sequence[str]) -> None:
        """Remove the tags with the given keys from a resource."""
        self._call("UntagResource", arn, tagKeys=[*tag_keys])

    def _call(self, operation: str, arn: str, **members: object) -> None:
        try:
            call(self._store, operation, {"resourceArn": arn, **members})
        except ClientError as error:
            raise NotImplementedError from error  # moto then lists the ARN among the failed ones


def install(current: Callable[[], Simulation], cleanup: Cleanup) -> None:
    """Add the Personalize resources to moto's Resource Groups Tagging API until `cleanup` runs.

    Args:
        current: Function that returns the simulation of the current thread, which holds the resources.
        cleanup: Receives the step that removes the resources from this API.
    """

    def taggable_backends(account_id: str, region_name: str) -> Iterator[Any]:
        yield from iter_taggable_backends(account_id, region_name)
        yield TaggableResources(current().store(account_id, region_name))

    cleanup.replace(models, "iter_taggable_backends", taggable_backends)
