"""Convolution: of images with small kernels, and of long signals with a long one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class Conv2d(Workload):
    batch: int = 8
    channels: int = 3
    side: int = 64
    kernels: int = 16
    name = "conv2d"
    window = 3

    def small(self) -> Workload:
        return Conv2d(2, 3, 7, 4)

    @property
    def size(self) -> str:
        return f"({self.batch}, {self.channels}, {self.side}, {self.side}), {self.kernels} kernels of 3 x 3, same"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        shapes = (
            (self.batch, self.channels, self.side, self.side),
            (self.kernels, self.channels, self.window, self.window),
        )
        return tuple(draw.standard_normal(shape, np.float32) for shape in shapes)

    def reference(self, x: Any, weight: Any) -> Any:
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        out = np.zeros((self.batch, self.kernels, self.side, self.side))
        for row in range(self.window):
            for column in range(self.window):
                part = padded[:, :, row : row + self.side, column : column + self.side]
                out += np.einsum("bchw,oc->bohw", part, weight[:, :, row, column])
        return out

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "conv2d", None) or getattr(xp.nn, "conv", None)
        return op and (lambda x, weight: op(x, weight, padding="same"))

    def numpy(self) -> Functions:
        def windows(x: Any) -> Any:
            padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
            return np.lib.stride_tricks.sliding_window_view(padded, (self.window, self.window), axis=(-2, -1))

        def plain(x: Any, weight: Any) -> Any:
            # The columns of all windows, then one product.
            columns = windows(x).transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
            out = columns @ weight.reshape(len(weight), -1).T
            return out.reshape(len(x), *x.shape[-2:], -1).transpose(0, 3, 1, 2)

        def by_einsum(x: Any, weight: Any) -> Any:
            return np.einsum("bchwij,ocij->bohw", windows(x), weight, optimize=True)

        def tuned(x: Any, weight: Any) -> Any:
            batch, channels, rows, columns = x.shape
            kernels, _, height, width = weight.shape
            matrix = weight.reshape(kernels, -1)
            out = np.empty((batch, kernels, rows, columns), x.dtype)
            padded = np.zeros((channels, rows + 2, columns + 2), x.dtype)
            inside = padded[:, 1:-1, 1:-1]
            taken = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(-2, -1))
            room = np.empty((channels, height, width, rows, columns), x.dtype)
            operand = room.reshape(-1, rows * columns)
            # Image by image, so that the columns of its windows stay in the cache; the product is written where it belongs.
            for image, to in zip(x, out.reshape(batch, kernels, -1), strict=True):
                inside[...] = image
                room[...] = taken
                np.matmul(matrix, operand, out=to)
            return out

        return {
            "NumPy": plain,
            "NumPy, einsum over windows": by_einsum,
            "NumPy, tuned: image by image": tuned,
        }

    def scipy(self) -> Functions:
        from scipy.signal import correlate

        def written(x: Any, weight: Any) -> Any:
            return np.stack([np.stack([correlate(i, k, "same")[1] for k in weight]) for i in x])

        return {"scipy.signal": written}

    def keras(self, ops: Any) -> Functions:
        def written(x: Any, weight: Any) -> Any:
            kernel = ops.transpose(weight, (2, 3, 1, 0))
            return ops.conv(x, kernel, padding="same", data_format="channels_first")

        return {"": written}

    def jax(self) -> Functions:
        import jax

        def written(x: Any, weight: Any) -> Any:
            return jax.lax.conv_general_dilated(x, weight, (1, 1), "SAME")

        return {"jax.lax": written}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x, weight: torch.nn.functional.conv2d(x, weight, padding="same")}


@dataclass(frozen=True)
class FFTConvolution(Workload):
    signals: int = 64
    length: int = 4096
    taps: int = 512
    name = "FFT convolution"

    def small(self) -> Workload:
        return FFTConvolution(3, 300, 41)

    @property
    def size(self) -> str:
        return f"({self.signals}, {self.length}) and ({self.taps},), full, along the rows"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (
            draw.standard_normal((self.signals, self.length), np.float32),
            draw.standard_normal(self.taps, np.float32),
        )

    def reference(self, x: Any, taps: Any) -> Any:
        return np.stack([np.convolve(row, taps) for row in x])

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        return getattr(xp.extra, "convolve", None)

    def numpy(self) -> Functions:
        def plain(x: Any, taps: Any) -> Any:
            length = x.shape[-1] + taps.shape[-1] - 1
            n = 1 << (length - 1).bit_length()
            return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(taps, n), n)[..., :length]

        def tuned(x: Any, taps: Any) -> Any:
            # Overlap-save: pieces of few rows in the cache, one transform of the taps.
            rows, length = x.shape
            full = length + len(taps) - 1
            n = 2048
            while n < 2 * len(taps):
                n *= 2
            step = n - len(taps) + 1
            pieces = -(-full // step)
            factor = np.fft.rfft(taps, n)
            out = np.empty((rows, full), x.dtype)
            few = max(1, 32768 // n)
            padded = np.zeros((few, (pieces - 1) * step + n), x.dtype)
            inside = padded[:, len(taps) - 1 : len(taps) - 1 + length]
            strides = padded.strides[0], step * padded.itemsize, padded.itemsize
            taken = np.lib.stride_tricks.as_strided(padded, (few, pieces, n), strides)
            for start in range(0, rows, few):
                count = min(few, rows - start)
                inside[:count] = x[start : start + count]
                spectrum = np.fft.rfft(taken[:count], n)
                spectrum *= factor
                back = np.fft.irfft(spectrum, n)[..., len(taps) - 1 :].reshape(count, -1)
                out[start : start + count] = back[:, :full]
            return out

        return {"NumPy": plain, "NumPy, tuned: overlap-save in blocks": tuned}

    def scipy(self) -> Functions:
        import scipy.fft
        from scipy import signal

        fft: Any = scipy.fft  # whose types are those of a dispatcher

        def by_fft(x: Any, taps: Any) -> Any:
            length = x.shape[-1] + taps.shape[-1] - 1
            n = fft.next_fast_len(length, real=True)
            return fft.irfft(fft.rfft(x, n) * fft.rfft(taps, n), n)[..., :length]

        return {
            "scipy.fft": by_fft,
            "scipy.signal.fftconvolve": lambda x, taps: signal.fftconvolve(x, taps[None], axes=-1),
            "scipy.signal.oaconvolve": lambda x, taps: signal.oaconvolve(x, taps[None], axes=-1),
        }

    def keras(self, ops: Any) -> Functions:
        def written(x: Any, taps: Any) -> Any:
            length = x.shape[-1] + taps.shape[-1] - 1
            n = 1 << (length - 1).bit_length()
            # keras keeps complex numbers as pairs of real ones.
            real, imaginary = ops.rfft(x, n)
            a, b = ops.rfft(taps, n)
            return ops.irfft((real * a - imaginary * b, real * b + imaginary * a), n)[..., :length]

        return {"": written}

    def jax(self) -> Functions:
        import jax.numpy as jnp
        import jax.scipy.signal as signal

        def written(x: Any, taps: Any) -> Any:
            length = x.shape[-1] + taps.shape[-1] - 1
            n = 1 << (length - 1).bit_length()
            return jnp.fft.irfft(jnp.fft.rfft(x, n) * jnp.fft.rfft(taps, n), n)[..., :length]

        return {
            "jax.numpy": written,
            "jax.scipy.signal": lambda x, taps: signal.fftconvolve(
                x, jnp.broadcast_to(taps, (len(x), len(taps))), axes=(-1,)
            ),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        def written(x: Any, taps: Any) -> Any:
            length = x.shape[-1] + taps.shape[-1] - 1
            n = 1 << (length - 1).bit_length()
            return torch.fft.irfft(torch.fft.rfft(x, n) * torch.fft.rfft(taps, n), n)[..., :length]

        return {"": written}


WORKLOADS = (Conv2d(), FFTConvolution())
