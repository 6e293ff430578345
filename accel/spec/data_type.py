"""Data type functions: casts, limits and kinds of dtypes."""

from __future__ import annotations

from typing import Any

from accel.dispatch import op
from accel.typing import A, Array, DeviceLike, DTypeLike, Scalar

__all__ = [
    "astype",
    "can_cast",
    "finfo",
    "iinfo",
    "isdtype",
    "result_type",
]


@op(dtypes="any", same="exact")
def astype(x: A, dtype: DTypeLike, /, *, copy: bool = True, device: DeviceLike | None = None) -> A:
    """Values of ``x`` as another dtype.

    Parameters
    ----------
    x : array, shape (...)
        Values of any dtype.
    dtype : dtype
        The dtype to convert to, whether or not promotion leads there.
    copy : bool, default True
        False returns ``x`` itself when it already has the dtype and lies on ``device``; True always
        makes a new array.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the device of ``x``.

    Returns
    -------
    array, shape (...), dtype ``dtype``, on ``device``
        The converted values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is complex and ``dtype`` is real; take `accel.real`, `accel.imag` or `accel.abs`
        first.
    DeviceNotFoundError
        ``device`` matches no usable device.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size) time and memory, no device synchronisation on one device; safe under ``jax.jit``.

    Special cases::

        number to bool -> False for zero, True for everything else, nan included
        bool to number -> 0 or 1

    Settled by accel::

        float to integer -> the fraction is cut off, towards zero
        float beyond the range of the integer dtype, or infinite -> the nearest limit of the dtype
        nan to integer -> 0
        integer to a narrower one -> its low bits (modulo 2**bits)
        float to a narrower one -> rounded to nearest, ties to even; infinite beyond the range
        complex to real -> refused

    Examples
    --------
    >>> import numpy, accel
    >>> accel.astype(numpy.asarray([1.7, -1.7, 300.0, numpy.nan]), accel.int8)
    array([  1,  -1, 127,   0], dtype=int8)
    """
    ...


@op(dtypes="any", same="exact")
def can_cast(from_: Array | DTypeLike, to: DTypeLike, /) -> bool:
    """Whether promotion leads from one dtype to another.

    Parameters
    ----------
    from_ : array or dtype
        Start; of an array only dtype and device count.
    to : dtype
        Goal.

    Returns
    -------
    bool
        True if values of ``from_`` become ``to`` where the two meet.

    Raises
    ------
    ArgumentError
        ``from_`` or ``to`` is not a dtype.

    Notes
    -----
    Accuracy: the same answer on every backend.
    Cost: O(1), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        across kinds -> NumPy's table of safe casts: bool to integer to float to complex, never back

    Examples
    --------
    >>> import numpy, accel
    >>> accel.can_cast(numpy.asarray([1, 2], dtype="int8"), accel.int32)
    True
    >>> accel.can_cast(accel.float64, accel.float32)
    False
    """
    ...


@op(dtypes="any", same="exact")
def finfo(type: Array | DTypeLike, /) -> Any:
    """Limits of a floating-point dtype.

    Parameters
    ----------
    type : array or dtype
        Real or complex floating-point; a complex dtype stands for that of its components, an array
        for its dtype.

    Returns
    -------
    object
        With the attributes ``bits`` (width of the real dtype), ``eps`` (distance from 1 to the next
        number), ``max``, ``min``, ``smallest_normal`` (least positive number of full precision) and
        ``dtype`` (the real dtype).

    Raises
    ------
    DTypeError
        ``type`` is not floating-point.

    Notes
    -----
    Accuracy: exact. Numbers below ``smallest_normal`` are outside accel's promise, because some
    devices flush them to zero.
    Cost: O(1), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.finfo(numpy.asarray([1.0 + 2.0j])).eps) == 2.0**-52
    True
    >>> accel.finfo(accel.float32).bits
    32
    """
    ...


@op(dtypes="any", same="exact")
def iinfo(type: Array | DTypeLike, /) -> Any:
    """Limits of an integer dtype.

    Parameters
    ----------
    type : array or dtype
        Signed or unsigned integer; an array stands for its dtype.

    Returns
    -------
    object
        With the attributes ``bits``, ``max``, ``min`` and ``dtype``.

    Raises
    ------
    DTypeError
        ``type`` is not an integer dtype.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.iinfo(accel.int8).max
    127
    >>> accel.iinfo(numpy.asarray([1], dtype="uint16")).bits
    16
    """
    ...


@op(dtypes="any", same="exact")
def isdtype(dtype: DTypeLike, kind: DTypeLike | str | tuple[DTypeLike | str, ...]) -> bool:
    """Whether a dtype is of a kind.

    Parameters
    ----------
    dtype : dtype
        The dtype in question.
    kind : dtype, str or tuple of these
        A dtype asks for equality. A name asks for one of the kinds ``'bool'``,
        ``'signed integer'``, ``'unsigned integer'``, ``'integral'`` (both integers),
        ``'real floating'``, ``'complex floating'`` and ``'numeric'`` (all but bool). A tuple asks
        for any of its entries.

    Returns
    -------
    bool
        True if it is.

    Raises
    ------
    ArgumentError
        ``kind`` names no kind, or ``dtype`` is not a dtype (of an array, write ``x.dtype``).

    Notes
    -----
    Accuracy: the same answer on every backend. float16 and bfloat16, where a library has them, are
    ``'real floating'``.
    Cost: O(1).

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.isdtype(x.dtype, ("real floating", "complex floating"))
    True
    >>> accel.isdtype(x.dtype, "integral")
    False
    """
    ...


@op(dtypes="any", same="exact")
def result_type(*arrays_and_dtypes: Array | Scalar | DTypeLike) -> Any:
    """Dtype that the arguments promote to together.

    Parameters
    ----------
    *arrays_and_dtypes : array, dtype, bool, int, float or complex
        At least one. Python scalars follow the others: they raise the kind (a float makes a float
        of an integer) but never widen a dtype of their kind. Scalars alone give the default dtypes.

    Returns
    -------
    dtype
        The dtype of a result of these arguments.

    Raises
    ------
    UnknownArrayError
        There is no argument.
    MixedBackendsError
        The arguments belong to different backends.

    Notes
    -----
    Accuracy: the same answer on every backend.
    Cost: O(number of arguments), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        mixed kinds -> NumPy's table (int32 with float32 gives float64)
        uint64 with a signed integer -> float64

    Examples
    --------
    >>> import numpy, accel
    >>> accel.result_type(numpy.asarray([1], dtype="int8"), numpy.asarray([1], dtype="uint8"))
    dtype('int16')
    >>> accel.result_type(numpy.asarray([1.0], dtype="float32"), 2.5)
    dtype('float32')
    """
    ...
