"""ripple as first ported: np became accel, and the tests passed on NumPy. The kit finds what is wrong with it.

Kept to be learned from; each function says what its mistake is. The library itself is `ripple`.
"""

import numpy as np

import accel


def detrend(x):
    """Mistake: writes to the caller's array, which JAX cannot do and NumPy's callers do not expect."""
    n = x.shape[-1]
    t = accel.astype(accel.arange(n, device=x.device), x.dtype) - (n - 1) / 2
    x -= accel.mean(x, axis=-1, keepdims=True)
    slope = accel.sum(x * t, axis=-1, keepdims=True) / accel.sum(t * t)
    return x - slope * t


def normalise(x):
    """Mistake: np.sqrt of an array that lives elsewhere: a hidden copy to the host, or an error."""
    x = x - accel.mean(x, axis=-1, keepdims=True)
    size = np.sqrt(accel.mean(x * x, axis=-1, keepdims=True))
    return x / accel.where(size > 0, size, 1.0)


def smooth(x, width):
    """Mistake: a kernel on the default device, with the default dtype, whatever x is."""
    kernel = accel.ones(width) / width
    n = x.shape[-1] - width + 1
    windows = accel.stack([x[..., k : k + n] for k in range(width)], axis=-1)
    return windows @ kernel


def spectrum(x):
    """Mistake: operators beside Python numbers, which take JAX's 64-bit arrays to 32 bits outside of accel.x64()."""
    return accel.abs(accel.fft.rfft(x)) ** 2 * (1 / x.shape[-1])


def crossings(x):
    """Mistake: a loop over the signals, with one transfer for each of them."""
    counts = []
    for signal in accel.reshape(x, (-1, x.shape[-1])):
        positive = signal > 0
        counts.append(int(accel.sum(accel.astype(positive[1:] != positive[:-1], accel.int64))))
    return accel.reshape(accel.asarray(counts, device=x.device), x.shape[:-1])


def limit(x, most):
    """Mistake: `if` on a value of the array: the device has to be waited for, and a compiler cannot know."""
    peak = accel.max(accel.abs(x))
    if peak > most:
        x = x * (most / peak)
    return x
