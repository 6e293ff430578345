"""The installation: distributions that overwrite each other, announcements that collide, copies that hide each other.

All of it is read from metadata and the file system; no library is imported.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

import accel
import accel.registry as registry
from accel.doctor.examination import Record

__all__ = ["location", "problems", "version"]


def location() -> str:
    """Give the folder that ``import accel`` takes."""
    return str(Path(__file__).parent.parent)


def version() -> str:
    """Give the version of the layer."""
    found = getattr(accel, "__array_api_version__", None) and getattr(accel, "__version__", None)
    return str(found or "unknown")


def problems() -> list[Record]:
    """List what is wrong with the installation, each with what would mend it."""
    holders = metadata.packages_distributions()
    found = [*_same_import_name(holders), *_overwritten(), *_hidden(), *_announced_twice(), *_of_python()]
    for name in registry.names():
        found += [*_doubled(name, holders), *_stood_in_for(name)]
    return [{"text": text, "fix": fix} for text, fix in found]


def _same_import_name(holders: object) -> Iterator[tuple[str, str]]:
    assert isinstance(holders, dict)
    others = sorted(set(holders.get("accel", ())) - {registry.OWN})
    for other in others:
        yield (
            f"The distribution {other!r} {metadata.version(other)} installs a package called accel too; "
            f"files of one overwrite those of the other.",
            f"use one environment for each, or: pip uninstall -y {other} && pip install --force-reinstall {registry.OWN}",
        )


def _overwritten() -> Iterator[tuple[str, str]]:
    """Find files of accel that are not the ones that were installed."""
    try:
        files = metadata.files(registry.OWN) or []
    except metadata.PackageNotFoundError:
        return
    changed = [
        str(file)
        for file in files
        if file.parts[0] == "accel" and file.suffix == ".py" and file.hash and not _has_hash(file)
    ]
    if changed:
        some = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        yield (
            f"Files of {registry.OWN} are missing or not those it came with: {some}.",
            f"pip install --force-reinstall {registry.OWN}",
        )


def _has_hash(file: metadata.PackagePath) -> bool:
    try:
        found = hashlib.new(file.hash.mode, file.read_binary()).digest()  # type: ignore[union-attr]
    except OSError:
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == file.hash.value  # type: ignore[union-attr]


def _hidden() -> Iterator[tuple[str, str]]:
    """Find further copies of the package on the module search path."""
    here = os.path.realpath(location())
    for folder in sys.path:
        spec = PathFinder.find_spec("accel", [folder or os.getcwd()])
        if spec is None or spec.origin is None:
            continue
        there = os.path.realpath(Path(spec.origin).parent)
        if there != here:
            yield (
                f"There is another accel at {spec.origin}; the one in use is {location()}.",
                f"remove it, or take {folder or os.getcwd()} off the module search path",
            )


def _doubled(name: str, holders: object) -> Iterator[tuple[str, str]]:
    """Find a library that several distributions hold, such as two builds of CuPy: they overwrite each other."""
    assert isinstance(holders, dict)
    several = sorted(set(holders.get(name, ())))
    if len(several) > 1:
        listed = " and ".join(f"{d} {metadata.version(d)}" for d in several)
        yield (
            f"The package {name} is held by several distributions, which overwrite each other: {listed}.",
            f"pip uninstall -y {' '.join(several)}, then install the one you want",
        )


def _stood_in_for(name: str) -> Iterator[tuple[str, str]]:
    """Find folders without an ``__init__.py`` that Python takes for a library that is not installed."""
    spec = PathFinder.find_spec(name)
    if spec is not None and spec.origin is None and spec.submodule_search_locations:
        folders = list(spec.submodule_search_locations)
        yield (
            f"Python takes the folder {' and '.join(folders)} for the library {name}, which is not installed.",
            "rename the folder, or start Python from another one",
        )


def _announced_twice() -> Iterator[tuple[str, str]]:
    points = registry.announced()
    for name in dict.fromkeys(point.name for point in points):
        first, *rest = (p for p in points if p.name == name)
        for other in rest:
            yield (
                f"The backend {name} is announced twice: {first.value} (by {_source(first)}) is used, "
                f"{other.value} (by {_source(other)}) is not.",
                f"pip uninstall {_source(other)}",
            )


def _of_python() -> Iterator[tuple[str, str]]:
    for point in registry.announced():
        if point.name in sys.stdlib_module_names:
            yield (
                f"{_source(point)} announces a backend for {point.name}, a package of Python's own; it is ignored.",
                f"pip uninstall {_source(point)}",
            )


def _source(point: metadata.EntryPoint) -> str:
    return "an unknown distribution" if point.dist is None else str(point.dist.metadata["Name"])
