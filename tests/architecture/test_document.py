"""The documents for contributors name modules, files and programs that exist."""

import re

import pytest
from architecture.sources import REPOSITORY, ROOT

DOCUMENTS = (
    ".github/CONTRIBUTING.md",
    "personalize_mock/ARCHITECTURE.md",
    "personalize_mock/FIDELITY.md",
    "personalize_mock/PERFORMANCE.md",
)


def test_the_tree_lists_every_module_and_no_other():
    tree = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("```")[1]
    listed, folder = set(), ""
    for line in tree.splitlines():
        indent = len(line) - len(line.lstrip())
        if package := re.match(r"\s*(\w+)/", line):
            parents = folder.split("/")[: indent // 2]
            folder = "/".join([*parents, package[1]])
        elif indent == 0:
            folder = ""
        depth = folder.split("/")[: indent // 2] if folder else []
        listed |= {"/".join([*depth, name]) for name in re.findall(r"(\w+\.py)\b", line)}
    modules = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")}

    assert listed == {name for name in modules if name == "__init__.py" or not name.endswith("/__init__.py")}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_links_of_a_document_lead_somewhere(document):
    path = REPOSITORY / document
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8"))
    relative = [link for link in links if not link.startswith("http")]

    assert [link for link in relative if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_programs_that_a_document_calls_exist(document):
    text = (REPOSITORY / document).read_text("utf-8")
    programs = re.findall(r"python ((?:tests|examples)/\S+?)[\s`]", text)

    assert [program for program in programs if not (REPOSITORY / program).exists()] == []
