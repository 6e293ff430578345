"""Activations, block by block: what is between the steps of a formula stays in the cache, and the last one writes into the result.

A kernel gets a block of the input, rows of scratch and where to write. Sixteen bits are computed in 32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.nn.activation import FAR, GELU_CUBE, GELU_SLOPE, SELU_ALPHA, SELU_SCALE, TOP
from accel_numpy._blocks import scratch
from accel_numpy._silence import SILENT, STRICT
from accel_numpy._summation import addition

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softsign",
]

Array: TypeAlias = npt.NDArray[Any]
Kernel: TypeAlias = Callable[[Array, Array, Array], Any]

BLOCK = 256 * 1024
"""Bytes of a block at most: NumPy's calls cost little for it."""

SMALL = 16 * 1024
"""Bytes of an array that is not worth cutting."""

ROOM = 1024 * 1024
"""Bytes of all the arrays that a kernel goes to and fro between: they fit a second-level cache."""


def by_blocks(kernel: Kernel, x: Any, rows: int) -> Array:
    """Run a kernel over an array.

    Parameters
    ----------
    kernel : callable
        Gets a block of x, ``rows`` rows of scratch of its length, and where to write its result.
    x : array
        The input.
    rows : int
        How many rows of scratch the kernel takes.
    """
    x = np.asarray(x)
    out: Array
    if x.nbytes <= SMALL and x.dtype.char in "fd" and x.flags.c_contiguous:
        # Of few numbers the preparations would take the time.
        out = np.empty(x.size, x.dtype)
        SILENT.copy().run(kernel, x.reshape(-1), np.empty((rows, x.size), x.dtype) if rows else out, out)
        return out.reshape(x.shape)
    if x.flags.forc:
        out = np.empty_like(x)
        source = x.reshape(-1, order="A")
    else:
        # The one copy that is needed is the memory of the result.
        out = np.array(x, order="C")
        source = out.reshape(-1)
    _run(kernel, source, out.reshape(-1, order="A"), rows)
    return out


