"""What NumPy does as the standard says, and takes too long to begin."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["reshape"]

Array: TypeAlias = npt.NDArray[Any]


# NumPy's function goes through two others in Python to the method, which takes three times as long as the reshaping. Nearly every op
# that is made of others reshapes something.
def reshape(x: Array, /, shape: Any, *, copy: bool | None = None) -> Array:
    return x.reshape(shape) if copy is None else np.reshape(x, shape, copy=copy)
