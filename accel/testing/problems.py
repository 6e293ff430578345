"""Problems: calls of conditioned ops on difficult data, with their exact results.

Sums are checked by `math.fsum`, which is exact, and products by whole numbers of Python: each float is one, times a power of two.
Matrices are solved and factorised by mpmath with 60 digits, and Fourier sums are written out there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import mpmath
import numpy as np
import numpy.typing as npt

from accel.testing.cases import Case

__all__ = ["OPS", "Problem", "leading", "matrices", "problems", "signed"]

Array: TypeAlias = npt.NDArray[Any]

DIGITS = 60

context: Any = mpmath.MPContext()
context.dps = DIGITS


@dataclass(frozen=True, eq=False)
class Problem:
    """One call with what is known about its result.

    Attributes
    ----------
    op : str
        Name of the op.
    data : str
        What makes it difficult, in words.
    n : int
        Number of terms, or side of the matrix.
    case : Case
        The arguments.
    y : numpy.ndarray
        The exact result, rounded to the dtype of the result.
    error : callable
        Takes a result on the host and gives how far it is from the exact one, for each element, vector or matrix.
    """

    op: str
    data: str
    n: int
    case: Case
    y: Array
    error: Callable[[Any], Array] = field(repr=False)


# Whole numbers


def whole(x: Array) -> tuple[Array, int]:
    """Write finite real numbers as whole ones, in an array of objects, times two to some power."""
    fraction, exponent = np.frexp(x.astype(np.float64))
    number = np.ldexp(fraction, 53).astype(np.int64).astype(object)
    least = int(np.min(exponent, initial=0))
    return number << (exponent - least).astype(object), least - 53


def part(x: Array) -> tuple[Array, ...]:
    """Give the real part and the imaginary one, if there is one."""
    return (np.real(x), np.imag(x)) if x.dtype.kind == "c" else (x,)


def _apart(truth: Array, power: int, got: Array) -> Array:
    """Give how far real numbers are from whole ones times a power of two."""
    scale = Fraction(2) ** power
    flat = [
        abs(float(t * scale - Fraction(float(g)))) if math.isfinite(g) else math.inf
        for t, g in zip(truth.ravel(), got.ravel(), strict=True)
    ]
    return np.asarray(flat).reshape(truth.shape)


def _rounded(truth: Array, power: int) -> Array:
    scale = Fraction(2) ** power
    return np.asarray([float(t * scale) for t in truth.ravel()]).reshape(truth.shape)


def _bilinear(product: Callable[[Array, Array], Any], x1: Array, x2: Array, conjugate: bool) -> Any:
    """Give a bilinear function of two arrays exactly: real and imaginary parts as whole numbers, and their power of two."""
    (first, one), (second, two) = whole(np.stack([*part(x1)])), whole(np.stack([*part(x2)]))
    a, b = list(first), list(second)
    if conjugate and len(a) == 2:
        a[1] = -a[1]
    real = product(a[0], b[0])
    if len(a) == len(b) == 1:
        return (np.asarray(real, dtype=object),), one + two
    if len(a) == 1:
        parts = (real, product(a[0], b[1]))
    elif len(b) == 1:
        parts = (real, product(a[1], b[0]))
    else:
        parts = (real - product(a[1], b[1]), product(a[0], b[1]) + product(a[1], b[0]))
    return tuple(np.asarray(p, dtype=object) for p in parts), one + two


def _products(
    op: str,
    data: str,
    product: Callable[[Array, Array], Any],
    x1: Array,
    x2: Array,
    kwargs: dict[str, Any],
    count: int,
) -> Problem:
    parts, power = _bilinear(product, x1, x2, op == "vecdot")
    rounded = [_rounded(p, power) for p in parts]
    y = (rounded[0] + 1j * rounded[1]) if len(parts) == 2 else rounded[0]

    def error(got: Any) -> Array:
        errors = [_apart(p, power, np.asarray(g)) for p, g in zip(parts, part(np.asarray(got)), strict=True)]
        return np.hypot(*errors) if len(errors) == 2 else errors[0]

    return Problem(op, data, count, Case((x1, x2), kwargs), y.astype(np.result_type(x1, x2)), error)


# Sums


def terms(dtype: str, n: int, seed: int = 0) -> Iterator[tuple[str, Array]]:
    """Give numbers that are difficult to add."""
    rng = np.random.default_rng(seed)
    part_of = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
    half = part_of == "float16"

    def made(make: Callable[[], Array]) -> Array:
        values = make().astype(part_of)
        if part_of == dtype:
            return values
        return (values + 1j * make().astype(part_of)).astype(dtype)

    yield "all the same", made(lambda: np.full(n, 0.1))
    reach = 4 if half else 24
    yield (
        "wide exponents",
        made(lambda: rng.standard_normal(n) * np.exp2(rng.integers(-reach, 1 if half else reach, n))),
    )

    def cancelling() -> Array:
        first = rng.standard_normal(n // 2) * (4 if half else 1e6)
        values = np.concatenate([first, -first, np.zeros(n % 2)])
        return rng.permutation(values.astype(part_of)) + rng.standard_normal(n) * 1e-3

    yield "cancelling", made(cancelling)
    yield "far from zero", made(lambda: (4 if half else 1e4) + rng.standard_normal(n))


def layouts(x: Array) -> Iterator[tuple[str, Array, int | None]]:
    """Give the numbers as one sum, and as several along the leading axis and along the last one."""
    yield "", x, None
    wide = x[: x.size // 16 * 16].reshape(-1, 16)
    yield ", leading axis", wide, 0
    yield ", last axis", np.ascontiguousarray(wide.T), 1


def _columns(x: Array, axis: int | None) -> Array:
    """Give the terms of each sum as a row."""
    return x.reshape(1, -1) if axis is None else np.moveaxis(x, axis, -1)


def _sums(op: str, dtype: str, n: int) -> Iterator[Problem]:
    for data, numbers in terms(dtype, n):
        for layout, x, axis in layouts(numbers):
            rows = _columns(x, axis)
            listed = [[p.astype(np.float64).tolist() for p in part(row)] for row in rows]
            count = rows.shape[-1]
            over = 1 if op == "sum" else count
            yield Problem(
                op,
                data + layout,
                count,
                Case((x,), {"axis": axis}),
                _shaped(
                    [complex(*map(math.fsum, row)) / over for row in listed],
                    x.dtype,
                    () if axis is None else None,
                ),
                _sum_error(listed, over),
            )


def _shaped(values: list[Any], dtype: Any, shape: tuple[int, ...] | None) -> Array:
    found = np.asarray(values)
    if np.dtype(dtype).kind != "c":
        found = np.real(found)
    with np.errstate(over="ignore"):
        return found.astype(dtype).reshape(found.shape if shape is None else shape)


def _sum_error(listed: list[list[list[float]]], over: int) -> Callable[[Any], Array]:
    def error(got: Any) -> Array:
        found = np.asarray(got)
        off = []
        for row, value in zip(listed, found.ravel(), strict=True):
            parts = [float(p) for p in part(np.asarray(value))]
            if over == 1:
                off.append(math.hypot(*(math.fsum([*t, -p]) for t, p in zip(row, parts, strict=True))))
            else:
                truths = [sum(map(Fraction, (math.fsum(t), _lost(t)))) / over for t in row]
                off.append(math.hypot(*(float(t - Fraction(p)) for t, p in zip(truths, parts, strict=True))))
        return np.asarray(off).reshape(found.shape)

    return error


def _lost(numbers: list[float]) -> float:
    """Give what fsum rounds off."""
    return math.fsum([*numbers, -math.fsum(numbers)])


def _spreads(op: str, dtype: str, n: int) -> Iterator[Problem]:
    for data, numbers in terms(dtype, n):
        for layout, x, axis in layouts(numbers):
            truths = []
            for row in _columns(x, axis):
                values, power = whole(row)
                listed = values.tolist()
                count, first, second = len(listed), sum(listed), sum(v * v for v in listed)
                truths.append(
                    Fraction(count * second - first * first, count * (count - 1)) * Fraction(4) ** power
                )
            variance = [float(t) for t in truths]

            def error(got: Any, truths: list[Fraction] = truths) -> Array:
                found = np.asarray(got)
                squares = [
                    Fraction(float(g)) ** (2 if op == "std" else 1) if np.isfinite(g) else None
                    for g in found.ravel()
                ]
                off = [
                    math.inf if g is None else abs(float(g - t)) for g, t in zip(squares, truths, strict=True)
                ]
                return np.asarray(off).reshape(found.shape)

            # The formula of std is about its square.
            y = _shaped(variance, x.dtype, () if axis is None else None)
            yield Problem(
                op,
                data + layout,
                x.size if axis is None else x.shape[axis],
                Case((x,), {"axis": axis, "correction": 1}),
                y,
                error,
            )


def _cumulated(op: str, dtype: str, n: int) -> Iterator[Problem]:
    for data, numbers in terms(dtype, n):
        for layout, x, axis in layouts(numbers):
            along = 0 if axis is None else axis
            ends = sorted(
                {
                    *range(min(200, x.shape[along])),
                    *range(0, x.shape[along], max(1, n // 20)),
                    x.shape[along] - 1,
                }
            )
            rows = [[p.astype(np.float64).tolist() for p in part(row)] for row in _columns(x, axis)[:2]]

            def error(
                got: Any,
                rows: list[list[list[float]]] = rows,
                ends: list[int] = ends,
                axis: int | None = axis,
            ) -> Array:
                found = np.asarray(got)
                lines = _columns(found, axis)
                off = np.zeros(lines.shape)
                for r, row in enumerate(rows):
                    for k in ends:
                        parts = [float(p) for p in part(np.asarray(lines[r, k]))]
                        off[r, k] = math.hypot(
                            *(math.fsum([*t[: k + 1], -p]) for t, p in zip(row, parts, strict=True))
                        )
                return off.reshape(found.shape) if axis is None else np.moveaxis(off, -1, axis)

            with np.errstate(over="ignore", invalid="ignore"):
                y = np.cumsum(x.astype(np.result_type(x, np.float64)), axis=along).astype(x.dtype)
            yield Problem(op, data + layout, x.shape[along], Case((x,), {"axis": along}), y, error)


def _multiplied(op: str, dtype: str, n: int) -> Iterator[Problem]:
    rng = np.random.default_rng(1)
    # Their product stays in range.
    values = np.exp(rng.uniform(-1, 1, min(n, 2000)) / 8)
    if dtype.startswith("complex"):
        values = values * np.exp(1j * rng.uniform(-3, 3, values.size))
    x = values.astype(dtype)
    truths, product = [], context.mpc(1)
    for value in x.tolist():
        product = product * context.mpmathify(value)
        truths.append(product)
    if op == "prod":
        truths = truths[-1:]

    def error(got: Any) -> Array:
        found = np.asarray(got)
        off = [
            float(abs(context.mpmathify(complex(g)) - t)) for g, t in zip(found.ravel(), truths, strict=True)
        ]
        return np.asarray(off).reshape(found.shape)

    y = _shaped([complex(t) for t in truths], x.dtype, () if op == "prod" else None)
    yield Problem(op, "factors around 1", x.size, Case((x,), {}), y, error)


# Products


def _pairs(
    dtype: str, shape1: tuple[int, ...], shape2: tuple[int, ...]
) -> Iterator[tuple[str, Array, Array]]:
    for (data, x1), (_, x2) in zip(
        terms(dtype, math.prod(shape1), 2), terms(dtype, math.prod(shape2), 3), strict=True
    ):
        yield data, x1.reshape(shape1), x2.reshape(shape2)


def _multiplication(op: str, dtype: str, n: int) -> Iterator[Problem]:
    count = min(n, 600)
    if op == "matmul":
        for data, x1, x2 in _pairs(dtype, (3, count), (count, 4)):
            yield _products(op, data, np.matmul, x1, x2, {}, count)
    elif op == "vecdot":
        for data, x1, x2 in _pairs(dtype, (2, count), (2, count)):
            yield _products(op, data, lambda a, b: np.sum(a * b, axis=-1), x1, x2, {}, count)
    else:
        for data, x1, x2 in _pairs(dtype, (2, count // 4, 4), (4, count // 4, 3)):
            axes = ((1, 2), (1, 0))
            yield _products(
                op,
                data,
                lambda a, b: np.tensordot(a, b, axes=((1, 2), (1, 0))),
                x1,
                x2,
                {"axes": axes},
                count,
            )


# Matrices


@cache
def _unitary(n: int, kind: str, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, n))
    if kind == "c":
        x = x + 1j * rng.standard_normal((n, n))
    return np.asarray(np.linalg.qr(x)[0])


def matrices(dtype: str, *, hermitian: bool = False) -> Iterator[tuple[str, Array]]:
    """Give square matrices of large condition, up to where the bounds lose their meaning; Hermitian ones are positive definite."""
    short = dtype in ("float32", "complex64")
    kind = np.dtype(dtype).kind
    side, most = 6, 1e4 if short else 1e11

    def turned(values: Array, seed: int = 0) -> Array:
        left = _unitary(len(values), kind, seed)
        right = np.conj(left.T) if hermitian else _unitary(len(values), kind, seed + 1)
        return (left * values) @ right

    def settled(x: Array) -> Array:
        x = x.astype(dtype)
        return ((x + np.conj(np.swapaxes(x, -1, -2))) / 2).astype(dtype) if hermitian else x

    n = 4 if short else 8
    i = np.arange(1, n + 1)
    yield "Hilbert", settled(1.0 / (i[:, None] + i - 1))
    if not hermitian:
        yield "Vandermonde", settled(np.vander(np.linspace(0.5, 1.5, 5 if short else 8), increasing=True))
        rows = np.geomspace(1, 1 / most, side)[:, None]
        yield "rows of many sizes", settled(rows * turned(np.linspace(1, 2, side)))
    yield "graded", settled(turned(np.geomspace(1, 1 / most, side)))
    yield "nearly singular", settled(turned(np.append(np.linspace(2, 1, side - 1), 1 / most), 2))
    yield "large", settled(1e6 * turned(np.geomspace(1, 1e-2, side), 4))
    yield "stack", settled(np.stack([turned(np.geomspace(1, 1 / c, 5), 6) for c in (2.0, 100.0)]))


def exactly(x: Array) -> Any:
    """Give a matrix to mpmath."""
    return context.matrix(x.tolist())


def _numbers(x: Any, shape: tuple[int, ...]) -> Array:
    flat = [complex(v) for v in x]
    return np.asarray(flat).reshape(shape)


def _matrix_error(truth: Any, got: Array) -> float:
    """Give the root of the sum of squared errors in a matrix or vector."""
    got = np.atleast_1d(got)
    rows = got.reshape(got.shape[0], -1)
    total = context.mpf(0)
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            if not np.isfinite(rows[i, j]):
                return math.inf
            total += abs(truth[i, j] - context.mpmathify(complex(rows[i, j]))) ** 2
    return float(context.sqrt(total))


def leading(vectors: Any, column: int) -> int | None:
    """Give the row of the entry that sets the sign of a column, or None where rounding may choose another."""
    sizes = [abs(vectors[i, column]) for i in range(vectors.rows)]
    share = [float(s / max(sizes)) for s in sizes]
    found = next(i for i, s in enumerate(share) if s >= 0.99)
    return None if any(abs(s - 0.99) < 1e-3 for s in share[: found + 1]) else found


def signed(vectors: Any) -> Any:
    """Turn the columns of a matrix so that the leading entry of each is real and positive."""
    turned = vectors.copy()
    for j in range(vectors.cols):
        i = leading(vectors, j)
        lead = vectors[i or 0, j]
        for row in range(vectors.rows):
            turned[row, j] = vectors[row, j] * context.conj(lead) / abs(lead)
    return turned


def _column(values: Any) -> Any:
    return context.matrix([[v] for v in values])


def singular_values(x: Array) -> Any:
    """Give the singular values, the largest first, as a column."""
    a = exactly(x)
    if x.shape[0] < x.shape[1]:
        a = a.H
    return _column(sorted(context.svd(a, compute_uv=False), reverse=True))


def eigenvalues(x: Array) -> Any:
    """Give the eigenvalues of a Hermitian matrix in ascending order, as a column."""
    solve = context.eighe if x.dtype.kind == "c" else context.eigsy
    return _column(sorted(solve(exactly(x), eigvals_only=True)))


def upper_factor(x: Array) -> tuple[Any, Any]:
    """Give Q and R with a real diagonal that is not negative."""
    a = exactly(x)
    q, r = context.qr(a, mode="skinny" if x.shape[0] >= x.shape[1] else "full")
    for i in range(min(r.rows, r.cols)):
        pivot = r[i, i]
        turn = pivot / abs(pivot) if pivot != 0 else context.mpf(1)
        for j in range(r.cols):
            r[i, j] = r[i, j] * context.conj(turn)
        for j in range(q.rows):
            q[j, i] = q[j, i] * turn
    return q, r


def _inverse_of_oblong(x: Array) -> Any:
    a = exactly(x)
    return (a.H * a) ** -1 * a.H if x.shape[0] >= x.shape[1] else a.H * (a * a.H) ** -1


def _oblong(dtype: str) -> Iterator[tuple[str, Array]]:
    for data, x in matrices(dtype):
        if data in ("graded", "nearly singular", "stack"):
            yield f"{data}, tall", np.ascontiguousarray(x[..., :, :-2])
        yield data, x


def _stacked(
    op: str,
    data: str,
    case: Case,
    truths: list[Any],
    shape: tuple[int, ...],
    dtype: Any,
    take: Callable[[Any], Any] = lambda got: got,
) -> Problem:
    """Make a problem of the exact result of each matrix in a stack."""
    x = case.args[0]
    stack = x.shape[:-2]
    y = np.stack([_numbers([*t], shape) for t in truths]).reshape((*stack, *shape))
    y = y.astype(dtype) if np.dtype(dtype).kind == "c" else np.real(y).astype(dtype)

    def error(got: Any) -> Array:
        found = np.asarray(take(got)).reshape((len(truths), *shape))
        off = [_matrix_error(t, g) for t, g in zip(truths, found, strict=True)]
        return np.asarray(off).reshape(stack)

    return Problem(op, data, x.shape[-1], case, y, error)


def _real(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def _each(x: Array) -> list[Array]:
    return [*x.reshape((-1, *x.shape[-2:]))]


def _linalg(op: str, dtype: str, n: int) -> Iterator[Problem]:
    name = op.partition(".")[2]
    hermitian = name in ("cholesky", "eigh", "eigvalsh")
    source = _oblong if name in ("pinv", "qr", "svd", "svdvals", "matrix_norm") else matrices
    stock = matrices(dtype, hermitian=True) if hermitian else source(dtype)
    for data, x in stock:
        each, (rows, columns) = _each(x), x.shape[-2:]
        shared = min(rows, columns)
        if name == "solve":
            rng = np.random.default_rng(5)
            b = rng.standard_normal((*x.shape[:-1], 2)).astype(dtype)
            pairs = zip(each, _each(b), strict=True)
            truths = [context.inverse(exactly(a)) * exactly(c) for a, c in pairs]
            yield _stacked(op, data, Case((x, b)), truths, (rows, 2), dtype)
        elif name == "inv":
            yield _stacked(
                op, data, Case((x,)), [context.inverse(exactly(a)) for a in each], (rows, rows), dtype
            )
        elif name == "pinv":
            # By default what is below max(M, N) * eps counts as zero; here all counts.
            case = Case((x,), {"rtol": 1e-5 if _real(dtype) == "float32" else 1e-13})
            yield _stacked(op, data, case, [_inverse_of_oblong(a) for a in each], (columns, rows), dtype)
        elif name == "det":
            truths = [context.matrix([[context.det(exactly(a))]]) for a in each]
            yield _stacked(op, data, Case((x,)), truths, (), dtype)
        elif name == "slogdet":
            truths = [context.matrix([[context.log(abs(context.det(exactly(a))))]]) for a in each]
            yield _stacked(op, data, Case((x,)), truths, (), _real(dtype), lambda got: got[1])
        elif name == "cholesky":
            yield _stacked(
                op, data, Case((x,)), [context.cholesky(exactly(a)) for a in each], (rows, rows), dtype
            )
        elif name in ("eigh", "eigvalsh"):
            truths = [eigenvalues(a) for a in each]
            take = (lambda got: got[0]) if name == "eigh" else (lambda got: got)
            yield _stacked(op, data, Case((x,)), truths, (rows,), _real(dtype), take)
        elif name in ("svd", "svdvals"):
            truths = [singular_values(a) for a in each]
            take = (lambda got: got[1]) if name == "svd" else (lambda got: got)
            yield _stacked(op, data, Case((x,)), truths, (shared,), _real(dtype), take)
        elif name == "qr":
            truths = [upper_factor(a)[1][:shared, :] for a in each]
            yield _stacked(op, data, Case((x,)), truths, (shared, columns), dtype, lambda got: got[1])
        elif name == "matrix_norm":
            for order in ("fro", "nuc", 2, -2):
                truths = [context.matrix([[_norm(singular_values(a), order)]]) for a in each]
                yield _stacked(
                    op, f"{data}, ord={order}", Case((x,), {"ord": order}), truths, (), _real(dtype)
                )
        elif name == "matrix_power":
            for power in (3, -2):
                truths = [exactly(a) ** power for a in each]
                yield _stacked(op, f"{data}, n={power}", Case((x, power)), truths, (rows, rows), dtype)
        elif name == "trace":
            truths = [context.matrix([[context.fsum(exactly(a)[i, i] for i in range(rows))]]) for a in each]
            yield _stacked(op, data, Case((x,)), truths, (), dtype)


def _norm(values: Any, order: Any) -> Any:
    listed = [*values]
    if order == "fro":
        return context.sqrt(context.fsum(v**2 for v in listed))
    return context.fsum(listed) if order == "nuc" else (max(listed) if order == 2 else min(listed))


def _spectra(op: str, dtype: str, n: int) -> Iterator[Problem]:
    """Give matrices of known, independent eigenvectors."""
    rng = np.random.default_rng(7)
    kind = np.dtype(dtype).kind
    result = np.result_type(dtype, np.complex64)
    for data, spread in (("near to normal", 0.1), ("far from normal", 1.0), ("stack", 0.5)):
        stack = (2,) if data == "stack" else ()
        shear = rng.standard_normal((*stack, 5, 5)) * spread
        if kind == "c":
            shear = shear * np.exp(1j)
        basis = np.eye(5) + np.triu(shear, 1)
        x = (basis * np.asarray([-3.0, -1.0, 0.5, 2.0, 7.0]) @ np.linalg.inv(basis)).astype(dtype)
        found = [context.eig(exactly(a), left=False, right=False) for a in _each(x)]

        def error(got: Any, found: list[Any] = found, stack: tuple[int, ...] = stack) -> Array:
            values = np.asarray(got[0] if isinstance(got, tuple) else got).reshape(len(found), -1)
            off = []
            for truth, mine in zip(found, values, strict=True):
                left, total = [*truth], 0.0
                for value in map(context.mpmathify, mine.tolist()):
                    apart = [abs(t - value) for t in left]
                    total = max(total, float(min(apart)))
                    left.pop(apart.index(min(apart)))
                off.append(total)
            return np.asarray(off).reshape(stack)

        y = np.asarray([[complex(t) for t in truth] for truth in found]).reshape((*stack, 5)).astype(result)
        yield Problem(op, data, 5, Case((x,)), y, error)


def _vector_norms(op: str, dtype: str, n: int) -> Iterator[Problem]:
    for data, numbers in terms(dtype, min(n, 50_000), 8):
        for layout, x, axis in layouts(numbers):
            for order in (2, 1):
                rows = _columns(x, axis)
                truths = [_root(row, order) for row in rows]

                def error(got: Any, truths: list[Any] = truths) -> Array:
                    found = np.asarray(got)
                    off = [
                        abs(float(t - context.mpf(float(g))))
                        for t, g in zip(truths, found.ravel(), strict=True)
                    ]
                    return np.asarray(off).reshape(found.shape)

                y = _shaped([float(t) for t in truths], _real(dtype), () if axis is None else None)
                case = Case((x,), {"axis": axis, "ord": order})
                yield Problem(op, f"{data}{layout}, ord={order}", rows.shape[-1], case, y, error)


def _root(row: Array, order: int) -> Any:
    if order == 1:
        if row.dtype.kind == "c":
            sizes = np.abs(row.astype(np.clongdouble))
            return context.fsum(
                [context.mpf(float(s)) + context.mpf(float(s - np.longdouble(float(s)))) for s in sizes]
            )
        return context.mpf(math.fsum(np.abs(row.astype(np.float64)).tolist()))
    total = 0
    values, power = whole(np.stack([*part(row)]))
    for value in values.ravel().tolist():
        total += value * value
    return context.sqrt(context.mpf(total) * context.mpf(4) ** power)


# Fourier transforms


def _transforms(op: str, dtype: str, n: int) -> Iterator[Problem]:
    name = op.partition(".")[2]
    rng = np.random.default_rng(9)
    real_in = name in ("rfft", "ihfft", "rfftn")
    if real_in != (np.dtype(dtype).kind == "f"):
        return
    if name.endswith("n"):
        shapes: list[tuple[int, ...]] = [(4, 6), (3, 5)]
    else:
        shapes = [(1,), (2,), (3,), (16,), (61,), (128,), (2, 12)]
    for shape in shapes:
        points = shape[-1]
        for data, x in terms(dtype, math.prod(shape), 10):
            x = x.reshape(shape)
            if name in ("hfft", "irfft", "irfftn"):
                points = max(1, 2 * (shape[-1] - 1))
            given: dict[str, Any] = {"norm": str(rng.choice(["backward", "ortho", "forward"]))}
            if name in ("hfft", "irfft") and shape[-1] == 1:
                given["n"] = 1
            truth = _fourier(name, x, points, given["norm"])
            result = (
                _real(dtype) if name in ("hfft", "irfft", "irfftn") else np.result_type(dtype, np.complex64)
            )
            y = truth[0].astype(result) if np.dtype(result).kind == "c" else np.real(truth[0]).astype(result)
            axes = tuple(range(len(shape))) if name.endswith("n") else (-1,)
            label = f"{data}, {'x'.join(map(str, shape))} points"
            yield Problem(op, label, math.prod(shape), Case((x,), given), y, _fourier_error(truth, axes))


def _fourier_error(truth: tuple[Array, Array], axes: tuple[int, ...]) -> Callable[[Any], Array]:
    high, low = truth

    def error(got: Any) -> Array:
        found = np.asarray(got)
        off = np.abs((found.astype(np.complex128) - high) - low)
        return np.asarray(np.sqrt(np.sum(off**2, axis=axes, keepdims=True)))

    return error


def _fourier(name: str, x: Array, points: int, norm: str) -> tuple[Array, Array]:
    """Give a transform as a sum of two complex128 arrays, the second of which holds the digits that the first has not."""
    values = np.vectorize(context.mpmathify, otypes=[object])(x)
    several = name.endswith("n")
    inverse = name in ("ifft", "irfft", "ifftn", "irfftn", "ihfft")
    axes = range(x.ndim) if several else [x.ndim - 1]
    lengths = {a: x.shape[a] for a in axes}
    lengths[x.ndim - 1] = points
    if name in ("hfft", "irfft", "irfftn"):
        # The other half of the spectrum mirrors this one, but in the other axes too.
        other = list(axes)[:-1]
        for axis in other:
            values = _along(values, axis, lengths[axis], True)
        values = _mirrored(values, points)
        values = _along(values, x.ndim - 1, points, name != "hfft")
    else:
        for axis in axes:
            values = _along(values, axis, lengths[axis], inverse)
    if name in ("rfft", "ihfft", "rfftn"):
        values = values[..., : points // 2 + 1]
    count = math.prod(lengths.values())
    # What is summed is neither divided nor multiplied yet.
    scaled = {"backward": inverse, "forward": not inverse}.get(norm)
    scale = context.mpf(1) / (context.sqrt(count) if norm == "ortho" else (count if scaled else 1))
    values = values * scale
    high = np.vectorize(complex, otypes=[np.complex128])(values)
    low = np.vectorize(lambda v, h: complex(v - context.mpmathify(h)), otypes=[np.complex128])(values, high)
    return high, low


def _along(values: Array, axis: int, points: int, inverse: bool) -> Array:
    sign = 2 if inverse else -2
    roots = [context.expjpi(context.mpf(sign * k) / points) for k in range(points)]
    matrix = np.asarray([[roots[j * k % points] for j in range(points)] for k in range(points)], dtype=object)
    return np.moveaxis(np.tensordot(matrix, values, axes=((1,), (axis,))), 0, axis)


def _mirrored(values: Array, points: int) -> Array:
    """Fill a spectrum of real data up from its first half, the imaginary parts of whose ends do not count."""
    half = points // 2 + 1
    full = np.zeros((*values.shape[:-1], points), dtype=object)
    real = np.vectorize(lambda v: context.mpc(context.re(v)), otypes=[object])
    conj = np.vectorize(context.conj, otypes=[object])
    full[..., : min(half, points)] = values[..., : min(half, points)]
    full[..., 0] = real(values[..., 0])
    if points % 2 == 0:
        full[..., points // 2] = real(values[..., points // 2])
    for k in range(half, points):
        full[..., k] = conj(values[..., points - k])
    return full


OPS: dict[str, Callable[[str, str, int], Iterator[Problem]]] = {
    "sum": _sums,
    "mean": _sums,
    "var": _spreads,
    "std": _spreads,
    "cumulative_sum": _cumulated,
    "prod": _multiplied,
    "cumulative_prod": _multiplied,
    "matmul": _multiplication,
    "tensordot": _multiplication,
    "vecdot": _multiplication,
    **dict.fromkeys(
        (
            f"linalg.{name}"
            for name in (
                "cholesky", "det", "eigh", "eigvalsh", "inv", "matrix_norm", "matrix_power", "pinv", "qr", "slogdet",
                "solve", "svd", "svdvals", "trace",
            )
        ),
        _linalg,
    ),
    "linalg.eig": _spectra,
    "linalg.eigvals": _spectra,
    "linalg.vector_norm": _vector_norms,
    **dict.fromkeys(
        (f"fft.{name}" for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn", "rfftn", "irfftn")),
        _transforms,
    ),
}  # fmt: skip
"""Op -> its problems, for a dtype and a number of terms."""


@cache
def problems(op: str, dtype: str, n: int) -> tuple[Problem, ...]:
    """Give the problems of an op.

    Parameters
    ----------
    op : str
        One of `OPS`.
    dtype : str
        Name of the dtype of the arguments.
    n : int
        Number of terms of the sums.

    Returns
    -------
    tuple of Problem
        Empty where the op does not take the dtype.
    """
    return tuple(OPS[op](op, dtype, n))
