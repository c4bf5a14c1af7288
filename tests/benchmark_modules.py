"""Import of the benchmarks, which are programs in a folder that is not on the path."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent / "benchmarks"
NAMES = {path.stem for path in FOLDER.glob("[!_]*.py")}
_loaded: dict[str, ModuleType] = {}


def load(name: str) -> ModuleType:
    """Import a benchmark by name. Afterwards, its name and those of its imports mean what they meant before."""
    before = {name: sys.modules.pop(name) for name in NAMES & set(sys.modules)}
    sys.modules.update(_loaded)
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))
        _loaded.update({name: sys.modules.pop(name) for name in NAMES & set(sys.modules)})
        sys.modules.update(before)
