"""The hooks of the CuPy backend (`accel.backend.Door`): its devices, moves between them and the host, its errors in plain words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any

import cupy as cp
import numpy as np

from accel.errors import (
    AccelError,
    AxisError,
    DeviceMemoryError,
    DTypeError,
    MixedDevicesError,
    ShapeError,
    TransferError,
    UnsupportedError,
)
from accel_cupy import _creation, _device, _info

cuda: Any = cp.cuda
runtime: Any = cp.cuda.runtime

EMULATION = b"CPU emulation"
"""The name that a build of CuPy without a GPU gives its one device."""


def devices() -> tuple[Any, ...]:
    return _info.Info().devices()


def describe(native: Any, /) -> tuple[str, int, str]:
    return "gpu", native.id, runtime.getDeviceProperties(native.id)["name"].decode(errors="replace")


def emulated(native: Any, /) -> bool:
    return bool(runtime.getDeviceProperties(native.id)["name"] == EMULATION)


# An array does not know its stream, and the current one waits for no stream that was made with non_blocking=True: so all are waited for.
def to_host(x: Any, /) -> Any:
    with x.device:
        x.device.synchronize()
        return cp.asnumpy(x)


def from_host(array: Any, /, *, device: Any, copy: bool | None) -> Any:
    if copy is False:
        raise TransferError("CuPy cannot share host memory with a GPU; write copy=None to allow the copy.")
    return _creation.asarray(array, device=device)


# A compiler's array on the same GPU arrives by DLPack, one in host memory by a copy.
def adopt(x: Any, /, *, device: Any, copy: bool) -> Any:
    if isinstance(x, np.ndarray):
        return _creation.asarray(x, device=device)
    with device:
        return cp.array(cp.from_dlpack(x), copy=copy)


def frexp(x: Any, /) -> tuple[Any, Any]:
    m, e = cp.frexp(x)
    return m, e.astype(x.dtype)


def ldexp(x: Any, e: Any, /) -> Any:
    return cp.ldexp(x, e.astype(cp.int32))


def put(x: Any, /, *, device: Any, copy: bool | None) -> Any:
    target = _device.native(device)
    if target == x.device:
        return x.copy() if copy else x
    if copy is False:
        raise TransferError(
            f"{x.device} and {target} do not share memory; write copy=None to allow the copy."
        )
    return _device.move(x, target)


SHAPE_WORDS = (
    "0d arrays",
    "broadcast",
    "dimension",
    "mismatch",
    "Scalar operands",
    "shape",
    "size",
    "square",
)
OTHER_WORDS = ("Negative dimensions", "no identity")


def translate(error: BaseException, /) -> AccelError | None:
    message = _sentence(error)
    if isinstance(error, AccelError):
        return None
    if isinstance(error, cp.cuda.memory.OutOfMemoryError):
        return _full(error)
    if isinstance(error, ValueError) and "Array device must be same" in message:
        return MixedDevicesError(f"{message} Write accel.to_device(y, like=x) to bring the arrays together.")
    if isinstance(error, IndexError):
        return AxisError(message)
    if isinstance(error, np.exceptions.DTypePromotionError) or _is_dtype_refusal(error):
        return DTypeError(message)
    if isinstance(error, cuda.compiler.CompileException) and not _is_about_libraries(error):
        return UnsupportedError("CuPy has no kernel for these dtypes; cast to float32 or float64 first.")
    if isinstance(error, NotImplementedError):
        return UnsupportedError(message)
    if isinstance(error, BufferError):
        return TransferError(message)
    if isinstance(error, ValueError | TypeError) and not any(words in message for words in OTHER_WORDS):
        return ShapeError(message) if any(words in message for words in SHAPE_WORDS) else None
    return None


def _sentence(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _is_dtype_refusal(error: BaseException) -> bool:
    return isinstance(error, TypeError) and str(error).startswith(
        (
            "Wrong type ",
            "Cannot cast ",
            "The cupy boolean ",
            "cupy boolean ",
            "float16 is unsupported",
            "Unsupported dtype",
        )
    )


def _full(error: Any) -> DeviceMemoryError:
    """Say how much was asked for and who holds the memory: CuPy's pool, or others on the device."""
    pool = cp.get_default_memory_pool()
    # The figures lack only where CuPy's own error is made by other code than its pool.
    asked = f"{error._size:,} bytes" if hasattr(error, "_size") else "more memory than is left"
    device = cp.cuda.Device()
    free, total = device.mem_info
    limit = f", with a limit of {pool.get_limit():,}" if pool.get_limit() else ""
    return DeviceMemoryError(
        f"GPU {device.id} is full: {asked} were asked for, {free:,} of {total:,} bytes are free there; CuPy's pool holds "
        f"{pool.total_bytes():,} bytes{limit}, {pool.used_bytes():,} of them in use. Free arrays, or give unused memory back "
        f"with cupy.get_default_memory_pool().free_all_blocks()."
    )


# CuPy's devices are the context managers themselves.
def current(native: Any, /) -> Any:
    return native


