"""One function for a batch: `vmap`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from accel.errors import ArgumentError, AxisError
from accel.transform.application import applied
from accel.transform.ownership import first
from accel.transform.tracing import callables
from accel.transform.tree import leaves

__all__ = ["vmap"]


def vmap(
    fn: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0, *, allow_transfer: bool = False
) -> Callable[..., Any]:
    """Make a function of batches from a function of single arrays.

    Parameters
    ----------
    fn : callable
        A function of arrays.
    in_axes : int, None, or sequence or container of these
        The axis of each argument without a name that counts the batch; None for what all share. An argument in which there is no array
        is shared in any case.
    out_axes : int, None, or container of these
        Where the results have that axis.
    allow_transfer : bool
        As for `accel.grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fn`` with one axis more, and gives its results with one axis more.

    Raises
    ------
    ShapeError
        If the axes that count the batch have several lengths, or are not there.
    ArgumentError
        If there is no array among the arguments, or ``in_axes`` or ``out_axes`` holds anything but int and None.
    AxisError
        If a result has too few axes for ``out_axes``.
    BackendUnavailableError
        If the arrays belong to a library that cannot vectorise, and no compiler sees their memory.
    TraceError
        If the function needs a value that is not known yet, or changes an array in place.

    Notes
    -----
    On JAX arrays it is ``jax.vmap`` in the scope that keeps 64-bit data. NumPy and CuPy arrays are lent to JAX on the same device.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.vmap(accel.vecdot, in_axes=(0, None))(numpy.eye(3), numpy.asarray([1.0, 2.0, 3.0]))
    array([1., 2., 3.])
    """
    name = "accel.vmap"
    callables(name, fn)
    _axes("in_axes", in_axes)
    _axes("out_axes", out_axes)

    def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def single(*args: Any, **kwargs: Any) -> Any:
            out = function(*args, **kwargs)
            if isinstance(out_axes, int):
                for x in transforms.arrays(out):
                    if not -x.ndim - 1 <= out_axes <= x.ndim:
                        raise AxisError(
                            f"{name} cannot put the batch at out_axes={out_axes} of a result of shape {tuple(x.shape)}."
                        )
            return out

        made: Callable[..., Any] = transforms.vmap(single, in_axes, out_axes)
        return made

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if first((args, kwargs)) is None:
            raise ArgumentError(f"{name} needs an array that counts the batch among the arguments, got none.")
        return applied(name, fn, use, args, kwargs, allow_transfer=allow_transfer)

    return call


def _axes(option: str, axes: Any) -> None:
    for axis in leaves(axes):
        if isinstance(axis, bool | float | complex | str | bytes):
            raise ArgumentError(
                f"{option} of accel.vmap is an int, None, or a container of these, got {axis!r}."
            )
