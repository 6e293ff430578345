"""Mixed precision: parameters and gradients in few bits, and a scale that keeps small gradients from becoming zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import accel as xp
import accel.registry as registry
import accel.requirement as requirement
from accel.dtype import name_of
from accel.errors import AccelError, ArgumentError
from accel.typing import A, DeviceLike, DTypeLike

__all__ = ["LossScale", "cast_floating", "loss_scale", "scale_loss", "unscale_gradients", "update_loss_scale"]

T = TypeVar("T")


class LossScale(NamedTuple):
    """What a loss is multiplied by, and for how long that has gone well.

    Attributes
    ----------
    scale : array, 0-d, float32
        The factor.
    steps : array, 0-d, int32
        Steps with finite gradients since the factor was last changed.
    """

    scale: Any
    steps: Any


@contextmanager
def _about(name: str) -> Iterator[None]:
    """Put the name of a function in front of what is wrong with its arguments, as dispatch does for ops."""
    try:
        yield
    except AccelError as error:
        raise type(error)(f"accel.nn.{name}: {error}") from error


def _mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to the arrays in tuples, lists and dicts."""
    if registry.owner(type(tree)) is not None:
        return function(tree)
    if isinstance(tree, dict):
        return type(tree)((key, _mapped(function, value)) for key, value in tree.items())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_mapped(function, each) for each in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(_mapped(function, each) for each in tree)
    return tree


def _arrays(tree: Any) -> Iterator[Any]:
    """Give the arrays in tuples, lists and dicts."""
    if registry.owner(type(tree)) is not None:
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            yield from _arrays(each)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _arrays(each)


def cast_floating(tree: T, dtype: DTypeLike, /) -> T:
    """Cast the arrays of real floating-point dtypes in a structure; everything else in it stays.

    Parameters
    ----------
    tree : array, or tuple, list or dict of arrays and of further such structures
        For example the parameters of a model.
    dtype : dtype
        A real floating-point one.

    Returns
    -------
    same structure
        With new containers; arrays that have the dtype already are passed on as they are.

    Raises
    ------
    DTypeError
        If ``dtype`` is not a real floating-point one.

    Notes
    -----
    Accuracy: that of `accel.astype`.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    P. Micikevicius et al., Mixed precision training, ICLR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.nn.cast_floating({"weight": numpy.ones(2), "steps": numpy.asarray([3])}, accel.float16)
    >>> found["weight"].dtype, found["steps"].dtype
    (dtype('float16'), dtype('int64'))
    """
    with _about("cast_floating"):
        requirement.floating_dtype(dtype=dtype)

    def cast(x: Any) -> Any:
        return xp.astype(x, dtype, copy=False) if xp.isdtype(x.dtype, "real floating") else x

    found: T = _mapped(cast, tree)
    return found


def loss_scale(initial: float = 2.0**15, /, *, device: DeviceLike | None = None) -> LossScale:
    """Begin with a factor for the loss.

    Parameters
    ----------
    initial : float, default 2.0 ** 15
        The factor.
    device : device, optional
        Where its arrays lie; by default on the default device.

    Returns
    -------
    LossScale
        The factor and a count of 0, both 0-d arrays.

    Raises
    ------
    ArgumentError
        If ``initial`` is no positive finite number.
    DeviceNotFoundError
        If there is no such device.

    Notes
    -----
    Accuracy: exact for powers of two.
    Cost: O(1), no device synchronisation.

    References
    ----------
    P. Micikevicius et al., Mixed precision training, ICLR 2018.

    Examples
    --------
    >>> import accel
    >>> float(accel.nn.loss_scale(1024.0, device="numpy").scale)
    1024.0
    """
    with _about("loss_scale"):
        requirement.number(0.0, 2.0**127, closed="right", initial=initial)
    scale = xp.full((), float(initial), dtype=xp.float32, device=device)
    return LossScale(scale, xp.zeros((), dtype=xp.int32, device=device))


def scale_loss(loss: A, state: LossScale, /) -> A:
    """Multiply a loss by the factor, so that gradients too small for 16 bits are not lost.

    Parameters
    ----------
    loss : array, any shape, real floating-point dtype
        The loss; in float32 or wider, since the factor is large.
    state : LossScale
        The factor.

    Returns
    -------
    array, shape of loss, dtype of loss, device of loss
        The product.

    Raises
    ------
    DTypeError
        If ``loss`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: exact for factors that are powers of two, as long as nothing overflows.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    P. Micikevicius et al., Mixed precision training, ICLR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> state = accel.nn.loss_scale(8.0, device="numpy")
    >>> float(accel.nn.scale_loss(numpy.asarray(0.5), state))
    4.0
    """
    with _about("scale_loss"):
        requirement.floating(loss=loss)
    found: A = xp.multiply(loss, xp.astype(state.scale, loss.dtype, copy=False))
    return found


