"""Pooling in one kernel: a thread for each window, which reads its elements and nothing else."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.nn.window import Windows, pooled

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d"]

AXES = 3
NAMES = tuple(f"{word}{axis}" for axis in range(AXES) for word in ("n", "m", "k", "s", "p", "d"))
"""For each axis its length, the number of windows, taps, strides, padding before it and dilation."""

PLACE = """
    ptrdiff_t at2 = i % m2, at1 = i / m2 % m1, at0 = i / (m2 * m1) % m0, plane = i / (m2 * m1 * m0);
    ptrdiff_t from0 = at0 * s0 - p0, from1 = at1 * s1 - p1, from2 = at2 * s2 - p2;
"""
LOOP = """
    for (ptrdiff_t a = from0, t0 = 0; t0 < k0; ++t0, a += d0) {
        if (a < 0 || a >= n0) continue;
        for (ptrdiff_t b = from1, t1 = 0; t1 < k1; ++t1, b += d1) {
            if (b < 0 || b >= n1) continue;
            for (ptrdiff_t c = from2, t2 = 0; t2 < k2; ++t2, c += d2) {
                if (c < 0 || c >= n2) continue;
                const T v = x[((plane * n0 + a) * n1 + b) * n2 + c];
                BODY
            }
        }
    }
"""
PARAMETERS = ", ".join(f"int64 {name}" for name in NAMES)

# The first element is taken as it is: there is one in every window.
_largest = cp.ElementwiseKernel(
    f"raw T x, {PARAMETERS}",
    "T y",
    PLACE
    + "T best = T(0); bool found = false;"
    + LOOP.replace(
        "BODY", "if (!found || v != v || v > best) { if (!found || best == best) best = v; found = true; }"
    )
    + "y = best;",
    "accel_max_pool",
)

MEAN = f"""
    {PLACE}
    S total = S(0);
    {LOOP.replace("BODY", "total += S(v);")}
    const ptrdiff_t from[3] = {{from0, from1, from2}}, k[3] = {{k0, k1, k2}}, n[3] = {{n0, n1, n2}}, e[3] = {{e0, e1, e2}};
    ptrdiff_t count = 1;
    for (int axis = 0; axis < 3; ++axis) {{
        const ptrdiff_t low = include ? -e[axis] : 0, high = n[axis] + (include ? e[axis] : 0);
        const ptrdiff_t start = from[axis] > low ? from[axis] : low;
        const ptrdiff_t stop = from[axis] + k[axis] < high ? from[axis] + k[axis] : high;
        count *= stop - start;
    }}
    y = T(total / S(count));
"""
_means = {
    wide: cp.ElementwiseKernel(
        f"raw T x, {PARAMETERS}, int64 e0, int64 e1, int64 e2, bool include",
        "T y",
        MEAN.replace("S total", f"typedef {'double' if wide else 'float'} S; S total"),
        f"accel_avg_pool_{'double' if wide else 'float'}",
    )
    for wide in (False, True)
}


def _numbers(over: Windows) -> list[int]:
    missing = AXES - len(over.kernel)
    found = [1, 1, 1, 1, 0, 1] * missing
    for axis in range(len(over.kernel)):
        found += [
            over.spatial[axis],
            over.lengths[axis],
            over.kernel[axis],
            over.stride[axis],
            over.padding[axis][0],
            over.dilation[axis],
        ]
    return found


# The composition pads a copy, and makes an array for each tap.
def max_pool1d(
    x: Any,
    /,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    over = pooled(
        x.shape[2:], kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    out = cp.empty((*x.shape[:2], *over.lengths), dtype=x.dtype)
    return _largest(cp.ascontiguousarray(x), *_numbers(over), out)


max_pool2d = max_pool3d = max_pool1d


# As above.
def avg_pool1d(
    x: Any,
    /,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    over = pooled(x.shape[2:], kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode)
    out = cp.empty((*x.shape[:2], *over.lengths), dtype=x.dtype)
    kernel = _means[x.dtype == cp.float64]
    ends = [*(0,) * (AXES - len(over.kernel)), *(before for before, _ in over.padding)]
    return kernel(cp.ascontiguousarray(x), *_numbers(over), *ends, count_include_pad, out)


avg_pool2d = avg_pool3d = avg_pool1d
