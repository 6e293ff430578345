"""Condition: how far from the true value the spec of a conditioned op lets a result be, and what the true value is.

The number is the spec's own formula, read as it stands; the functions here say what its words are for a call. Each formula has
the form ``factor * eps * scale``, so that a measured error can be told as a multiple of ``eps * scale`` beside the factor.

Where the formulas come from: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, gives those of sums and
running sums (chapter 4: any order obeys n - 1 units, pairwise and blocked orders far fewer), of products and inner products
(chapter 3), of Gaussian elimination with pivots, for `solve`, `inv` and determinants (chapters 9 and 14), Cholesky's and
Householder's factorisations (chapters 10 and 19) and the Fourier transform (chapter 24); T. F. Chan, G. H. Golub and R. J. LeVeque,
Algorithms for Computing the Sample Variance (1983), that of the variance in two passes; G. H. Golub and C. F. Van Loan, Matrix
Computations, 4th edition, those of eigenvalues and singular values (chapters 7 and 8: the theorems of Bauer and Fike, and of Weyl)
and of their vectors, which divide by a gap. The factors in front are accel's: what good algorithms need, measured, and some room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.fft
import accel.linalg
from accel.dispatch import Spec, specs
from accel.testing.agreement import exact, near
from accel.testing.cases import Case
from accel.testing.problems import OPS, Problem, problems
from accel.testing.rows import Row, obstacle, rows
from accel.testing.ulp import eps as eps_of_dtype
from accel.testing.ulp import is_floating

__all__ = [
    "Measured",
    "allowed",
    "conditioned",
    "factor",
    "measure",
    "measure_all",
    "multiple",
    "summing",
    "terms",
]

assert callable(accel.add), "the chapters load with the first op"

Array: TypeAlias = npt.NDArray[Any]
Words: TypeAlias = dict[str, Any]


def summing(dtype: Any) -> float:
    """Give the eps that the formulas mean for a result of some dtype."""
    name = str(dtype)
    if name in ("float16", "bfloat16"):
        return float(np.finfo(np.float32).eps)
    return (4.0 if name.startswith("complex") else 1.0) * eps_of_dtype(name)


def _rounding(spec: Spec, y: Array) -> Any:
    """Give what the last rounding, to 16 bits, may add; that of std counts twice in its square."""
    name = str(y.dtype)
    if name not in ("float16", "bfloat16"):
        return 0.0
    return (1.01 if spec.name == "std" else 0.5) * eps_of_dtype(name) * _finite(y)


def wide(x: Array) -> Array:
    """Give the values with 64-bit parts, and zeros for those that are not finite."""
    values = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    return np.where(np.isfinite(values), values, 0)


def _finite(x: Array) -> Array:
    return np.abs(wide(x))


def _evaluated(text: str, words: Words) -> Any:
    known = {"abs": np.abs, "log2": math.log2, "max": max, "min": min}
    return eval(compile(text, f"<{text}>", "eval"), {"__builtins__": {}}, {**known, **words})


def terms(spec: Spec) -> tuple[str, str]:
    """Split the formula of a spec into the factor and the scale, with eps between them."""
    first, _, scale = spec.bound.partition(" * eps * ")
    return first, scale or "0"


def factor(spec: Spec, **words: Any) -> float:
    """Evaluate the factor of a spec's formula for some values of its words."""
    found: float = _evaluated(terms(spec)[0], words)
    return found


def multiple(spec: Spec, case: Case, y: Array) -> tuple[Any, Any]:
    """Give the factor and the scale of a call whose exact result is y, without eps."""
    words = WORDS[spec.name](case, y)
    words["eps"] = summing(y.dtype)
    first, scale = terms(spec)
    return _evaluated(first, words), _evaluated(scale, words)


