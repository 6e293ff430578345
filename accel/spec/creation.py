"""Creation functions: new arrays from shapes, values and other objects."""

from __future__ import annotations

from typing import Any, Literal

from accel.dispatch import op
from accel.typing import A, Array, DeviceLike, DTypeLike, NestedSequence, Scalar

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


@op(dtypes="any", same="exact")
def arange(
    start: int | float,
    /,
    stop: int | float | None = None,
    step: int | float = 1,
    *,
    dtype: DTypeLike | None = None,
    device: DeviceLike | None = None,
) -> Any:
    """Evenly spaced numbers from ``start`` up to, but without, ``stop``.

    Parameters
    ----------
    start : int or float
        First number. With ``stop`` left out it is the end instead, and the numbers begin at 0.
    stop : int, float or None, default None
        End of the half-open interval, in the unit of ``start``.
    step : int or float, default 1
        Distance from one number to the next, not 0; a negative step counts down.
    dtype : dtype or None, default None
        None is the default integer dtype (int64) if all three bounds are integers, otherwise the
        default float dtype (float64).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape (L,), dtype as above, on ``device``
        ``start + i * step`` for i = 0, 1, ... where L is ``ceil((stop - start) / step)``, or 0 if
        the step leads away from ``stop``.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ArgumentError
        ``step`` is 0, or a bound is a bool.
    OverflowError
        A number does not fit the integer ``dtype``.

    Notes
    -----
    Accuracy: the same bits on every backend. With a fractional step, rounding decides whether the
    last number lies just below ``stop``; `linspace` fixes the count instead.
    Cost: O(L) time and memory, no device synchronisation.

    Settled by accel::

        arange(0.0, 1.0, 0.1)
            -> float64([0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9])
            # fractional step
        arange(-0.0, 1.0) -> float64([-0.0])    # sign of zero
        arange(-1.965, 0.0, dtype=float32) -> float32([-1.965, -0.965])    # bounds are rounded last
        arange(5, 0, -2, dtype=uints) -> uints([5, 3, 1])    # downwards in an unsigned dtype
        arange(5, 0) -> int64([])    # a step that leads away
        arange(0, 5, 0) -> raises ArgumentError    # no step
        arange(True, 5) -> raises ArgumentError    # booleans
        arange(0, 300, dtype=int8) -> raises OverflowError    # integer bounds out of range
        arange(0.0, 3.0, dtype=integers) -> integers([0, 1, 2])
            # float bounds with an integer dtype
        arange(0.0, 300.0, 100.0, dtype=int8) -> raises OverflowError
            # float bounds out of range of an integer dtype
        arange(2**63, 2**63 + 2) -> raises OverflowError    # integers beyond int64
        arange(2**63, 2**63 + 2, dtype=uint64) -> uint64([2**63, 2**63 + 1])    # uint64
        arange(0.0, 3.0, 0.5, dtype=int8) -> int8([0, 0, 0, 0, 0, 0])
            # fractional step with an integer dtype
        arange(0, 1, 0.5, dtype=float32) -> float32([0.0, 0.5])    # float32

    Examples
    --------
    >>> import numpy, accel
    >>> accel.arange(3, device="numpy")
    array([0, 1, 2])
    >>> accel.arange(2.0, 0.0, -0.5, device="numpy")
    array([2. , 1.5, 1. , 0.5])
    """
    ...


