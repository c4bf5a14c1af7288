"""Our resources in moto's Resource Groups Tagging API, which finds tagged ones of all services and changes their tags.

moto asks its backends for what they have; while a mock is active, one more answers for us. Resource types are named as
in ARNs, such as `personalize:dataset-group`. Moto 5.2.2 asks so; earlier versions know a fixed list of services.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource, iter_taggable_backends
from moto.resourcegroupstaggingapi import models

from personalize_mock.simulation import Simulation, Store
from personalize_mock.wire.direct import call


class Tagged(TaggableResourcesMixin):  # type: ignore[misc]  # moto is untyped here
    """What an account has of ours in a region."""

    SERVICE_NAMESPACE = "personalize"

    def __init__(self, store: Store) -> None:
        self._store = store
        self.partition = store.partition

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Whatever is there and is not being deleted."""
        with self._store.simulation.lock:
            everything = self._store.resources()
        for each in everything:
            if not (each.status or "").startswith("DELETE"):
                tags = {tag["tagKey"]: tag["tagValue"] for tag in each.tags}
                yield TaggedResource(arn=each.arn, tags=tags, resource_type=f"{self.SERVICE_NAMESPACE}:{each.ARN_TYPE}")

    def tag_resource(self, arn: str, tags: Mapping[str, str]) -> None:
        """Tags a resource."""
        self._call("TagResource", arn, tags=[{"tagKey": key, "tagValue": value} for key, value in tags.items()])

    def untag_resource(self, arn: str, tag_keys: Sequence[str]) -> None:
        """Takes tags off a resource."""
        self._call("UntagResource", arn, tagKeys=[*tag_keys])

    def _call(self, operation: str, arn: str, **members: object) -> None:
        try:
            call(self._store, operation, {"resourceArn": arn, **members})
        except ClientError as refusal:
            raise NotImplementedError from refusal  # moto then lists the ARN among those that failed


def teach(simulation: Simulation) -> Any:
    """Lets moto ask us too; what it returns has to be stopped to end that."""

    def backends(account_id: str, region_name: str) -> Iterator[Any]:
        yield from iter_taggable_backends(account_id, region_name)
        yield Tagged(simulation.store(account_id, region_name))

    taught = patch.object(models, "iter_taggable_backends", backends)
    taught.start()
    return taught