def allowed(spec: Spec, case: Case, y: Array) -> Any:
    """Give how far from the exact result a call may be, for each element or for each vector or matrix as a whole.

    Parameters
    ----------
    spec : Spec
        Of a conditioned op.
    case : Case
        The arguments of the call.
    y : numpy.ndarray
        The result, of the dtype that the call gives. It need not be exact: the formulas ask for no more than its size.

    Returns
    -------
    numpy.ndarray or float
        Broadcasts against the result, or against its norms over a matrix or vector.
    """
    first, scale = multiple(spec, case, y)
    return first * summing(y.dtype) * scale + _rounding(spec, y)


def conditioned(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    """Compare two results by elements, each of which may be off by the bound of the spec; other than floats exactly."""
    if is_floating(expected.dtype.name):
        near(expected, got, 2 * allowed(spec, case, expected))
    else:
        exact()(spec, case, expected, got)


# What the words of the formulas are


def _axes(case: Case) -> tuple[int, ...] | None:
    asked = case.kwargs.get("axis")
    return asked if asked is None or isinstance(asked, tuple) else (asked,)


def _reduction(case: Case, y: Array) -> Words:
    x = wide(case.args[0])
    axes, kept = _axes(case), case.kwargs.get("keepdims", False)
    n = x.size if axes is None else math.prod(x.shape[a] for a in axes)

    def total(values: Array) -> Array:
        return np.asarray(np.sum(values, axis=axes, keepdims=kept))

    return {
        "mean": lambda values: total(values) / max(n, 1),
        "n": n,
        "sum": total,
        "x": x,
        "y": _finite(y),
    }


def _spread(case: Case, y: Array) -> Words:
    words = _reduction(case, y)
    n, correction = words["n"], case.kwargs.get("correction", 0.0)
    if n <= correction:
        return {**words, "correction": n - 1, "v": 0.0, "x": np.zeros_like(words["x"])}
    axes, kept = _axes(case), case.kwargs.get("keepdims", False)
    return {
        **words,
        "correction": correction,
        "v": np.var(words["x"], axis=axes, keepdims=kept) * n / (n - correction),
    }


def _running(case: Case, y: Array) -> Words:
    x = wide(case.args[0])
    along = case.kwargs.get("axis")
    along = (0 if along is None else along) % max(x.ndim, 1)
    initial = bool(case.kwargs.get("include_initial"))
    k = np.arange(x.shape[along] + initial, dtype=np.float64) + (not initial)

    def total(values: Array) -> Array:
        sums = np.cumsum(values, axis=along)
        one = tuple(1 if a == along else n for a, n in enumerate(x.shape))
        return np.concatenate([np.zeros(one), sums], axis=along) if initial else sums

    return {
        "cumulative_sum": total,
        "k": k.reshape([-1 if a == along else 1 for a in range(x.ndim)]),
        "x": x,
        "y": _finite(y),
    }


def _product(case: Case, y: Array) -> Words:
    x1, x2 = (_finite(x) for x in case.args)
    return {"K": x1.shape[-1], "x1": x1, "x2": x2}


def _tensordot(case: Case, y: Array) -> Words:
    x1, x2 = (_finite(x) for x in case.args)
    axes = case.kwargs.get("axes", 2)
    summed = range(x1.ndim - axes, x1.ndim) if isinstance(axes, int) else axes[0]
    count = math.prod(x1.shape[a] for a in summed)
    return {"K": count, "axes": axes, "tensordot": np.tensordot, "x1": x1, "x2": x2}


def _vecdot(case: Case, y: Array) -> Words:
    x1, x2 = (_finite(x) for x in case.args)
    along = case.kwargs.get("axis", -1)
    return {"K": x1.shape[along], "sum": lambda a: np.asarray(np.sum(a, axis=along)), "x1": x1, "x2": x2}


def norm(x: Array) -> Any:
    """Give the root of the sum of squares of each matrix, of numbers that are not too large for it."""
    return np.linalg.matrix_norm(x) if x.ndim > 1 else np.linalg.vector_norm(x)


def condition(x: Array) -> Any:
    """Give the ratio of the largest singular value of each matrix to the smallest, and 1 where there is none."""
    if 0 in x.shape[-2:]:
        return np.ones(x.shape[:-2])
    values = np.linalg.svdvals(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values[..., 0] / values[..., -1]
    return np.where(np.isnan(ratio), np.inf, ratio)


def _matrix(case: Case, y: Array) -> Words:
    x = wide(case.args[0])
    return {"M": x.shape[-2], "N": x.shape[-1], "cond": condition, "norm": norm, "x": x, "y": wide(y)}


def _solution(case: Case, y: Array) -> Words:
    x1 = wide(case.args[0])
    return {"M": x1.shape[-1], "cond": condition, "norm": norm, "x1": x1, "y": wide(y)}


def _eigen(case: Case, y: Array) -> Words:
    words = _matrix(case, y)
    vectors = np.linalg.eig(words["x"]).eigenvectors
    return {**words, "eigenvectors": vectors}


def _power(case: Case, y: Array) -> Words:
    words, n = _matrix(case, y), case.args[1]
    if n >= 0:
        return {**words, "n": n, "b": words["x"], "cond": lambda x: np.ones(x.shape[:-2])}
    return {**words, "n": n, "b": np.linalg.inv(words["x"])}


def _trace(case: Case, y: Array) -> Words:
    x, offset = wide(case.args[0]), case.kwargs.get("offset", 0)
    diagonal = np.linalg.diagonal(x, offset=offset)
    return {
        "L": diagonal.shape[-1],
        "diagonal": lambda _: diagonal,
        "sum": lambda a: np.asarray(np.sum(a, axis=-1)),
        "x": x,
    }


def _cross(case: Case, y: Array) -> Words:
    along = case.kwargs.get("axis", -1)
    x1, x2 = (np.moveaxis(_finite(x), along, -1) for x in case.args)

    def back(x: Array) -> Array:
        return np.moveaxis(x, -1, along)

    left, right = [1, 2, 0], [2, 0, 1]
    return {
        "a": back(x1[..., left]),
        "b": back(x1[..., right]),
        "c": back(x2[..., left]),
        "d": back(x2[..., right]),
    }


def _vector_norm(case: Case, y: Array) -> Words:
    words = _reduction(case, y)
    order = case.kwargs.get("ord", 2)
    return {**words, "ord": 1 if order == 0 or math.isinf(order) else order}


def points(spec_name: str, case: Case, y: Array) -> tuple[int, tuple[int, ...]]:
    """Give the number of points of a Fourier transform and the axes of the result that it goes along."""
    x = case.args[0]
    if spec_name.endswith("n"):
        asked = case.kwargs.get("axes")
        axes = tuple(range(x.ndim)) if asked is None else tuple(asked)
    else:
        axes = (case.kwargs.get("axis", -1),)
    return max(math.prod(max(x.shape[a], y.shape[a]) for a in axes), 1), axes


def _transform(name: str) -> Callable[[Case, Array], Words]:
    def words(case: Case, y: Array) -> Words:
        n, axes = points(name, case, y)
        size = np.sqrt(np.sum(_finite(y) ** 2, axis=axes, keepdims=True))
        return {"n": n, "norm": lambda _: size, "y": y}

    return words


TRANSFORMS = ("fft", "fftn", "hfft", "ifft", "ifftn", "ihfft", "irfft", "irfftn", "rfft", "rfftn")

WORDS: dict[str, Callable[[Case, Array], Words]] = {
    "cumulative_prod": _running,
    "cumulative_sum": _running,
    "linalg.cholesky": _matrix,
    "linalg.cross": _cross,
    "linalg.det": _matrix,
    "linalg.eig": _eigen,
    "linalg.eigh": _matrix,
    "linalg.eigvals": _eigen,
    "linalg.eigvalsh": _matrix,
    "linalg.inv": _matrix,
    "linalg.matrix_norm": _matrix,
    "linalg.matrix_power": _power,
    "linalg.matrix_rank": _matrix,
    "linalg.pinv": _matrix,
    "linalg.qr": _matrix,
    "linalg.slogdet": _matrix,
    "linalg.solve": _solution,
    "linalg.svd": _matrix,
    "linalg.svdvals": _matrix,
    "linalg.trace": _trace,
    "linalg.vector_norm": _vector_norm,
    "matmul": _product,
    "mean": _reduction,
    "prod": _reduction,
    "std": _spread,
    "sum": _reduction,
    "tensordot": _tensordot,
    "var": _spread,
    "vecdot": _vecdot,
    **{f"fft.{name}": _transform(f"fft.{name}") for name in TRANSFORMS},
}
"""Conditioned op -> what the words of its formula are for a call and its result."""


# Measuring


@dataclass(frozen=True)
class Measured:
    """How far a row was off in one problem.

    Attributes
    ----------
    op, dtype, row, data : str
        What was measured: names of the op, of the dtype of its arguments, of the row, and what the data are like.
    n : int
        Number of terms, or side of the matrix.
    error : float
        The largest error as a multiple of ``eps * scale``, the scale being the rest of the spec's formula.
    bound : float
        The factor of the formula there.
    """

    op: str
    dtype: str
    row: str
    data: str
    n: int
    error: float
    bound: float


def measure(row: Row, problem: Problem) -> Measured:
    """Run a problem on a row and find the element with the largest error beside its bound."""
    spec = specs[problem.op]
    case = problem.case.map(row.put)
    got = _hosted(row.call(spec, case.args, case.kwargs))
    off = problem.error(got)
    first, scale = multiple(spec, problem.case, problem.y)
    rounding = _rounding(spec, problem.y)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.maximum(off - rounding, 0)
        times = np.where(beyond == 0, 0.0, beyond / (summing(problem.y.dtype) * scale))
    factors = np.broadcast_to(np.asarray(first, dtype=np.float64), times.shape)
    worst = np.unravel_index(np.argmax(np.where(np.isnan(times), np.inf, times) / factors), times.shape)
    return Measured(
        problem.op,
        problem.case.args[0].dtype.name,
        str(row),
        problem.data,
        problem.n,
        float(times[worst]),
        float(factors[worst]),
    )


def _hosted(got: Any) -> Any:
    return tuple(map(_hosted, got)) if isinstance(got, tuple) else np.asarray(accel.to_numpy(got))


TERMS = 100_000
"""How many numbers the sums of the published table have; 16 bits hold sums of fewer. The tests add a million."""


MEASURED_ROWS = ("numpy-readonly", "numpy-strided", "jax", "jax-jit", "cupy")
"""The rows that are measured; the read-only one has NumPy's arrays as they are."""


def dtypes_of(op: str) -> tuple[str, ...]:
    """Name the dtypes in which the problems of an op are set."""
    if op.startswith(("linalg.", "fft.")):
        return ("float32", "float64", "complex64", "complex128")
    if op in ("std", "var"):
        return ("float16", "float32", "float64")
    return ("float16", "float32", "float64", "complex64", "complex128")


def measure_all(n: int = TERMS, ops: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Measure all conditioned ops, on all rows that can run here.

    Parameters
    ----------
    n : int
        Number of terms of the sums; running sums have a tenth.
    ops : iterable of str, optional
        Which ops; by default all.

    Returns
    -------
    list of dict
        The fields of `Measured`: for each op, dtype and row the problem that came nearest to its bound.
    """
    found = []
    here = [row for row in rows() if str(row) in MEASURED_ROWS and obstacle(row.backend) is None]
    for op in ops or OPS:
        for dtype in dtypes_of(op):
            length = min(n, 4000) if dtype == "float16" else (n // 10 if op == "cumulative_sum" else n)
            if dtype.startswith("complex"):
                length = min(length, 100_000)
            stock = problems(op, dtype, length)
            for row in here if stock else ():
                if row.runs(specs[op]):
                    measured = [measure(row, problem) for problem in stock]
                    found.append(
                        asdict(max(measured, key=lambda m: m.error / m.bound if m.bound else m.error))
                    )
            problems.cache_clear()
    return found
