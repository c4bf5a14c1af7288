"""Saved snapshots: equal futures after loading, and files that were damaged or edited by a hostile hand."""

import json
import random
from hashlib import sha256
from io import BytesIO
from itertools import cycle
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import builders
import numpy as np
import pytest
import requests
from builders import a_campaign, a_solution, a_solution_version
from contract.world import World

from personalize_mock import PersonalizeMockError, load_snapshot, mock_personalize
from personalize_mock.snapshots import encoding, files
from personalize_mock.snapshots.saved_classes import attribute_types, saved_classes

OPTIONS = {"clock": "2024-05-01", "autojump": False, "minimum_interactions": 0, "quotas": {"campaigns_per_group": 99}}
RECIPES = ("aws-sims", "aws-similar-items", "aws-trending-now", "aws-user-personalization-v2", "aws-popularity-count")
WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def world():
    with mock_personalize(**OPTIONS) as mock:
        world = World(mock)
        for recipe in RECIPES:
            solution = a_solution(mock, world.arns["datasetGroupArn"], recipe, name=recipe, performAutoTraining=False)
            a_campaign(mock, a_solution_version(mock, solution), name=f"c-{recipe}")
        tracker = mock.call("DescribeEventTracker", eventTrackerArn=world.arns["eventTrackerArn"])["eventTracker"]
        event = {"eventType": "Watch", "sentAt": mock.clock.timestamp(), "itemId": "i1"}
        mock.call("PutEvents", trackingId=tracker["trackingId"], sessionId="s", userId="u1", eventList=[event])
        return world, mock.snapshot()


@pytest.fixture(scope="module")
def content(world, tmp_path_factory):
    path = tmp_path_factory.mktemp("snapshots") / "world.snapshot"
    world[1].save(path)
    return path.read_bytes()


@pytest.fixture
def saved(content, tmp_path):
    path = tmp_path / "world.snapshot"
    path.write_bytes(content)
    return path


def future(snapshot, world):
    with mock_personalize(**OPTIONS) as mock:
        mock.restore(snapshot)
        campaigns = mock.call("ListCampaigns")["campaigns"]
        ranked = [arn for arn in (campaign["campaignArn"] for campaign in campaigns) if "action" not in arn]
        answers = [recommendations(mock, arn) for arn in ranked]
        version = mock.call("CreateSolutionVersion", solutionArn=world.arns["solutionArn"])["solutionVersionArn"]
        mock.clock.jump(3 * WEEK)
        metrics = mock.call("GetSolutionMetrics", solutionVersionArn=version)["metrics"]
        answers += [recommendations(mock, arn) for arn in ranked]
        action = mock.call("GetActionRecommendations", campaignArn=world.action_campaign, userId="u1")
        return answers, metrics, action, mock.clock.upcoming(), mock.journal.transitions()


def recommendations(mock, campaign):
    if "ranking" in campaign:
        return mock.call("GetPersonalizedRanking", campaignArn=campaign, userId="u1", inputList=["i1", "i2"])
    extra = {"itemId": "i1"} if "sim" in campaign else {"userId": "u1"}
    return mock.call("GetRecommendations", campaignArn=campaign, **extra)


def test_a_loaded_snapshot_has_the_same_future(world, saved):
    assert future(load_snapshot(str(saved)), world[0]) == future(world[1], world[0])


def test_saving_twice_gives_the_same_content(world, saved, tmp_path):
    load_snapshot(saved).save(tmp_path / "again")
    again, first = (load_snapshot(path) for path in (tmp_path / "again", saved))
    assert repr(again) == repr(first)
    assert list(again.records) == list(world[1].records)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "world.snapshot"]


def test_objects_that_were_shared_are_shared_again(saved):
    state = next(iter(load_snapshot(saved).stores.values()))
    solutions, versions = state.resources["Solution"], state.resources["SolutionVersion"]
    latest = [solution.latest_solution_version for solution in solutions.values()]
    assert all(version is versions[version.arn] for version in latest if version is not None)


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_byte_is_an_error(saved, seed):
    content, generator = bytearray(saved.read_bytes()), random.Random(seed)
    content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    saved.write_bytes(content)
    message = r"(is damaged|this is not a snapshot\.).*Write it again with mock\.snapshot\(\)\.save"
    with pytest.raises(PersonalizeMockError, match=message):
        load_snapshot(saved)