@op(dtypes="any", same="exact", checks=("casts",))
def asarray(
    obj: Array | Scalar | NestedSequence[Scalar],
    /,
    *,
    dtype: DTypeLike | None = None,
    device: DeviceLike | None = None,
    copy: bool | None = None,
) -> Any:
    """Array with the values of ``obj``.

    Parameters
    ----------
    obj : array, bool, int, float, complex or nested sequence of these scalars
        Values. Objects with Python's buffer protocol are accepted too; strings and None are not.
    dtype : dtype or None, default None
        None keeps the dtype of an array. Scalars give bool if all are bools, else the default
        integer dtype (int64), float dtype (float64) or complex dtype (complex128), after the widest
        of them.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object. An
        array is moved there, to another backend too. None is the device of an array, and the
        default device for anything else.
    copy : bool or None, default None
        True always copies, False never does, None copies only where it has to.

    Returns
    -------
    array, shape of ``obj``, dtype and device as above
        May share memory with ``obj`` unless ``copy`` is True; never rely on whether it does.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    DTypeError
        ``obj`` holds something other than numbers and booleans, or complex values for a real
        ``dtype``.
    OverflowError
        An integer does not fit the dtype; without ``dtype`` the limit is that of int64, and larger
        ones need ``dtype=accel.uint64``.
    ValueError
        ``copy`` is False and a copy is needed, as it always is for scalars and sequences.
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: exact; a float keeps all the digits its dtype holds, on every backend.
    Cost: O(size) time for a copy and for a transfer to a device.

    Settled by accel::

        asarray(2**63) -> raises OverflowError    # Python integer beyond int64
        asarray([2**63, 1]) -> raises OverflowError    # Python integers beyond int64 in a list
        asarray(2**63, dtype=uint64) -> uint64(2**63)    # Python integer beyond int64 with a dtype
        asarray(300, dtype=uint8) -> raises OverflowError    # Python integer out of range
        asarray(-1, dtype=uints) -> raises OverflowError    # negative Python integer to unsigned
        asarray([1, 2.5, True]) -> float64([1.0, 2.5, 1.0])    # Python numbers of several kinds
        asarray(0.1, dtype=float32) -> float32(0.1)    # Python float rounded once
        asarray(0.1) -> float64(0.1)    # Python float
        asarray(2**40) -> int64(2**40)    # Python integer beyond 32 bits
        asarray(1e300, dtype=float32) -> float32(inf); checked raises CastError
            # Python float beyond the dtype
        asarray([True, False]) -> bool([True, False])    # booleans
        asarray([]) -> float64([])    # empty list
        asarray(1j) -> complex128(1j)    # Python complex
        asarray([1j], dtype=float64) -> raises DTypeError    # complex to real
        asarray('text') -> raises DTypeError    # text
        asarray(None) -> raises DTypeError    # None
        asarray(['a', 'b']) -> raises DTypeError    # list of text
        asarray([1.0], copy=False) -> raises ValueError    # no copy of a list
        asarray([[1, 2], [3]]) -> raises ArgumentError    # ragged list
        asarray(float64([1.5, nan, 300.0]), dtype=int8)
            -> int8([1, 0, 127]); checked raises CastError
            # an array with another dtype is cast as by astype
        writes to a NumPy array seen in asarray of it, or not
            -> left open: whether memory is shared is the library's affair; never rely on it

    Examples
    --------
    >>> import numpy, accel
    >>> accel.asarray([[1, 2], [3, 4]], device="numpy")
    array([[1, 2],
           [3, 4]])
    >>> accel.asarray([True, 2, 0.5], device="numpy")
    array([1. , 2. , 0.5])
    >>> accel.asarray(numpy.asarray([1, 2]), dtype=accel.float32)
    array([1., 2.], dtype=float32)
    """
    ...


