"""ripple: a few functions on signals, one per row, for the arrays of any library.

It was NumPy's alone (`ripple.original`). With accel it runs where the caller's arrays live, and with accel's testing kit it is known to give
the same results there.
"""

import accel

__all__ = ["above", "crossings", "detrend", "limit", "normalise", "smooth", "spectrum"]


def _places(x):
    """Give the positions of the samples, around 0, beside x."""
    n = x.shape[-1]
    return accel.subtract(accel.arange(n, dtype=x.dtype, device=accel.device(x)), (n - 1) / 2)


def detrend(x):
    """Subtract from each signal the straight line that fits it best."""
    t = _places(x)
    x = accel.subtract(x, accel.mean(x, axis=-1, keepdims=True))
    slope = accel.divide(
        accel.sum(accel.multiply(x, t), axis=-1, keepdims=True), accel.sum(accel.multiply(t, t))
    )
    return accel.subtract(x, accel.multiply(slope, t))


def normalise(x):
    """Shift and scale each signal to mean 0 and standard deviation 1; constant ones become 0."""
    x = accel.subtract(x, accel.mean(x, axis=-1, keepdims=True))
    size = accel.sqrt(accel.mean(accel.square(x), axis=-1, keepdims=True))
    return accel.divide(x, accel.where(accel.greater(size, 0), size, 1.0))


def smooth(x, width):
    """Average each run of `width` neighbours."""
    n = x.shape[-1] - width + 1
    windows = accel.stack([x[..., k : k + n] for k in range(width)], axis=-1)
    return accel.mean(windows, axis=-1)


def spectrum(x):
    """Power of each frequency, from 0 to half the sampling rate."""
    return accel.divide(accel.square(accel.abs(accel.fft.rfft(x))), float(x.shape[-1]))


def crossings(x):
    """Count how often each signal changes its sign."""
    positive = accel.greater(x, 0)
    changed = accel.not_equal(positive[..., 1:], positive[..., :-1])
    return accel.sum(accel.astype(changed, accel.int64), axis=-1)


def limit(x, most):
    """Scale the whole recording down so that no sample is louder than `most`."""
    peak = accel.max(accel.abs(x))
    return accel.multiply(x, accel.where(accel.greater(peak, most), accel.divide(most, peak), 1.0))


@accel.supports(jit=False, reason="the length of the result depends on the samples")
def above(x, threshold):
    """Keep the samples of one signal that are louder than a threshold."""
    return x[accel.greater(accel.abs(x), threshold)]
