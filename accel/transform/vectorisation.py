"""One function for a batch: `vmap`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from accel.transform.application import applied

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
        If the axes that count the batch have several lengths.
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

    def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        made: Callable[..., Any] = transforms.vmap(function, in_axes, out_axes)
        return made

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        return applied("accel.vmap", fn, use, args, kwargs, allow_transfer=allow_transfer)

    return call
