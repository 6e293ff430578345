"""Arrays of the accounting backend: NumPy's, on a device of which the host sees nothing without a move."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.accounting as accounting
from accel.errors import DeviceNotFoundError, MixedDevicesError, TransferError

__all__ = ["DEVICES", "HOST", "SIZE", "Array", "Device", "apply", "on", "place", "unwrap", "wrap"]

HOST = "numpy:cpu:0"

HostArray: TypeAlias = npt.NDArray[Any]


class Device:
    """One of the devices.

    Parameters
    ----------
    index : int
        Its number.
    """

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.index == other.index

    def __hash__(self) -> int:
        return hash((Device, self.index))

    def __repr__(self) -> str:
        return f"accounting:gpu:{self.index}"


DEVICES = (Device(0), Device(1))


def place(device: Any) -> Device:
    """Read a device of this backend; None means the first.

    Raises
    ------
    DeviceNotFoundError
        If it is none of them.
    """
    if device is None:
        return DEVICES[0]
    if device not in DEVICES:
        raise DeviceNotFoundError(f"The accounting backend has no device {device!r}; it has {DEVICES}.")
    found: Device = device
    return found


class Array:
    """An array on a device of the accounting backend; made by the functions of its namespace."""

    __slots__ = ("_values", "device")

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: HostArray, device: Device) -> None:
        self._values = values
        self.device = device

    # What is known without a move

    @property
    def dtype(self) -> Any:
        """Data type."""
        return self._values.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self._values.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._values.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._values.size

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self._values.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._values.nbytes

    def __len__(self) -> int:
        return len(self._values)

    # Printing is for people, who have to see the values somehow.

    def __repr__(self) -> str:
        return f"{self._values!r} on {self.device!r}"

    def __str__(self) -> str:
        return str(self._values)

    def __format__(self, spec: str) -> str:
        return format(self._values if self.ndim else self._values[()], spec)

    # Views

    @property
    def T(self) -> Array:  # noqa: N802 - the standard's name
        """Transpose of a matrix."""
        return Array(self._values.T, self.device)

    @property
    def mT(self) -> Array:  # noqa: N802 - the standard's name
        """Transpose of each matrix of a stack."""
        return Array(self._values.mT, self.device)

    @property
    def real(self) -> Array:
        """Real parts."""
        return Array(np.real(self._values), self.device)

    @property
    def imag(self) -> Array:
        """Imaginary parts."""
        return Array(np.imag(self._values), self.device)

    # Indexing

    def __getitem__(self, key: Any) -> Array:
        if any(_is_mask(k) for k in _keys(key)):
            accounting.synchronised("x[mask]", SIZE, self.device, HOST)
        result: Array = apply("x[key]", operator.getitem, self, _read(key))
        return result

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, Array) and value.ndim and any(_is_mask(k) for k in _keys(key)):
            accounting.synchronised("x[mask] = y", SIZE, self.device, HOST)
        apply("x[key] = y", operator.setitem, self, _read(key), value)

    # To the host and back

    def to_device(self, device: Any, /, *, stream: Any = None) -> Array:
        """Give the array with the same values on another device of this backend."""
        target = place(device)
        if target == self.device:
            return self
        moved: Array = accounting.moved(
            "x.to_device", self, self.device, target, lambda: Array(self._values.copy(), target)
        )
        return moved

    def _on_host(self, call: str, *, refuse: bool = False) -> HostArray:
        if refuse and not accounting.watched():
            raise TransferError(
                f"{call} takes arrays of the host, and this one is on {self.device}: GPU libraries do not move it by themselves; "
                f"use accel's function, or move it with accel.to_numpy(x)."
            )
        accounting.implicit(call, self, self.device, HOST)
        return self._values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> HostArray:
        if copy is False:
            raise ValueError("The array lies on a device; NumPy gets a copy of it or nothing.")
        return np.array(self._on_host("numpy.asarray(x)", refuse=True), dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(out, Array) for out in kwargs.get("out", ())):
            return NotImplemented
        if method == "__call__" and len(inputs) == 2 and isinstance(inputs[0], np.generic) and not kwargs:
            # NumPy's scalars know their operators, and leave them to an array that does.
            return apply(f"numpy.{ufunc.__name__}(x)", ufunc, *inputs)
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return getattr(ufunc, method)(*_fetched(f"numpy.{name}(x)", inputs), **kwargs)

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        if function in _FACTS:
            return function(*unwrap(args), **unwrap(kwargs))
        call = f"{function.__module__}.{function.__name__}(x)"
        return function(*_fetched(call, args), **_fetched(call, kwargs))

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        import accel.testing.accounting.namespace as namespace

        if api_version not in (
            None,
            namespace.__array_api_version__,
            "2021.12",
            "2022.12",
            "2023.12",
            "2024.12",
        ):
            raise ValueError(f"The accounting backend does not know version {api_version!r} of the standard.")
        return namespace

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self.device.index  # kDLCUDA, where a host library must not look

    def __dlpack__(self, *, dl_device: Any = None, copy: bool | None = None, **kwargs: Any) -> Any:
        if dl_device is None or dl_device[0] != 1 or copy is False:
            raise BufferError(
                "The memory of this array is on a device; ask for a copy on the host, dl_device=(1, 0)."
            )
        return self._on_host("x.__dlpack__(...)").copy().__dlpack__(**kwargs | {"stream": None})

    def item(self, *position: Any) -> Any:
        """Give one element as a Python number."""
        return self[position]._on_host("x.item()").item() if position else self._on_host("x.item()").item()

    def tolist(self) -> Any:
        """Give the elements as Python numbers, in nested lists."""
        return self._on_host("x.tolist()").tolist()

    def tobytes(self) -> bytes:
        """Give the memory of the elements in order."""
        return self._on_host("x.tobytes()").tobytes()

    def __bool__(self) -> bool:
        return bool(self._on_host("bool(x)"))

    def __int__(self) -> int:
        return int(self._on_host("int(x)"))

    def __float__(self) -> float:
        return float(self._on_host("float(x)"))

    def __complex__(self) -> complex:
        return complex(self._on_host("complex(x)"))

    def __index__(self) -> int:
        return operator.index(self._on_host("operator.index(x)"))

    def __iter__(self) -> Iterator[Array]:
        values = self._on_host("iter(x)")
        return (Array(np.asarray(value), self.device) for value in values)

    def __contains__(self, value: Any) -> bool:
        found: Array = apply("y in x", lambda x, y: np.any(x == y), self, value)
        return bool(found._on_host("y in x"))


SIZE = np.empty((), dtype=np.int64)
"""What the host learns when it waits for the size of a result."""

_FACTS = {np.ndim, np.shape, np.size, np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast}
"""Functions of NumPy that look at no element."""


def wrap(value: Any, device: Device) -> Any:
    """Put NumPy's arrays in a result onto a device."""
    if isinstance(value, np.ndarray | np.generic):
        return Array(np.asarray(value), device)
    if isinstance(value, tuple):
        items = (wrap(item, device) for item in value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


def _map(change: Callable[[Any], Any], value: Any) -> Any:
    """Change every array of NumPy's or of this backend in some arguments."""
    if isinstance(value, Array | np.ndarray):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)(_map(change, item) for item in value)
    if type(value) is dict:
        return {name: _map(change, item) for name, item in value.items()}
    return value


