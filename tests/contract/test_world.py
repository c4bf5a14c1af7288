"""The contract tests' own ground: a change shows, and is undone."""

from contract.world import World, minimal


def test_a_change_shows(world: World):
    before = world.state()
    assert world.state() == before

    world.call("CreateSchema", **minimal(world, "CreateSchema"))

    assert world.state() != before


def test_a_change_within_a_resource_shows(world: World):
    before = world.state()

    world.call("UpdateCampaign", **minimal(world, "UpdateCampaign"))

    assert world.state() != before


def test_a_world_is_put_back(built: World):
    before, now = built.state(), built.mock.clock.now()

    with built.put_back():
        for operation in ("CreateSolutionVersion", "DeleteCampaign", "UpdateCampaign"):
            with built.put_back():
                built.call(operation, **minimal(built, operation))
        built.call("DeleteCampaign", **minimal(built, "DeleteCampaign"))
        built.configure(strict=False)
        built.mock.clock.jump(86_400)

    assert built.state() == before
    assert built.mock.clock.now() == now
    assert built.simulation.options.strict
