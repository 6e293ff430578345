"""accel: one tensor-op API over native arrays, with the same results on each.

This module is a conforming Array API namespace (2025.12): each function calls the library that owns its arguments. Nothing is
imported before it is used; the names below `_OWN` live in the chapters of `accel.spec`.
"""

TYPE_CHECKING = (
    False  # as type checkers know it; importing `typing` would double the time `import accel` takes
)

__array_api_version__ = "2025.12"
__version__ = "0.1.0"

_CHAPTERS = (
    "constants",
    "creation",
    "data_type",
    "elementwise",
    "indexing",
    "linear_algebra",
    "manipulation",
    "searching",
    "set",
    "sorting",
    "statistical",
    "utility",
)

_OWN = {
    "Device": "placement",
    "Explanation": "placement",
    "Mesh": "sharding",
    "__array_namespace_info__": "namespaces",
    "backends": "registry",
    "checked": "checking",
    "checkpoint": "transform",
    "collective": "",
    "cond": "transform",
    "custom_vjp": "transform",
    "default_dtypes": "policy",
    "device": "placement",
    "devices": "placement",
    "distributed": "",
    "errors": "",
    "explain": "placement",
    "extra": "",
    "fft": "",
    "fori_loop": "transform",
    "gather": "sharding",
    "grad": "transform",
    "jit": "transform",
    "jvp": "transform",
    "linalg": "",
    "matmul_precision": "policy",
    "mesh": "sharding",
    "namespace": "namespaces",
    "nn": "",
    "random": "",
    "replicate": "sharding",
    "scan": "transform",
    "shard": "sharding",
    "shard_map": "collective",
    "stop_gradient": "transform",
    "support": "",
    "supports": "support",
    "switch": "transform",
    "to_device": "transfer",
    "to_numpy": "transfer",
    "transfers": "accounting",
    "transform": "",
    "typing": "",
    "use_device": "placement",
    "use_mesh": "sharding",
    "value_and_grad": "transform",
    "vjp": "transform",
    "vmap": "transform",
    "while_loop": "transform",
    "x64": "policy",
}
"""accel's own names -> the module that defines them; an empty string marks a sub-module."""

if TYPE_CHECKING:
    from typing import Any

    from accel import collective as collective
    from accel import distributed as distributed
    from accel import errors as errors
    from accel import extra as extra
    from accel import fft as fft
    from accel import linalg as linalg
    from accel import nn as nn
    from accel import random as random
    from accel import support as support
    from accel import transform as transform
    from accel import typing as typing
    from accel.accounting import transfers as transfers
    from accel.checking import checked as checked
    from accel.collective import shard_map as shard_map
    from accel.dtype import *  # noqa: F403
    from accel.namespaces import __array_namespace_info__ as __array_namespace_info__
    from accel.namespaces import namespace as namespace
    from accel.placement import Device as Device
    from accel.placement import Explanation as Explanation
    from accel.placement import device as device
    from accel.placement import devices as devices
    from accel.placement import explain as explain
    from accel.placement import use_device as use_device
    from accel.policy import default_dtypes as default_dtypes
    from accel.policy import matmul_precision as matmul_precision
    from accel.policy import x64 as x64
    from accel.registry import backends as backends
    from accel.sharding import Mesh as Mesh
    from accel.sharding import gather as gather
    from accel.sharding import mesh as mesh
    from accel.sharding import replicate as replicate
    from accel.sharding import shard as shard
    from accel.sharding import use_mesh as use_mesh
    from accel.spec.constants import *  # noqa: F403
    from accel.spec.creation import *  # noqa: F403
    from accel.spec.data_type import *  # noqa: F403
    from accel.spec.elementwise import *  # noqa: F403
    from accel.spec.indexing import *  # noqa: F403
    from accel.spec.linear_algebra import *  # noqa: F403
    from accel.spec.manipulation import *  # noqa: F403
    from accel.spec.searching import *  # noqa: F403
    from accel.spec.set import *  # noqa: F403
    from accel.spec.sorting import *  # noqa: F403
    from accel.spec.statistical import *  # noqa: F403
    from accel.spec.utility import *  # noqa: F403
    from accel.support import supports as supports
    from accel.transfer import to_device as to_device
    from accel.transfer import to_numpy as to_numpy
    from accel.transform import checkpoint as checkpoint
    from accel.transform import cond as cond
    from accel.transform import custom_vjp as custom_vjp
    from accel.transform import fori_loop as fori_loop
    from accel.transform import grad as grad
    from accel.transform import jit as jit
    from accel.transform import jvp as jvp
    from accel.transform import scan as scan
    from accel.transform import stop_gradient as stop_gradient
    from accel.transform import switch as switch
    from accel.transform import value_and_grad as value_and_grad
    from accel.transform import vjp as vjp
    from accel.transform import vmap as vmap
    from accel.transform import while_loop as while_loop


def _standard() -> "dict[str, Any]":
    """Load the chapters and give the standard's names."""
    from importlib import import_module

    modules = [
        import_module("accel.dtype"),
        *(import_module(f"accel.spec.{chapter}") for chapter in _CHAPTERS),
    ]
    return {name: getattr(module, name) for module in modules for name in module.__all__}


def __getattr__(name: str) -> "Any":
    """Load a name at its first use and keep it."""
    from importlib import import_module

    if name in _OWN:
        home = _OWN[name]
        module = import_module(f"accel.{home or name}")
        value = getattr(module, name) if home else module
        globals()[name] = value
        return value
    if name == "__all__":
        return sorted({*_OWN, *_standard()} - {"errors", "support", "typing"})
    if name.startswith("_"):
        raise AttributeError(f"module 'accel' has no attribute {name!r}")
    found = _standard()
    # A sub-module of the same name as a function (device, namespace ...) must not be shadowed by loading the chapters.
    globals().update({key: value for key, value in found.items() if key not in _OWN})
    if name not in found:
        raise AttributeError(f"module 'accel' has no attribute {name!r}")
    return found[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_OWN, *_standard()})
