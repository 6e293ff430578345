"""Arrays over several devices: a mesh gives the devices names in rows and columns, a spec says which axis of an array lies along which.

The compiler of the library that owns the arrays divides the work; on a mesh of one device nothing happens.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

import accel.accounting as accounting
import accel.registry as registry
from accel.errors import (
    ArgumentError,
    DeviceNotFoundError,
    MixedBackendsError,
    MixedDevicesError,
    ShapeError,
    UnknownArrayError,
    UnsupportedError,
)
from accel.lending import current
from accel.placement import SEVERAL, Device, default_device, device, listed, resolve
from accel.registry import Backend
from accel.transfer import move

__all__ = ["Mesh", "gather", "mesh", "replicate", "shard", "use_mesh"]

T = TypeVar("T")

Spec = Any
"""A tuple with, for each axis of an array, the name of an axis of the mesh, a tuple of such names, or None."""

VIRTUAL = (
    "on a CPU, XLA_FLAGS=--xla_force_host_platform_device_count=8 in the environment gives JAX eight of them"
)

_meshes: ContextVar[tuple[Mesh, ...]] = ContextVar("accel_mesh", default=())


@dataclass(frozen=True)
class Mesh:
    """Devices in a grid whose axes have names; made by `accel.mesh`.

    Attributes
    ----------
    shape : tuple of int
        How many devices lie along each axis.
    names : tuple of str
        What the axes are called.
    devices : tuple of Device
        The devices, row by row.
    native : object
        The library's own mesh; None for a mesh of one device.
    """

    shape: tuple[int, ...]
    names: tuple[str, ...]
    devices: tuple[Device, ...]
    native: Any = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """How many devices there are."""
        return len(self.devices)

    @property
    def axes(self) -> dict[str, int]:
        """Name of each axis -> how many devices lie along it."""
        return dict(zip(self.names, self.shape, strict=True))

    @property
    def backend(self) -> str:
        """Name of the backend of the devices."""
        return self.devices[0].backend

    def device(self, spec: Spec = ()) -> Device:
        """Give the devices as one, over which an array is divided as a spec says.

        Parameters
        ----------
        spec : tuple of (str, tuple of str, or None)
            As in `accel.shard`; by default each device gets the whole array.

        Returns
        -------
        Device
            What `accel.to_device` and the ``device`` of creation functions take. Its index is -1 on several devices.

        Raises
        ------
        ArgumentError
            If the spec is none, or names an axis that the mesh does not have.
        """
        checked = _spec("Mesh.device", spec, self)
        if self.size == 1:
            return self.devices[0]
        backend = registry.load(self.backend)
        native = backend.hook("spread")(self.native, checked)
        first = self.devices[0]
        return Device(
            backend.name, first.kind, SEVERAL, native, f"{self.size} x {first.description}", first.emulated
        )

    def __str__(self) -> str:
        axes = ", ".join(f"{name}={length}" for name, length in self.axes.items())
        where = (
            str(self.devices[0]) if self.size == 1 else f"{self.size} x {self.backend}:{self.devices[0].kind}"
        )
        return f"({axes}) on {where}"


def mesh(shape: int | Iterable[int], names: str | Iterable[str], *, devices: Any = None) -> Mesh:
    """Lay devices out in a grid whose axes have names.

    Parameters
    ----------
    shape : int or iterable of int
        How many devices lie along each axis.
    names : str or iterable of str
        What the axes are called, such as ``("data", "tensor")``.
    devices : str, Device, or iterable of these, optional
        A name such as ``"jax"`` or ``"gpu"``: as many devices of that kind as the mesh needs, laid out as their connections
        suggest. Several devices: exactly these, in their order. By default those of the kind of the default device. With several
        processes (`accel.distributed`) the devices of all of them count.

    Returns
    -------
    Mesh
        On NumPy and CuPy, which compute on one device at a time, it can have one device only.

    Raises
    ------
    ArgumentError
        If shape and names do not fit each other, or the devices given are not those that a mesh can have.
    DeviceNotFoundError
        If there are fewer devices than the mesh needs.
    UnsupportedError
        If the mesh needs several devices and their library does not make them work as one.

    Examples
    --------
    >>> import accel
    >>> mesh = accel.mesh((1, 1), ("data", "tensor"), devices="numpy")
    >>> print(mesh)
    (data=1, tensor=1) on numpy:cpu:0
    """
    lengths, called = _grid(shape, names)
    size = math.prod(lengths)
    ordered = False
    if devices is None or isinstance(devices, str | Device):
        start = default_device() if devices is None else resolve(devices)
        only = isinstance(devices, Device) or (devices or "").rpartition(":")[2].isdigit()
        chosen = (start,) if only or size == 1 else _everywhere(start)[:size]
        _check_enough(chosen, lengths, size, start)
    else:
        chosen, ordered = tuple(map(resolve, devices)), True
        _check_list(chosen, lengths, size)
    if size == 1:
        return Mesh(lengths, called, chosen)
    make = registry.load(chosen[0].backend).hook("mesh")
    native, order = make(lengths, called, tuple(each.native for each in chosen), ordered=ordered)
    return Mesh(lengths, called, tuple(chosen[i] for i in order), native)


def _grid(shape: Any, names: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    called = (names,) if isinstance(names, str) else tuple(names)
    if not lengths or not all(type(n) is int and n > 0 for n in lengths):
        raise ArgumentError(
            f"accel.mesh takes as its shape how many devices lie along each axis, such as (4, 2), got {shape!r}."
        )
    if not all(isinstance(name, str) and name for name in called) or len(set(called)) < len(called):
        raise ArgumentError(
            f"accel.mesh takes a name of its own for each axis, such as ('data', 'tensor'), got {names!r}."
        )
    if len(lengths) != len(called):
        raise ArgumentError(
            f"accel.mesh got a shape of {len(lengths)} and names for {len(called)} axes: {lengths} and {called}; give each axis one name."
        )
    return lengths, called


def _everywhere(start: Device) -> tuple[Device, ...]:
    """List the devices of the kind of one, of all processes."""
    backend = registry.load(start.backend)
    find = backend.hook("everywhere")
    if find is None:
        return tuple(each for each in listed(backend) if each.kind == start.kind)
    here = {id(each.native): each for each in listed(backend)}
    found = []
    for native in find():
        kind, index, description = backend.hook("describe")(native)
        found.append(here.get(id(native)) or Device(backend.name, kind, index, native, description))
    return tuple(each for each in found if each.kind == start.kind)


def _check_enough(chosen: Sequence[Device], lengths: tuple[int, ...], size: int, start: Device) -> None:
    if size == 1:
        return
    if registry.load(start.backend).hook("mesh") is None:
        raise UnsupportedError(
            f"accel.mesh of shape {lengths} needs {size} devices that work as one, and {start.backend} computes on one device at a time; "
            f"write devices='jax' for those of JAX, or a mesh of one device."
        )
    if len(chosen) < size:
        raise DeviceNotFoundError(
            f"accel.mesh of shape {lengths} needs {size} devices, and there are {len(chosen)} ({', '.join(map(str, chosen))}); "
            f"make it smaller; {VIRTUAL}."
        )


def _check_list(chosen: Sequence[Device], lengths: tuple[int, ...], size: int) -> None:
    if len(chosen) != size:
        raise ArgumentError(
            f"accel.mesh of shape {lengths} needs {size} devices and got {len(chosen)}; name a kind of device, such as 'jax:cpu', to take "
            f"as many as it needs."
        )
    if len({str(each) for each in chosen}) < size:
        raise ArgumentError(f"accel.mesh got a device twice: {', '.join(map(str, chosen))}; give each once.")
    if len({(each.backend, each.kind) for each in chosen}) > 1:
        raise ArgumentError(
            f"accel.mesh got devices of several kinds or backends: {', '.join(map(str, chosen))}; a mesh has one kind."
        )
    _check_enough(chosen, lengths, size, chosen[0])


class use_mesh:
    """Let `shard` and `replicate` take one mesh inside a ``with`` block.

    The choice belongs to the current thread or async task and to what it calls. Functions of JAX compile anew in a block of another
    mesh; do not hold it across a ``yield`` or an ``await``.

    Parameters
    ----------
    mesh : Mesh
        Made by `accel.mesh`.

    Raises
    ------
    ArgumentError
        If it is no mesh.

    Examples
    --------
    >>> import numpy, accel
    >>> with accel.use_mesh(accel.mesh(1, "data", devices="numpy")):
    ...     accel.shard(numpy.asarray([1.0, 2.0]), ("data",))
    array([1., 2.])
    """

    def __init__(self, mesh: Mesh, /) -> None:
        self.mesh = mesh_for("accel.use_mesh", mesh)
        self._open: list[ExitStack] = []

    def __enter__(self) -> Mesh:
        scopes = ExitStack()
        enter = registry.load(self.mesh.backend).hook("use_mesh")
        if enter is not None and self.mesh.native is not None:
            scopes.enter_context(enter(self.mesh.native))
        self._open.append(scopes)
        _meshes.set((*_meshes.get(), self.mesh))
        return self.mesh

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _meshes.set(_meshes.get()[:-1])
        self._open.pop().close()


def in_use() -> Mesh | None:
    """Give the mesh of the innermost `use_mesh` around the caller, or None."""
    meshes = _meshes.get()
    return meshes[-1] if meshes else None


def mesh_for(call: str, given: Any) -> Mesh:
    """Give the mesh that a call means: the one given, else the one in use."""
    if isinstance(given, Mesh):
        return given
    if given is not None:
        raise ArgumentError(
            f"{call} takes a mesh made by accel.mesh, such as accel.mesh((4, 2), ('data', 'tensor')), got {type(given).__name__}."
        )
    found = in_use()
    if found is None:
        raise ArgumentError(
            f"{call} needs a mesh, and none is in use; write `with accel.use_mesh(mesh):` or mesh=mesh."
        )
    return found


def shard(x: T, spec: Spec, *, mesh: Mesh | None = None) -> T:
    """Divide arrays among the devices of a mesh.

    Parameters
    ----------
    x : array, or dict, list, tuple or dataclass of these
        What is in it and no array (a number, None) stays as it is.
    spec : tuple of (str, tuple of str, or None)
        For each axis of the array, the name of the axis of the mesh along which it is cut, several names, or None for whole; axes
        at the end may be left out. A name alone is the spec of the first axis. One spec is for all arrays of a container; else a
        dict for a dict or a dataclass, or a list for a list or a tuple, says it for each.
    mesh : Mesh, optional
        By default that of `use_mesh`.

    Returns
    -------
    array or container, shapes and dtypes of x
        With the same values. What follows is computed where the parts lie: ops take divided arrays and whole ones on the same mesh
        together, and give what they give on one device. Inside a compiled function this is a constraint on what is computed there.
        On a mesh of one device, which is that of ``x``, it is ``x`` itself.

    Raises
    ------
    ArgumentError
        If no mesh is in use, or a spec is none or names an axis that the mesh does not have.
    ShapeError
        If an array has fewer axes than its spec, or the mesh does not divide an axis.
    MixedBackendsError
        If an array belongs to another backend than the mesh.
    MixedDevicesError
        In a compiled function whose arguments do not lie on the mesh.
    UnknownArrayError
        If there is no array in ``x``.

    Notes
    -----
    ``accel.device(x)`` then is all devices of the mesh together (its index is -1), and `accel.to_numpy` gives the whole array. With several
    processes every one of them has to call this, with the same whole array; `accel.distributed.from_parts` takes parts.

    Examples
    --------
    >>> import numpy, accel
    >>> mesh = accel.mesh((1, 1), ("data", "tensor"), devices="numpy")
    >>> accel.shard({"w": numpy.asarray([[1.0, 2.0]])}, {"w": (None, "tensor")}, mesh=mesh)
    {'w': array([[1., 2.]])}
    """
    divided: T = _shard("accel.shard", x, spec, mesh)
    return divided


def replicate(x: T, *, mesh: Mesh | None = None) -> T:
    """Give each device of a mesh the whole of arrays.

    Parameters
    ----------
    x : array, or dict, list, tuple or dataclass of these
        As in `shard`.
    mesh : Mesh, optional
        By default that of `use_mesh`.

    Returns
    -------
    array or container, shapes and dtypes of x
        With the same values.

    Raises
    ------
    ArgumentError, MixedBackendsError, UnknownArrayError
        As `shard`.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.replicate(numpy.asarray([1.0, 2.0]), mesh=accel.mesh(1, "data", devices="numpy"))
    array([1., 2.])
    """
    copied: T = _shard("accel.replicate", x, (), mesh)
    return copied


def gather(x: T) -> T:
    """Bring the parts of arrays together on one device.

    Parameters
    ----------
    x : array, or dict, list, tuple or dataclass of these
        As in `shard`.

    Returns
    -------
    array or container, shapes and dtypes of x
        With the same values, on the first device of the mesh that belongs to this process. An array on one device is given back as
        it is. Inside a compiled function each device gets the whole array.

    Raises
    ------
    UnknownArrayError
        If there is no array in ``x``.

    Notes
    -----
    With several processes every one of them has to call this, and each gets the whole array.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.gather(numpy.asarray([1.0, 2.0]))
    array([1., 2.])
    """
    whole: T = _each("accel.gather", x, None, _gathered)
    return whole


def _gathered(call: str, x: Any, backend: Backend, _: Any) -> Any:
    collect = backend.hook("gather")
    if collect is None:
        return x
    if backend.traces(x):
        mesh = in_use()
        return x if mesh is None or mesh.native is None else collect(x, mesh.native)
    here = device(x)
    if here.index != SEVERAL:
        return x
    bring = partial(collect, x, None)
    return accounting.moved(call, x, here, "one device", bring) if accounting.watched() else bring()


def _shard(call: str, x: Any, spec: Spec, given: Mesh | None) -> Any:
    mesh = mesh_for(call, given)

    def placed(call: str, array: Any, backend: Backend, spec: Spec) -> Any:
        checked = _spec(call, spec, mesh)
        _check_shape(call, tuple(array.shape), checked, mesh)
        waits = backend.traces(array)
        if waits and mesh.size == 1:
            return array  # where it will lie, the compiled function's inputs decide
        lent = current() if waits else None
        if lent is not None:
            raise MixedDevicesError(
                f"{call} got the mesh {mesh} in a function that computes for arrays on {lent.device}. Spread the arguments over the mesh first, "
                f"with accel.to_device(x, mesh.device({checked}))."
            )
        if backend.name != mesh.backend:
            other = f", or make the mesh with devices='{backend.name}'" if mesh.size == 1 else ""
            raise MixedBackendsError(
                f"{call} got an array of {backend.name} and the mesh {mesh}, and accel never moves data by itself; write "
                f"accel.to_device(x, mesh.device({checked})){other}."
            )
        if waits:
            return backend.hook("put")(array, device=mesh.device(checked).native, copy=None)
        return move(call, array, backend, mesh.device(checked), None)

    return _each(call, x, spec, placed)


def check(call: str, x: Any, spec: Any, mesh: Mesh, *, foreign: bool) -> None:
    """Raise what `shard` would raise for a container and its specs; ``foreign`` arrays may belong to any backend."""

    def fits(call: str, array: Any, backend: Backend, spec: Spec) -> Any:
        _check_shape(call, tuple(array.shape), _spec(call, spec, mesh), mesh)
        if not foreign and backend.name != mesh.backend:
            raise MixedBackendsError(
                f"{call} got an array of {backend.name} and the mesh {mesh}, and accel never moves data by itself; write "
                f"accel.to_device(x, mesh.device({spec}))."
            )
        return array

    _each(call, x, spec, fits)


def checked(call: str, spec: Any, mesh: Mesh) -> Any:
    """Check the specs in dicts and lists; the result has the same form."""
    if isinstance(spec, dict):
        return {key: checked(call, each, mesh) for key, each in spec.items()}
    if isinstance(spec, list):
        return [checked(call, each, mesh) for each in spec]
    return _spec(call, spec, mesh)


def _each(call: str, x: Any, spec: Any, change: Callable[[str, Any, Backend, Any], Any]) -> Any:
    """Change each array of a container; a dict or list of specs says which is whose."""
    found = 0

    def visit(value: Any, spec: Any, path: str) -> Any:
        nonlocal found
        backend = registry.owner(type(value))
        if backend is not None:
            if isinstance(spec, dict | list):
                raise ArgumentError(
                    f"{call} got a {type(spec).__name__} of specs for the array {path}; give it one, such as ('data', None)."
                )
            found += 1
            return change(call, value, backend, spec)
        if isinstance(value, Mapping):
            chosen = _specs(call, spec, dict, value, path)
            return type(value)((k, visit(v, chosen(k), f"{path}[{k!r}]")) for k, v in value.items())  # type: ignore[call-arg]
        if isinstance(value, list | tuple):
            chosen = _specs(call, spec, list, range(len(value)), path)
            items = [visit(v, chosen(i), f"{path}[{i}]") for i, v in enumerate(value)]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [each.name for each in dataclasses.fields(value) if each.init]
            chosen = _specs(call, spec, dict, names, path)
            changed = {n: visit(getattr(value, n), chosen(n), f"{path}.{n}") for n in names}
            return dataclasses.replace(value, **changed)
        return value

    result = visit(x, spec, "x")
    if not found:
        raise UnknownArrayError(
            f"{call} takes arrays, or containers of them, and found none in {type(x).__name__}; write accel.asarray(x) first."
        )
    return result


def _specs(call: str, spec: Any, kind: type, keys: Any, path: str) -> Callable[[Any], Any]:
    """Give what says the spec of each item of a container."""
    if not isinstance(spec, dict | list):
        return lambda key: spec
    known = spec.keys() if isinstance(spec, dict) else range(len(spec))
    if not isinstance(spec, kind) or set(known) != set(keys):
        lacking = [k for k in keys if k not in known] or [k for k in known if k not in keys]
        raise ArgumentError(
            f"{call} needs as many specs as {path} has items, in a {kind.__name__}{' with the same keys' if kind is dict else ''}; got a {type(spec).__name__} of "
            f"{len(spec)} for {len(list(keys))}{f', which differ at {lacking[0]!r}' if lacking else ''}."
        )
    return lambda key: spec[key]


def _spec(call: str, spec: Any, mesh: Mesh) -> tuple[Any, ...]:
    """Check a spec against the names of a mesh; the result has no list in it and no None at its end."""
    given = (spec,) if isinstance(spec, str) else spec
    if not isinstance(given, tuple):
        raise ArgumentError(
            f"{call} takes as spec a tuple with the name of an axis of the mesh, or None, for each axis of the array, such as "
            f"('data', None); got {spec!r}."
        )
    used: list[str] = []
    for entry in given:
        parts = (entry,) if isinstance(entry, str) else entry or ()
        for name in parts if isinstance(parts, tuple | list) else (parts,):
            if name not in mesh.names:
                raise ArgumentError(
                    f"{call} got the spec {given}, and {name!r} is no axis of the mesh, whose axes are {', '.join(map(repr, mesh.names))}."
                )
            if name in used:
                raise ArgumentError(
                    f"{call} got the spec {given}, which names {name!r} twice; one axis of the mesh cuts one axis of the array."
                )
            used.append(name)
    checked = [tuple(each) if isinstance(each, list) else each or None for each in given]
    while checked and checked[-1] is None:
        checked.pop()
    return tuple(checked)


def _check_shape(call: str, shape: tuple[int, ...], spec: tuple[Any, ...], mesh: Mesh) -> None:
    if len(spec) > len(shape):
        raise ShapeError(
            f"{call} got the spec {spec} for {len(spec)} axes and an array of shape {shape}, which has {len(shape)}."
        )
    for axis, entry in enumerate(spec):
        names = () if entry is None else (entry,) if isinstance(entry, str) else entry
        parts = math.prod(mesh.axes[name] for name in names)
        if shape[axis] % parts:
            raise ShapeError(
                f"{call} cannot cut axis {axis} of an array of shape {shape} into {parts} equal parts, as the spec {spec} on the mesh {mesh} "
                f"asks; choose a length that {parts} divides, or None for this axis."
            )