def _run(kernel: Kernel, source: Array, target: Array, rows: int) -> None:
    work = addition(source.dtype)
    wide = work == source.dtype
    direct = wide and not np.may_share_memory(source, target)
    step = min(BLOCK, ROOM // (rows + 2)) // work.itemsize
    count = min(source.size, step)
    room = scratch(rows + (not wide) + (not direct), count, work)
    with np.errstate(all="ignore"):
        for start in range(0, source.size, step):
            one, two = source[start : start + step], target[start : start + step]
            here = room if one.size == count else room[:, : one.size]
            if direct:
                kernel(one, here, two)
                continue
            if not wide:
                here[-2] = one
                one = here[-2]
            kernel(one, here, here[-1])
            two[...] = here[-1]


_STRICT: dict[str, Any] = {"over": "raise", "invalid": "raise"}
"""Where nothing leaves the range, which is nearly always, nobody has to look for what does."""

END = 80.0
"""Beyond it exp may leave the range of float32."""


def _quotient(
    a: Array, exponent: Callable[[Array], Any], e: Array, out: Array, least: float = -math.inf
) -> None:
    """Divide a by 1 + exp(-u), where ``exponent`` writes -u; far out on the left the dividend is at least ``least``."""
    try:
        with np.errstate(**_STRICT):
            exponent(e)
            np.exp(e, out=e)
            e += 1
            np.divide(a, e, out=out)
            return
    except FloatingPointError:
        exponent(e)
    # Where exp(-u) is beyond the range the quotient need not be.
    far = np.greater(e, END)
    tail = np.maximum(a[far], least) * np.exp(FAR - e[far]) * np.asarray(math.exp(-FAR), dtype=e.dtype)
    np.exp(e, out=e)
    e += 1
    np.divide(a, e, out=out)
    out[far] = tail


def _relu(x: Array, s: Array, out: Array) -> None:
    np.maximum(x, 0, out=out)
    out += 0  # no negative zero


def _relu6(x: Array, s: Array, out: Array) -> None:
    np.maximum(x, 0, out=out)
    np.minimum(out, 6, out=out)
    out += 0


# Choices by a mask take NumPy ten times as long as the sum of what is above 0 and what is below.
def _leaky_relu(x: Array, s: Array, out: Array, slope: float) -> None:
    if 0 < slope <= 1 and s.dtype.type(slope) > 0:
        np.multiply(x, slope, out=s[0])
        np.maximum(x, s[0], out=out)
        return
    np.minimum(x, 0, out=s[0])
    s[0] *= slope
    np.maximum(x, 0, out=out)
    out += s[0]


def _elu(x: Array, s: Array, out: Array, alpha: float) -> None:
    np.minimum(x, 0, out=s[0])
    np.expm1(s[0], out=s[0])
    s[0] *= alpha
    np.maximum(x, 0, out=out)
    out += s[0]


def _celu(x: Array, s: Array, out: Array, alpha: float) -> None:
    np.minimum(x, 0, out=s[0])
    s[0] /= alpha
    np.expm1(s[0], out=s[0])
    s[0] *= alpha
    np.maximum(x, 0, out=out)
    out += s[0]


def _selu(x: Array, s: Array, out: Array) -> None:
    np.minimum(x, 0, out=s[0])
    np.expm1(s[0], out=s[0])
    s[0] *= SELU_SCALE * SELU_ALPHA
    np.maximum(x, 0, out=out)
    out *= SELU_SCALE
    out += s[0]


LOGISTIC = {
    kind: tuple(np.asarray(value, dtype=kind) for value in (-GELU_CUBE * GELU_SLOPE, -GELU_SLOPE, 1.0))
    for kind in "fd"
}
"""What `_gelu_tanh` multiplies by and adds, as arrays: to turn a Python number into one takes as long as to multiply 1000 numbers."""


def _gelu_tanh(x: Array, s: Array, out: Array) -> None:
    # (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 * u))
    cube, slope, one = LOGISTIC[out.dtype.char]
    np.multiply(x, x, out=out)
    out *= cube
    out += slope
    out *= x
    np.exp(out, out=out)
    out += one
    try:
        STRICT.copy().run(np.divide, x, out, out)
    except FloatingPointError:
        out[np.isneginf(x)] = 0


# erfc(a / sqrt(2)) / 2 * exp(a**2 / 2), for a from 0 to 13.5, as a quotient of polynomials: within 2**-27. All terms are positive.
SINGLE: tuple[tuple[float, ...], ...] = (
    (0.39894775067045324, 3.962547739922021, 17.950260928881647, 43.09950979262244, 49.40863980621569),
    (9.933346335019419, 45.978582427505124, 118.17739289537823, 165.04383726282558, 98.81727910761444),
)
# The same for a up to 38.7, divided by t = 1 / (1 + 0.4 * a), as a quotient of polynomials of t: within 2**-55.
DOUBLE: tuple[tuple[float, ...], ...] = (
    (
        0.6781265490236864,
        9.561371868766528,
        25.570875187162333,
        42.44795584763548,
        59.196620882309254,
        54.18563176522713,
        56.6196474288271,
        27.562394652141208,
        24.896400888447396,
        4.661929136987426,
        4.0299194567584395,
    ),
    (
        1.9181196699207124,
        25.90556089068748,
        19.071519925094332,
        130.29121119535137,
        40.68445834694005,
        214.47368833062626,
        25.421528826735006,
        130.8413516710712,
        3.96053333312714,
        25.25377513701839,
    ),
)


def _horner(x: Array, coefficients: tuple[float, ...], out: Array) -> None:
    """Evaluate a polynomial whose first two terms are in ``out`` already."""
    for c in coefficients:
        out *= x
        out += c


def _gelu(x: Array, s: Array, out: Array) -> None:
    np.abs(x, out=s[0])
    try:
        with np.errstate(**_STRICT):
            _above_less_tail(x, s, out)
    except FloatingPointError:
        # Polynomials of such numbers overflow, and of the tail nothing is left long before.
        np.minimum(s[0], 64, out=s[0])
        _above_less_tail(x, s, out)


def _above_less_tail(x: Array, s: Array, out: Array) -> None:
    """Subtract from what is above 0 the magnitude times the share beyond it, which is all there is on the left."""
    a, top, bottom = s[:3]
    if x.dtype == np.float32:
        t, (above, below) = a, SINGLE
    else:
        t, (above, below) = s[3], DOUBLE
        np.multiply(a, 0.4, out=t)
        t += 1
        np.divide(1, t, out=t)
    np.multiply(t, above[0], out=top)
    top += above[1]
    _horner(t, above[2:], top)
    np.add(t, below[0], out=bottom)
    _horner(t, below[1:], bottom)
    top /= bottom
    if t is not a:
        top *= t
    np.square(a, out=bottom)
    bottom *= -0.5
    np.exp(bottom, out=bottom)
    top *= bottom
    top *= a
    np.maximum(x, 0, out=bottom)
    np.subtract(bottom, top, out=out)


def _silu(x: Array, s: Array, out: Array) -> None:
    _quotient(x, partial(np.negative, x), s[0], out, -1024.0)


def _mish(x: Array, s: Array, out: Array) -> None:
    e, n = s[:2]
    np.minimum(x, TOP, out=e)
    np.exp(e, out=e)
    np.add(e, 2, out=n)
    n *= e
    np.add(n, 2, out=e)
    n /= e
    np.multiply(x, n, out=out)
    far = np.less(x, -END)
    if far.any():
        low = np.maximum(x[far], -1024)
        out[far] = low * np.exp(low + FAR) * np.asarray(math.exp(-FAR), dtype=x.dtype)


def _sigmoid(x: Array, s: Array, out: Array) -> None:
    e = s[0]
    np.negative(x, out=e)
    np.exp(e, out=e)
    e += 1
    np.divide(1, e, out=out)


def _log_sigmoid(x: Array, s: Array, out: Array) -> None:
    rest, low = s[:2]
    np.abs(x, out=rest)
    np.negative(rest, out=rest)
    np.exp(rest, out=rest)
    np.log1p(rest, out=rest)
    np.minimum(x, -0.0, out=low)
    np.subtract(low, rest, out=out)


def _hard_sigmoid(x: Array, s: Array, out: Array) -> None:
    np.add(x, 3, out=out)
    np.maximum(out, 0, out=out)
    np.minimum(out, 6, out=out)
    out /= 6


def _hard_silu(x: Array, s: Array, out: Array) -> None:
    low, w = s[:2]
    np.maximum(x, -3, out=low)
    np.add(low, 3, out=w)
    np.minimum(w, 6, out=w)
    w /= 6
    np.multiply(low, w, out=out)


def _hard_tanh(x: Array, s: Array, out: Array, low: float, high: float) -> None:
    np.minimum(x, high, out=out)
    np.maximum(out, low, out=out)
    if not (low and high):
        out += 0  # no negative zero: which of two zeros is the larger NumPy leaves open


def _softsign(x: Array, s: Array, out: Array) -> None:
    below = s[0]
    np.abs(x, out=below)
    below += 1
    try:
        with np.errstate(**_STRICT):
            np.divide(x, below, out=out)
    except FloatingPointError:
        endless = np.isinf(x)
        out[endless] = np.sign(x[endless])


# The compositions make a new array for each step, and masks that NumPy is slow to follow.
def relu(x: Any, /) -> Any:
    return by_blocks(_relu, x, 0)


def relu6(x: Any, /) -> Any:
    return by_blocks(_relu6, x, 0)


def leaky_relu(x: Any, /, *, negative_slope: float = 0.01) -> Any:
    return by_blocks(partial(_leaky_relu, slope=negative_slope), x, 1)


def elu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return by_blocks(partial(_elu, alpha=alpha), x, 1)


def celu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return by_blocks(partial(_celu, alpha=alpha), x, 1)


def selu(x: Any, /) -> Any:
    return by_blocks(_selu, x, 1)


def gelu(x: Any, /, *, approximate: bool = False) -> Any:
    return by_blocks(_gelu_tanh, x, 0) if approximate else by_blocks(_gelu, x, 4)


def silu(x: Any, /) -> Any:
    return by_blocks(_silu, x, 1)


def mish(x: Any, /) -> Any:
    return by_blocks(_mish, x, 2)


def sigmoid(x: Any, /) -> Any:
    return by_blocks(_sigmoid, x, 1)


def log_sigmoid(x: Any, /) -> Any:
    return by_blocks(_log_sigmoid, x, 2)


def hard_sigmoid(x: Any, /) -> Any:
    return by_blocks(_hard_sigmoid, x, 0)


def hard_silu(x: Any, /) -> Any:
    return by_blocks(_hard_silu, x, 2)


def hard_tanh(x: Any, /, *, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return by_blocks(partial(_hard_tanh, low=min_val, high=max_val), x, 0)


def softsign(x: Any, /) -> Any:
    return by_blocks(_softsign, x, 1)


# As the others. The halves of each row lie apart, so that a block is made of whole rows, or of a part of one.
def glu(x: Any, /, *, axis: int = -1) -> Any:
    along = axis % x.ndim
    half = x.shape[along] // 2
    shape = (*x.shape[:along], half, *x.shape[along + 1 :])
    inner = math.prod(shape[along:])
    outer = math.prod(shape[:along])
    out = np.empty(shape, dtype=x.dtype)
    if not out.size:
        return out
    pairs, target = np.ascontiguousarray(x).reshape(outer, 2, inner), out.reshape(outer, inner)
    work = addition(x.dtype)
    wide = work == x.dtype
    step = BLOCK // work.itemsize
    columns = min(inner, step)
    several = min(outer, max(1, step // columns))
    room = scratch(3, several * columns, work)
    with np.errstate(all="ignore"):
        for row in range(0, outer, several):
            for column in range(0, inner, columns):
                place = slice(row, row + several), slice(column, column + columns)
                one, gate = pairs[place[0], 0, place[1]], pairs[place[0], 1, place[1]]
                two = target[place]
                e, a, y = (r[: two.size].reshape(two.shape) for r in room)
                if wide:
                    _quotient(one, partial(np.negative, gate), e, two)
                    continue
                a[...] = one
                y[...] = gate
                _quotient(a, partial(np.negative, y), e, y)
                two[...] = y
    return out