@op(dtypes="any", same="exact")
def empty(
    shape: int | tuple[int, ...], *, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Array whose values are arbitrary until something is put in their place.

    Parameters
    ----------
    shape : int or tuple of int
        Length of each axis, none negative; an integer stands for one axis.
    dtype : dtype or None, default None
        None is the default float dtype (float64 unless `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape ``shape``, dtype as above, on ``device``
        Unspecified values: whatever the memory held, or zeros.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        A length in ``shape`` is negative.

    Notes
    -----
    Accuracy: shape, dtype and device are the same on every backend, the values are not.
    Cost: one allocation, no device synchronisation. Libraries without writable arrays gain nothing
    from it over `zeros`.

    Settled by accel::

        empty((-1,)) -> raises ShapeError    # negative length
        empty((2,)) -> left open: the values are whatever the memory held    # values

    Examples
    --------
    >>> import numpy, accel
    >>> accel.empty((2, 3), dtype=accel.float32, device="numpy").shape
    (2, 3)
    """
    ...


@op(dtypes="any", same="exact")
def empty_like(x: A, /, *, dtype: DTypeLike | None = None, device: DeviceLike | None = None) -> A:
    """Array of the shape of ``x`` whose values are arbitrary until something is put in their place.

    Parameters
    ----------
    x : array, shape (...)
        Model for shape, dtype and device; its values are not read.
    dtype : dtype or None, default None
        None is the dtype of ``x``.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the device of ``x``.

    Returns
    -------
    array, shape (...), dtype and device as above
        Unspecified values: whatever the memory held, or zeros.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DeviceNotFoundError
        ``device`` matches no usable device.

    Notes
    -----
    Accuracy: shape, dtype and device are the same on every backend, the values are not.
    Cost: one allocation, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        empty_like(float32([1.0])) -> left open: the values are whatever the memory held    # values

    Examples
    --------
    >>> import numpy, accel
    >>> accel.empty_like(numpy.asarray([[1.0, 2.0]])).shape
    (1, 2)
    """
    ...


@op(dtypes="any", same="exact")
def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DTypeLike | None = None,
    device: DeviceLike | None = None,
) -> Any:
    """Matrix with ones on one diagonal and zeros elsewhere.

    Parameters
    ----------
    n_rows : int
        Number of rows, not negative.
    n_cols : int or None, default None
        Number of columns, not negative. None makes the matrix square.
    k : int, default 0
        Which diagonal: 0 is the main one, positive numbers lie above it, negative ones below. A
        diagonal outside the matrix leaves zeros only.
    dtype : dtype or None, default None
        None is the default float dtype (float64 unless `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape (n_rows, n_cols), dtype as above, on ``device``
        1 where ``column - row`` equals ``k``, otherwise 0.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        ``n_rows`` or ``n_cols`` is negative.

    Notes
    -----
    Accuracy: exact.
    Cost: O(n_rows * n_cols) time and memory, no device synchronisation.

    Settled by accel::

        eye(-1) -> raises ShapeError    # negative length
        eye(2, k=5) -> float64([[0.0, 0.0], [0.0, 0.0]])    # diagonal outside
        eye(2, 3, k=-1, dtype=bool) -> bool([[False, False, False], [True, False, False]])
            # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.eye(2, 3, k=1, device="numpy")
    array([[0., 1., 0.],
           [0., 0., 1.]])
    """
    ...


@op(dtypes="any", same="exact")
def from_dlpack(x: object, /, *, device: DeviceLike | None = None, copy: bool | None = None) -> Any:
    """Array with the data of any object that speaks DLPack, without a copy where that is possible.

    Parameters
    ----------
    x : object
        Anything with ``__dlpack__`` and ``__dlpack_device__``, from whatever library.
    device : device or None, default None
        Where the result lies, and so which backend owns it: a name (``"gpu:1"``), an `accel.Device`
        or a native device object. None leaves arrays that accel knows with their backend and
        device, and gives anything else to the backend of the default device.
    copy : bool or None, default None
        True always copies, False never does, None copies only where it has to.

    Returns
    -------
    array, shape and dtype of ``x``, on ``device``
        May share memory with ``x`` unless ``copy`` is True; write to neither.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    TransferError
        The data cannot be exported, the backend cannot reach them, or a copy is needed and ``copy``
        is False.
    AttributeError
        ``x`` does not speak DLPack.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) when memory is shared, else one copy; the producer orders its stream before the
    consumer's. Read-only and strided data that a backend cannot import in place are copied when
    ``copy`` is None. To move arrays between backends that accel knows, `accel.to_device` also works
    where DLPack does not.

    Settled by accel::

        from_dlpack(float64([1.0])) -> float64([1.0])    # its own array
        from_dlpack(bool([True, False])) -> bool([True, False])    # booleans
        from_dlpack(1.0) -> raises AttributeError    # an object that does not speak DLPack
        memory shared with the source, or not
            -> left open: the library decides; treat the result as a copy

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.from_dlpack(x, device="numpy", copy=True)
    array([1., 2.])
    """
    ...


@op(dtypes="any", same="exact", checks=("casts",))
def full(
    shape: int | tuple[int, ...],
    fill_value: Scalar,
    *,
    dtype: DTypeLike | None = None,
    device: DeviceLike | None = None,
) -> Any:
    """Array that holds one value everywhere.

    Parameters
    ----------
    shape : int or tuple of int
        Length of each axis, none negative; an integer stands for one axis.
    fill_value : bool, int, float or complex
        The value.
    dtype : dtype or None, default None
        None follows the value: bool for a bool, otherwise the default integer (int64), float
        (float64) or complex dtype (complex128).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape ``shape``, dtype as above, on ``device``
        ``fill_value`` in every element.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        A length in ``shape`` is negative.
    OverflowError
        ``fill_value`` is an integer that the dtype cannot hold; without ``dtype`` the limit is that
        of int64.
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold the value.

    Notes
    -----
    Accuracy: exact, after rounding to the dtype. A value of a higher kind than ``dtype``, such as
    1.5 for an integer dtype, is left open.
    Cost: O(size) time and memory, no device synchronisation.

    Settled by accel::

        full((2,), 2**63) -> raises OverflowError    # Python integer beyond int64
        full((2,), 2**63, dtype=uint64) -> uint64([2**63, 2**63])
            # Python integer beyond int64 with a dtype
        full((2,), 300, dtype=uint8) -> raises OverflowError    # Python integer out of range
        full((1,), 1e300, dtype=float32) -> float32([inf]); checked raises CastError
            # Python float beyond the dtype
        full((1,), 0.1) -> float64([0.1])    # Python float
        full((1,), 1j) -> complex128([1j])    # Python complex
        full((1,), True) -> bool([True])    # Python bool
        full((1,), nan, dtype=int64) -> raises ArgumentError    # nan in an integer dtype
        full((1,), 1.7, dtype=int64) -> int64([1])    # fraction in an integer dtype
        full((1,), 1j, dtype=float64) -> raises DTypeError    # complex in a real dtype
        full((-1,), 1.0) -> raises ShapeError    # negative length
        full((), -0.0) -> float64(-0.0)    # no axes, negative zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.full((2, 2), 7, device="numpy")
    array([[7, 7],
           [7, 7]])
    """
    ...


@op(dtypes="any", same="exact", checks=("casts",))
def full_like(
    x: A, /, fill_value: Scalar, *, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> A:
    """Array of the shape of ``x`` that holds one value everywhere.

    Parameters
    ----------
    x : array, shape (...)
        Model for shape, dtype and device; its values are not read.
    fill_value : bool, int, float or complex
        The value.
    dtype : dtype or None, default None
        None is the dtype of ``x``.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the device of ``x``.

    Returns
    -------
    array, shape (...), dtype and device as above
        ``fill_value`` in every element.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DeviceNotFoundError
        ``device`` matches no usable device.
    OverflowError
        ``fill_value`` is an integer that the dtype cannot hold.
    CastError
        Inside `accel.checked`: the dtype cannot hold the value.

    Notes
    -----
    Accuracy: exact, after rounding to the dtype. A value of a higher kind than the dtype, such as
    1.5 for an integer dtype, is left open.
    Cost: O(size) time and memory, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        full_like(uint8([1, 2]), 300) -> raises OverflowError    # Python integer out of range
        full_like(integers([1, 2]), 7) -> integers([7, 7])    # dtype of x
        full_like(float32([1.0]), 1e300) -> float32([inf]); checked raises CastError
            # Python float beyond the dtype
        full_like(int64([1]), 1.7) -> int64([1])    # fraction in an integer dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.full_like(numpy.asarray([1.0, 2.0]), 0.5)
    array([0.5, 0.5])
    """
    ...


@op(dtypes="any", same="bounded", ulp_of="the larger end in magnitude")
def linspace(
    start: Scalar,
    stop: Scalar,
    /,
    num: int,
    *,
    dtype: DTypeLike | None = None,
    device: DeviceLike | None = None,
    endpoint: bool = True,
) -> Any:
    """A given number of evenly spaced numbers over an interval.

    Parameters
    ----------
    start : int, float or complex
        First number.
    stop : int, float or complex
        End of the interval, in the unit of ``start``.
    num : int
        How many numbers, not negative.
    dtype : dtype or None, default None
        A real or complex floating-point dtype. None is the default float dtype (float64), or the
        default complex dtype (complex128) if an end is complex.
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.
    endpoint : bool, default True
        Whether ``stop`` is the last number. False leaves it out and divides the interval into
        ``num`` steps instead of ``num - 1``.

    Returns
    -------
    array, shape (num,), dtype as above, on ``device``
        ``start + i * step`` for i = 0, 1, ..., num - 1.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        ``num`` is negative.

    Notes
    -----
    Accuracy: within 4 ulp of the larger end in magnitude; the first number is ``start`` and, with
    ``endpoint``, the last is ``stop``, both exactly. Integer dtypes are left open.
    Cost: O(num) time and memory, no device synchronisation.

    Settled by accel::

        linspace(0.0, 1.0, 0) -> float64([])    # no numbers
        linspace(3.0, 1.0, 1) -> float64([3.0])    # one number
        linspace(3.0, 1.0, 1, endpoint=False) -> float64([3.0])    # one number without the end
        linspace(0, 10, 3) -> float64([0.0, 5.0, 10.0])    # integer ends
        linspace(0.0, 1.0, 11)[-1] -> float64(1.0)    # the end is exact
        linspace(-1e308, 1e308, 3) -> left open: the step between the numbers overflows
            # span beyond the range
        linspace(1j, 2j, 2) -> complex128([1j, 2j])    # complex ends
        linspace(0.0, nan, 3) -> float64([nan, nan, nan])    # end nan
        linspace(0.0, 1.0, -1) -> raises ShapeError    # negative count

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linspace(0.0, 1.0, 5, device="numpy")
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> accel.linspace(0, 1, 4, endpoint=False, device="numpy")
    array([0.  , 0.25, 0.5 , 0.75])
    """
    ...


@op(dtypes="numeric", same="exact")
def meshgrid(*arrays: A, indexing: Literal["xy", "ij"] = "xy") -> tuple[A, ...]:
    """Coordinates of every point of a grid, one array for each of its axes.

    Parameters
    ----------
    *arrays : array, shapes (N1,), (N2,), ..., (Nk,)
        Coordinates along each axis, numeric and of one dtype.
    indexing : {'xy', 'ij'}, default 'xy'
        ``'ij'`` keeps the order of the arguments: shape (N1, N2, N3, ...). ``'xy'`` exchanges the
        first two axes, so that the first array runs along the columns: shape (N2, N1, N3, ...).

    Returns
    -------
    tuple of k arrays, shape as above, dtype and device of the argument each
        ``arrays[i]`` repeated along all axes but its own. No arrays give an empty tuple.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.

    Notes
    -----
    Accuracy: exact. What comes of arrays with more or less than one axis is left open.
    Cost: O(k * N1 * ... * Nk) time and memory unless the library has views; the results may share
    memory with the inputs, write to none of them. No device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        meshgrid(float64([1.0, 2.0]), float64([3.0]))
            -> (float64([[1.0, 2.0]]), float64([[3.0, 3.0]]))    # a tuple, rows first
        meshgrid(float64(1.0), float64([3.0])) -> (float64([[1.0]]), float64([[3.0]]))
            # an array without axes
        meshgrid(float64([]), float64([3.0])) -> (float64([[]]), float64([[]]))    # no elements

    Examples
    --------
    >>> import numpy, accel
    >>> x, y = accel.meshgrid(numpy.asarray([1, 2, 3]), numpy.asarray([10, 20]))
    >>> x
    array([[1, 2, 3],
           [1, 2, 3]])
    >>> y
    array([[10, 10, 10],
           [20, 20, 20]])
    """
    ...


@op(dtypes="any", same="exact")
def ones(
    shape: int | tuple[int, ...], *, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Array of ones.

    Parameters
    ----------
    shape : int or tuple of int
        Length of each axis, none negative; an integer stands for one axis.
    dtype : dtype or None, default None
        None is the default float dtype (float64 unless `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape ``shape``, dtype as above, on ``device``
        1 in every element; True for bool, ``1 + 0j`` for complex dtypes.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        A length in ``shape`` is negative.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size) time and memory, no device synchronisation.

    Settled by accel::

        ones((-1,)) -> raises ShapeError    # negative length
        ones((0, 2), dtype=int8) -> int8([], shape=(0, 2))    # no elements

    Examples
    --------
    >>> import numpy, accel
    >>> accel.ones((2, 2), dtype=accel.int32, device="numpy")
    array([[1, 1],
           [1, 1]], dtype=int32)
    """
    ...


@op(dtypes="any", same="exact")
def ones_like(x: A, /, *, dtype: DTypeLike | None = None, device: DeviceLike | None = None) -> A:
    """Array of ones in the shape of ``x``.

    Parameters
    ----------
    x : array, shape (...)
        Model for shape, dtype and device; its values are not read.
    dtype : dtype or None, default None
        None is the dtype of ``x``.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the device of ``x``.

    Returns
    -------
    array, shape (...), dtype and device as above
        1 in every element; True for bool, ``1 + 0j`` for complex dtypes.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DeviceNotFoundError
        ``device`` matches no usable device.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size) time and memory, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        ones_like(bool([False])) -> bool([True])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.ones_like(numpy.asarray([3.0, 4.0]))
    array([1., 1.])
    """
    ...


@op(dtypes="any", same="exact")
def tril(x: A, /, *, k: int = 0) -> A:
    """Lower triangle of each matrix, with zeros above it.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices of any dtype.
    k : int, default 0
        Last diagonal that is kept: 0 is the main one, positive numbers lie above it, negative ones
        below.

    Returns
    -------
    array, shape (..., M, N), dtype and device of ``x``
        ``x`` where ``column - row`` is at most ``k``, otherwise 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.

    Notes
    -----
    Accuracy: exact; infinities and NaN above the diagonal become 0 too.
    Cost: O(size) time and memory, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        tril(float64([1.0, 2.0])) -> raises ShapeError    # one axis
        tril(float64([[1.0, nan], [inf, -0.0]])) -> float64([[1.0, 0.0], [inf, -0.0]])
            # nan above the diagonal

    Examples
    --------
    >>> import numpy, accel
    >>> accel.tril(numpy.asarray([[1, 2, 3], [4, 5, 6]]))
    array([[1, 0, 0],
           [4, 5, 0]])
    """
    ...


@op(dtypes="any", same="exact")
def triu(x: A, /, *, k: int = 0) -> A:
    """Upper triangle of each matrix, with zeros below it.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices of any dtype.
    k : int, default 0
        First diagonal that is kept: 0 is the main one, positive numbers lie above it, negative ones
        below.

    Returns
    -------
    array, shape (..., M, N), dtype and device of ``x``
        ``x`` where ``column - row`` is at least ``k``, otherwise 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.

    Notes
    -----
    Accuracy: exact; infinities and NaN below the diagonal become 0 too.
    Cost: O(size) time and memory, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        triu(float64([1.0, 2.0])) -> raises ShapeError    # one axis
        triu(float64([[1.0, nan], [inf, -0.0]])) -> float64([[1.0, nan], [0.0, -0.0]])
            # infinity below the diagonal

    Examples
    --------
    >>> import numpy, accel
    >>> accel.triu(numpy.asarray([[1, 2, 3], [4, 5, 6]]))
    array([[1, 2, 3],
           [0, 5, 6]])
    """
    ...


@op(dtypes="any", same="exact")
def zeros(
    shape: int | tuple[int, ...], *, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Array of zeros.

    Parameters
    ----------
    shape : int or tuple of int
        Length of each axis, none negative; an integer stands for one axis.
    dtype : dtype or None, default None
        None is the default float dtype (float64 unless `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape ``shape``, dtype as above, on ``device``
        0 in every element; False for bool.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ShapeError
        A length in ``shape`` is negative.

    Notes
    -----
    Accuracy: exact; floating-point zeros are positive.
    Cost: O(size) time and memory, no device synchronisation.

    Settled by accel::

        zeros((-1,)) -> raises ShapeError    # negative length
        zeros((2, 1.5)) -> raises ArgumentError    # fractional length
        zeros(()) -> float64(0.0)    # no axes

    Examples
    --------
    >>> import numpy, accel
    >>> accel.zeros(3, device="numpy")
    array([0., 0., 0.])
    """
    ...


@op(dtypes="any", same="exact")
def zeros_like(x: A, /, *, dtype: DTypeLike | None = None, device: DeviceLike | None = None) -> A:
    """Array of zeros in the shape of ``x``.

    Parameters
    ----------
    x : array, shape (...)
        Model for shape, dtype and device; its values are not read.
    dtype : dtype or None, default None
        None is the dtype of ``x``.
    device : device or None, default None
        Where the result lies: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the device of ``x``.

    Returns
    -------
    array, shape (...), dtype and device as above
        0 in every element; False for bool.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DeviceNotFoundError
        ``device`` matches no usable device.

    Notes
    -----
    Accuracy: exact; floating-point zeros are positive.
    Cost: O(size) time and memory, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        zeros_like(numbers([1])) -> numbers([0])    # dtype of x

    Examples
    --------
    >>> import numpy, accel
    >>> accel.zeros_like(numpy.asarray([3, 4]))
    array([0, 0])
    """
    ...
