"""Functions that run once on each device of a mesh, on its part of the arrays, and what the devices then tell each other.

`accel.shard` leaves it to the compiler what is sent where; here the program says it. On a mesh of one device the function simply
runs, and every message reaches its sender.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import accel.registry as registry
import accel.sharding as sharding
from accel.errors import ArgumentError, AxisError, MixedBackendsError, UnknownArrayError
from accel.sharding import Mesh, Spec
from accel.transform.compilation import jit
from accel.transform.tracing import callables

__all__ = ["all_gather", "axis_index", "pmean", "ppermute", "psum", "shard_map"]

P = ParamSpec("P")
R = TypeVar("R")

_mapped: ContextVar[Mesh | None] = ContextVar("accel_mapped", default=None)
"""The mesh over which the function that is running is mapped."""


def shard_map(
    fn: Callable[P, R], /, in_specs: Spec, out_specs: Spec, *, mesh: Mesh | None = None
) -> Callable[P, R]:
    """Map a function over the devices of a mesh: each runs it on its part of the arguments.

    Parameters
    ----------
    fn : callable
        Takes arrays, or containers of them, by position. It sees the parts, whose shapes are those of the whole divided by the mesh.
    in_specs : spec, or list of these
        How the arguments are cut, as in `accel.shard`: a tuple is one spec for all, a list has an item for each argument.
    out_specs : spec, or list or dict of these
        How the results are put together: a tuple is one spec for all, a list has an item for each of several results. An axis of the
        mesh that a spec leaves out must hold equal results, as `psum` and `pmean` make them; those of `all_gather` count as different.
    mesh : Mesh, optional
        By default that of `accel.use_mesh`, when the function is called.

    Returns
    -------
    callable
        Takes whole arrays and gives whole ones. Over several devices it is compiled, by `accel.jit`.

    Raises
    ------
    ArgumentError
        If no mesh is in use, a spec names an axis that the mesh does not have, or there are not as many specs as arguments.
    ShapeError
        If the mesh does not divide an argument.
    MixedBackendsError
        If an array belongs to another backend than the mesh.

    Examples
    --------
    >>> import numpy, accel
    >>> total = accel.shard_map(lambda x: accel.collective.psum(accel.sum(x), "data"), ("data",), ())
    >>> with accel.use_mesh(accel.mesh(1, "data", devices="numpy")):
    ...     total(numpy.asarray([1.0, 2.0]))
    np.float64(3.0)
    """
    callables("accel.shard_map", fn)
    compiled: dict[Mesh, Callable[..., Any]] = {}

    def over(chosen: Mesh) -> Callable[..., Any]:
        """Give the function of whole arrays, compiled once for a mesh."""
        found = compiled.get(chosen)
        if found is None:

            @jit
            @wraps(fn)
            def whole(*args: Any) -> Any:
                plan = [
                    sharding.checked("accel.shard_map", spec, chosen) for spec in _for_each(in_specs, args)
                ]
                out = sharding.checked("accel.shard_map", out_specs, chosen)
                map_over = registry.load(chosen.backend).hook("shard_map")
                return map_over(part(chosen), chosen.native, plan, out)(*args)

            found = compiled.setdefault(chosen, whole)
        return found

    def part(chosen: Mesh) -> Callable[..., Any]:
        @wraps(fn)
        def here(*parts: Any) -> Any:
            token = _mapped.set(chosen)
            try:
                return fn(*parts)  # type: ignore[call-arg]
            finally:
                _mapped.reset(token)

        return here

    @wraps(fn)
    def call(*args: P.args, **kwargs: P.kwargs) -> Any:
        if kwargs:
            raise ArgumentError(
                f"accel.shard_map maps arguments by position, got {', '.join(kwargs)} by name; write them without names."
            )
        chosen = sharding.mesh_for("accel.shard_map", mesh)
        single = chosen.size == 1
        for arg, spec in zip(args, _for_each(in_specs, args), strict=True):
            sharding.check("accel.shard_map", arg, spec, chosen, foreign=single)
        sharding.checked("accel.shard_map", out_specs, chosen)
        return (part if single else over)(chosen)(*args)

    return call


def _for_each(in_specs: Any, args: tuple[Any, ...]) -> list[Any]:
    specs = list(in_specs) if isinstance(in_specs, list) else [in_specs] * len(args)
    if len(specs) != len(args):
        raise ArgumentError(
            f"accel.shard_map got {len(specs)} specs and {len(args)} arguments; give a list with one spec for each."
        )
    return specs


def _along(call: str, name: Any) -> Mesh:
    """Give the mesh over which the running function is mapped, if it has that axis."""
    mesh = _mapped.get()
    if mesh is None:
        raise ArgumentError(
            f"{call} is for functions mapped over a mesh; write accel.shard_map(fn, in_specs, out_specs)."
        )
    names = name if isinstance(name, tuple) and name else (name,)
    for each in names:
        if each not in mesh.names:
            raise ArgumentError(
                f"{call} got {each!r}, which is no axis of the mesh, whose axes are {', '.join(map(repr, mesh.names))}."
            )
    return mesh


def _send(call: str, x: Any, name: Any, **options: Any) -> Any:
    """Let the library that owns an array send it; None stands for one device, where nothing is sent."""
    mesh = _along(f"accel.collective.{call}", name)
    backend = registry.owner(type(x))
    if backend is None:
        raise UnknownArrayError(f"accel.collective.{call} takes an array, got {type(x).__name__}.")
    if mesh.size == 1:
        return None
    if backend.name != mesh.backend:
        raise MixedBackendsError(
            f"accel.collective.{call} got an array of {backend.name} on the mesh {mesh}; write accel.to_device(x, like=y) with an array y "
            f"of the function's arguments."
        )
    return backend.hook("collective")(call, x, name, **options)


def psum(x: Any, name: str | tuple[str, ...], /) -> Any:
    """Add up the parts along an axis of the mesh, or several; each device gets the sum.

    Parameters
    ----------
    x : array
        This device's part.
    name : str or tuple of str
        Axes of the mesh.

    Returns
    -------
    array, shape and dtype of x

    Raises
    ------
    ArgumentError
        Outside of `accel.shard_map`, or if the mesh has no such axis.
    """
    sent = _send("psum", x, name)
    return x if sent is None else sent


def pmean(x: Any, name: str | tuple[str, ...], /) -> Any:
    """Average the parts along an axis of the mesh, or several; each device gets the mean.

    Parameters
    ----------
    x : array, floating-point
        This device's part.
    name : str or tuple of str
        Axes of the mesh.

    Returns
    -------
    array, shape and dtype of x

    Raises
    ------
    ArgumentError
        As `psum`.
    """
    sent = _send("pmean", x, name)
    return x if sent is None else sent


def all_gather(x: Any, name: str, /, *, axis: int = 0) -> Any:
    """Join the parts along an axis of the mesh; each device gets the whole.

    Parameters
    ----------
    x : array, at least one axis
        This device's part.
    name : str
        Axis of the mesh.
    axis : int
        Along which axis of the array the parts are joined.

    Returns
    -------
    array, dtype of x
        As many times longer along ``axis`` as the mesh has devices along ``name``.

    Raises
    ------
    ArgumentError
        As `psum`.
    AxisError
        If the array has no such axis.
    """
    if _owned(x) and not -x.ndim <= axis < x.ndim:
        raise AxisError(f"accel.collective.all_gather got axis {axis} for an array of {x.ndim} axes.")
    sent = _send("all_gather", x, name, axis=axis % max(getattr(x, "ndim", 1), 1))
    return x if sent is None else sent


def _owned(x: Any) -> bool:
    return registry.owner(type(x)) is not None


def ppermute(x: Any, name: str, /, pairs: Iterable[tuple[int, int]]) -> Any:
    """Send each part to another place along an axis of the mesh.

    Parameters
    ----------
    x : array
        This device's part.
    name : str
        Axis of the mesh.
    pairs : iterable of (int, int)
        From which place to which; each place at most once on either side.

    Returns
    -------
    array, shape and dtype of x
        What was sent here; zeros where nothing was.

    Raises
    ------
    ArgumentError
        As `psum`; or if a place is named twice on one side, or does not exist.
    """
    mesh = _along("accel.collective.ppermute", name)
    moves = [tuple(pair) for pair in pairs]
    length = mesh.axes[name]
    for side in zip(*moves, strict=True):
        if len(set(side)) < len(side) or not all(0 <= place < length for place in side):
            raise ArgumentError(
                f"accel.collective.ppermute got the pairs {moves}; each of the places 0 to {length - 1} along {name!r} can send once and "
                f"receive once."
            )
    sent = _send("ppermute", x, name, pairs=moves)
    if sent is not None:
        return sent
    from accel.spec.creation import zeros_like

    return x if moves else zeros_like(x)


def axis_index(name: str, /) -> Any:
    """Give the place of this device along an axis of the mesh.

    Parameters
    ----------
    name : str
        Axis of the mesh.

    Returns
    -------
    array of int32, shape ()
        From 0.

    Raises
    ------
    ArgumentError
        As `psum`.
    """
    mesh = _along("accel.collective.axis_index", name)
    if mesh.size > 1:
        return registry.load(mesh.backend).hook("collective")("axis_index", None, name)
    from accel.dtype import int32
    from accel.spec.creation import zeros

    return zeros((), dtype=int32, device=mesh.devices[0])