def unscale_gradients(gradients: T, state: LossScale, /) -> tuple[T, Any]:
    """Divide the gradients of a scaled loss by the factor, and tell whether all of them are finite.

    Parameters
    ----------
    gradients : array, or tuple, list or dict of arrays and of further such structures
        Gradients; arrays of 16 bits become float32, in which small ones are not lost again.
    state : LossScale
        The factor.

    Returns
    -------
    same structure
        The quotients.
    array, 0-d, bool
        True where all gradients are finite; otherwise the step is to be left out.

    Raises
    ------
    ArgumentError
        If there is no array of a real floating-point dtype among the gradients.

    Notes
    -----
    Accuracy: exact for factors that are powers of two, as long as nothing underflows.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    P. Micikevicius et al., Mixed precision training, ICLR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> state = accel.nn.loss_scale(8.0, device="numpy")
    >>> gradients, finite = accel.nn.unscale_gradients([numpy.asarray([4.0, 16.0])], state)
    >>> gradients, bool(finite)
    ([array([0.5, 2. ])], True)
    """
    kept = [x for x in _arrays(gradients) if xp.isdtype(x.dtype, "real floating")]
    if not kept:
        raise ArgumentError(
            "accel.nn.unscale_gradients: gradients holds no array of a real floating-point dtype."
        )

    def unscale(x: Any) -> Any:
        if not xp.isdtype(x.dtype, "real floating"):
            return x
        if name_of(x.dtype) in ("float16", "bfloat16"):
            x = xp.astype(x, xp.float32)
        return xp.divide(x, xp.astype(state.scale, x.dtype, copy=False))

    finite = xp.all(xp.isfinite(kept[0]))
    for x in kept[1:]:
        finite = xp.logical_and(finite, xp.all(xp.isfinite(x)))
    found: T = _mapped(unscale, gradients)
    return found, finite


def update_loss_scale(
    state: LossScale,
    finite: Any,
    /,
    *,
    growth_interval: int = 2000,
    growth_factor: float = 2.0,
    backoff_factor: float = 0.5,
    smallest: float = 1.0,
) -> LossScale:
    """Raise the factor after some steps that went well, and lower it after one that did not.

    Parameters
    ----------
    state : LossScale
        The factor of the step.
    finite : array, 0-d, bool
        Whether all gradients of the step were finite, as `accel.nn.unscale_gradients` tells.
    growth_interval : int, default 2000
        Steps in a row with finite gradients after which the factor is raised.
    growth_factor, backoff_factor : float, default 2.0 and 0.5
        What the factor is multiplied by when it is raised or lowered. With powers of two it stays one.
    smallest : float, default 1.0
        What the factor is never lowered below.

    Returns
    -------
    LossScale
        The factor of the next step; it is never raised beyond the range of float32.

    Raises
    ------
    ShapeError
        If ``growth_interval`` is less than 1.
    ArgumentError
        If ``growth_factor`` is not larger than 1 or ``backoff_factor`` not between 0 and 1.

    Notes
    -----
    Accuracy: exact with powers of two.
    Cost: O(1), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    P. Micikevicius et al., Mixed precision training, ICLR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> state = accel.nn.loss_scale(8.0, device="numpy")
    >>> float(accel.nn.update_loss_scale(state, numpy.asarray(False)).scale)
    4.0
    """
    with _about("update_loss_scale"):
        requirement.size(1, growth_interval=growth_interval)
        requirement.number(1.0, 2.0**64, closed="right", growth_factor=growth_factor)
        requirement.number(0.0, 1.0, closed="neither", backoff_factor=backoff_factor)
        requirement.number(0.0, 2.0**64, closed="right", smallest=smallest)
    steps = xp.add(state.steps, 1)
    grows = xp.greater_equal(steps, growth_interval)
    raised = xp.multiply(state.scale, growth_factor)
    raised = xp.where(xp.logical_and(grows, xp.isfinite(raised)), raised, state.scale)
    lowered = xp.maximum(xp.multiply(state.scale, backoff_factor), xp.full_like(state.scale, smallest))
    lowered = xp.minimum(lowered, state.scale)
    going = xp.where(grows, xp.zeros_like(steps), steps)
    return LossScale(xp.where(finite, raised, lowered), xp.where(finite, going, xp.zeros_like(steps)))
