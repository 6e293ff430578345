"""Kernels of random numbers: each element is made of its own place, in one launch and without memory of its own.

The steps are those of `accel.random.variate`. The compiler must not fuse a product with what is added to it, as it does by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cupy as cp

from accel.random.arithmetic import CENTER, ROOT_OF_TWO, TABLES, Table
from accel.random.threefry import PARITY, ROTATIONS

__all__ = ["kernel"]

_OPTIONS = ("--fmad=false",)


def _rounds() -> str:
    """Write Threefry, its rounds one after the other."""
    lines = []
    for group in range(5):
        turns = ROTATIONS[group % 2]
        lines += [f"x0 += x1; x1 = ((x1 << {r}) | (x1 >> {32 - r})) ^ x0;" for r in turns]
        lines.append(f"x0 += k[{(group + 1) % 3}]; x1 += k[{(group + 2) % 3}] + {group + 1}u;")
    return "\n    ".join(lines)


_THREEFRY = f"""
__device__ inline void accel_threefry(unsigned int k0, unsigned int k1, unsigned int& x0, unsigned int& x1) {{
    const unsigned int k[3] = {{k0, k1, k0 ^ k1 ^ {PARITY}u}};
    x0 += k0; x1 += k1;
    {_rounds()}
}}
__device__ inline unsigned long long accel_word64(unsigned int k0, unsigned int k1, unsigned long long at) {{
    unsigned int x0 = (unsigned int)(at >> 32), x1 = (unsigned int)at;
    accel_threefry(k0, k1, x0, x1);
    return ((unsigned long long)x0 << 32) | x1;
}}
__device__ inline unsigned int accel_word32(unsigned int k0, unsigned int k1, unsigned long long at) {{
    const unsigned long long both = accel_word64(k0, k1, at);
    return (unsigned int)(both >> 32) ^ (unsigned int)both;
}}
"""


def _number(c: float) -> str:
    return f"(T){c!r}"


def _horner(coefficients: Sequence[float]) -> str:
    last, *others = reversed(coefficients)
    lines = [f"y = {_number(last)};"] + [f"y = y * x + {_number(c)};" for c in others]
    return " ".join(lines)


def _functions(t: Table) -> str:
    """Write the functions of one dtype."""
    word = "unsigned long long" if t.bits == 64 else "unsigned int"
    polynomials = {
        "log": t.log,
        "center_top": t.center[0],
        "center_low": t.center[1],
        "tail_top": t.tail[0],
        "tail_low": t.tail[1],
        "far_top": t.far[0],
        "far_low": t.far[1],
    }
    made = "\n".join(
        f"__device__ inline T accel_{name}(T x) {{ T y; {_horner(c)} return y; }}"
        for name, c in polynomials.items()
    )
    far = "root <= (T)5.0 ? tail : accel_far_top(root - (T)5.0) / accel_far_low(root - (T)5.0)"
    return f"""
typedef {"double" if t.bits == 64 else "float"} T;
typedef {word} W;
{made}
__device__ inline T accel_middle(W whole) {{
    return ((T)whole + (T)0.5) * {_number(2.0**-t.digits)};
}}
__device__ inline T accel_log(T x, bool known, T less) {{
    int power;
    T m = frexp(x, &power) * (T)2.0;
    T e = (T)(power - 1);
    if (m >= {_number(ROOT_OF_TWO)}) {{ m = m * (T)0.5; e = e + (T)1.0; }}
    T f = m - (T)1.0;
    if (known && e == (T)0.0) f = less;
    const T s = f / (f + (T)2.0);
    const T z = s * s;
    const T r = z * accel_log(z);
    const T h = (f * (T)0.5) * f;
    const T low = s * (h + r) + e * {_number(t.ln2[1])};
    return e * {_number(t.ln2[0])} - ((h - low) - f);
}}
__device__ inline T accel_gauss(W word) {{
    const W k = word >> {t.bits - t.digits};
    const bool lower = k < ((W)1 << {t.digits - 1});
    const W a = lower ? k : k ^ (W){2**t.digits - 1}ull;
    const T p = accel_middle(a);
    const T middle = accel_middle(a ^ (W){2 ** (t.digits - 1) - 1}ull);
    T size;
    if (middle <= {_number(CENTER)}) {{
        const T r = {_number(CENTER**2)} - middle * middle;
        size = middle * (accel_center_top(r) / accel_center_low(r));
    }} else {{
        const T root = sqrt(-accel_log(p, false, p));
        const T tail = accel_tail_top(root - (T)1.6) / accel_tail_low(root - (T)1.6);
        size = {far if t.digits > 32 else "tail"};
    }}
    return lower ? -size : size;
}}
__device__ inline T accel_waiting(W word) {{
    const W k = word >> {t.bits - t.digits};
    return -accel_log(accel_middle(k), true, -accel_middle(k ^ (W){2**t.digits - 1}ull));
}}
"""


_BODIES = {
    "bits32": ("O out", "out = (O)accel_word32(key[0], key[1], i)", ""),
    "bits64": ("uint64 out", "out = accel_word64(key[0], key[1], i)", ""),
    "uniform16": (
        "float32 out",
        "out = (float)((accel_word32(key[0], key[1], i) & 0xFFFFu) >> 6) * 0x1p-10f",
        "",
    ),
    "uniform8": (
        "float32 out",
        "out = (float)((accel_word32(key[0], key[1], i) & 0xFFu) >> 1) * 0x1p-7f",
        "",
    ),
    "uniform32": ("float32 out", "out = (float)(accel_word32(key[0], key[1], i) >> 9) * 0x1p-23f", ""),
    "uniform64": ("float64 out", "out = (double)(accel_word64(key[0], key[1], i) >> 12) * 0x1p-52", ""),
    "normal32": ("float32 out", "out = accel_gauss(accel_word32(key[0], key[1], i))", "float32"),
    "normal64": ("float64 out", "out = accel_gauss(accel_word64(key[0], key[1], i))", "float64"),
    "exponential32": ("float32 out", "out = accel_waiting(accel_word32(key[0], key[1], i))", "float32"),
    "exponential64": ("float64 out", "out = accel_waiting(accel_word64(key[0], key[1], i))", "float64"),
    "split": (
        "raw uint32 out",
        "const unsigned long long both = accel_word64(key[0], key[1], i); "
        "out[2 * i] = (unsigned int)(both >> 32); out[2 * i + 1] = (unsigned int)both",
        "",
    ),
    "fold": (
        "raw uint32 out",
        "const unsigned long long both = accel_word64(key[0], key[1], (unsigned long long)data[0]); "
        "out[0] = (unsigned int)(both >> 32); out[1] = (unsigned int)both",
        "",
    ),
}
"""Names -> what is written, how, and the dtype of the functions that it takes."""


@cache
def kernel(name: str) -> Any:
    """Give a kernel by its name."""
    out, body, dtype = _BODIES[name]
    given = "raw uint32 key, raw uint32 data" if name == "fold" else "raw uint32 key"
    preamble = _THREEFRY + (_functions(TABLES[dtype]) if dtype else "")
    return cp.ElementwiseKernel(given, out, body, f"accel_random_{name}", preamble=preamble, options=_OPTIONS)
