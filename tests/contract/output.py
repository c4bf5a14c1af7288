"""Whether a body fits an output shape: botocore parses leniently, so it would not tell.

Patterns are left out: the model itself gives `DatasetImportJob.roleArn` the pattern of Personalize's own ARNs.
"""

from datetime import datetime
from typing import Any

from botocore.model import Shape

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, datetime),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def faults(shape: Shape | None, value: Any, path: str = "body") -> list[str]:
    """What does not fit: wrong types, missing and unknown members, values outside constraints."""
    if shape is None:
        return [f"{path} is not empty"] if value else []
    if not isinstance(value, _TYPES[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        return [f"{path} is {value!r}, not a {shape.type_name}"]
    if shape.type_name == "structure":
        return _structure(shape, value, path)
    if shape.type_name == "list":
        return [found for number, item in enumerate(value) for found in faults(shape.member, item, f"{path}[{number}]")]
    if shape.type_name == "map":
        keys = [found for key in value for found in faults(shape.key, key, f"{path} key")]
        return keys + [found for key, item in value.items() for found in faults(shape.value, item, f"{path}.{key}")]
    return _text(shape, value, path) if shape.type_name == "string" else []


def _structure(shape: Shape, value: dict[str, Any], path: str) -> list[str]:
    missing = [f"{path} lacks {name}" for name in shape.required_members if name not in value]
    unknown = [f"{path} has {name}" for name in value if name not in shape.members]
    order = [name for name in shape.members if name in value]
    disorder = [] if unknown or order == list(value) else [f"{path} is not in the model's order"]
    members = [
        found
        for name, item in value.items()
        if name in shape.members
        for found in faults(shape.members[name], item, f"{path}.{name}")
    ]
    return missing + unknown + disorder + members


def _text(shape: Shape, value: str, path: str) -> list[str]:
    rules = shape.metadata
    found = []
    if "enum" in rules and value not in rules["enum"]:
        found.append(f"{path} is {value!r}, none of {rules['enum']}")
    if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
        found.append(f"{path} has {len(value)} characters")
    return found
