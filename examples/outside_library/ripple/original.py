"""ripple as it was: NumPy only."""

import numpy as np


def detrend(x):
    """Subtract from each signal the straight line that fits it best."""
    n = x.shape[-1]
    t = np.arange(n) - (n - 1) / 2
    x = x - np.mean(x, axis=-1, keepdims=True)
    slope = np.sum(x * t, axis=-1, keepdims=True) / np.sum(t * t)
    return x - slope * t


def normalise(x):
    """Shift and scale each signal to mean 0 and standard deviation 1; constant ones become 0."""
    x = x - np.mean(x, axis=-1, keepdims=True)
    size = np.sqrt(np.mean(x * x, axis=-1, keepdims=True))
    return x / np.where(size > 0, size, 1)


def smooth(x, width):
    """Average each run of `width` neighbours."""
    kernel = np.ones(width) / width
    return np.apply_along_axis(np.convolve, -1, x, kernel, mode="valid")


def spectrum(x):
    """Power of each frequency, from 0 to half the sampling rate."""
    return np.abs(np.fft.rfft(x)) ** 2 / x.shape[-1]


def crossings(x):
    """Count how often each signal changes its sign."""
    positive = x > 0
    return np.sum(positive[..., 1:] != positive[..., :-1], axis=-1)


def limit(x, most):
    """Scale the whole recording down so that no sample is louder than `most`."""
    peak = np.max(np.abs(x))
    if peak > most:
        x = x * (most / peak)
    return x


def above(x, threshold):
    """Keep the samples of one signal that are louder than a threshold."""
    return x[np.abs(x) > threshold]
