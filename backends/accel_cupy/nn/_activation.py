"""Activations on CuPy: one kernel each, which reads the input once and writes the result; the 16-bit floats compute in float."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp
from cupy._core import create_ufunc

from accel.nn.activation import FAR, GELU_CUBE, GELU_SLOPE, SELU_ALPHA, SELU_SCALE, TOP
from accel_cupy._elementwise import floats

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

# Comparisons are written so that nan stays. NVRTC knows no std functions for limits.
FUNCTIONS = f"""
template <typename T> __device__ T logistic_product(T a, T u) {{
    if (u < T(-{FAR})) return a * exp(u + T({FAR})) * T({math.exp(-FAR)!r});
    return a / (T(1) + exp(-u));
}}
template <typename T> __device__ T above(T x, T least) {{ return x < least ? least : x; }}
template <typename T> __device__ T below(T x, T most) {{ return x > most ? most : x; }}
template <typename T> __device__ T ramp(T x) {{ return x <= T(0) ? T(0) : x >= T(6) ? T(6) : x; }}
template <typename T> __device__ T act_relu(T x) {{ return x <= T(0) ? T(0) : x; }}
template <typename T> __device__ T act_relu6(T x) {{ return ramp(x); }}
template <typename T> __device__ T act_selu(T x) {{
    return x > T(0) ? x * T({SELU_SCALE!r}) : expm1(x) * T({SELU_SCALE * SELU_ALPHA!r});
}}
template <typename T> __device__ T act_silu(T x) {{
    T a = above(x, T(-1024));
    return logistic_product(a, a);
}}
template <typename T> __device__ T act_mish(T x) {{
    T a = above(x, T(-1024));
    if (a < T(-{FAR})) return a * exp(a + T({FAR})) * T({math.exp(-FAR)!r});
    T e = exp(below(a, T({TOP})));
    T n = e * (e + T(2));
    return a * (n / (n + T(2)));
}}
template <typename T> __device__ T act_sigmoid(T x) {{
    T e = exp(-fabs(x));
    return (x < T(0) ? e : T(1)) / (T(1) + e);
}}
template <typename T> __device__ T act_log_sigmoid(T x) {{
    return (x < T(0) ? x : T(-0.0)) - log1p(exp(-fabs(x)));
}}
template <typename T> __device__ T act_hard_sigmoid(T x) {{ return ramp(x + T(3)) / T(6); }}
template <typename T> __device__ T act_hard_silu(T x) {{
    T a = above(x, T(-3));
    return a * (ramp(a + T(3)) / T(6));
}}
template <typename T> __device__ T act_softsign(T x) {{
    T a = below(above(x, T({-(2.0**60)!r})), T({2.0**60!r}));
    return a / (T(1) + fabs(a));
}}
template <typename T> __device__ T act_gelu(T x) {{
    T a = above(x, T(-64));
    return (T(0.5) * a) * erfc(a * T({-math.sqrt(0.5)!r}));
}}
template <typename T> __device__ T act_gelu_tanh(T x) {{
    T a = above(x, T(-64)), b = below(a, T(64));
    return logistic_product(a, b * (T({GELU_SLOPE!r}) + T({GELU_CUBE * GELU_SLOPE!r}) * (b * b)));
}}
template <typename T> __device__ T act_glu(T a, T gate) {{ return logistic_product(a, gate); }}
"""


def _unary(name: str, inputs: int = 1) -> Any:
    given = ", ".join(f"in{i}" for i in range(inputs))
    wide, half = f"out0 = act_{name}({given})", f"out0 = act_{name}<float>({given})"
    return create_ufunc(f"accel_{name}", floats(inputs, wide, half), preamble=FUNCTIONS)


# The compositions launch a kernel for each step, and each reads and writes the whole array.
relu: Any = _unary("relu")
relu6: Any = _unary("relu6")
selu: Any = _unary("selu")
silu: Any = _unary("silu")
mish: Any = _unary("mish")
sigmoid: Any = _unary("sigmoid")
log_sigmoid: Any = _unary("log_sigmoid")
hard_sigmoid: Any = _unary("hard_sigmoid")
hard_silu: Any = _unary("hard_silu")
softsign: Any = _unary("softsign")
_gelu: Any = _unary("gelu")
_gelu_tanh: Any = _unary("gelu_tanh")
_glu: Any = _unary("glu", 2)


def gelu(x: Any, /, *, approximate: bool = False) -> Any:
    return _gelu_tanh(x) if approximate else _gelu(x)


def glu(x: Any, /, *, axis: int = -1) -> Any:
    along = axis % x.ndim
    half = x.shape[along] // 2
    before = (slice(None),) * along
    return _glu(x[(*before, slice(half))], x[(*before, slice(half, None))])


def _with_numbers(name: str, numbers: str, body: str) -> Any:
    """Make a function of an array and numbers, which are rounded to the dtype that is computed in."""
    names = numbers.split()
    parameters = ", ".join(("T x", *(f"float64 {number}_" for number in names)))

    def kernel(work: str) -> Any:
        rounded = " ".join(f"{work} {number} = {number}_;" for number in names)
        return cp.ElementwiseKernel(
            parameters, "T y", f"{work} w = x; {rounded} y = {body}", f"accel_{name}_{work}"
        )

    wide, half = kernel("T"), kernel("float")

    def call(x: Any, *values: float) -> Any:
        return (half if x.dtype.itemsize == 2 else wide)(x, *values)

    return call


_leaky_relu = _with_numbers("leaky_relu", "slope", "w > 0 ? w : w * slope")
_elu = _with_numbers("elu", "alpha", "w > 0 ? w : expm1(w) * alpha")
_celu = _with_numbers("celu", "alpha", "w > 0 ? w : expm1(w / alpha) * alpha")
_hard_tanh = _with_numbers("hard_tanh", "low high", "w <= low ? low : w >= high ? high : w")


def leaky_relu(x: Any, /, *, negative_slope: float = 0.01) -> Any:
    return _leaky_relu(x, float(negative_slope))


def elu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return _elu(x, float(alpha))


def celu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return _celu(x, float(alpha))


def hard_tanh(x: Any, /, *, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return _hard_tanh(x, float(min_val), float(max_val))
