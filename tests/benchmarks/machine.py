"""The machine and the versions of a measurement."""

import os
import platform
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "scipy", "implicit", "moto", "boto3", "botocore")


def facts() -> dict[str, str]:
    """Return date, processor, Python, BLAS and the versions of the packages that decide how fast a call is."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "BLAS": _blas(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _blas() -> str:
    """Return the library that numpy multiplies with, its version and the kernel that it chose for this processor."""
    import numpy as np
    from threadpoolctl import threadpool_info

    package = str(Path(np.__file__).parent.parent / "numpy")
    libraries: list[Mapping[str, Any]] = [library for library in threadpool_info() if library["user_api"] == "blas"]
    if not libraries:
        return "unknown"
    library = next((one for one in libraries if str(one["filepath"]).startswith(package)), libraries[0])
    return f"{library['internal_api']} {library['version']}, kernel {library.get('architecture', 'unknown')}"
