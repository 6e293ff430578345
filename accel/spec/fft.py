"""Fourier transform extension: discrete transforms, their frequencies and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from accel.dispatch import op
from accel.typing import A, DeviceLike, DTypeLike

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def fft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Discrete Fourier transform along one axis.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        Signal, complex floating-point.
    n : int or None, default None
        Number of points, at least 1: zeros are added at the end of the axis, or its end is cut off,
        to get there. None is the length of the axis.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1, 1/sqrt(n) or 1/n.

    Returns
    -------
    array, shape (..., n, ...), dtype and device of ``x``
        Element k is the sum over j of ``x[j] * exp(-2j * pi * j * k / n)``, times the factor. The
        frequencies are those of `fftfreq`: zero, then the positive, then the negative ones.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.fft(float32([2.0])) -> complex64([2.0])  # real data: taken as complex
        fft.fft(int64([2])) -> complex128([2.0])  # integers: in the default dtype
        fft.fft(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.fft(complex128([1.0, inf])) -> nonfinite(complex128([nan, nan]))  # an infinity spreads too
        fft.fft(complex128([])) -> raises ArgumentError  # no elements
        fft.fft(complex128([1.0]), n=0) -> raises ArgumentError  # a length of 0
        fft.fft(complex128(1.0)) -> raises ShapeError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.fft(numpy.asarray([1, 0, 0, 0], dtype="complex128"))
    array([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    ...


@op(dtypes="any", same="bounded")
def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Frequency of each element of an `fft`.

    Parameters
    ----------
    n : int
        Number of points of the transform, at least 1.
    d : float, default 1.0
        Distance between two samples, in any unit.
    dtype : dtype or None, default None
        A real floating-point dtype. None is the default float dtype (float64 unless
        `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape (n,), dtype as above, on ``device``
        Frequencies in cycles per unit of ``d``: ``0, 1, ..., -2, -1`` divided by ``n * d``. The
        first ``(n + 1) // 2`` are not negative; an even n has -1/(2d) where they end.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ArgumentError
        ``n`` is less than 1.
    DTypeError
        ``dtype`` is not real floating-point.

    Notes
    -----
    Accuracy: within 4 ulp of the exact quotient.
    Cost: O(n) time and memory, no device synchronisation.

    Settled by accel::

        fft.fftfreq(2, dtype=float32) -> float32([0.0, -0.5])  # a narrower dtype
        fft.fftfreq(0) -> raises ArgumentError  # no points

    Examples
    --------
    >>> import accel
    >>> accel.fft.fftfreq(4, d=0.5, device="numpy")
    array([ 0. ,  0.5, -1. , -0.5])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def fftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Discrete Fourier transform along several axes.

    Parameters
    ----------
    x : array, shape (...)
        Signal, complex floating-point.
    s : sequence of int or None, default None
        Number of points along each of ``axes``, which must be given too: zeros are added at the end
        of an axis, or its end is cut off, to get there. -1 is the length of the axis, None that of
        every axis.
    axes : sequence of int or None, default None
        Axes to transform, each once; negative numbers count from the last axis. None takes all
        axes.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1, 1/sqrt(n) or 1/n, n being the product of the numbers of points.

    Returns
    -------
    array, shape of ``x`` with ``s`` along ``axes``, dtype and device of ``x``
        The `fft` along one of the axes after the other.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points along an axis is less than 1, ``norm`` is none of the three, an axis
        stands twice, or ``s`` and ``axes`` differ in length.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result, n the product of the numbers of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.fftn(float32([[2.0]])) -> complex64([[2.0]])  # real data: taken as complex
        fft.fftn(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.fftn(complex128([[1.0]]), axes=(0, 0)) -> raises ArgumentError  # an axis named twice

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.fftn(numpy.asarray([[1, 1], [1, 1]], dtype="complex128"))
    array([[4.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]])
    """
    ...