def library() -> Any:
    return cp


def versions() -> Mapping[str, str]:
    found = {"cupy": cp.__version__, "numpy": np.__version__}
    asked: dict[str, Callable[[], str]] = {
        "distribution": lambda: ", ".join(_distributions()),
        "ROCm runtime" if runtime.is_hip else "CUDA runtime": lambda: _release(runtime.runtimeGetVersion()),
        "ROCm driver" if runtime.is_hip else "CUDA driver": lambda: _release(runtime.driverGetVersion()),
        "NVRTC": lambda: ".".join(map(str, cuda.nvrtc.getVersion())),
        "cuBLAS": lambda: str(cuda.cublas.getVersion(cuda.device.get_cublas_handle())),
        "cuFFT": lambda: str(cuda.cufft.getVersion()),
        "compute capability": lambda: ", ".join(
            f"{d.compute_capability[:-1]}.{d.compute_capability[-1]}" for d in devices()
        ),
        "accelerators": lambda: os.environ.get("CUPY_ACCELERATORS", "default"),
    }
    for name, ask in asked.items():
        # A library that is missing is what the report is to show, not a reason to have none.
        try:
            found[name] = ask()
        except Exception as error:
            found[name] = f"unknown ({type(error).__name__})"
    return found


def _release(number: int) -> str:
    if runtime.is_hip:
        return f"{number // 10_000_000}.{number // 100_000 % 100}"
    return f"{number // 1000}.{number % 1000 // 10}" if number else "none"


def _distributions() -> list[str]:
    """Name the installed distributions that claim to be CuPy."""
    return sorted(set(metadata.packages_distributions().get("cupy", ())))


def explain_failure(error: BaseException, /) -> tuple[str, str] | None:
    message = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    name = str(error).partition(":")[0].removeprefix("hip").removeprefix("cuda")
    if isinstance(error, runtime.CUDARuntimeError) and name == "ErrorInsufficientDriver":
        return _about_driver()
    if isinstance(error, runtime.CUDARuntimeError) and name == "ErrorNoDevice":
        return _about_visibility()
    if name == "ErrorNoKernelImageForDevice" or "gpu-architecture" in str(error):
        return (
            f"this build of CuPy has no code for this generation of GPU ({message})",
            f"pip install --upgrade {_package()}",
        )
    if isinstance(error, MemoryError) or name == "ErrorMemoryAllocation":
        return (
            f"the GPU has no memory left ({message})",
            "see who holds it with nvidia-smi; a JAX process takes 75 % unless XLA_PYTHON_CLIENT_PREALLOCATE=false is set",
        )
    if _is_about_libraries(error):
        return f"a part of the CUDA toolkit is missing ({message})", f"pip install '{_package()}[ctk]'"
    return _about_rivals()


def _about_driver() -> tuple[str, str]:
    kind, needed = ("AMD", "ROCm") if runtime.is_hip else ("NVIDIA", "CUDA")
    has = runtime.driverGetVersion()
    wants = _release(runtime.runtimeGetVersion())
    if has == 0:
        return (
            f"no {kind} driver was found on this machine",
            f"install the {kind} driver, or start the container with access to the GPU (docker run --gpus all)",
        )
    return (
        f"the {kind} driver is for {needed} {_release(has)} and CuPy uses {needed} {wants}",
        f"update the {kind} driver to one for {needed} {wants}, or install the CuPy of an older {needed}",
    )


def _about_visibility() -> tuple[str, str]:
    for variable in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        value = os.environ.get(variable)
        if value is not None:
            return f"the driver shows no GPU, and {variable} is set to {value!r}", f"unset {variable}"
    return (
        "the driver is there and sees no GPU",
        "see whether nvidia-smi lists one; a container needs to be started with access to it (docker run --gpus all)",
    )


def _is_about_libraries(error: BaseException) -> bool:
    text = str(error)
    missing = (
        "cannot open shared object",
        "failed to load",
        "Failed to find",
        "Failure finding",
        "cannot open source file",
    )
    return any(words in text for words in missing)


def _about_rivals() -> tuple[str, str] | None:
    found = _distributions()
    if len(found) < 2:
        return None
    return (
        f"{' and '.join(found)} are installed together and overwrite each other's files",
        f"pip uninstall -y {' '.join(found)} && pip install {found[-1]}",
    )


def _package() -> str:
    """Name the distribution of CuPy that fits: the installed one, else the one for the CUDA that this build uses."""
    found = _distributions()
    if found and found[0] != "cupy":
        return found[0]
    return f"cupy-cuda{runtime.runtimeGetVersion() // 1000}x"


def notes() -> Iterator[tuple[str, str | None]]:
    rivals = _about_rivals()
    if rivals is not None:
        yield rivals
    try:
        found = devices()
    except runtime.CUDARuntimeError:
        return
    if any(map(emulated, found)):
        yield (
            "this build of CuPy runs its kernels on the CPU: results are tested here, speed and streams are not",
            None,
        )
