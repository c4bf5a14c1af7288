"""ARCHITECTURE.md lists the modules that exist."""

import re

from architecture.sources import ROOT


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
