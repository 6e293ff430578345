"""Hardware: what a device can do at most, by its maker's word."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HARDWARE", "Hardware"]


@dataclass(frozen=True)
class Hardware:
    """What a device can do at most.

    Parameters
    ----------
    flops : float
        Operations a second on matrices of bfloat16 (or float16) without sparsity, sums in float32.
    bandwidth : float
        Bytes a second from and to the device's memory.
    memory : float
        Bytes of memory.
    node : int
        How many devices fast links join.
    fast, slow : float
        Bytes a second that a device sends to the others of its node, and to those of other nodes, in one direction.
    source : str
        Where the numbers stand.
    """

    flops: float
    bandwidth: float
    memory: float
    node: int
    fast: float
    slow: float
    source: str


HARDWARE = {
    "v100": Hardware(
        125e12, 900e9, 32e9, 8, 150e9, 6.25e9,
        "NVIDIA Tesla V100 data sheet (2018): SXM2, NVLink 300 GB/s both ways; DGX-1: a 100 Gb/s InfiniBand port for two devices",
    ),
    "a100": Hardware(
        312e12, 2039e9, 80e9, 8, 300e9, 25e9,
        "NVIDIA A100 data sheet (2021): 80 GB SXM, NVLink 600 GB/s both ways; DGX A100: 200 Gb/s InfiniBand for each device",
    ),
    "h100": Hardware(
        989e12, 3350e9, 80e9, 8, 450e9, 50e9,
        "NVIDIA H100 data sheet (2023): SXM, NVLink 900 GB/s both ways; DGX H100: 400 Gb/s InfiniBand for each device",
    ),
    "h200": Hardware(
        989e12, 4800e9, 141e9, 8, 450e9, 50e9,
        "NVIDIA H200 data sheet (2023): SXM, NVLink 900 GB/s both ways; DGX H200: 400 Gb/s InfiniBand for each device",
    ),
    "tpu-v4": Hardware(
        275e12, 1200e9, 32e9, 4096, 50e9, 50e9,
        "N. P. Jouppi et al., TPU v4, ISCA (2023): six links of 50 GB/s in a torus of 4096; one link of a ring counts here",
    ),
}  # fmt: skip
"""Devices by name. No number of these was measured here."""
