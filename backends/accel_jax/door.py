"""What accel asks of JAX beside the Array API: devices, moves, errors, versions."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from accel.errors import (
    AccelError,
    DeviceMemoryError,
    DTypeError,
    MixedDevicesError,
    ShapeError,
    TransferError,
    UnsupportedError,
)
from accel.transform.compilation import NOTHING, Donated
from accel_jax import (
    _accurate,
    _collective,
    _compile,
    _creation,
    _distributed,
    _info,
    _memory,
    _precision,
    _sharding,
    _transforms,
    _x64,
)

_KINDS = {"cuda": "gpu", "rocm": "gpu"}


def devices() -> tuple[Any, ...]:
    return _info.devices()


def describe(native: Any, /) -> tuple[str, int, str]:
    if native is None:
        kind, _, _ = describe(_info.default_device())
        return kind, -1, "where the compiled function will run"
    if not isinstance(native, jax.Device):
        # A sharding: an array that lies on several devices of one platform.
        parts = sorted(native.device_set, key=lambda device: device.id)
        kind, index, name = describe(parts[0])
        return kind, index, f"{len(parts)} x {name}"
    platform = str(native.platform)
    return _KINDS.get(platform, platform), native.id, native.device_kind


def device_of(x: Any, /) -> Any:
    traced = x
    # The tracers of vmap and grad wrap the array that they stand for.
    while isinstance(x, Tracer):
        x = getattr(x, "primal", getattr(x, "val", None))
    if isinstance(x, jax.Array):
        found = x.devices()
        return next(iter(found)) if len(found) == 1 else x.sharding
    # Those of jit stand for arrays to come, whose place is known only where a mesh of real devices fixes it.
    # Else the answer is None, and with `device=None` JAX puts what is made in the trace beside them; a device
    # of our choice could be another than theirs.
    place = getattr(jax.typeof(traced), "sharding", None)
    mesh = getattr(place, "mesh", None)
    if isinstance(mesh, jax.sharding.Mesh) and mesh.devices.size:
        return mesh.devices.flat[0] if mesh.devices.size == 1 else place
    return None


def to_host(x: Any, /) -> Any:
    _sharding.check_here(x)
    return np.asarray(x)


def from_host(array: Any, /, *, device: Any, copy: bool | None) -> Any:
    if copy is not False:
        # jax.device_put would share the memory of an aligned array on a CPU, even with may_alias=False
        # (0.10); jnp.array never does.
        return _creation.asarray(array, device=device, copy=copy)
    x = _put(array, device=device)
    if array.size and np.asarray(x).ctypes.data != array.ctypes.data:
        raise TransferError(
            f"JAX shares the memory of a NumPy array only on a CPU device, when it is contiguous and aligned to 64 bytes; "
            f"this one, for {device}, needs a copy: write copy=None."
        )
    return x


def put(x: Any, /, *, device: Any, copy: bool | None) -> Any:
    if device_of(x) == device and not isinstance(x, Tracer):
        return _creation.asarray(x, copy=True) if copy else x
    if copy is False:
        raise TransferError(
            f"The array lies on {device_of(x)}, not on {device}; write copy=None to allow the copy."
        )
    return _put(x, device=device)


@_x64.wide
def _put(x: Any, *, device: Any) -> Any:
    return _sharding.put(x, device)


everywhere = _sharding.everywhere
mesh = _sharding.mesh
spread = _sharding.spread
gather = _x64.wide(_sharding.gather)
use_mesh = _sharding.use_mesh
shard_map = _collective.shard_map
collective = _collective.collective

initialize = _distributed.initialize
shutdown = _distributed.shutdown
process = _distributed.process
from_parts = _x64.wide(_distributed.from_parts)


_SHAPE_WORDS = ("shape", "dimension", "ndim", "rank", "1D", "axes must match", "Incompatible types")
"""What JAX's messages about shapes have in common; they come as ValueError and as TypeError."""