@pytest.mark.parametrize("length", [0.1, 0.5, 0.999])
def test_a_truncated_file_is_damaged(saved, length):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * length)])
    with pytest.raises(PersonalizeMockError, match=r"the file is damaged\. Its content does not match its check"):
        load_snapshot(saved)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04cos\nsystem\n(S'false'\ntR."])
def test_something_else_is_an_error(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(PersonalizeMockError, match=r"file'\): this is not a snapshot\. Write it again"):
        load_snapshot(tmp_path / "file")


def test_a_file_of_another_version_is_an_error_that_names_both(saved, monkeypatch):
    monkeypatch.setattr(files, "VERSION", "9.9")
    with pytest.raises(
        PersonalizeMockError, match=r"personalize_mock 0\.\S+, but this is version 9\.9\. Write it again"
    ):
        load_snapshot(saved)
    saved.write_bytes(files.MAGIC + b"2\n")
    with pytest.raises(PersonalizeMockError, match="was written by another version of personalize_mock"):
        load_snapshot(saved)


def test_a_missing_file_is_an_error_that_says_how_to_write_one(tmp_path):
    with pytest.raises(PersonalizeMockError, match=r"cannot be read \(No such file.*Write one with mock\.snapshot"):
        load_snapshot(tmp_path / "missing")


def edited(path, edit=lambda _: None, *, edit_arrays=lambda *_: None, compression=ZIP_STORED):
    """Edit the JSON and the arrays of a file and write a checksum that fits."""
    content = path.read_bytes()[len(files.HEADER) + 32 :]
    with ZipFile(BytesIO(content)) as members:
        parts = {name: members.read(name) for name in members.namelist()}
    document = json.loads(parts["snapshot.json"])
    edit(document)
    edit_arrays(document, parts)
    parts["snapshot.json"] = json.dumps(document).encode()
    archive = BytesIO()
    with ZipFile(archive, "w", compression) as members:
        for name, part in parts.items():
            members.writestr(name, part)
    path.write_bytes(files.HEADER + sha256(archive.getvalue()).digest() + archive.getvalue())


def of_kind(document, kind, name=None):
    return [entry for entry in document["entries"] if entry[0] == kind and name in (None, entry[1])]


def replace_class(document):
    of_kind(document, "object", "SchemaField")[0][1] = "Popen"


EDITS = {
    "unknown class": replace_class,
    "another class": lambda d: of_kind(d, "object", "Campaign")[0].__setitem__(1, "Filter"),
    "missing attribute": lambda d: of_kind(d, "object", "Campaign")[0][2].pop("name"),
    "new attribute": lambda d: of_kind(d, "object", "Campaign")[0][2].update(__class__="Popen"),
    "number for text": lambda d: of_kind(d, "object", "Campaign")[0][2].update(name=3),
    "text for number": lambda d: of_kind(d, "object", "ClockState")[0][2].update(instant="now"),
    "list for model": lambda d: [e[2].update(model=None) for e in of_kind(d, "object", "FittedModel")],
    "another type of array": lambda d: [e.__setitem__(1, "uint8") for e in of_kind(d, "array")],
    "object array": lambda d: of_kind(d, "array")[0].__setitem__(1, "object"),
    "wrong shape": lambda d: of_kind(d, "array")[0].__setitem__(2, [10**15]),
    "indices out of range": lambda d: of_kind(d, "csr")[0].__setitem__(1, [1, 1]),
    "unknown kind": lambda d: d["entries"][0].__setitem__(0, "eval"),
    "later reference": lambda d: d.update(root=[10**9]),
    "negative reference": lambda d: d.update(root=[-1]),
    "no root": lambda d: d.pop("root"),
    "other root": lambda d: d.update(root=[0]),
    "deep": lambda d: d.update(root=[[[[[[0]]]]]]),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_a_file_that_was_edited_by_a_hostile_hand_is_an_error(saved, edit):
    edited(saved, edit)
    with pytest.raises(
        PersonalizeMockError, match=r"the content is not a valid snapshot \(.* because its checksum matches"
    ):
        load_snapshot(saved)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(saved):
    def replace(document, parts):
        document["entries"] = "0" * (files.UNCHECKED + 1)
        parts.clear()

    edited(saved, edit_arrays=replace, compression=ZIP_DEFLATED)
    assert saved.stat().st_size < files.UNCHECKED / files.LARGEST_RATIO
    with pytest.raises(PersonalizeMockError, match=r"the unpacked content is larger than \d+ bytes"):
        load_snapshot(saved)


def test_an_array_that_is_used_twice_is_an_error(saved):
    def repeat(document):
        first, second = of_kind(document, "array")[:2]
        second[1:] = first[1:]

    edited(saved, repeat)
    with pytest.raises(PersonalizeMockError, match="The file was probably edited"):
        load_snapshot(saved)


def test_arrays_of_zeros_are_not_taken_for_a_zip_bomb(tmp_path, monkeypatch, world):
    monkeypatch.setattr(files, "UNCHECKED", 100)
    monkeypatch.setattr(files, "LARGEST_RATIO", 2)
    world[1].save(tmp_path / "file")
    load_snapshot(tmp_path / "file")


def index_arrays(document):
    """Return the arrays of integers by the class and name of the attribute that holds them."""
    entries = document["entries"]
    return {
        (entry[1], name): entries[reference[0]]
        for entry in of_kind(document, "object")
        for name, reference in entry[2].items()
        if isinstance(reference, list) and entries[reference[0]][:2] in (["array", "int32"], ["array", "int64"])
    }


NOT_INDICES = {
    *(("InteractionMatrix", "timestamp"), ("InteractionMatrix", "row"), ("ExplorationCandidates", "counts")),
    *(("Numbers", "values"), ("Popularity", "users")),
}


def names_of_index_arrays(path):
    arrays = {}
    edited(path, lambda document: arrays.update(index_arrays(document)))
    return sorted(arrays.keys() - NOT_INDICES)


def test_an_index_out_of_range_is_an_error_when_the_file_is_loaded(saved):
    names, original = names_of_index_arrays(saved), saved.read_bytes()
    assert len(names) > 15
    for name, value in zip(names, cycle([2**31 - 1, -2, -(2**31)])):

        def change(document, parts, name=name, value=value):
            _, dtype, _, position = index_arrays(document)[name]
            elements = np.frombuffer(parts[f"{position}.bin"], dtype=dtype).copy()
            elements[len(elements) // 2] = value
            parts[f"{position}.bin"] = elements.tobytes()

        saved.write_bytes(original)
        edited(saved, edit_arrays=change)
        with pytest.raises(PersonalizeMockError, match="The file was probably edited"):
            load_snapshot(saved)


VALUES = (3.5, None, True, -1, "text", 10**30, {})


@pytest.mark.parametrize("seed", range(35))
def test_an_attribute_of_another_type_is_an_error_or_has_a_type_that_fits(saved, seed):
    generator = random.Random(seed)
    value = VALUES[seed % len(VALUES)]

    def change(document):
        entry = generator.choice(of_kind(document, "object"))
        name = generator.choice(sorted(entry[2]))
        changed.append((entry[1], name))
        entry[2][name] = value

    changed = []
    edited(saved, change)
    try:
        load_snapshot(saved)
    except PersonalizeMockError:
        return
    ((cls, name),) = changed
    assert encoding.fits(value, attribute_types(cls)[name])


def test_a_file_that_is_not_edited_is_read_after_writing_its_checksum_again(saved):
    edited(saved)
    load_snapshot(saved)


def test_rules_cannot_be_saved(tmp_path):
    with mock_personalize() as mock:
        mock.on("ListSchemas", optional=True).returns({"schemas": []})
        with pytest.raises(PersonalizeMockError, match=r"has rules.*before you declare rules with mock\.on"):
            mock.snapshot().save(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_the_output_of_a_running_batch_job_cannot_be_saved(tmp_path, world):
    with mock_personalize(**OPTIONS) as mock:
        mock.restore(world[1])
        builders.client("s3").create_bucket(Bucket=builders.BUCKET)
        version = world[0].arns["solutionVersionArn"]
        request = builders.batch_request("running", version, {"userId": "u1"})
        job = mock.call("CreateBatchInferenceJob", **request)
        while mock.call("DescribeBatchInferenceJob", **job)["batchInferenceJob"]["status"] != "CREATE IN_PROGRESS":
            mock.clock.jump(10)
        with pytest.raises(PersonalizeMockError, match=r"OutputBuffer\. If a batch job is still running"):
            mock.snapshot().save(tmp_path / "file")


def test_a_request_that_is_nested_too_deeply_cannot_be_saved(tmp_path):
    with mock_personalize() as mock:
        headers = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}
        deep = f'{{"unknown": {"[" * 900}{"]" * 900}}}'
        assert requests.post("https://personalize.us-east-1.amazonaws.com/", deep, headers=headers, timeout=9).ok
        with pytest.raises(PersonalizeMockError, match="nested too deeply for a file"):
            mock.snapshot().save(tmp_path / "state")


def test_every_model_can_be_saved():
    from personalize_mock.recipes.base import Model

    def subclasses(cls):
        return {cls, *(deeper for sub in cls.__subclasses__() for deeper in subclasses(sub))}

    known = saved_classes()
    models = {cls.__name__ for cls in subclasses(Model) - {Model} if cls.__module__.startswith("personalize_mock.")}
    assert models <= known.keys()
    assert len(models) > 5