@op(dtypes="floating-point", same="exact")
def fftshift(x: A, /, *, axes: int | Sequence[int] | None = None) -> A:
    """Spectrum in ascending order of frequency, with zero in the middle.

    Parameters
    ----------
    x : array, shape (...)
        Output of a transform, floating-point; other dtypes work too.
    axes : int, sequence of int or None, default None
        Axes to shift; negative numbers count from the last axis. None shifts all of them.

    Returns
    -------
    array, shape (...), dtype and device of ``x``
        The first element moves to place ``n // 2`` of an axis of length n. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.fftshift(numpy.asarray([0.0, 1.0, 2.0, -2.0, -1.0]))
    array([-2., -1.,  0.,  1.,  2.])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def hfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real spectrum of a signal with Hermitian symmetry, given by its first half.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        The signal at times 0, 1, ..., complex floating-point; at negative times it is the
        conjugate. The imaginary part at time 0, and at time n/2 for an even n, is ignored.
    n : int or None, default None
        Number of points of the result, at least 1; ``n // 2 + 1`` elements of ``x`` are used, zeros
        being added at the end where there are fewer. None is ``2 * (M - 1)``.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1, 1/sqrt(n) or 1/n.

    Returns
    -------
    array, shape (..., n, ...), real dtype of the precision of ``x``, device of ``x``
        The transform of the whole signal, in the order of `fftfreq`.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.hfft(complex128([1.0, nan])) -> nonfinite(float64([nan, nan]))  # nan spreads over the whole vector
        fft.hfft(float32([1.0, 2.0])) -> float32([3.0, -1.0])  # real data: taken as complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.hfft(numpy.asarray([1, 2, 3], dtype="complex128"))
    array([ 8., -2.,  0., -2.])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def ifft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Inverse discrete Fourier transform along one axis.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        Spectrum in the order of `fftfreq`, complex floating-point.
    n : int or None, default None
        Number of points, at least 1: zeros are added at the end of the axis, or its end is cut off,
        to get there. None is the length of the axis.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1/n, 1/sqrt(n) or 1. The same word as in the forward transform makes
        the two inverse to each other.

    Returns
    -------
    array, shape (..., n, ...), dtype and device of ``x``
        Element j is the sum over k of ``x[k] * exp(2j * pi * j * k / n)``, times the factor.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.ifft(float32([2.0])) -> complex64([2.0])  # real data: taken as complex
        fft.ifft(int64([2])) -> complex128([2.0])  # integers: in the default dtype
        fft.ifft(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.ifft(complex128([1.0, inf])) -> nonfinite(complex128([nan, nan]))  # an infinity spreads too
        fft.ifft(complex128([])) -> raises ArgumentError  # no elements
        fft.ifft(complex128([1.0]), n=0) -> raises ArgumentError  # a length of 0
        fft.ifft(complex128(1.0)) -> raises ShapeError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.ifft(numpy.asarray([4, 0, 0, 0], dtype="complex128"))
    array([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def ifftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Inverse discrete Fourier transform along several axes.

    Parameters
    ----------
    x : array, shape (...)
        Spectrum in the order of `fftfreq` along each axis, complex floating-point.
    s : sequence of int or None, default None
        Number of points along each of ``axes``, which must be given too: zeros are added at the end
        of an axis, or its end is cut off, to get there. -1 is the length of the axis, None that of
        every axis.
    axes : sequence of int or None, default None
        Axes to transform, each once; negative numbers count from the last axis. None takes all
        axes.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1/n, 1/sqrt(n) or 1, n being the product of the numbers of points. The
        same word as in `fftn` makes the two inverse to each other.

    Returns
    -------
    array, shape of ``x`` with ``s`` along ``axes``, dtype and device of ``x``
        The `ifft` along one of the axes after the other.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points along an axis is less than 1, ``norm`` is none of the three, an axis
        stands twice, or ``s`` and ``axes`` differ in length.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result, n the product of the numbers of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.ifftn(float32([[2.0]])) -> complex64([[2.0]])  # real data: taken as complex
        fft.ifftn(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.ifftn(complex128([[1.0]]), axes=(0, 0)) -> raises ArgumentError  # an axis named twice

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.ifftn(numpy.asarray([[4, 0], [0, 0]], dtype="complex128"))
    array([[1.+0.j, 1.+0.j],
           [1.+0.j, 1.+0.j]])
    """
    ...


@op(dtypes="floating-point", same="exact")
def ifftshift(x: A, /, *, axes: int | Sequence[int] | None = None) -> A:
    """Spectrum in the order of `fft`, from one in ascending order of frequency.

    Parameters
    ----------
    x : array, shape (...)
        Output of `fftshift`, floating-point; other dtypes work too.
    axes : int, sequence of int or None, default None
        Axes to shift; negative numbers count from the last axis. None shifts all of them.

    Returns
    -------
    array, shape (...), dtype and device of ``x``
        The element at place ``n // 2`` of an axis of length n moves to the front. Never a view of
        ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.ifftshift(numpy.asarray([-2.0, -1.0, 0.0, 1.0, 2.0]))
    array([ 0.,  1.,  2., -2., -1.])
    """
    ...