def translate(error: BaseException, /) -> BaseException | None:
    if isinstance(
        error, (jax.errors.JAXTypeError, jax.errors.JAXIndexError, jax.errors.UnexpectedTracerError)
    ):
        # About tracing, and best said by JAX.
        return error
    text = str(error)
    if isinstance(error, ValueError) and "incompatible devices" in text:
        step = "Bring the arrays together first: accel.to_device(y, like=x)."
        if "sharding_constraint" in text:
            step = "Spread the arguments over the mesh first: accel.shard(x, spec) or accel.replicate(x)."
        return MixedDevicesError(f"{text.partition(chr(10))[0].rstrip('.')}. {step}")
    if isinstance(error, jax.errors.JaxRuntimeError) and "Disallowed" in text and "transfer" in text:
        what = text.partition(chr(10))[0].partition("Disallowed ")[2].rstrip(".")
        return TransferError(f'JAX would make a {what}, inside accel.transfers("forbid").')
    if isinstance(error, (jax.errors.JaxRuntimeError, ValueError)) and "RESOURCE_EXHAUSTED" in text:
        return DeviceMemoryError(
            f"{text.partition(chr(10))[0].rstrip('.')}. Free arrays, or see whether JAX's preallocation leaves room: "
            f"XLA_PYTHON_CLIENT_PREALLOCATE=false."
        )
    line = text.partition(chr(10))[0].rstrip(".")
    if isinstance(error, (ValueError, TypeError)) and "integer type" in text:
        return DTypeError(line)
    if isinstance(error, (ValueError, TypeError)) and any(word in text for word in _SHAPE_WORDS):
        return ShapeError(line)
    if isinstance(error, NotImplementedError) and not isinstance(error, AccelError):
        return UnsupportedError(f"JAX lacks this here: {text.partition(chr(10))[0].rstrip('.')}.")
    return None


def x64() -> AbstractContextManager[None]:
    return _x64.x64()


# On the CPU JAX guards no move to the host. What goes to a device is left out: JAX's guard flags its own scalars and slices
# (x + 1, x[0]), and on all devices but the first its own zeros and ones, so that no program would pass.
@contextmanager
def transfers(mode: str, /, *, explicit: bool) -> Iterator[None]:
    level = "allow" if mode == "allow" else "disallow_explicit" if explicit else "disallow"
    with jax.transfer_guard_device_to_host(level):
        yield


def jit(fn: Callable[..., Any], /, *, checked: bool, donated: Donated = NOTHING) -> Callable[..., Any]:
    return _compile.jit(fn, checked=checked, donated=donated)


transforms = _transforms


# On a CPU device_put shares the memory of a NumPy array whose alignment is XLA's, and copies others.
def borrow(arrays: list[Any], /, *, device: Any, copy: bool) -> list[Any]:
    with _x64.x64():
        if any(isinstance(x, np.ndarray | np.generic) for x in arrays):
            taken = [np.array(x) for x in arrays] if copy else arrays
            made: list[Any] = jax.device_put(taken, device)
            return made
        return [jnp.from_dlpack(x, copy=copy or None) for x in arrays]


_UNTRACEABLE = {
    jax.errors.TracerBoolConversionError: "truth",
    jax.errors.NonConcreteBooleanIndexError: "mask",
    jax.errors.TracerIntegerConversionError: "index",
    jax.errors.TracerArrayConversionError: "array",
    jax.errors.ConcretizationTypeError: "value",
    jax.errors.UnexpectedTracerError: "stranger",
}


def untraceable(error: BaseException, /) -> str | None:
    for cls, reason in _UNTRACEABLE.items():
        if isinstance(error, cls):
            return reason
    return "change" if isinstance(error, TypeError) and "immutable" in str(error) else None


_kept = _x64.wide(_accurate.kept)
_frexp = _x64.wide(_accurate.frexp)
_ldexp = _x64.wide(_accurate.ldexp)


def frexp(x: Any, /) -> tuple[Any, Any]:
    found: tuple[Any, Any] = _frexp(x)
    return found


