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


@op(dtypes="any", same="exact", checks=("casts",))
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
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size) time and memory, no device synchronisation on one device; safe under ``jax.jit``.

    Settled by accel::

        astype(floats([1.7, -1.7, -0.0]), int64) -> int64([1, -1, 0])
            # float to integer: the fraction is cut off
        astype(floats([nan]), integers) -> integers([0]); checked raises CastError
            # nan to integer
        astype(floats([inf, -inf]), integers)
            -> integers([highest, lowest]); checked raises CastError    # infinity to integer
        astype(float32([1e30, -1e30]), integers)
            -> integers([highest, lowest]); checked raises CastError
            # float beyond the integer dtype
        astype(float64([2.0**63, -(2.0**63), 2.0**64]), int64)
            -> int64([highest, lowest, highest]); checked raises CastError
            # float just beyond int64
        astype(float64([2.0**64, -1.0, 2.0**63]), uint64)
            -> uint64([highest, 0, 2**63]); checked raises CastError    # float just beyond uint64
        astype(float64([-88.0]), uints) -> uints([0]); checked raises CastError
            # negative float to unsigned
        astype(int64([300, -1, 2**40 + 5]), uint8) -> uint8([44, 255, 5]); checked raises CastError
            # integer to a narrower one: its low bits
        astype(uint64([2**63]), int64) -> int64([lowest]); checked raises CastError
            # unsigned to signed: the same bits
        astype(float64([1e300, -1e300]), float32) -> float32([inf, -inf]); checked raises CastError
            # float to a narrower one, out of range
        astype(float64([1.0 + 2.0**-24, 1.0 + 3 * 2.0**-24]), float32)
            -> float32([1.0, 1.0 + 2 * 2.0**-23])    # float to a narrower one: ties to even
        astype(float64([65520.0, 65519.0]), float16)
            -> float16([inf, 65504.0]); checked raises CastError    # float64 to float16
        astype(int64([2**53 + 1, 2**53 + 3]), float64) -> float64([2.0**53, 2.0**53 + 4])
            # large integer to float: ties to even
        astype(floats([0.0, -0.0, nan, 2.0]), bool) -> bool([False, False, True, True])
            # float to bool
        astype(complexes([0, 1j, complex(nan, 0.0)]), bool) -> bool([False, True, True])
            # complex to bool
        astype(bool([True, False]), numbers) -> numbers([1, 0])    # bool to number
        astype(floats([-0.0, nan]), complex64) -> complex64([complex(-0.0, 0.0), complex(nan, 0.0)])
            # float to complex
        astype(complexes([1.0]), float64) -> raises DTypeError    # complex to real
        astype(complexes([1.0]), int64) -> raises DTypeError    # complex to integer
        astype(float64([1.0]), float64, copy=False) -> float64([1.0])    # nothing to cast
        writes to x seen in astype(x, dtype, copy=False), or not
            -> left open: whether memory is shared is the library's affair; never rely on it

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

        can_cast(int64, float64) -> True    # integer to float
        can_cast(float64, float32) -> False    # to a narrower dtype
        can_cast(float32, int64) -> False    # float to integer
        can_cast(uint8, int8) -> False    # unsigned to signed of one width
        can_cast(uint64, int64) -> False    # uint64 to int64
        can_cast(bool, integers) -> True    # bool to integer
        can_cast(float64, complex64) -> False    # double to single complex

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

    Settled by accel::

        finfo(complex128).dtype -> float64    # complex: the dtype of its parts
        finfo(floats).bits -> bits    # width
        finfo(integers) -> raises DTypeError    # integers
        finfo(float32).smallest_normal -> 2.0**-126    # smallest normal number

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

    Settled by accel::

        iinfo(integers).max -> highest    # largest
        iinfo(integers).min -> lowest    # smallest
        iinfo(floats) -> raises DTypeError    # floats

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

    Settled by accel::

        isdtype(float32, 'nonsense') -> raises ArgumentError    # unknown kind
        isdtype(bool, 'numeric') -> False    # bool is not numeric
        isdtype(bfloat16, 'real floating') -> True    # bfloat16

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

        result_type(int8, float32) -> float32    # 8-bit integer with float32
        result_type(int16, float32) -> float32    # 16-bit integer with float32
        result_type(int32, float32) -> float64    # 32-bit integer with float32
        result_type(int64, float32) -> float64    # 64-bit integer with float32
        result_type(uint32, float32) -> float64    # uint32 with float32
        result_type(int64, complex64) -> complex128    # 64-bit integer with complex64
        result_type(uint64, ints) -> float64    # uint64 with a signed integer
        result_type(int8, float16) -> float16    # 8-bit integer with float16
        result_type(int16, float16) -> float32    # 16-bit integer with float16
        result_type(float64, complex64) -> complex128    # float64 with complex64
        result_type(bool, numbers) -> numbers    # bool with numbers
        result_type(uint8, int8) -> int16    # unsigned with signed
        result_type(float32, float64(1.0)) -> float64    # an array without axes counts as any other
        result_type(float32, 1e300) -> float32    # Python float
        result_type(float32, 1j) -> complex64    # Python complex
        result_type(integers, 1.5) -> float64    # Python float beside integers
        result_type(bool, 1) -> int64    # Python integer beside bool
        result_type(int8, True) -> int8    # Python bool
        result_type(uint8, 300) -> uint8    # Python integer out of range
        result_type(bfloat16, float16) -> raises DTypeError    # bfloat16 with float16

    Examples
    --------
    >>> import numpy, accel
    >>> accel.result_type(numpy.asarray([1], dtype="int8"), numpy.asarray([1], dtype="uint8"))
    dtype('int16')
    >>> accel.result_type(numpy.asarray([1.0], dtype="float32"), 2.5)
    dtype('float32')
    """
    ...
