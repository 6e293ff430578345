"""Checkpoints: a model, and the state of its training, in one safetensors file that is either whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import accel
from accel.errors import AccelError, ArgumentError

FORMAT = "accel-gpt-1"
"""Written into each file, so that another kind of safetensors file is told apart."""

NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32", "U64": "uint64",
    "I64": "int64", "F16": "float16", "F32": "float32", "F64": "float64",
}  # fmt: skip
"""The dtypes of safetensors that NumPy has by itself, in its words."""


class CheckpointError(AccelError, ValueError):
    """A checkpoint that cannot be read, is not what was asked for, or cannot be written."""


@dataclass(frozen=True)
class Checkpoint:
    """What one file holds.

    Parameters
    ----------
    kind : str
        "model", "adapters" or "quantised".
    facts : dict
        Anything JSON can say: configuration, tokenizer, settings, step.
    arrays : dict of dict of arrays
        Arrays by group ("params", "mean", ...) and name.
    """

    kind: str
    facts: dict[str, Any]
    arrays: dict[str, dict[str, Any]] = field(default_factory=dict)

    def digest(self, group: str = "params") -> str:
        """Give a short fingerprint of the names and bits of one group."""
        return _digest({name: _host(x) for name, x in self.arrays[group].items()})[:16]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, so that whatever happens in between the file at ``path`` is the old one or the new one.

    The bytes go to a file beside it, are flushed to the disk, and take its name in one step (``rename`` of POSIX).

    Raises
    ------
    CheckpointError
        If the disk is full or the place cannot be written to. What was there before is as it was.
    """
    tensors = {
        f"{group}/{name}": _host(x)
        for group, arrays in checkpoint.arrays.items()
        for name, x in arrays.items()
    }
    facts = json.dumps(checkpoint.facts)
    metadata = {
        "format": FORMAT,
        "kind": checkpoint.kind,
        "facts": facts,
        "digest": _digest(tensors, checkpoint.kind, facts),
    }
    data = _package().numpy.save(tensors, metadata)
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with open(part, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        old = "; the file of before is as it was" if path.exists() else ""
        raise CheckpointError(
            f"the checkpoint {path} ({len(data) / 1e6:.1f} MB) cannot be written: {error.strerror or error}{old}."
        ) from None


def load(path: Path, kind: str | None = None, *, device: Any = None) -> Checkpoint:
    """Read a checkpoint onto any device of any backend.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        What it must be.
    device : device or str, optional
        Where the arrays shall be; NumPy's by default.

    Raises
    ------
    CheckpointError
        If there is no such file, it is cut short, damaged, of another format or of another kind.
    """
    tensors, metadata = read(path)
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} is a safetensors file but no checkpoint of this program; give one that `train` wrote."
        )
    found, facts = metadata.get("kind", ""), metadata.get("facts", "")
    if metadata.get("digest") != _digest(tensors, found, facts):
        raise CheckpointError(
            f"{path} is damaged: its contents are not those that were written; use another checkpoint."
        )
    if kind is not None and found != kind:
        raise CheckpointError(f"{path} holds {found}, and {kind} is needed here.")
    groups: dict[str, dict[str, Any]] = {}
    for each, x in tensors.items():
        group, _, name = each.partition("/")
        groups.setdefault(group, {})[name] = x if device is None else accel.to_device(x, device)
    return Checkpoint(found, json.loads(facts), groups)


def read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Read any safetensors file: arrays of NumPy that can be written to, and the metadata.

    Raises
    ------
    CheckpointError
        If the file cannot be read.
    """
    package = _package()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} cannot be read: {error.strerror or error}.") from None
    try:
        size = int.from_bytes(data[:8], "little")
        found = package.deserialize(data)
        header = json.loads(data[8 : 8 + size])
    except (package.SafetensorError, ValueError) as error:
        raise CheckpointError(
            f"{path} is no whole safetensors file, it may be cut short or damaged ({error}); use another checkpoint."
        ) from None
    tensors = {}
    for name, facts in found:
        dtype = dtype_of(facts["dtype"])
        if dtype is None:
            raise CheckpointError(f"{path} holds {name} in {facts['dtype']}, which accel has no dtype for.")
        values = np.frombuffer(facts["data"], dtype=dtype).copy()
        tensors[name] = values.reshape(facts["shape"])
    return dict(sorted(tensors.items())), header.get("__metadata__", {})


def dtype_of(word: str) -> Any:
    """Give NumPy's dtype for a word of safetensors, or None where accel has none.

    Raises
    ------
    UnsupportedError
        If it is bfloat16, and the package from which NumPy has it is not installed.
    """
    if word == "BF16":  # NumPy knows it by the package that accel takes it from
        return accel.to_numpy(accel.zeros((), dtype=accel.bfloat16, device="numpy")).dtype
    return np.dtype(NAMES[word]) if word in NAMES else None


def _host(x: Any) -> Any:
    return np.ascontiguousarray(accel.to_numpy(x)).reshape(x.shape)


def _digest(tensors: Mapping[str, Any], *texts: str) -> str:
    """Give a fingerprint of names, dtypes, shapes, bits and texts: safetensors has none of its own."""
    found = hashlib.sha256()
    for text in texts:
        found.update(f"{len(text)}:{text}".encode())
    for name in sorted(tensors):
        x = tensors[name]
        found.update(f"{name} {x.dtype.name} {x.shape}".encode())
        found.update(x.reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def _flush_folder(folder: Path) -> None:
    """Make a new name last: on POSIX it is written down only with its folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ArgumentError(
            "checkpoints need the safetensors package; write: pip install safetensors."
        ) from None
    return safetensors