def unwrap(value: Any) -> Any:
    """Put NumPy's arrays in the place of this backend's."""
    return _map(lambda x: x._values if isinstance(x, Array) else x, value)


def _fetched(call: str, value: Any) -> Any:
    return _map(lambda x: x._on_host(call, refuse=True) if isinstance(x, Array) else x, value)


def on(call: str, value: Any, *, explicit: bool = False) -> Device | None:
    """Find the device of the arrays in some arguments, or None, and note the move of those that lie on the host.

    Raises
    ------
    MixedDevicesError
        If they lie on several.
    """
    found: list[Device] = []
    hosted: list[HostArray] = []
    _map(lambda x: found.append(x.device) if isinstance(x, Array) else hosted.append(x), value)
    if len(set(found)) > 1:
        raise MixedDevicesError(
            f"{call} got arrays on {' and '.join(sorted(map(repr, set(found))))}; "
            f"write accel.to_device(y, like=x) to bring them together."
        )
    if not explicit:
        for x in hosted:
            if found and not accounting.watched():
                raise TransferError(
                    f"{call} got an array of the host beside one on {found[0]}: GPU libraries do not move it by themselves; "
                    f"write accel.to_device(y, like=x)."
                )
            accounting.implicit(call, x, HOST, found[0] if found else DEVICES[0])
    return found[0] if found else None


def apply(call: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function of NumPy on the values of arrays, and put the result on their device."""
    device = on(call, (args, kwargs))
    result = function(*unwrap(args), **unwrap(kwargs))
    return wrap(result, place(device))


def _keys(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _read(key: Any) -> Any:
    """Make arrays of the lists in an index, which a device gets as such."""
    if isinstance(key, tuple):
        return tuple(map(_read, key))
    return np.asarray(key) if isinstance(key, list) else key


def _is_mask(key: Any) -> bool:
    return isinstance(key, Array | np.ndarray) and key.dtype == np.bool and key.ndim > 0


# Operators and methods are NumPy's, as those of GPU libraries are

_BINARY = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift",
)  # fmt: skip
_OPERATORS = [
    *(f"__{prefix}{name}__" for name in _BINARY for prefix in ("", "r", "i")),
    *(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "invert", "abs")),
    *("__divmod__", "__rdivmod__"),
]
_METHODS = [
    *(
        n
        for n in accel.__all__
        if n != "sort" and n not in vars(Array) and callable(getattr(np.ndarray, n, None))
    ),
    *("copy", "cumprod", "cumsum", "diagonal", "dot", "flatten", "ravel", "swapaxes", "trace", "transpose"),
]


def _operator(name: str) -> Callable[..., Any]:
    native = getattr(np.ndarray, name)

    def method(self: Array, *other: Any) -> Any:
        if other and not isinstance(other[0], Array | np.ndarray | np.generic | bool | int | float | complex):
            return NotImplemented
        result = apply(f"x.{name}", native, self, *other)
        return self if name.startswith("__i") and name != "__invert__" else result

    return method


def _method(name: str) -> Callable[..., Any]:
    native = getattr(np.ndarray, name)

    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        if name == "nonzero":
            accounting.synchronised("x.nonzero()", SIZE, self.device, HOST)
        return apply(f"x.{name}", native, self, *args, **kwargs)

    return method


for _make, _names in ((_operator, _OPERATORS), (_method, _METHODS)):
    for _name in _names:
        _made = _make(_name)
        _made.__name__, _made.__qualname__ = _name, f"Array.{_name}"
        _made.__doc__ = (
            getattr(np.ndarray, _name).__doc__ if _make is _operator else f"As ``numpy.ndarray.{_name}``."
        )
        setattr(Array, _name, _made)
