"""Snapshots of the contract tests' world, and its rollback."""

from contract.world import World, minimal_request


def test_a_new_resource_changes_the_snapshot(world: World):
    before = world.snapshot()
    assert world.snapshot() == before

    world.call("CreateSchema", **minimal_request(world, "CreateSchema"))

    assert world.snapshot() != before


def test_a_change_of_a_resource_changes_the_snapshot(world: World):
    before = world.snapshot()

    world.call("UpdateCampaign", **minimal_request(world, "UpdateCampaign"))

    assert world.snapshot() != before


def test_a_world_is_rolled_back(built: World):
    before, now = built.snapshot(), built.mock.clock.now()

    with built.rolled_back():
        for operation in ("CreateSolutionVersion", "DeleteCampaign", "UpdateCampaign"):
            with built.rolled_back():
                built.call(operation, **minimal_request(built, operation))
        built.call("DeleteCampaign", **minimal_request(built, "DeleteCampaign"))
        built.set_options(strict=False)
        built.mock.clock.jump(86_400)

    assert built.snapshot() == before
    assert built.mock.clock.now() == now
    assert built.simulation.options.strict