@op(dtypes="real floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def ihfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """First half of the Hermitian signal that has a given real spectrum.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        Spectrum in the order of `fftfreq`, real floating-point.
    n : int or None, default None
        Number of points, at least 1: zeros are added at the end of the axis, or its end is cut off,
        to get there. None is the length of the axis.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1/n, 1/sqrt(n) or 1. The same word as in `hfft` makes the two inverse
        to each other.

    Returns
    -------
    array, shape (..., n // 2 + 1, ...), complex dtype of the precision of ``x``, device of ``x``
        The signal at times 0, 1, ..., n // 2; at negative times it is the conjugate. The sign of an
        imaginary part of 0 is left open.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    DTypeError
        ``x`` is complex.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.ihfft(float64([1.0, 2.0]))
            -> left open: the algorithms leave it in their own ways  # sign of a zero imaginary part
        fft.ihfft(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.ihfft(complex64([1.0])) -> raises DTypeError  # complex data

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.ihfft(numpy.asarray([8.0, -2.0, 0.0, -2.0])).real
    array([1., 2., 3.])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def irfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real signal from the non-negative half of its spectrum.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        Spectrum at the frequencies of `rfftfreq`, complex floating-point. The imaginary part at
        frequency 0, and at the highest one for an even n, is ignored.
    n : int or None, default None
        Number of points of the result, at least 1; ``n // 2 + 1`` elements of ``x`` are used, zeros
        being added at the end where there are fewer. None is ``2 * (M - 1)``, which is wrong for
        signals of odd length.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1/n, 1/sqrt(n) or 1. The same word as in the forward transform makes
        the two inverse to each other.

    Returns
    -------
    array, shape (..., n, ...), real dtype of the precision of ``x``, device of ``x``
        The signal.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.irfft(complex128([1.0, nan])) -> nonfinite(float64([nan, nan]))  # nan spreads over the whole vector
        fft.irfft(float32([1.0, 2.0])) -> float32([1.5, -0.5])  # real data: taken as complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.irfft(numpy.asarray([4, 0, 0], dtype="complex128"))
    array([1., 1., 1., 1.])
    """
    ...


@op(dtypes="complex floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def irfftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real signal from half of its spectrum along several axes.

    Parameters
    ----------
    x : array, shape (..., M)
        Spectrum as `rfftn` gives it, complex floating-point: the last of ``axes`` holds the
        non-negative half of the frequencies, the others all of them.
    s : sequence of int or None, default None
        Number of points of the result along each of ``axes``, which must be given too. -1 is the
        length of the axis. Of the last axis ``s[-1] // 2 + 1`` elements are used, and None is
        ``2 * (M - 1)`` there, which is wrong for signals of odd length.
    axes : sequence of int or None, default None
        Axes to transform, each once; negative numbers count from the last axis. None takes all
        axes.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1/n, 1/sqrt(n) or 1, n being the product of the numbers of points. The
        same word as in `rfftn` makes the two inverse to each other.

    Returns
    -------
    array, real dtype of the precision of ``x``, device of ``x``
        Shape of ``x`` with ``s`` along ``axes``: the `ifft` along all of them but the last, then
        the `irfft` along that one.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points along an axis is less than 1, ``norm`` is none of the three, an axis
        stands twice, or ``s`` and ``axes`` differ in length.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result, n the product of the numbers of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.irfftn(complex128([1.0, nan])) -> nonfinite(float64([nan, nan]))  # nan spreads over the whole vector
        fft.irfftn(float32([1.0, 2.0])) -> float32([1.5, -0.5])  # real data: taken as complex

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.irfftn(numpy.asarray([[4, 0], [0, 0]], dtype="complex128"))
    array([[1., 1.],
           [1., 1.]])
    """
    ...


@op(dtypes="real floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def rfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Non-negative half of the spectrum of a real signal.

    Parameters
    ----------
    x : array, shape (..., M, ...)
        Signal, real floating-point.
    n : int or None, default None
        Number of points, at least 1: zeros are added at the end of the axis, or its end is cut off,
        to get there. None is the length of the axis.
    axis : int, default -1
        Axis to transform; negative numbers count from the last axis.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1, 1/sqrt(n) or 1/n.

    Returns
    -------
    array, shape (..., n // 2 + 1, ...), complex dtype of the precision of ``x``, device of ``x``
        The `fft` at the frequencies of `rfftfreq`; the negative half is its conjugate. The sign of
        an imaginary part of 0 is left open.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points is less than 1, or ``norm`` is none of the three.
    DTypeError
        ``x`` is complex.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result along the axis and n the number of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.rfft(int64([2])) -> complex128([2.0])  # integers: in the default dtype
        fft.rfft(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.rfft(complex64([1.0])) -> raises DTypeError  # complex data
        fft.rfft(float64([])) -> raises ArgumentError  # no elements

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.rfft(numpy.asarray([1.0, 2.0, 1.0, 0.0]))
    array([4.+0.j, 0.-2.j, 0.+0.j])
    """
    ...


@op(dtypes="any", same="bounded")
def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Frequency of each element of an `rfft`.

    Parameters
    ----------
    n : int
        Number of points of the signal, at least 1.
    d : float, default 1.0
        Distance between two samples, in any unit.
    dtype : dtype or None, default None
        A real floating-point dtype. None is the default float dtype (float64 unless
        `accel.default_dtypes` changes it).
    device : device or None, default None
        Where the array is made: a name (``"gpu:1"``), an `accel.Device` or a native device object.
        None is the default device, the one that `accel.explain` names.

    Returns
    -------
    array, shape (n // 2 + 1,), dtype as above, on ``device``
        Frequencies in cycles per unit of ``d``: ``0, 1, ..., n // 2`` divided by ``n * d``, none of
        them negative.

    Raises
    ------
    DeviceNotFoundError
        ``device`` matches no usable device.
    ArgumentError
        ``n`` is less than 1.
    DTypeError
        ``dtype`` is not real floating-point.

    Notes
    -----
    Accuracy: within 4 ulp of the exact quotient.
    Cost: O(n) time and memory, no device synchronisation.

    Settled by accel::

        fft.rfftfreq(0) -> raises ArgumentError  # no points

    Examples
    --------
    >>> import accel
    >>> accel.fft.rfftfreq(4, d=0.5, device="numpy")
    array([0. , 0.5, 1. ])
    """
    ...


@op(dtypes="real floating-point", same="conditioned", bound="8 * eps * log2(2 * n) * norm(y)")
def rfftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Half of the spectrum of a real signal along several axes.

    Parameters
    ----------
    x : array, shape (..., M)
        Signal, real floating-point.
    s : sequence of int or None, default None
        Number of points along each of ``axes``, which must be given too: zeros are added at the end
        of an axis, or its end is cut off, to get there. -1 is the length of the axis, None that of
        every axis.
    axes : sequence of int or None, default None
        Axes to transform, each once; negative numbers count from the last axis. None takes all
        axes. The last one named is the one that is halved.
    norm : {'backward', 'ortho', 'forward'}, default 'backward'
        Factor of the result: 1, 1/sqrt(n) or 1/n, n being the product of the numbers of points.

    Returns
    -------
    array, complex dtype of the precision of ``x``, device of ``x``
        Shape of ``x`` with ``s`` along ``axes``, but ``s[-1] // 2 + 1`` along the last of them: the
        `rfft` along that one, then the `fft` along the others.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        The number of points along an axis is less than 1, ``norm`` is none of the three, an axis
        stands twice, or ``s`` and ``axes`` differ in length.
    DTypeError
        ``x`` is complex.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm of the error is at most ``8 * eps * log2(2 * n) * norm(y)``, y being the
    exact result, n the product of the numbers of points.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        fft.rfftn(int64([2])) -> complex128([2.0])  # integers: in the default dtype
        fft.rfftn(float64([1.0, nan])) -> nonfinite(complex128([nan, nan]))  # nan spreads over the whole vector
        fft.rfftn(complex64([1.0])) -> raises DTypeError  # complex data

    Examples
    --------
    >>> import numpy, accel
    >>> accel.fft.rfftn(numpy.asarray([[1.0, 1.0], [1.0, 1.0]]))
    array([[4.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]])
    """
    ...
