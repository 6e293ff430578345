"""Decompositions against SciPy, mpmath and closed forms, with SciPy and without, and their derivatives."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import accel
import accel.extra
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.condition import allowed
from accel.testing.rows import Row

extra: Any = accel.extra
scipy_linalg: Any = pytest.importorskip("scipy.linalg")

DTYPES = ("float32", "float64", "complex64", "complex128")


def matrix(dtype: str, n: int, m: int | None = None, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    shape = (n, n if m is None else m)
    x = rng.standard_normal(shape)
    if dtype.startswith("complex"):
        x = x + 1j * rng.standard_normal(shape)
    return x.astype(dtype)


def with_condition(dtype: str, n: int, condition: float) -> Any:
    """Give a matrix whose singular values go from 1 to 1 / condition."""
    u, v = (np.linalg.qr(matrix("complex128" if "c" in dtype else "float64", n, seed=s)).Q for s in (1, 2))
    return ((u * np.geomspace(1, 1 / condition, n)) @ v).astype(dtype)


def host(x: Any) -> Any:
    return np.asarray(accel.to_numpy(x))


@pytest.fixture(params=["scipy", "numpy alone"])
def lapack(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With SciPy's LAPACK, and as if it were not installed."""
    import accel_numpy.extra._decomposition as native

    if request.param == "numpy alone":
        monkeypatch.setattr(native, "_lapack", lambda: None)
    return str(request.param)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 7, 45, 90])
def test_lu_of_numpy_is_lapacks(lapack: str, n: int, dtype: str) -> None:
    for shape in ((n, n), (n, n + 9), (n + 9, n)):
        a = matrix(dtype, *shape)
        lu, pivots = extra.lu_factor(a)
        expected, rows = scipy_linalg.lu_factor(a)
        np.testing.assert_array_equal(pivots, rows)
        np.testing.assert_allclose(
            lu, expected, rtol=0, atol=1e3 * np.finfo(a.dtype).eps * np.abs(expected).max()
        )