def ldexp(x: Any, e: Any, /) -> Any:
    return _ldexp(x, e)


def kept(x: Any, /) -> Any:
    return _kept(x)


def current(native: Any, /) -> AbstractContextManager[Any]:
    scope: AbstractContextManager[Any] = jax.default_device(native)
    return scope


def traced(x: Any, /) -> bool:
    return isinstance(x, Tracer)


def check(failed: Any, message: str, facts: Callable[[], Mapping[str, Any]], /) -> bool:
    return _compile.check(failed, message, facts)


def checking() -> AbstractContextManager[None]:
    return _compile.checking("on")


def matmul_precision(mode: str, /) -> AbstractContextManager[None]:
    return _precision.scope(mode)


_DISTRIBUTIONS = (
    "jax",
    "jaxlib",
    "jax-cuda12-plugin",
    "jax-cuda13-plugin",
    "jax-rocm60-plugin",
    "jax-rocm7-plugin",
    "libtpu",
)


def library() -> Any:
    return jnp


def versions() -> Mapping[str, str]:
    found = {}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    for device in _info.devices():
        version = getattr(device.client, "platform_version", "")
        found.setdefault(f"{device.platform} runtime", " ".join(version.split()) or "unnamed")
    return found


# What a failure says -> (the reason, the step that would mend it).
_FAILURES = (
    (
        "requires jaxlib to be installed",
        "JAX is installed without jaxlib, its compiled half",
        'pip install "accel-xp[jax]"',
    ),
    (
        "No module named 'jaxlib'",
        "JAX is installed without jaxlib, its compiled half",
        'pip install "accel-xp[jax]"',
    ),
    ("No module named 'jax'", "JAX is not installed", 'pip install "accel-xp[jax]"'),
    (
        "but this version of jax requires",
        "jax and jaxlib are of versions that do not fit",
        "pip install -U jax jaxlib",
    ),
    (
        "incompatible with jaxlib",
        "jax and jaxlib are of versions that do not fit",
        "pip install -U jax jaxlib",
    ),
    (
        "Unknown backend: 'tpu'",
        "the TPU runtime of JAX is not installed",
        'pip install "accel-xp[jax-tpu]"',
    ),
    (
        "TPU is already in use",
        "another process holds the TPU, and only one can",
        "end that process, or remove /tmp/libtpu_lockfile if it is gone",
    ),
    (
        "Unknown backend: 'rocm'",
        "the AMD GPU plugin of JAX is not installed",
        "install JAX's ROCm plugin as docs.jax.dev/en/latest/installation.html says",
    ),
    (
        "Unknown backend",
        "the GPU plugin of JAX is not installed",
        'pip install "accel-xp[jax-cuda13]", or jax-cuda12 for an older driver',
    ),
    (
        "no supported devices found for platform CUDA",
        "JAX's GPU plugin finds no NVIDIA device",
        "look whether nvidia-smi lists one, and unset CUDA_VISIBLE_DEVICES",
    ),
    (
        "CUDA_ERROR_NO_DEVICE",
        "the NVIDIA driver finds no device",
        "look whether nvidia-smi lists one, and unset CUDA_VISIBLE_DEVICES",
    ),
    (
        "driver version is insufficient",
        "the NVIDIA driver is older than the CUDA runtime of JAX's plugin",
        'update the driver, or pip install "accel-xp[jax-cuda12]"',
    ),
    (
        "RESOURCE_EXHAUSTED",
        "the device has no memory left",
        "free it, or set XLA_PYTHON_CLIENT_PREALLOCATE=false before JAX starts",
    ),
    (
        "Unable to initialize backend",
        "a backend named in JAX_PLATFORMS does not start",
        "unset JAX_PLATFORMS, or install the plugin it names",
    ),
)


def explain_failure(error: BaseException, /) -> tuple[str, str] | None:
    text = str(error)
    for sign, reason, step in _FAILURES:
        if sign in text:
            return reason, step
    return None


def notes() -> Iterable[tuple[str, str | None]]:
    return _memory.notes()
