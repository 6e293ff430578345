"""A library function that serves every array: what comes in as NumPy, CuPy or JAX goes out as the same.

Run it: ``python examples/standardise.py``. It needs nothing but accel and NumPy, and shows each further backend it finds.
"""

from __future__ import annotations

import accel
from accel.typing import A


def standardise(x: A, /, *, axis: int = 0) -> A:
    """Shift and scale ``x`` to mean 0 and standard deviation 1 along an axis; what is constant there becomes 0."""
    mean = accel.mean(x, axis=axis, keepdims=True)
    spread = accel.std(x, axis=axis, keepdims=True)
    # accel's functions rather than `-` and `/`: JAX's own operators narrow float64 to float32 outside of `accel.x64()`.
    return accel.divide(accel.subtract(x, mean), accel.where(accel.equal(spread, 0), 1, spread))


def main() -> None:
    """Standardise the same small table on every usable device."""
    table = [[180.0, 75.0, 1.0], [165.0, 60.0, 1.0], [172.0, 90.0, 1.0]]
    for device in accel.devices():
        x = accel.asarray(table, device=device)
        y = standardise(x)
        assert (type(y), y.dtype, accel.device(y)) == (type(x), x.dtype, accel.device(x))
        print(f"{device!s:12}  {type(y).__module__.partition('.')[0]}.{type(y).__name__}, {y.dtype}")
        print(accel.to_numpy(y).round(6), end="\n\n")


if __name__ == "__main__":
    main()
