"""Functions mapped over a mesh, and their messages: ``jax.shard_map`` and ``jax.lax``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from accel.errors import UnsupportedError
from accel_jax import _sharding

__all__ = ["collective", "shard_map"]

_lax: Any = jax.lax  # its functions have no types of their own


def shard_map(
    fn: Callable[..., Any], mesh: Any, in_specs: list[Any], out_specs: Any, /
) -> Callable[..., Any]:
    def native(spec: Any) -> Any:
        if isinstance(spec, dict):
            return {key: native(each) for key, each in spec.items()}
        if isinstance(spec, list):
            return tuple(map(native, spec))
        return _sharding.spread(mesh, spec).spec

    def part(*parts: Any) -> Any:
        out = fn(*parts)
        return tuple(out) if isinstance(out, list) else out

    mapped: Callable[..., Any] = jax.shard_map(
        part, mesh=mesh, in_specs=native(in_specs), out_specs=native(out_specs)
    )
    return mapped


def collective(name: str, x: Any, axis: Any, /, **options: Any) -> Any:
    match name:
        case "psum":
            return _lax.psum(x, axis)
        case "pmean":
            return _lax.pmean(x, axis)
        case "all_gather":
            return _lax.all_gather(x, axis, axis=options["axis"], tiled=True)
        case "ppermute":
            return _lax.ppermute(x, axis, options["pairs"])
        case "axis_index":
            return _lax.axis_index(axis).astype("int32")
    raise UnsupportedError(f"JAX's door knows no collective {name!r}.")
