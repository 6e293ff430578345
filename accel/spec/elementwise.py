"""Elementwise functions: one result for each element, by the rules of broadcasting.

Rules of the whole chapter: shapes broadcast; a Python number takes the dtype of the array beside
it; arrays of mixed kinds, such as an integer with a float, promote by NumPy's table. Inputs are
never written to. 64-bit data traced by a transform that does
not keep their width raise ``PrecisionError``. Outside every promise are subnormal numbers, which
accelerators flush to zero, results below twice the smallest normal number, and the payload of a
nan.

In the tables of special cases ``0`` is the positive zero, ``+-0`` either zero, ``finite`` a number
neither infinite nor nan, ``any`` every value, and a comparison such as ``x > 0`` holds for
infinities too. An exponent is ``odd`` if it is an odd integer, and ``other`` if it is not.
"""

from __future__ import annotations

from accel.dispatch import op
from accel.typing import A, Scalar

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "real",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
]


@op(dtypes="numeric", same="exact")
def abs(x: A, /) -> A:
    """Magnitude of each element.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; of complex ones the modulus is taken.

    Returns
    -------
    array, shape of x, dtype of x or its real counterpart, device of x
        Distances from zero, never negative.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact for real dtypes, the same bits on every backend; the modulus of complex elements
    is within 4 ulp and overflows only where it is itself too large.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan -> nan
        -0 -> 0
        -inf -> inf

    Settled by accel::

        abs(ints([lowest])) -> ints([lowest])
            # smallest signed integer, whose opposite does not fit
        abs(complex64([complex(inf, nan), complex(nan, -inf)])) -> float32([inf, inf])
            # complex with an infinite part and nan
        abs(complex128([complex(inf, nan), complex(nan, -inf)])) -> float64([inf, inf])
            # complex with an infinite part and nan, double
        abs(complex128([complex(nan, 1.0)])) -> float64([nan])
            # complex with a nan part and a finite one
        abs(complex128([complex(3e200, 4e200)])) -> float64([5e200])    # modulus of large parts
        abs(bool([True, False])) -> bool([True, False])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.abs(numpy.asarray([-2.5, 0.0, 7.0]))
    array([2.5, 0. , 7. ])
    >>> accel.abs(numpy.asarray([3.0 + 4.0j]))
    array([5.])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def acos(x: A, /) -> A:
    """Angle in radians whose cosine is each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Cosines, without unit; real ones from -1 to 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Angles in radians, from 0 to pi.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cuts along the real axis below -1 and above 1; real part from 0 to pi. On a
    cut the sign of the zero part tells the side. Infinite and nan parts as in C99, but for the
    signs that it leaves open.

    Special cases::

        nan    -> nan
        x > 1  -> nan
        x < -1 -> nan
        1      -> 0
        -1     -> pi

    Settled by accel::

        acos(complexes([complex(2.0, 0.0), complex(2.0, -0.0)]))
            -> complexes([complex(0.0, -1.3169578969248166), complex(0.0, 1.3169578969248166)])
            # sides of the cut above 1
        acos(complexes([complex(-2.0, 0.0), complex(-2.0, -0.0)]))
            -> complexes([complex(pi, -1.3169578969248166), complex(pi, 1.3169578969248166)])
            # sides of the cut below -1
        acos(complexes([complex(inf, nan), complex(0.0, nan), complex(nan, 0.0)]))
            -> complexes([complex(nan, -inf), complex(pi / 2, nan), complex(nan, nan)])
            # complex with a nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.acos(numpy.asarray([1.0, 0.0, -1.0]))
    array([0.        , 1.57079633, 3.14159265])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def acosh(x: A, /) -> A:
    """Inverse hyperbolic cosine of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic cosines, without unit; real ones from 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic angles, without unit, from 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cut along the real axis below 1; real part from 0, imaginary part from -pi to
    pi. On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99, but for
    the signs that it leaves open.

    Special cases::

        nan   -> nan
        x < 1 -> nan
        1     -> 0
        inf   -> inf

    Settled by accel::

        acosh(complexes([complex(-2.0, 0.0), complex(-2.0, -0.0)]))
            -> complexes([complex(1.3169578969248166, pi), complex(1.3169578969248166, -pi)])
            # sides of the cut below 1
        acosh(complexes([complex(inf, nan), complex(nan, inf)]))
            -> complexes([complex(inf, nan), complex(inf, nan)])
            # complex with an infinite part and nan

    Examples
    --------
    >>> import numpy, accel
    >>> accel.acosh(numpy.asarray([1.0, 2.0]))
    array([0.       , 1.3169579])
    """
    ...


