"""Comparison of response bodies with output shapes. botocore's own parser is lenient and reports no mismatch.

Patterns are not compared: the model gives `DatasetImportJob.roleArn` the pattern of Personalize's own ARNs.
"""

from datetime import datetime
from typing import Any

from botocore.model import Shape

_TYPES: dict[str, Any] = {
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


def mismatches(shape: Shape | None, value: Any, path: str = "body") -> list[str]:
    """Return a list of wrong types, missing and unknown members, and values outside constraints."""
    if shape is None:
        return [f"{path} is not empty"] if value else []
    if not isinstance(value, _TYPES[shape.type_name]) or (isinstance(value, bool) and shape.type_name != "boolean"):
        return [f"{path} is {value!r}, not a {shape.type_name}"]
    if shape.type_name == "structure":
        return _structure(shape, value, path)
    if shape.type_name == "list":
        parts = [(shape.member, item, f"{path}[{number}]") for number, item in enumerate(value)]
        return [line for part in parts for line in mismatches(*part)]
    if shape.type_name == "map":
        keys = [(shape.key, key, f"{path} key") for key in value]
        parts = [*keys, *((shape.value, item, f"{path}.{key}") for key, item in value.items())]
        return [line for part in parts for line in mismatches(*part)]
    return _text(shape, value, path) if shape.type_name == "string" else []


def _structure(shape: Shape, value: dict[str, Any], path: str) -> list[str]:
    missing = [f"{path} lacks {name}" for name in shape.required_members if name not in value]
    unknown = [f"{path} has {name}" for name in value if name not in shape.members]
    order = [name for name in shape.members if name in value]
    disorder = [] if unknown or order == list(value) else [f"{path} is not in the model's order"]
    members = [
        line
        for name, item in value.items()
        if name in shape.members
        for line in mismatches(shape.members[name], item, f"{path}.{name}")
    ]
    return missing + unknown + disorder + members


def _text(shape: Shape, value: str, path: str) -> list[str]:
    rules = shape.metadata
    lines = []
    if "enum" in rules and value not in rules["enum"]:
        lines.append(f"{path} is {value!r}, none of {rules['enum']}")
    if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
        lines.append(f"{path} has {len(value)} characters")
    return lines
