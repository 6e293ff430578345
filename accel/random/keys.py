"""Keys: where random numbers start, and how one key makes others."""

from __future__ import annotations

import math
import operator
from typing import Any

import accel as xp
import accel.random.demand as demand
import accel.random.threefry as threefry
import accel.requirement as requirement
from accel.dispatch import op
from accel.errors import ArgumentError, ShapeError
from accel.typing import A, Array, DeviceLike

__all__ = ["fold_in", "key", "split"]


def _seed(seed: Any, *, device: Any = None) -> None:
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise ArgumentError(f"a seed is an int, got {seed!r}.")
    if not -(2**63) <= operator.index(seed) < 2**64:
        raise ArgumentError(f"a seed has 64 bits, from -2**63 to 2**64 - 1, got {seed!r}.")


@op(dtypes="any", same="exact", requires=_seed, compiles=False)
def key(seed: int, *, device: DeviceLike | None = None) -> Array:
    """Make the key from which random numbers start.

    Parameters
    ----------
    seed : int
        Any number from ``-2**63`` to ``2**64 - 1``; those below zero stand for the 64 bits of their two's complement.
    device : device or None, default None
        Where the key lies, and all that is drawn from it: a name (``"gpu:1"``), an `accel.Device` or a native device object. None is the
        default device.

    Returns
    -------
    array, shape (2,), uint32
        The high and the low half of the seed. A key is an array like any other: it can be moved, saved, and passed to compiled functions.

    Raises
    ------
    ArgumentError
        ``seed`` is no int of 64 bits.
    DeviceNotFoundError
        ``device`` matches no usable device.

    Notes
    -----
    Accuracy: exact, the same bits on every backend; those of ``jax.random.key_data(jax.random.key(seed))`` with 64-bit types enabled.
    A key that is used twice gives the same numbers twice: draw from each key once, and make new ones by `split` and `fold_in`.
    `accel.checked` finds keys that were used again.
    Cost: O(1), no device synchronisation; not for a traced seed under ``jax.jit``, where `fold_in` takes numbers that are arrays.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import accel
    >>> accel.random.key(42, device="numpy")
    array([ 0, 42], dtype=uint32)
    """
    whole = operator.index(seed) % 2**64
    words: Array = xp.asarray([whole >> 32, whole & 0xFFFFFFFF], dtype=xp.uint32, device=device)
    return words


def _split(key: Any, num: Any = 2) -> None:
    demand.secret(key)
    demand.extent(num=num)


@op(dtypes="any", same="exact", requires=_split, checks=("reuse",))
def split(key: A, num: int | tuple[int, ...] = 2) -> A:
    """Make several keys of one.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key that nothing else is drawn from.
    num : int or tuple of ints, default 2
        How many keys, or the shape of an array of them.

    Returns
    -------
    array, shape (num, 2) or (*num, 2), uint32, device of key
        Keys whose streams are independent of one another. Each first index gives one: ``first, second = split(key)``.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend.
    DTypeError, ShapeError
        ``key`` is no key, or several.
    ArgumentError
        ``num`` is no int.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend: those of ``jax.random.split`` with ``jax_threefry_partitionable`` on. Key i does not
    depend on ``num``.
    Cost: O(num), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import accel
    >>> accel.random.split(accel.random.key(0, device="numpy"))
    array([[1797259609, 2579123966],
           [ 928981903, 3453687069]], dtype=uint32)
    """
    shape = demand.lengths(num)
    pair = threefry.counted(key, math.prod(shape))
    drawn: A = xp.reshape(xp.stack(pair, axis=-1), (*shape, 2))
    return drawn


def _fold_in(key: Any, data: Any) -> None:
    demand.secret(key)
    if not hasattr(data, "dtype"):
        if isinstance(data, bool) or not hasattr(data, "__index__"):
            raise ArgumentError(f"data is an int, got {data!r}.")
        if not 0 <= data < 2**32:
            raise ArgumentError(f"data lies between 0 and 2**32 - 1, got {data!r}.")
        return
    requirement.integral(data=data)
    if tuple(data.shape) != ():
        raise ShapeError(f"data is one number, got an array of shape {tuple(data.shape)}; write data[i].")


@op(dtypes="any", same="exact", requires=_fold_in)
def fold_in(key: A, data: A | int) -> A:
    """Make a new key of a key and a number, such as that of a step.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key. It may be used for several numbers, since each gives another key.
    data : int or array, shape (), integer dtype
        A number from 0 to ``2**32 - 1``; of an array that holds another one the low 32 bits count.

    Returns
    -------
    array, shape (2,), uint32, device of key
        The new key.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend.
    DTypeError, ShapeError
        ``key`` is no key, or ``data`` not one integer.
    ArgumentError
        ``data`` is a Python number out of its range.

    Notes
    -----
    Accuracy: exact, the same bits on every backend: those of ``jax.random.fold_in``.
    Cost: O(1), no device synchronisation; safe under ``jax.jit``, also with traced ``data``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import accel
    >>> accel.random.fold_in(accel.random.key(0, device="numpy"), 7)
    array([2716826189,  292468403], dtype=uint32)
    """
    words: Any = key
    zero = xp.zeros_like(words[0:1])
    low: Any = data
    if hasattr(data, "dtype"):
        low = xp.reshape(xp.astype(low, xp.uint32), (1,))
    else:
        low = xp.full_like(zero, operator.index(low))
    drawn: A = xp.concat(threefry.blocks(key, zero, low))
    return drawn