@op(dtypes="numeric", same="exact")
def add(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Sum of each pair of elements.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, numeric dtype
        Terms, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Sums, in the unit of the terms.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: correctly rounded, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Inside ``jax.jit`` the compiler may fuse a product into a sum, as in ``a * b + c``, and skip the
    rounding between them.

    Special cases::

        nan, any               -> nan
        any, nan               -> nan
        inf, -inf              -> nan
        -inf, inf              -> nan
        inf, finite            -> inf
        finite, -inf           -> -inf
        -0, -0                 -> -0
        0, -0                  -> 0

    Settled by accel::

        add(ints([highest, lowest]), ints([1, -1])) -> ints([lowest, highest])
            # integer sum out of range
        add(uints([highest]), 1) -> uints([0])    # unsigned sum out of range
        add(bool([True, True, False]), bool([True, False, False])) -> bool([True, True, False])
            # booleans
        add(floats([1.5, -2.0]), floats([-1.5, 2.0])) -> floats([0.0, 0.0])
            # a number and its opposite
        add(uint8([1]), 300) -> raises OverflowError    # Python integer out of range
        add(uints([1]), -1) -> raises OverflowError
            # negative Python integer beside unsigned ones
        add(int64([0]), 2**63) -> raises OverflowError    # Python integer beyond int64
        add(float32([1.0]), 2**200)
            -> left open: CuPy raises OverflowError for integers of more than 64 bits; write float(n)
            # Python integer of more than 64 bits beside floats
        add(bfloat16([1.0]), 0.5)
            -> left open: NumPy and CuPy know bfloat16 by an extension, which gives float32; cast the number with asarray
            # Python float beside bfloat16
        add(float32([1.0]), 1e300) -> float32([inf])    # Python float beyond the dtype
        add(float64([1.0]), 2**60 + 1) -> float64([1152921504606846978.0])
            # Python integer rounded once
        add(integers([1]), 0.5) -> float64([1.5]); checked raises DTypeError
            # Python float beside integers
        add(float32([1.0]), 1j) -> complex64([complex(1.0, 1.0)])    # Python complex beside floats
        add(bool([True]), 1) -> int64([2]); checked raises DTypeError
            # Python integer beside booleans
        add(bool([True]), 0.5) -> float64([1.5]); checked raises DTypeError
            # Python float beside booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.add(numpy.asarray([1.0, 2.0]), numpy.asarray([0.5, 0.25]))
    array([1.5 , 2.25])
    >>> accel.add(numpy.asarray([1, 2]), 10)
    array([11, 12])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def asin(x: A, /) -> A:
    """Angle in radians whose sine is each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Sines, without unit; real ones from -1 to 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Angles in radians, from -pi/2 to pi/2.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cuts along the real axis below -1 and above 1; real part from -pi/2 to pi/2.
    On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99, but for the
    signs that it leaves open.

    Special cases::

        nan    -> nan
        x > 1  -> nan
        x < -1 -> nan
        0      -> 0
        -0     -> -0

    Settled by accel::

        asin(complexes([complex(2.0, 0.0), complex(2.0, -0.0)]))
            -> complexes([complex(pi / 2, 1.3169578969248166), complex(pi / 2, -1.3169578969248166)])
            # sides of the cut above 1
        asin(complexes([complex(-2.0, 0.0), complex(-2.0, -0.0)]))
            -> complexes([complex(-pi / 2, 1.3169578969248166), complex(-pi / 2, -1.3169578969248166)])
            # sides of the cut below -1
        asin(complexes([complex(inf, -0.0)])) -> complexes([complex(pi / 2, -inf)])
            # infinite on the cut
        asin(complexes([complex(0.0, nan), complex(nan, inf)]))
            -> complexes([complex(0.0, nan), complex(nan, inf)])    # complex with a nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.asin(numpy.asarray([0.0, 0.5, 1.0]))
    array([0.        , 0.52359878, 1.57079633])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def asinh(x: A, /) -> A:
    """Inverse hyperbolic sine of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic sines, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic angles, without unit.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cuts along the imaginary axis below -1j and above 1j; imaginary part from
    -pi/2 to pi/2. On a cut the sign of the zero part tells the side. Infinite and nan parts as in
    C99, but for the signs that it leaves open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> inf
        -inf -> -inf

    Settled by accel::

        asinh(complexes([complex(0.0, 2.0), complex(-0.0, 2.0)]))
            -> complexes([complex(1.3169578969248166, pi / 2), complex(-1.3169578969248166, pi / 2)])
            # sides of the cut above 1j
        asinh(complexes([complex(0.0, -2.0), complex(-0.0, -2.0)]))
            -> complexes([complex(1.3169578969248166, -pi / 2), complex(-1.3169578969248166, -pi / 2)])
            # sides of the cut below -1j
        asinh(complexes([complex(inf, nan), complex(nan, 0.0)]))
            -> complexes([complex(inf, nan), complex(nan, 0.0)])    # complex with a nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.asinh(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.88137359])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def atan(x: A, /) -> A:
    """Angle in radians whose tangent is each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Tangents, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Angles in radians, from -pi/2 to pi/2.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cuts along the imaginary axis below -1j and above 1j; real part from -pi/2 to
    pi/2. On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99, but
    for the signs that it leaves open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> pi/2
        -inf -> -pi/2

    Settled by accel::

        atan(complexes([complex(0.0, 2.0), complex(-0.0, 2.0)]))
            -> complexes([complex(pi / 2, 0.5493061443340548), complex(-pi / 2, 0.5493061443340548)])
            # sides of the cut above 1j
        atan(complexes([complex(nan, inf), complex(inf, nan), complex(nan, 0.0)]))
            -> complexes([complex(nan, 0.0), complex(pi / 2, 0.0), complex(nan, 0.0)])
            # complex with an infinite or nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.atan(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.78539816])
    """
    ...


@op(dtypes="real floating-point", same="bounded")
def atan2(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Angle in radians of each point (x2, x1), in the right quadrant.

    Parameters
    ----------
    x1 : array or number, real floating-point dtype
        Heights: the second coordinate of each point.
    x2 : array or number, broadcast with x1, real floating-point dtype
        Widths: the first coordinate, in the unit of ``x1``. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Angles in radians from the positive first axis, from -pi to pi.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.

    Notes
    -----
    Accuracy: within 4 ulp of the true value.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any            -> nan
        any, nan            -> nan
        0, x2 > 0           -> 0
        0, 0                -> 0
        0, -0               -> pi
        0, x2 < 0           -> pi
        -0, x2 > 0          -> -0
        -0, 0               -> -0
        -0, -0              -> -pi
        -0, x2 < 0          -> -pi
        x1 > 0, +-0         -> pi/2
        x1 < 0, +-0         -> -pi/2
        finite x1 > 0, inf  -> 0
        finite x1 > 0, -inf -> pi
        finite x1 < 0, inf  -> -0
        finite x1 < 0, -inf -> -pi
        inf, finite         -> pi/2
        -inf, finite        -> -pi/2
        inf, inf            -> pi/4
        inf, -inf           -> 3 pi/4
        -inf, inf           -> -pi/4
        -inf, -inf          -> -3 pi/4

    Settled by accel::

        atan2(complexes([1]), complexes([1])) -> raises DTypeError    # complex
        atan2(float32([1.0]), float64([1.0])) -> float64([pi / 4])    # two floating-point dtypes

    Examples
    --------
    >>> import numpy, accel
    >>> accel.atan2(numpy.asarray([1.0, -1.0]), numpy.asarray([-1.0, -1.0]))
    array([ 2.35619449, -2.35619449])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def atanh(x: A, /) -> A:
    """Inverse hyperbolic tangent of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic tangents, without unit; real ones from -1 to 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic angles, without unit.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cuts along the real axis up to -1 and from 1; imaginary part from -pi/2 to
    pi/2. On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99, but
    for the signs that it leaves open.

    Special cases::

        nan    -> nan
        x > 1  -> nan
        x < -1 -> nan
        1      -> inf
        -1     -> -inf
        0      -> 0
        -0     -> -0

    Settled by accel::

        atanh(complexes([complex(2.0, 0.0), complex(2.0, -0.0)]))
            -> complexes([complex(0.5493061443340548, pi / 2), complex(0.5493061443340548, -pi / 2)])
            # sides of the cut above 1
        atanh(complexes([complex(nan, inf), complex(inf, nan), complex(0.0, nan)]))
            -> complexes([complex(0.0, pi / 2), complex(0.0, nan), complex(0.0, nan)])
            # complex with an infinite or nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.atanh(numpy.asarray([0.0, 0.5]))
    array([0.        , 0.54930614])
    """
    ...


@op(dtypes="integer or boolean", same="exact")
def bitwise_and(x1: A | int, x2: A | int, /) -> A:
    """Bits that are set in both elements of each pair.

    Parameters
    ----------
    x1, x2 : array or int, shapes that broadcast, integer or boolean dtype
        Integers in two's complement, or truth values. One of the two may be a Python int or bool.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Bits of the logical and.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is floating-point.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_and(bool([True, True]), bool([True, False])) -> bool([True, False])    # booleans
        bitwise_and(uint8([7]), int8([-1])) -> int16([7])    # signed with unsigned
        bitwise_and(uint64([1]), int64([1])) -> raises DTypeError    # uint64 with a signed integer
        bitwise_and(floats([1.0]), floats([1.0])) -> raises DTypeError    # floating-point
        bitwise_and(uint8([7]), 256) -> raises OverflowError    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_and(numpy.asarray([12, 5]), numpy.asarray([10, 3]))
    array([8, 1])
    """
    ...


@op(dtypes="integer or boolean", same="exact")
def bitwise_invert(x: A, /) -> A:
    """Every bit of each element flipped.

    Parameters
    ----------
    x : array, any shape, integer or boolean dtype
        Integers in two's complement, or truth values.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Flipped bits: ``-x - 1`` for signed integers, ``not x`` for booleans.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is floating-point.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_invert(uints([0])) -> uints([highest])    # unsigned
        bitwise_invert(floats([1.0])) -> raises DTypeError    # floating-point

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_invert(numpy.asarray([0, 5]))
    array([-1, -6])
    >>> accel.bitwise_invert(numpy.asarray([True, False]))
    array([False,  True])
    """
    ...


@op(dtypes="integer", same="exact", checks=("shifts",))
def bitwise_left_shift(x1: A | int, x2: A | int, /) -> A:
    """Bits of each element moved to the left, filled with zeros.

    Parameters
    ----------
    x1 : array or int, integer dtype
        Integers in two's complement.
    x2 : array or int, broadcast with x1, integer dtype
        Places to move by, from 0 to the width of the dtype less one. One of the two may be a Python
        int.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        ``x1 * 2**x2``, without the bits that leave the dtype at the top.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is floating-point.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.
    ArgumentError
        Inside `accel.checked`: a number of places is negative.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_left_shift(ints([1, -1]), ints([bits, highest])) -> ints([0, 0])
            # not below the width in bits
        bitwise_left_shift(uints([1, highest]), uints([bits, highest])) -> uints([0, 0])
            # not below the width in bits, unsigned
        bitwise_left_shift(ints([1, -1]), bits) -> ints([0, 0])
            # Python integer not below the width in bits
        bitwise_left_shift(ints([1, -1]), ints([-1, lowest]))
            -> ints([0, 0]); checked raises ArgumentError    # negative places
        bitwise_left_shift(ints([highest]), 1) -> ints([-2])    # bits that leave at the top
        bitwise_left_shift(bool([True]), bool([True])) -> int8([2])    # booleans
        bitwise_left_shift(uint8([1]), 300) -> raises OverflowError    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_left_shift(numpy.asarray([5, -8]), 1)
    array([ 10, -16])
    """
    ...


@op(dtypes="integer or boolean", same="exact")
def bitwise_or(x1: A | int, x2: A | int, /) -> A:
    """Bits that are set in at least one element of each pair.

    Parameters
    ----------
    x1, x2 : array or int, shapes that broadcast, integer or boolean dtype
        Integers in two's complement, or truth values. One of the two may be a Python int or bool.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Bits of the logical or.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is floating-point.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_or(uint64([1]), int64([1])) -> raises DTypeError    # uint64 with a signed integer
        bitwise_or(floats([1.0]), floats([1.0])) -> raises DTypeError    # floating-point

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_or(numpy.asarray([12, 5]), numpy.asarray([10, 3]))
    array([14,  7])
    """
    ...


@op(dtypes="integer", same="exact", checks=("shifts",))
def bitwise_right_shift(x1: A | int, x2: A | int, /) -> A:
    """Bits of each element moved to the right, filled with the sign.

    Parameters
    ----------
    x1 : array or int, integer dtype
        Integers in two's complement.
    x2 : array or int, broadcast with x1, integer dtype
        Places to move by, from 0 to the width of the dtype less one. One of the two may be a Python
        int.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        ``x1 // 2**x2``: places at the top are filled with the sign.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is floating-point.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.
    ArgumentError
        Inside `accel.checked`: a number of places is negative.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_right_shift(ints([1, -1]), ints([bits, highest])) -> ints([0, -1])
            # not below the width in bits
        bitwise_right_shift(uints([1, highest]), uints([bits, highest])) -> uints([0, 0])
            # not below the width in bits, unsigned
        bitwise_right_shift(ints([1, -8]), bits) -> ints([0, -1])
            # Python integer not below the width in bits
        bitwise_right_shift(ints([1, -1]), ints([-1, lowest]))
            -> ints([0, -1]); checked raises ArgumentError    # negative places
        bitwise_right_shift(bool([True]), bool([True])) -> int8([0])    # booleans
        bitwise_right_shift(uint8([1]), 300) -> raises OverflowError
            # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_right_shift(numpy.asarray([5, -8]), 1)
    array([ 2, -4])
    """
    ...


@op(dtypes="integer or boolean", same="exact")
def bitwise_xor(x1: A | int, x2: A | int, /) -> A:
    """Bits that are set in exactly one element of each pair.

    Parameters
    ----------
    x1, x2 : array or int, shapes that broadcast, integer or boolean dtype
        Integers in two's complement, or truth values. One of the two may be a Python int or bool.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Bits of the logical exclusive or.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is floating-point.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        bitwise_xor(uint64([1]), int64([1])) -> raises DTypeError    # uint64 with a signed integer
        bitwise_xor(floats([1.0]), floats([1.0])) -> raises DTypeError    # floating-point

    Examples
    --------
    >>> import numpy, accel
    >>> accel.bitwise_xor(numpy.asarray([12, 5]), numpy.asarray([10, 3]))
    array([6, 6])
    """
    ...


@op(dtypes="real-valued", same="exact")
def ceil(x: A, /) -> A:
    """Smallest integer value that is not below each element.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers to round up; integers come back as they are.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Integer values in the dtype of ``x``, not an integer dtype.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan        -> nan
        inf        -> inf
        -inf       -> -inf
        0          -> 0
        -0         -> -0
        -1 < x < 0 -> -0

    Settled by accel::

        ceil(integers([highest])) -> integers([highest])    # integers
        ceil(bool([True])) -> bool([True])    # booleans
        ceil(complexes([1.5])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.ceil(numpy.asarray([-1.5, 0.2, 3.0]))
    array([-1.,  1.,  3.])
    """
    ...


@op(dtypes="real-valued", same="exact")
def clip(x: A, /, min: A | Scalar | None = None, max: A | Scalar | None = None) -> A:
    """Each element, or the bound it exceeds.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    min, max : array, number or None, broadcast with x, default None
        Lowest and highest value to let through, in the unit of ``x``; None sets no bound.

    Returns
    -------
    array, broadcast shape, dtype result_type(x, min, max), device of the arrays
        ``x`` raised to ``min`` where it is below, then lowered to ``max`` where it is above.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        clip(ieee([nan]), 0.0, 1.0) -> ieee([nan])    # nan in x
        clip(ieee([0.5, nan]), nan, 1.0) -> ieee([nan, nan])    # lower bound nan
        clip(ieee([0.5, nan]), 0.0, nan) -> ieee([nan, nan])    # upper bound nan
        clip(ieee([0.5, 0.5]), ieee([nan, 0.0]), ieee([1.0, nan])) -> ieee([nan, nan])
            # nan among the bounds
        clip(ieee([0.5, 3.0, 9.0]), 5.0, 2.0) -> ieee([2.0, 2.0, 2.0])
            # bounds in the wrong order
        clip(integers([1, 3, 9]), 5, 2) -> integers([2, 2, 2])
            # bounds in the wrong order, integers
        clip(int8([-100, 0, 100]), -1000, 1000) -> int8([-100, 0, 100])
            # Python integers out of range
        clip(uint8([0, 200]), -1, 300) -> uint8([0, 200])
            # Python integers out of range, unsigned
        clip(uint8([0, 200]), 300) -> uint8([255, 255])    # lower bound above the dtype
        clip(int64([0]), max=2**63) -> int64([0])    # Python integer beyond int64
        clip(ieee([-1.0, 2.0]), 0.0) -> ieee([0.0, 2.0])    # lower bound alone
        clip(ieee([-1.0, 2.0]), max=0.0) -> ieee([-1.0, 0.0])    # upper bound alone
        clip(floats([-1.0, nan])) -> floats([-1.0, nan])    # no bounds
        clip(complexes([1.0]), 0.0, 1.0) -> raises DTypeError    # complex
        clip(bool([True]), 0, 1) -> raises DTypeError    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.clip(numpy.asarray([-2.0, 0.5, 9.0]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    >>> accel.clip(numpy.asarray([-2.0, 0.5, 9.0]), max=1.0)
    array([-2. ,  0.5,  1. ])
    """
    ...


@op(dtypes="numeric", same="exact")
def conj(x: A, /) -> A:
    """Complex conjugate of each element.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; real ones come back as they are.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The same real parts with the opposite imaginary parts. May share memory with ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        conj(complexes([complex(1.0, 0.0), complex(nan, -0.0)]))
            -> complexes([complex(1.0, -0.0), complex(nan, 0.0)])    # sign of zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.conj(numpy.asarray([1.0 + 2.0j, 3.0j]))
    array([1.-2.j, 0.-3.j])
    """
    ...


@op(dtypes="real floating-point", same="exact")
def copysign(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Magnitude of the first element with the sign of the second, for each pair.

    Parameters
    ----------
    x1 : array or number, real floating-point dtype
        Magnitudes; their own signs are ignored.
    x2 : array or number, broadcast with x1, real floating-point dtype
        Signs, those of zero and nan included; their magnitudes are ignored. One of the two may be a
        Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Numbers, in the unit of ``x1``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        any, 0      -> abs(x1)
        any, -0     -> -abs(x1)
        any, x2 > 0 -> abs(x1)
        any, x2 < 0 -> -abs(x1)
        nan, any    -> nan

    Settled by accel::

        copysign(floats([1.0, -1.0]), floats([nan, nan]))
            -> left open: the sign of a nan that a computation made is the device's
            # sign of a nan
        copysign(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.copysign(numpy.asarray([1.0, -2.0]), numpy.asarray([-0.0, 3.0]))
    array([-1.,  2.])
    """
    ...


@op(
    dtypes="floating-point",
    same="bounded",
    ulp_of="the result, or of 2**-40 where that is larger and abs(x) is above 1e8",
)
def cos(x: A, /) -> A:
    """Cosine of each angle in radians.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Angles in radians, of any size.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Cosines, without unit, from -1 to 1 for real angles.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value. Beyond 1e8, where x is within 1e-12 of
    an odd multiple of pi/2, few digits may be right: the bound there is what 2**-90 more or less
    in x makes of the result.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 1
        -0   -> 1
        inf  -> nan
        -inf -> nan

    Settled by accel::

        cos(complexes([complex(0.0, inf), complex(inf, 0.0)]))
            -> nonfinite(complexes([complex(inf, 0.0), complex(nan, 0.0)]))
            # complex with an infinite part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.cos(numpy.asarray([0.0, 1.0]))
    array([1.        , 0.54030231])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def cosh(x: A, /) -> A:
    """Hyperbolic cosine of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic angles, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic cosines, without unit, from 1 for real angles.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 1
        -0   -> 1
        inf  -> inf
        -inf -> inf

    Settled by accel::

        cosh(complexes([complex(inf, 0.0), complex(inf, 1.0)]))
            -> complexes([complex(inf, 0.0), complex(inf, inf)])
            # complex with an infinite real part
        cosh(complexes([complex(0.0, inf), complex(0.0, nan)]))
            -> left open: C99 leaves the sign of the zero part open    # sign of a zero beside nan

    Examples
    --------
    >>> import numpy, accel
    >>> accel.cosh(numpy.asarray([0.0, 1.0]))
    array([1.        , 1.54308063])
    """
    ...


@op(dtypes="numeric", same="exact")
def divide(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True quotient of each pair of elements.

    Parameters
    ----------
    x1 : array or number, numeric dtype
        Dividends.
    x2 : array or number, broadcast with x1, numeric dtype
        Divisors. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, floating-point dtype result_type(x1, x2), device of the arrays
        Quotients.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: correctly rounded for real dtypes, the same bits on every backend; complex results may
    differ in the last bits.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any            -> nan
        any, nan            -> nan
        +-inf, +-inf        -> nan
        +-0, +-0            -> nan
        x1 > 0, 0           -> inf
        x1 > 0, -0          -> -inf
        x1 < 0, 0           -> -inf
        x1 < 0, -0          -> inf
        0, x2 < 0           -> -0
        -0, x2 < 0          -> 0
        inf, finite x2 > 0  -> inf
        inf, finite x2 < 0  -> -inf
        finite x1 > 0, -inf -> -0
        finite x1 < 0, inf  -> -0

    Settled by accel::

        divide(integers([1, 0]), integers([0, 0])) -> float64([inf, nan])
            # integers divided by zero
        divide(integers([1]), integers([3])) -> float64([1 / 3])    # integers
        divide(integers([0]), 2**64 - 2) -> float64([0.0])    # Python integer out of range: divided as a float
        divide(bool([True, False]), bool([True, True])) -> float64([1.0, 0.0])    # booleans
        divide(float32([inf, 1.0, 5.0, 7.0]), 3.0) -> float32([inf, 1 / 3, 5 / 3, 7 / 3])
            # one divisor for all
        divide(float32([inf, 3.4e38]), 3.4e38) -> float32([inf, 1.0])
            # one divisor near the end of the range
        divide(float64([1.0, 5.0, 7.0]), float64(3.0)) -> float64([1 / 3, 5 / 3, 7 / 3])
            # divisor without axes
        divide(complexes([1, 0, 1j]), complexes([0, 0, 0])) -> nonfinite(complexes([inf, nan, inf]))
            # complex divided by zero
        divide(complexes([complex(inf, 1.0), complex(nan, 1.0)]), complexes([1, 1]))
            -> left open: the libraries divide complex infinities in their own ways
            # complex infinity or nan divided
        divide(bool([True, False]), 0) -> float64([inf, nan])    # booleans divided by a Python zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.divide(numpy.asarray([1.0, -1.0]), numpy.asarray([4.0, 3.0]))
    array([ 0.25      , -0.33333333])
    >>> accel.divide(numpy.asarray([1, 2]), 2)
    array([0.5, 1. ])
    """
    ...


@op(dtypes="any", same="exact")
def equal(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where both elements of a pair have the same value.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, any dtype
        Values. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any  -> False
        any, nan  -> False
        0, -0     -> True
        inf, inf  -> True
        -inf, inf -> False

    Settled by accel::

        equal(complexes([complex(1.0, 2.0), complex(1.0, nan)]), complexes([complex(1.0, 2.0), complex(1.0, nan)]))
            -> bool([True, False])    # complex
        equal(int8([127, -128]), 300) -> bool([False, False])    # Python integer out of range
        equal(int32([0]), 2**31) -> bool([False])    # Python integer that would wrap
        equal(int64([0]), 2**63) -> bool([False])    # Python integer beyond int64
        equal(uint64([2**63]), int64([-2**63])) -> bool([False])    # signed with unsigned
        equal(int64([2**53 + 1]), uint64([2**53])) -> bool([False])
            # signed with unsigned, beyond the floats
        equal(int32([2**24 + 1]), float32([2**24])) -> bool([False]); checked raises DTypeError
            # integers with floats
        equal(bool([True]), int8([1])) -> bool([True])    # booleans with integers
        equal(float32([0.1]), 0.1) -> bool([True])    # Python float takes the dtype
        equal(float32([0.1]), float64([0.1])) -> bool([False])    # two floating-point dtypes

    Examples
    --------
    >>> import numpy, accel
    >>> accel.equal(numpy.asarray([1.0, 2.0]), numpy.asarray([1.0, 3.0]))
    array([ True, False])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def exp(x: A, /) -> A:
    """Euler's number e raised to each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Exponents, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Powers of e.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 1
        -0   -> 1
        inf  -> inf
        -inf -> 0

    Settled by accel::

        exp(complexes([complex(0.5, 0.0), complex(0.5, -0.0)]))
            -> complexes([complex(1.6487212707001282, 0.0), complex(1.6487212707001282, -0.0)])
            # complex with a zero imaginary part
        exp(complexes([complex(-inf, 1.0), complex(inf, 0.0), complex(nan, 0.0)]))
            -> complexes([complex(0.0, 0.0), complex(inf, 0.0), complex(nan, 0.0)])
            # complex with an infinite or nan real part
        exp(complexes([complex(-inf, inf)]))
            -> left open: C99 leaves the signs of the zero parts open
            # sign of zero of a vanishing power
        exp(float32([89.0, -104.0])) -> float32([inf, 0.0])    # out of the range of float32

    Examples
    --------
    >>> import numpy, accel
    >>> accel.exp(numpy.asarray([0.0, 1.0]))
    array([1.        , 2.71828183])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def expm1(x: A, /) -> A:
    """Euler's number e raised to each element, less one, precise near zero.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Exponents, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Powers of e, less one: all digits are good where ``exp(x) - 1`` would cancel.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> inf
        -inf -> -1

    Settled by accel::

        expm1(complexes([complex(0.0, 0.0), complex(-0.0, 0.0)]))
            -> either(complexes([complex(0.0, 0.0), complex(-0.0, 0.0)]), complexes([complex(0.0, 0.0), complex(0.0, 0.0)]))
            # complex zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.expm1(numpy.asarray([1e-10, 1.0]))
    array([1.00000000e-10, 1.71828183e+00])
    """
    ...


@op(dtypes="real-valued", same="exact")
def floor(x: A, /) -> A:
    """Largest integer value that is not above each element.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers to round down; integers come back as they are.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Integer values in the dtype of ``x``, not an integer dtype.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan       -> nan
        inf       -> inf
        -inf      -> -inf
        0         -> 0
        -0        -> -0
        0 < x < 1 -> 0

    Settled by accel::

        floor(integers([highest])) -> integers([highest])    # integers
        floor(bool([True])) -> bool([True])    # booleans
        floor(complexes([1.5])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.floor(numpy.asarray([-1.5, 0.2, 3.0]))
    array([-2.,  0.,  3.])
    """
    ...


@op(dtypes="real-valued", same="exact", checks=("division",))
def floor_divide(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Largest integer value that is not above the quotient of each pair.

    Parameters
    ----------
    x1 : array or number, real-valued dtype
        Dividends.
    x2 : array or number, broadcast with x1, real-valued dtype
        Divisors. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Integer values in the promoted dtype.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.
    DivisionError
        Inside `accel.checked`: an integer is divided by zero.

    Notes
    -----
    Accuracy: the same bits on every backend; within 2 ulp of the true integer where that has more
    digits than the dtype, else exact.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Floats go together with `remainder`: the quotient is found from the exact remainder, so
    ``1.0 // 0.1`` is 9 though ``1.0 / 0.1`` rounds to 10.

    Special cases::

        nan, any            -> nan
        any, nan            -> nan
        +-0, +-0            -> nan
        x1 > 0, 0           -> inf
        x1 > 0, -0          -> -inf
        x1 < 0, 0           -> -inf
        x1 < 0, -0          -> inf
        0, x2 > 0           -> 0
        -0, x2 > 0          -> -0
        0, x2 < 0           -> -0
        finite x1 > 0, inf  -> 0
        finite x1 > 0, -inf -> -0
        finite x1 < 0, inf  -> -0
        finite x1 < 0, -inf -> 0
        +-inf, +-inf        -> nan
        inf, finite x2 > 0  -> inf
        inf, finite x2 < 0  -> -inf
        -inf, finite x2 > 0 -> -inf
        -inf, finite x2 < 0 -> inf

    Settled by accel::

        floor_divide(ints([7, -7, 0]), ints([0, 0, 0]))
            -> ints([0, 0, 0]); checked raises DivisionError    # integer divided by zero
        floor_divide(uints([7, 0]), uints([0, 0])) -> uints([0, 0]); checked raises DivisionError
            # unsigned integer divided by zero
        floor_divide(integers([7, 0]), 0) -> integers([0, 0]); checked raises DivisionError
            # integer divided by a Python zero
        floor_divide(ints([lowest]), ints([-1])) -> ints([lowest])
            # smallest signed integer divided by -1
        floor_divide(ints([7, -7, 7, -7]), ints([2, 2, -2, -2])) -> ints([3, -4, -4, 3])
            # signs of integers
        floor_divide(float64([1.0]), 0.1) -> float64([9.0])
            # quotient that rounds up to an integer
        floor_divide(floats([-0.0, 0.0]), floats([3.0, -3.0])) -> floats([-0.0, -0.0])
            # sign of a zero quotient
        floor_divide(floats([2.0, -2.0]), floats([inf, inf])) -> floats([0.0, -0.0])
            # infinite divisor
        floor_divide(ieee([inf, -inf]), 2.0) -> ieee([inf, -inf])    # infinite dividend
        floor_divide(ieee([1.0, -1.0, 0.0]), 0.0) -> ieee([inf, -inf, nan])
            # float divided by zero
        floor_divide(float32([3.4e38]), float32([3.4e38])) -> float32([1.0])
            # near the end of the range
        floor_divide(uint8([200]), int8([-3])) -> int16([-67])    # signed with unsigned
        floor_divide(uint8([1]), 300) -> raises OverflowError    # Python integer out of range
        floor_divide(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex
        floor_divide(bool([True]), bool([True])) -> int8([1])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.floor_divide(numpy.asarray([7, -7]), 2)
    array([ 3, -4])
    >>> accel.floor_divide(numpy.asarray([1.0, -1.5]), 0.1)
    array([  9., -15.])
    """
    ...


@op(dtypes="real-valued", same="exact")
def greater(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where the first element of a pair is above the second.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any    -> False
        any, nan    -> False
        inf, finite -> True
        0, -0       -> False

    Settled by accel::

        greater(int8([127, -128]), 300) -> bool([False, False])    # Python integer above the range
        greater(uints([0]), -1) -> bool([True])    # Python integer below the range
        greater(uint64([2**63]), int64([-1])) -> bool([True])    # signed with unsigned
        greater(int32([2**24 + 1]), float32([2**24])) -> bool([True])    # integers with floats
        greater(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.greater(numpy.asarray([1, 2, 3]), 2)
    array([False, False,  True])
    """
    ...


@op(dtypes="real-valued", same="exact")
def greater_equal(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where the first element of a pair is above the second or equal to it.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any    -> False
        any, nan    -> False
        inf, finite -> True
        0, -0       -> True

    Settled by accel::

        greater_equal(int8([127, -128]), 300) -> bool([False, False])
            # Python integer above the range
        greater_equal(uints([0]), -1) -> bool([True])    # Python integer below the range
        greater_equal(uint64([2**63]), int64([-1])) -> bool([True])    # signed with unsigned
        greater_equal(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.greater_equal(numpy.asarray([1, 2, 3]), 2)
    array([False,  True,  True])
    """
    ...


@op(dtypes="real floating-point", same="bounded")
def hypot(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Length of the hypotenuse of each pair of legs.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real floating-point dtype
        Lengths of the legs, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Lengths, in the unit of the legs.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; overflows only where the result
    itself is too large.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        +-inf, any  -> inf
        any, +-inf  -> inf
        nan, finite -> nan
        finite, nan -> nan
        nan, nan    -> nan
        +-0, any    -> abs(x2)
        any, +-0    -> abs(x1)

    Settled by accel::

        hypot(float64([3e200]), float64([4e200])) -> float64([5e200])    # large legs
        hypot(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.hypot(numpy.asarray([3.0]), numpy.asarray([4.0]))
    array([5.])
    """
    ...


@op(dtypes="complex floating-point", same="exact")
def imag(x: A, /) -> A:
    """Imaginary part of each element.

    Parameters
    ----------
    x : array, any shape, complex floating-point dtype
        Complex numbers.

    Returns
    -------
    array, shape of x, real dtype of the same precision, device of x
        Imaginary parts. May share memory with ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.imag(numpy.asarray([1.0 + 2.0j, 3.0]))
    array([2., 0.])
    """
    ...


@op(dtypes="numeric", same="exact")
def isfinite(x: A, /) -> A:
    """True where an element is neither infinite nor nan.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; integers are always finite.

    Returns
    -------
    array, shape of x, dtype bool, device of x
        Truth values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan -> False
        +-inf -> False
        finite -> True

    Settled by accel::

        isfinite(complexes([complex(1.0, nan), complex(-inf, 0.0), 1j]))
            -> bool([False, False, True])    # complex
        isfinite(integers([0])) -> bool([True])    # integers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.isfinite(numpy.asarray([1.0, numpy.inf, numpy.nan]))
    array([ True, False, False])
    """
    ...


@op(dtypes="numeric", same="exact")
def isinf(x: A, /) -> A:
    """True where an element is infinite.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; integers are never infinite.

    Returns
    -------
    array, shape of x, dtype bool, device of x
        Truth values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        +-inf                         -> True
        nan                           -> False
        finite                        -> False

    Settled by accel::

        isinf(complexes([complex(inf, nan), complex(1.0, nan)])) -> bool([True, False])    # complex
        isinf(integers([0])) -> bool([False])    # integers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.isinf(numpy.asarray([1.0, -numpy.inf, numpy.nan]))
    array([False,  True, False])
    """
    ...


@op(dtypes="numeric", same="exact")
def isnan(x: A, /) -> A:
    """True where an element is nan.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; integers are never nan.

    Returns
    -------
    array, shape of x, dtype bool, device of x
        Truth values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan                     -> True
        +-inf                   -> False
        finite                  -> False

    Settled by accel::

        isnan(complexes([complex(inf, nan), complex(inf, 1.0)])) -> bool([True, False])    # complex
        isnan(integers([0])) -> bool([False])    # integers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.isnan(numpy.asarray([1.0, numpy.inf, numpy.nan]))
    array([False, False,  True])
    """
    ...


@op(dtypes="real-valued", same="exact")
def less(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where the first element of a pair is below the second.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any     -> False
        any, nan     -> False
        -inf, finite -> True
        0, -0        -> False

    Settled by accel::

        less(int8([127, -128]), 300) -> bool([True, True])    # Python integer above the range
        less(uints([0]), -1) -> bool([False])    # Python integer below the range
        less(int64([2**63 - 1]), 2**63) -> bool([True])    # Python integer beyond int64
        less(int64([-1]), uint64([2**63])) -> bool([True])    # signed with unsigned
        less(int32([2**24]), float32([2**24 + 2])) -> bool([True])    # integers with floats
        less(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.less(numpy.asarray([1, 2, 3]), 2)
    array([ True, False, False])
    """
    ...


@op(dtypes="real-valued", same="exact")
def less_equal(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where the first element of a pair is below the second or equal to it.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any     -> False
        any, nan     -> False
        -inf, finite -> True
        0, -0        -> True

    Settled by accel::

        less_equal(int8([127, -128]), 300) -> bool([True, True])    # Python integer above the range
        less_equal(uints([0]), -1) -> bool([False])    # Python integer below the range
        less_equal(int64([-1]), uint64([2**63])) -> bool([True])    # signed with unsigned
        less_equal(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.less_equal(numpy.asarray([1, 2, 3]), 2)
    array([ True,  True, False])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def log(x: A, /) -> A:
    """Natural logarithm of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers; real ones from 0.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Exponents of e.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cut along the negative real axis; imaginary part from -pi to pi. On a cut the
    sign of the zero part tells the side. Infinite and nan parts as in C99, but for the signs that
    it leaves open.

    Special cases::

        nan   -> nan
        x < 0 -> nan
        +-0   -> -inf
        1     -> 0
        inf   -> inf

    Settled by accel::

        log(complexes([complex(-1.0, 0.0), complex(-1.0, -0.0)]))
            -> complexes([complex(0.0, pi), complex(0.0, -pi)])    # sides of the cut below 0
        log(complexes([complex(-0.0, 0.0), complex(0.0, -0.0)]))
            -> complexes([complex(-inf, pi), complex(-inf, -0.0)])    # complex zeros
        log(complexes([complex(inf, nan), complex(nan, -inf)]))
            -> complexes([complex(inf, nan), complex(inf, nan)])
            # complex with an infinite part and nan

    Examples
    --------
    >>> import numpy, accel
    >>> accel.log(numpy.asarray([1.0, 10.0]))
    array([0.        , 2.30258509])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def log10(x: A, /) -> A:
    """Logarithm to base 10 of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers; real ones from 0.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Exponents of 10.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: the natural logarithm divided by log(10), with the same cut along the negative
    real axis. On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99,
    but for the signs that it leaves open.

    Special cases::

        nan   -> nan
        x < 0 -> nan
        +-0   -> -inf
        1     -> 0
        inf   -> inf

    Settled by accel::

        log10(complexes([complex(-1.0, 0.0), complex(-1.0, -0.0)]))
            -> complexes([complex(0.0, 1.3643763538418414), complex(0.0, -1.3643763538418414)])
            # sides of the cut below 0

    Examples
    --------
    >>> import numpy, accel
    >>> accel.log10(numpy.asarray([1.0, 50.0]))
    array([0.     , 1.69897])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def log1p(x: A, /) -> A:
    """Natural logarithm of one plus each element, precise near zero.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers to add to one; real ones from -1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Exponents of e: all digits are good where ``log(1 + x)`` would lose them.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cut along the real axis below -1; imaginary part from -pi to pi. On a cut the
    sign of the zero part tells the side. Infinite and nan parts as in C99, but for the signs that
    it leaves open.

    Special cases::

        nan    -> nan
        x < -1 -> nan
        -1     -> -inf
        0      -> 0
        -0     -> -0
        inf    -> inf

    Settled by accel::

        log1p(complexes([complex(-2.0, 0.0), complex(-2.0, -0.0)]))
            -> complexes([complex(0.0, pi), complex(0.0, -pi)])    # sides of the cut below -1

    Examples
    --------
    >>> import numpy, accel
    >>> accel.log1p(numpy.asarray([1e-10, 1.0]))
    array([1.00000000e-10, 6.93147181e-01])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def log2(x: A, /) -> A:
    """Logarithm to base 2 of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers; real ones from 0.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Exponents of 2.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: the natural logarithm divided by log(2), with the same cut along the negative
    real axis. On a cut the sign of the zero part tells the side. Infinite and nan parts as in C99,
    but for the signs that it leaves open.

    Special cases::

        nan   -> nan
        x < 0 -> nan
        +-0   -> -inf
        1     -> 0
        inf   -> inf

    Settled by accel::

        log2(complexes([complex(-1.0, 0.0), complex(-1.0, -0.0)]))
            -> complexes([complex(0.0, 4.532360141827194), complex(0.0, -4.532360141827194)])
            # sides of the cut below 0

    Examples
    --------
    >>> import numpy, accel
    >>> accel.log2(numpy.asarray([1.0, 10.0]))
    array([0.        , 3.32192809])
    """
    ...


@op(dtypes="real floating-point", same="bounded", ulp_of="the result, or of 1 where that is larger")
def logaddexp(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Logarithm of the sum of the exponentials of each pair, without overflow.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real floating-point dtype
        Logarithms to base e. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Logarithms ``log(exp(x1) + exp(x2))``, to base e.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.

    Notes
    -----
    Accuracy: within 4 ulp of the result, or of 1 where that is larger; near a result of zero few
    digits are left.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any     -> nan
        any, nan     -> nan
        inf, not nan -> inf
        not nan, inf -> inf
        -inf, -inf   -> -inf

    Settled by accel::

        logaddexp(floats([-inf, -inf, 2.0]), floats([-0.0, -3.0, -inf])) -> floats([0.0, -3.0, 2.0])
            # one operand -inf
        logaddexp(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.logaddexp(numpy.asarray([1000.0, 1000.0]), numpy.asarray([1000.0, 999.0]))
    array([1000.69314718, 1000.31326169])
    """
    ...


@op(dtypes="boolean", same="exact")
def logical_and(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where both elements of a pair are true.

    Parameters
    ----------
    x1, x2 : array or bool, shapes that broadcast, boolean dtype
        Truth values. One of the two may be a Python bool.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        logical_and(floats([nan, -0.0, 2.0]), floats([1.0, 1.0, 1.0])) -> bool([True, False, True])
            # numbers
        logical_and(complexes([1j, 0]), complexes([nan, 1.0])) -> bool([True, False])    # complex
        logical_and(int8([1, 0]), 300) -> bool([True, False])    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.logical_and(numpy.asarray([True, True, False]), numpy.asarray([True, False, False]))
    array([ True, False, False])
    """
    ...


@op(dtypes="boolean", same="exact")
def logical_not(x: A, /) -> A:
    """True where an element is false.

    Parameters
    ----------
    x : array, any shape, boolean dtype
        Truth values.

    Returns
    -------
    array, shape of x, dtype bool, device of x
        Opposite truth values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        logical_not(floats([nan, -0.0, 2.0])) -> bool([False, True, False])    # numbers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.logical_not(numpy.asarray([True, False]))
    array([False,  True])
    """
    ...


@op(dtypes="boolean", same="exact")
def logical_or(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where at least one element of a pair is true.

    Parameters
    ----------
    x1, x2 : array or bool, shapes that broadcast, boolean dtype
        Truth values. One of the two may be a Python bool.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        logical_or(floats([nan, -0.0, 0.0]), floats([0.0, 0.0, -0.0])) -> bool([True, False, False])
            # numbers
        logical_or(int8([1, 0]), 2**70) -> bool([True, True])    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.logical_or(numpy.asarray([True, True, False]), numpy.asarray([True, False, False]))
    array([ True,  True, False])
    """
    ...


@op(dtypes="boolean", same="exact")
def logical_xor(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where exactly one element of a pair is true.

    Parameters
    ----------
    x1, x2 : array or bool, shapes that broadcast, boolean dtype
        Truth values. One of the two may be a Python bool.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        logical_xor(floats([nan, -0.0]), floats([1.0, 1.0])) -> bool([False, True])    # numbers
        logical_xor(int8([1, 0]), 300) -> bool([False, True])    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.logical_xor(numpy.asarray([True, True, False]), numpy.asarray([True, False, False]))
    array([False,  True, False])
    """
    ...


@op(dtypes="real-valued", same="exact")
def maximum(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Larger element of each pair.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Larger values, in that unit.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any -> nan
        any, nan -> nan

    Settled by accel::

        maximum(floats([0.0]), floats([-0.0])) -> either(floats([0.0]), floats([-0.0]))
            # zeros of both signs
        maximum(uint8([200]), int8([-1])) -> int16([200])    # signed with unsigned
        maximum(int8([1]), 300) -> raises OverflowError    # Python integer out of range
        maximum(float32([1.0]), nan) -> float32([nan])    # Python nan
        maximum(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.maximum(numpy.asarray([1.0, 5.0]), numpy.asarray([3.0, 2.0]))
    array([3., 5.])
    >>> accel.maximum(numpy.asarray([-1, 2]), 0)
    array([0, 2])
    """
    ...


@op(dtypes="real-valued", same="exact")
def minimum(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Smaller element of each pair.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, real-valued dtype
        Values, in the same unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Smaller values, in that unit.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex, and complex numbers have no order.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any -> nan
        any, nan -> nan

    Settled by accel::

        minimum(floats([0.0]), floats([-0.0])) -> either(floats([0.0]), floats([-0.0]))
            # zeros of both signs
        minimum(uint8([200]), int8([-1])) -> int16([-1])    # signed with unsigned
        minimum(int8([1]), 300) -> raises OverflowError    # Python integer out of range
        minimum(float32([1.0]), nan) -> float32([nan])    # Python nan
        minimum(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.minimum(numpy.asarray([1.0, 5.0]), numpy.asarray([3.0, 2.0]))
    array([1., 2.])
    >>> accel.minimum(numpy.asarray([-1, 2]), 0)
    array([-1,  0])
    """
    ...


@op(dtypes="numeric", same="exact")
def multiply(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Product of each pair of elements.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, numeric dtype
        Factors. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Products.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: correctly rounded for real dtypes, the same bits on every backend; complex results may
    differ in the last bits.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Inside ``jax.jit`` the compiler may fuse a product into a sum, as in ``a * b + c``, and skip the
    rounding between them.

    Special cases::

        nan, any          -> nan
        any, nan          -> nan
        +-inf, +-0        -> nan
        +-0, +-inf        -> nan
        inf, x2 > 0       -> inf
        inf, x2 < 0       -> -inf
        -inf, x2 < 0      -> inf
        0, finite x2 < 0  -> -0
        -0, finite x2 < 0 -> 0

    Settled by accel::

        multiply(ints([highest, lowest]), ints([2, -1])) -> ints([-2, lowest])
            # integer product out of range
        multiply(bool([True, True]), bool([True, False])) -> bool([True, False])    # booleans
        multiply(bool([False, True]), nan) -> float64([nan, nan])    # booleans with nan
        multiply(bool([False]), float32([inf])) -> float32([nan])    # False with infinity
        multiply(complexes([complex(1.0, 2.0)]), complexes([complex(inf, nan)]))
            -> left open: the kind and sign of the parts are those of the formula each library uses
            # complex with an infinite or nan part
        multiply(uint8([1]), -1) -> raises OverflowError    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.multiply(numpy.asarray([1.5, -2.0]), numpy.asarray([2.0, 4.0]))
    array([ 3., -8.])
    >>> accel.multiply(numpy.asarray([1, 2]), 10)
    array([10, 20])
    """
    ...


@op(dtypes="numeric", same="exact")
def negative(x: A, /) -> A:
    """Each element with the opposite sign.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Numbers of the opposite sign; both parts of complex ones.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan  -> nan
        0    -> -0
        -0   -> 0
        inf  -> -inf
        -inf -> inf

    Settled by accel::

        negative(ints([lowest])) -> ints([lowest])
            # smallest signed integer, whose opposite does not fit
        negative(uints([1, 0])) -> uints([highest, 0])    # unsigned
        negative(bool([True])) -> raises DTypeError    # booleans
        negative(complexes([complex(0.0, -0.0)])) -> complexes([complex(-0.0, 0.0)])
            # complex zeros

    Examples
    --------
    >>> import numpy, accel
    >>> accel.negative(numpy.asarray([1.0, -2.0]))
    array([-1.,  2.])
    """
    ...


@op(dtypes="real floating-point", same="exact")
def nextafter(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Neighbour of the first element in the direction of the second, for each pair.

    Parameters
    ----------
    x1 : array or number, real floating-point dtype
        Numbers to start from.
    x2 : array or number, broadcast with x1, real floating-point dtype
        Numbers to go towards. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Nearest other numbers that the dtype holds on that side; ``x2`` where both are equal.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any -> nan
        any, nan -> nan
        0, -0    -> -0
        -0, 0    -> 0

    Settled by accel::

        nextafter(float64([0.0, -0.0]), float64([1.0, -1.0]))
            -> left open: the neighbour of zero is subnormal    # next to zero
        nextafter(float64([0.0, -0.0]), float64([-0.0, 0.0])) -> float64([-0.0, 0.0])
            # from one zero to the other
        nextafter(float64([1.0]), float64([inf])) -> float64([1.0 + eps])    # one step
        nextafter(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nextafter(numpy.asarray([1.0]), numpy.asarray([2.0])) - 1.0
    array([2.22044605e-16])
    """
    ...


@op(dtypes="any", same="exact")
def not_equal(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """True where the elements of a pair have different values.

    Parameters
    ----------
    x1, x2 : array or number, shapes that broadcast, any dtype
        Values. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any  -> True
        any, nan  -> True
        0, -0     -> False
        inf, inf  -> False
        -inf, inf -> True

    Settled by accel::

        not_equal(complexes([complex(1.0, 2.0), complex(1.0, nan)]), complexes([complex(1.0, 2.0), complex(1.0, nan)]))
            -> bool([False, True])    # complex
        not_equal(int8([127, -128]), 300) -> bool([True, True])    # Python integer out of range
        not_equal(int32([0]), 2**31) -> bool([True])    # Python integer that would wrap
        not_equal(uint64([2**63]), int64([-2**63])) -> bool([True])    # signed with unsigned
        not_equal(int32([2**24 + 1]), float32([2**24])) -> bool([True])    # integers with floats

    Examples
    --------
    >>> import numpy, accel
    >>> accel.not_equal(numpy.asarray([1.0, 2.0]), numpy.asarray([1.0, 3.0]))
    array([False,  True])
    """
    ...


@op(dtypes="numeric", same="exact")
def positive(x: A, /) -> A:
    """Each element, unchanged.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Equal numbers. May share memory with ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        positive(bool([True])) -> raises DTypeError    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.positive(numpy.asarray([1.0, -2.0]))
    array([ 1., -2.])
    """
    ...


@op(dtypes="numeric", same="bounded", checks=("exponents",))
def pow(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """First element of each pair raised to the power of the second.

    Parameters
    ----------
    x1 : array or number, numeric dtype
        Bases.
    x2 : array or number, broadcast with x1, numeric dtype
        Exponents, without unit. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Powers.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.
    ArgumentError
        Inside `accel.checked`: an integer is raised to a negative power.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value; integers exact.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Complex elements: ``exp(x2 * log(x1))``, cut along the negative real axis of ``x1``. Zero bases
    and non-finite parts are outside the promise of equal results.

    Special cases::

        any, +-0                       -> 1
        1, any                         -> 1
        not 1, nan                     -> nan
        nan, not 0                     -> nan
        abs(x1) > 1, inf               -> inf
        abs(x1) > 1, -inf              -> 0
        abs(x1) < 1, inf               -> 0
        abs(x1) < 1, -inf              -> inf
        -1, +-inf                      -> 1
        inf, x2 > 0                    -> inf
        inf, x2 < 0                    -> 0
        -inf, odd x2 > 0               -> -inf
        -inf, other x2 > 0             -> inf
        -inf, odd x2 < 0               -> -0
        -inf, other x2 < 0             -> 0
        0, x2 > 0                      -> 0
        0, x2 < 0                      -> inf
        -0, odd x2 > 0                 -> -0
        -0, other x2 > 0               -> 0
        -0, odd x2 < 0                 -> -inf
        -0, other x2 < 0               -> inf
        finite x1 < 0, finite fraction -> nan

    Settled by accel::

        pow(ints([2, 1, -1, -1, 0]), ints([-1, -1, -1, -2, -1]))
            -> ints([0, 1, -1, 1, 0]); checked raises ArgumentError
            # negative exponent of an integer
        pow(ints([2, 1, -1]), -1) -> ints([0, 1, -1]); checked raises ArgumentError
            # negative Python exponent of an integer
        pow(int64([2, 2, 3, 3]), int64([64, 65, 100, 63]))
            -> int64([0, 0, -2984622845537545263, -3237885987332494933])    # exponent not below 64
        pow(uint8([3, 2]), uint8([200, 64])) -> uint8([161, 0])    # power out of range
        pow(integers([0]), integers([0])) -> integers([1])    # zero to the power zero
        pow(ieee([-inf, -0.0]), 0.5) -> ieee([inf, 0.0])    # exponent 0.5
        pow(float64([-8.0]), float64([1 / 3])) -> float64([nan])    # root of a negative number
        pow(float64([2.0]), int64([3])) -> float64([8.0])    # float with an integer exponent
        pow(complexes([0, 0]), complexes([2, 1j])) -> left open: a complex zero has no logarithm
            # complex zero
        pow(complexes([1j]), complexes([2])) -> complexes([complex(-1.0, 0.0)])
            # complex with a whole exponent
        pow(complexes([0, 2j]), complexes([0, 0])) -> complexes([1, 1])
            # complex to the power zero
        pow(uint8([2]), 300) -> raises OverflowError    # Python integer out of range
        pow(bool([True]), bool([True])) -> int8([1])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.pow(numpy.asarray([2.0, 9.0]), numpy.asarray([3.0, 0.5]))
    array([8., 3.])
    >>> accel.pow(numpy.asarray([2, 3]), 2)
    array([4, 9])
    """
    ...


@op(dtypes="numeric", same="exact")
def real(x: A, /) -> A:
    """Real part of each element.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; real ones come back as they are.

    Returns
    -------
    array, shape of x, dtype of x or its real counterpart, device of x
        Real parts. May share memory with ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        real(floats([-0.0, nan])) -> floats([-0.0, nan])    # real dtypes

    Examples
    --------
    >>> import numpy, accel
    >>> accel.real(numpy.asarray([1.0 + 2.0j, 3.0j]))
    array([1., 0.])
    """
    ...


@op(dtypes="floating-point", same="exact")
def reciprocal(x: A, /) -> A:
    """One divided by each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Divisors.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Quotients ``1 / x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is of an integer or boolean dtype.

    Notes
    -----
    Accuracy: correctly rounded for real dtypes, the same bits on every backend; complex results may
    differ in the last bits.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan  -> nan
        0    -> inf
        -0   -> -inf
        inf  -> 0
        -inf -> -0

    Settled by accel::

        reciprocal(complexes([0])) -> nonfinite(complexes([inf]))    # complex zero
        reciprocal(integers([2])) -> raises DTypeError    # integers
        reciprocal(bool([True])) -> raises DTypeError    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.reciprocal(numpy.asarray([2.0, -4.0]))
    array([ 0.5 , -0.25])
    """
    ...


@op(dtypes="real-valued", same="exact", checks=("division",))
def remainder(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Remainder of the floor division of each pair, with the sign of the divisor.

    Parameters
    ----------
    x1 : array or number, real-valued dtype
        Dividends.
    x2 : array or number, broadcast with x1, real-valued dtype
        Divisors, in the unit of ``x1``. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        ``x1 - x2 * floor(x1 / x2)``, from zero up to ``x2``, as Python's ``%``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        An argument is complex.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.
    DivisionError
        Inside `accel.checked`: an integer is divided by zero.

    Notes
    -----
    Accuracy: correctly rounded, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan, any            -> nan
        any, nan            -> nan
        any, +-0            -> nan
        +-inf, any          -> nan
        +-0, x2 > 0         -> 0
        +-0, x2 < 0         -> -0
        finite x1 > 0, inf  -> x1
        finite x1 > 0, -inf -> -inf
        finite x1 < 0, inf  -> inf
        finite x1 < 0, -inf -> x1

    Settled by accel::

        remainder(ints([7, -7, 0]), ints([0, 0, 0]))
            -> ints([0, 0, 0]); checked raises DivisionError    # integer modulo zero
        remainder(uints([7, 0]), uints([0, 0])) -> uints([0, 0]); checked raises DivisionError
            # unsigned integer modulo zero
        remainder(integers([7, 0]), 0) -> integers([0, 0]); checked raises DivisionError
            # integer modulo a Python zero
        remainder(ints([lowest]), ints([-1])) -> ints([0])    # smallest signed integer modulo -1
        remainder(ints([7, -7, 7, -7]), ints([3, 3, -3, -3])) -> ints([1, 2, -2, -1])
            # signs of integers
        remainder(floats([-6.0, 6.0]), floats([3.0, -3.0])) -> floats([0.0, -0.0])
            # sign of a zero remainder
        remainder(float64([1.0, 1e300]), float64([0.1, 3.0])) -> float64([0.09999999999999995, 0.0])
            # large quotients
        remainder(float32([1.0, -1.0]), inf) -> float32([1.0, inf])    # infinite divisor
        remainder(uint8([1]), 300) -> raises OverflowError    # Python integer out of range
        remainder(complexes([1.0]), complexes([1.0])) -> raises DTypeError    # complex
        remainder(bool([True]), bool([True])) -> int8([0])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.remainder(numpy.asarray([7, -7]), 3)
    array([1, 2])
    >>> accel.remainder(numpy.asarray([5.5, -5.5]), 2.0)
    array([1.5, 0.5])
    """
    ...


@op(dtypes="numeric", same="exact")
def round(x: A, /) -> A:
    """Integer value nearest to each element, ties to the even one.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers; integers come back as they are, complex ones are rounded part by part.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Integer values in the dtype of ``x``, not an integer dtype.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan  -> nan
        inf  -> inf
        -inf -> -inf
        0    -> 0
        -0   -> -0
        0.5  -> 0
        1.5  -> 2
        -0.5 -> -0

    Settled by accel::

        round(floats([2.5, -2.5, 3.5])) -> floats([2.0, -2.0, 4.0])    # ties
        round(integers([highest])) -> integers([highest])    # integers
        round(complexes([complex(0.5, -1.5)])) -> complexes([complex(0.0, -2.0)])    # complex
        round(bool([True])) -> raises DTypeError    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.round(numpy.asarray([0.5, 1.5, 2.5, -0.7]))
    array([ 0.,  2.,  2., -1.])
    """
    ...


@op(dtypes="numeric", same="exact")
def sign(x: A, /) -> A:
    """Sign of each element: -1, 0 or 1.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        -1, 0 or 1; for complex elements the point ``x / abs(x)`` of the unit circle.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean.

    Notes
    -----
    Accuracy: exact for real dtypes, the same bits on every backend; complex results may differ in
    the last bits.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan                     -> nan
        0                       -> 0
        -0                      -> 0
        x > 0                   -> 1
        x < 0                   -> -1

    Settled by accel::

        sign(complexes([complex(nan, 1.0), complex(1.0, nan)]))
            -> complexes([complex(nan, nan), complex(nan, nan)])    # complex with a nan part
        sign(complexes([complex(inf, 0.0), complex(0.0, -inf), complex(inf, inf)]))
            -> complexes([complex(nan, nan), complex(nan, nan), complex(nan, nan)])
            # complex with an infinite part
        sign(complexes([complex(0.0, -0.0), complex(-0.0, 0.0)])) -> complexes([0, 0])
            # complex zeros
        sign(complexes([complex(3.0, -4.0)])) -> complexes([complex(0.6, -0.8)])    # complex
        sign(complex128([complex(1e300, 1e300)]))
            -> complex128([complex(0.7071067811865476, 0.7071067811865476)])    # large complex
        sign(ints([lowest, 0, highest])) -> ints([-1, 0, 1])    # integers
        sign(bool([True])) -> raises DTypeError    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sign(numpy.asarray([-3.0, -0.0, 8.0]))
    array([-1.,  0.,  1.])
    """
    ...


@op(dtypes="real floating-point", same="exact")
def signbit(x: A, /) -> A:
    """True where the sign bit of an element is set, also for -0.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Numbers.

    Returns
    -------
    array, shape of x, dtype bool, device of x
        Truth values.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        0     -> False
        -0    -> True
        x > 0 -> False
        x < 0 -> True

    Settled by accel::

        signbit(copysign(ieee([nan, nan]), ieee([1.0, -1.0]))) -> bool([False, True])
            # nan with a sign
        signbit(complexes([1.0])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.signbit(numpy.asarray([-1.0, -0.0, 0.0]))
    array([ True,  True, False])
    """
    ...


@op(
    dtypes="floating-point",
    same="bounded",
    ulp_of="the result, or of 2**-40 where that is larger and abs(x) is above 1e8",
)
def sin(x: A, /) -> A:
    """Sine of each angle in radians.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Angles in radians, of any size.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Sines, without unit, from -1 to 1 for real angles.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value. Beyond 1e8, where x is within 1e-12 of
    a multiple of pi, few digits may be right: the bound there is what 2**-90 more or less
    in x makes of the result.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> nan
        -inf -> nan

    Settled by accel::

        sin(complexes([complex(2.0, 0.0), complex(2.0, -0.0)]))
            -> complexes([complex(0.9092974268256817, -0.0), complex(0.9092974268256817, 0.0)])
            # complex with a zero imaginary part
        sin(complexes([complex(0.0, inf), complex(-0.0, nan)]))
            -> complexes([complex(0.0, inf), complex(-0.0, nan)])
            # complex with an infinite or nan part
        sin(int8([1])) -> float16([0.8413])    # integers of 8 bits
        sin(int16([1])) -> float32([0.841471])    # integers of 16 bits
        sin(int32([2147483646])) -> float64([0.18796200317975467])    # integers of 32 bits

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sin(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.84147098])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def sinh(x: A, /) -> A:
    """Hyperbolic sine of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic angles, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic sines, without unit.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> inf
        -inf -> -inf

    Settled by accel::

        sinh(complexes([complex(0.0, 2.0), complex(-0.0, 2.0)]))
            -> complexes([complex(-0.0, 0.9092974268256817), complex(0.0, 0.9092974268256817)])
            # complex with a zero real part
        sinh(complexes([complex(inf, 0.0), complex(nan, 0.0)]))
            -> complexes([complex(inf, 0.0), complex(nan, 0.0)])
            # complex with an infinite or nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sinh(numpy.asarray([0.0, 1.0]))
    array([0.        , 1.17520119])
    """
    ...


@op(dtypes="floating-point", same="exact")
def sqrt(x: A, /) -> A:
    """Principal square root of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers; real ones from 0.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Square roots, those with a real part from 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: correctly rounded for real dtypes, the same bits on every backend; complex results may
    differ in the last bits.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: cut along the negative real axis. On a cut the sign of the zero part tells the
    side. Infinite and nan parts as in C99, but for the signs that it leaves open.

    Special cases::

        nan   -> nan
        x < 0 -> nan
        0     -> 0
        -0    -> -0
        inf   -> inf

    Settled by accel::

        sqrt(complexes([complex(-4.0, 0.0), complex(-4.0, -0.0)]))
            -> complexes([complex(0.0, 2.0), complex(0.0, -2.0)])    # sides of the cut below 0
        sqrt(complexes([complex(nan, inf), complex(inf, nan), complex(-inf, nan)]))
            -> complexes([complex(inf, inf), complex(inf, nan), complex(nan, inf)])
            # complex with an infinite part and nan
        sqrt(int8([2])) -> float16([1.4142])    # integers of 8 bits
        sqrt(int32([2])) -> float64([1.4142135623730951])    # integers of 32 bits

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sqrt(numpy.asarray([4.0, 2.0]))
    array([2.        , 1.41421356])
    """
    ...


@op(dtypes="numeric", same="exact")
def square(x: A, /) -> A:
    """Each element multiplied by itself.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Products ``x * x``, in the square of the unit.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean.

    Notes
    -----
    Accuracy: correctly rounded for real dtypes, the same bits on every backend; complex results may
    differ in the last bits.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan   -> nan
        +-0   -> 0
        +-inf -> inf

    Settled by accel::

        square(ints([highest])) -> ints([1])    # integer square out of range
        square(bool([True])) -> int8([1])    # booleans

    Examples
    --------
    >>> import numpy, accel
    >>> accel.square(numpy.asarray([-3.0, 0.5]))
    array([9.  , 0.25])
    """
    ...


@op(dtypes="numeric", same="exact")
def subtract(x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Difference of each pair of elements.

    Parameters
    ----------
    x1 : array or number, numeric dtype
        Numbers to take from.
    x2 : array or number, broadcast with x1, numeric dtype
        Numbers to take away, in the unit of ``x1``. One of the two may be a Python number.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Differences, in the same unit.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    DTypeError
        Both arguments are boolean.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: correctly rounded, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Inside ``jax.jit`` the compiler may fuse a product into a sum, as in ``a * b + c``, and skip the
    rounding between them.

    Special cases::

        nan, any         -> nan
        any, nan         -> nan
        inf, inf         -> nan
        -inf, -inf       -> nan
        inf, finite      -> inf
        finite, inf      -> -inf
        -0, 0            -> -0
        0, 0             -> 0

    Settled by accel::

        subtract(ints([lowest]), ints([1])) -> ints([highest])    # integer difference out of range
        subtract(uints([0]), uints([1])) -> uints([highest])    # unsigned difference below zero
        subtract(floats([1.5, -0.0]), floats([1.5, -0.0])) -> floats([0.0, 0.0])
            # a number and itself
        subtract(bool([True]), bool([True])) -> raises DTypeError    # booleans
        subtract(uint8([1]), 300) -> raises OverflowError    # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.subtract(numpy.asarray([1.0, 2.0]), numpy.asarray([0.5, 0.25]))
    array([0.5 , 1.75])
    >>> accel.subtract(numpy.asarray([1, 2]), 10)
    array([-9, -8])
    """
    ...


@op(
    dtypes="floating-point",
    same="bounded",
    ulp_of="the result, or of 2**-40 * (1 + result**2) where that is larger and abs(x) is above 1e8",
)
def tan(x: A, /) -> A:
    """Tangent of each angle in radians.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Angles in radians, of any size.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Tangents, without unit; finite for every finite angle, since no float is an odd multiple of
        pi/2.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value. Beyond 1e8, where x is within 1e-12 of
    a multiple of pi/2, few digits may be right: the bound there is what 2**-90 more or less
    in x makes of the result.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> nan
        -inf -> nan

    Settled by accel::

        tan(complexes([complex(2.0, inf), complex(2.0, -inf)]))
            -> complexes([complex(0.0, 1.0), complex(0.0, -1.0)])
            # complex with an infinite imaginary part
        tan(complexes([complex(0.0, nan)])) -> complexes([complex(0.0, nan)])
            # complex with a nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.tan(numpy.asarray([0.0, 1.0]))
    array([0.        , 1.55740772])
    """
    ...


@op(dtypes="floating-point", same="bounded")
def tanh(x: A, /) -> A:
    """Hyperbolic tangent of each element.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Hyperbolic angles, without unit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Hyperbolic tangents, without unit, from -1 to 1 for real angles.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: real results within 4 ulp of the true value.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Complex elements: no cuts. Infinite and nan parts as in C99, but for the signs that it leaves
    open.

    Special cases::

        nan  -> nan
        0    -> 0
        -0   -> -0
        inf  -> 1
        -inf -> -1

    Settled by accel::

        tanh(complexes([complex(inf, 2.0), complex(-inf, 2.0)]))
            -> complexes([complex(1.0, 0.0), complex(-1.0, 0.0)])
            # complex with an infinite real part
        tanh(complexes([complex(nan, 0.0)])) -> complexes([complex(nan, 0.0)])
            # complex with a nan part

    Examples
    --------
    >>> import numpy, accel
    >>> accel.tanh(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.76159416])
    """
    ...


@op(dtypes="real-valued", same="exact")
def trunc(x: A, /) -> A:
    """Each element without its fractional part.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers to round towards zero; integers come back as they are.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Integer values in the dtype of ``x``, not an integer dtype.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan        -> nan
        inf        -> inf
        -inf       -> -inf
        0          -> 0
        -0         -> -0
        -1 < x < 0 -> -0
        0 < x < 1  -> 0

    Settled by accel::

        trunc(integers([highest])) -> integers([highest])    # integers
        trunc(bool([True])) -> bool([True])    # booleans
        trunc(complexes([1.5])) -> raises DTypeError    # complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.trunc(numpy.asarray([-1.5, 0.2, 3.0]))
    array([-1.,  0.,  3.])
    """
    ...
