"""Arrays between NumPy, CuPy and JAX: one call moves them, and you can always know whether it copied.

Run it: ``python examples/move_between.py``. It prints, for each pair of usable devices, whether both can look at the same memory.
"""

from __future__ import annotations

from typing import Any

import accel


def price(x: Any, device: accel.Device) -> str:
    """Tell what it takes to have ``x`` on a device."""
    # copy=False is a promise: accel raises where it cannot keep it, and never copies in silence.
    for copy, word in ((False, "shared"), (None, "copied")):
        try:
            return "itself" if accel.to_device(x, device, copy=copy) is x else word
        except accel.errors.TransferError:
            continue
        except accel.errors.DTypeError:
            break
    return "refused"  # the device has no such dtype, and accel does not narrow in silence either


def main() -> None:
    """Move one array between all devices, there and back, and print what was copied."""
    values = accel.linspace(0.0, 1.0, 1000, device="numpy")
    devices = [d for d in accel.devices() if price(values, d) != "refused"]

    width = max(12, *(len(str(d)) for d in devices))
    print("from \\ to".ljust(width), *(str(d).ljust(width) for d in devices))
    for here in devices:
        x = accel.to_device(values, here)  # the default copy=None: a copy only where there has to be one
        print(str(here).ljust(width), *(price(x, there).ljust(width) for there in devices))

        back = accel.to_numpy(x)  # whatever it was, it is now a numpy.ndarray
        assert back.dtype == values.dtype, (
            "a move never changes the dtype: float64 stays 64 bits wide, also on JAX"
        )
        assert bool(accel.all(accel.equal(back, values))), "nor the values"

    print(
        "\nshared: copy=False is kept (from NumPy to JAX that takes memory aligned to 64 bytes, which is luck)."
    )
    print(f"Each of the {len(devices)} gave back all {values.size} values, bit for bit, as {values.dtype}.")

    for other in {d.backend: d for d in devices if d.backend != "numpy"}.values():
        y = accel.to_device(values, other)
        try:
            accel.add(values, y)  # never moved behind your back
        except accel.errors.MixedBackendsError as error:
            print(f"\nnumpy + {other.backend}: {error}")
        z = accel.add(values, accel.to_device(y, like=values))  # so say where the sum belongs
        assert accel.device(z) == accel.device(values)


if __name__ == "__main__":
    main()