@pytest.mark.parametrize("trans", ["N", "T", "C"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_triangular_systems_of_numpy(lapack: str, dtype: str, lower: bool, trans: str) -> None:
    spec = specs["extra.solve_triangular"]
    for n in (3, 70):
        # Triangles of random numbers are ill-conditioned; substitution keeps its promise.
        a, b = matrix(dtype, n) + 2 * np.eye(n).astype(dtype), matrix(dtype, n, 3)
        wide = a.astype(np.complex128 if "c" in dtype else np.float64)
        expected = scipy_linalg.solve_triangular(wide, b.astype(wide.dtype), lower=lower, trans=trans)
        got = extra.solve_triangular(a, b, lower=lower, trans=trans)
        from accel.testing.columns import table

        assert "extra.solve_triangular" in table
        bound = allowed(spec, Case((a, b), {"lower": lower, "trans": trans}), expected.astype(dtype))
        slack = 1e-10 * np.abs(expected) if dtype in ("float64", "complex128") else 0
        assert np.all(np.abs(got - expected) <= bound + slack)


def test_solutions_by_factors(lapack: str) -> None:
    for dtype in ("float64", "complex128"):
        a, b = with_condition(dtype, 40, 1e4), matrix(dtype, 40, 2)
        for trans, form in (("N", 0), ("T", 1), ("C", 2)):
            expected = scipy_linalg.lu_solve(scipy_linalg.lu_factor(a), b, trans=form)
            got = extra.lu_solve(extra.lu_factor(a), b, trans=trans)
            assert np.linalg.norm(got - expected) <= 16 * 40 * 1e4 * 2.0**-50 * np.linalg.norm(expected)
        definite = a @ a.conj().T + np.eye(40)
        for upper in (False, True):
            got = extra.cho_solve(accel.linalg.cholesky(definite, upper=upper), b, upper=upper)
            np.testing.assert_allclose(got, np.linalg.solve(definite, b), rtol=0, atol=1e-12)


@pytest.mark.parametrize("condition", [1e1, 1e4, 1e8])
def test_least_squares_of_known_condition(condition: float) -> None:
    spec = specs["extra.lstsq"]
    a = np.concatenate([with_condition("float64", 12, condition), np.zeros((5, 12))])
    a = np.linalg.qr(matrix("float64", 17, seed=4)).Q @ a
    b = matrix("float64", 17, 2, seed=5)
    x, residuals, rank, values = extra.lstsq(a, b)
    with mpmath.workdps(50):
        left = mpmath.matrix(a.tolist())
        sides = [mpmath.lu_solve(left.T * left, left.T * mpmath.matrix(column.tolist())) for column in b.T]
        exact = np.asarray([[float(side[i]) for side in sides] for i in range(12)])
    from accel.testing.columns import table

    assert "extra.lstsq" in table
    assert rank == 12
    assert np.linalg.norm(x - exact) <= allowed(spec, Case((a, b)), exact)
    np.testing.assert_allclose(residuals, ((a @ exact - b) ** 2).sum(0), rtol=1e-6)
    np.testing.assert_allclose(values[0] / values[-1], condition, rtol=1e-6)


EXPONENTS = {
    "nilpotent": np.triu(np.ones((4, 4)), 1) * 50,
    "diagonal": np.diag([-700.0, -1.0, 0.0, 2.0]),
    "rotation": np.asarray([[0.0, -1000.0], [1000.0, 0.0]]),
    "random": np.random.default_rng(0).standard_normal((5, 5)),
    "stiff": np.asarray([[-1e6, 1.0], [0.0, -1.0]]),
    "far from normal": np.asarray([[-49.0, 24.0], [-64.0, 31.0]]),
}


@pytest.mark.parametrize("data", EXPONENTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exponentials(plain_row: Row, dtype: str, data: str) -> None:
    from accel.testing.columns import table
    from accel.testing.columns.extra_decomposition import exponential_condition

    assert "extra.expm" in table
    a = EXPONENTS[data].astype(dtype)
    with mpmath.workdps(60):
        truth = mpmath.expm(
            mpmath.matrix(a.astype(np.float64).tolist()), method="taylor" if data != "stiff" else "pade"
        )
        exact = np.asarray([[float(v) for v in truth[i, :]] for i in range(a.shape[0])])
    got = host(plain_row.run(extra.expm, (plain_row.put(a),), {}))
    condition = float(exponential_condition(a.astype(np.float64)))
    room = 16 * len(a) * np.finfo(dtype).eps * (1 + condition) * np.linalg.norm(exact)
    assert np.linalg.norm(got - exact) <= room


def test_too_large_exponents_are_nan(plain_row: Row) -> None:
    a = np.asarray([[[1e30, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    got = host(plain_row.run(extra.expm, (plain_row.put(a),), {}))
    assert np.isnan(got[0]).all()
    np.testing.assert_allclose(got[1], np.e * np.eye(2), rtol=1e-14)


def _slope(function: Any, x: Any, step: Any) -> tuple[float, float]:
    """Give the derivative of a sum of squares along a step, by JAX and by differences."""
    jax = pytest.importorskip("jax")

    def loss(x: Any) -> Any:
        y = function(x)
        return (y * y).sum()

    h = 1e-6
    with accel.x64():
        slope = jax.grad(loss)(x)
        assert bool(jax.numpy.isfinite(slope).all())
        return float((slope * step).sum()), float((loss(x + h * step) - loss(x - h * step)) / (2 * h))


@pytest.mark.thorough
def test_derivatives() -> None:
    jnp = pytest.importorskip("jax.numpy")
    with accel.x64():
        a = jnp.asarray(matrix("float64", 4) + 5 * np.eye(4))
        b = jnp.asarray(matrix("float64", 4, 2, seed=1))
        step = jnp.asarray(matrix("float64", 4, seed=2))
        functions = (
            lambda a: extra.solve_triangular(a, b, lower=True),
            lambda a: extra.lu_solve(extra.lu_factor(a), b),
            lambda a: extra.cho_solve(a, b),
            lambda a: extra.expm(a),
            lambda a: extra.expm(40 * (a - 5 * jnp.eye(4)) / 10),
            lambda a: extra.lstsq(a[:, :3], b)[0],
        )
        for function in functions:
            found, expected = _slope(function, a, step)
            assert abs(found - expected) <= 1e-4 * (1 + abs(expected))
