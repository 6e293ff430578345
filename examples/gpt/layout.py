"""Layout: how a GPT and its batches are cut over a mesh with the axes data, tensor and sequence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import accel
from accel.errors import ArgumentError, ShapeError
from gpt.config import Config

__all__ = ["AXES", "Layout", "Spec", "divided", "specs"]

AXES = ("data", "tensor", "sequence")

Spec: TypeAlias = tuple[Any, ...]
"""What `accel.shard` takes: for each axis of an array the axis of the mesh along which it is cut, or None."""

CUT: tuple[tuple[tuple[str, ...], Spec], ...] = (
    (("embedding.weight", "head.weight"), ("tensor", None)),
    (("query.weight", "key.weight", "value.weight", "up.weight", "gate.weight"), ("tensor", None)),
    (("query.bias", "key.bias", "value.bias", "up.bias"), ("tensor",)),
    (("output.weight", "down.weight"), (None, "tensor")),
)
"""Ends of names -> spec. Heads and hidden features are cut, so that a block needs one sum over the tensor axis for attention and one for
the MLP (M. Shoeybi et al., Megatron-LM, arXiv:1909.08053 (2019), section 3); so is the vocabulary. All else is whole on each device."""


@dataclass(frozen=True)
class Layout:
    """How many devices share each kind of work.

    Parameters
    ----------
    data : int, default 1
        Among so many the texts of a batch are dealt out.
    tensor : int, default 1
        Among so many the heads, the hidden features and the vocabulary are.
    sequence : int, default 1
        Among so many the tokens of a text are; each gathers the keys and values of the others.
    sharded : bool, default False
        Whether the devices of the data and sequence axes keep a part each of the optimizer's state, instead of all of it (S. Rajbhandari
        et al., ZeRO, arXiv:1910.02054 (2020), section 5.1).

    Raises
    ------
    ArgumentError
        If a number is no positive int.
    """

    data: int = 1
    tensor: int = 1
    sequence: int = 1
    sharded: bool = False

    def __post_init__(self) -> None:
        for name in AXES:
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ArgumentError(f"{name} is {value!r}, and has to be an int of at least 1.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Devices along the axes of the mesh."""
        return self.data, self.tensor, self.sequence

    @property
    def devices(self) -> int:
        """Devices in all."""
        return self.data * self.tensor * self.sequence

    def mesh(self, devices: Any = None) -> accel.Mesh:
        """Lay devices out; ``devices`` as for `accel.mesh`."""
        return accel.mesh(self.shape, AXES, devices=devices)

    def check(self, config: Config, batch: int, length: int) -> None:
        """Refuse a model or a batch that the layout does not divide.

        Raises
        ------
        ShapeError
            Naming what does not divide.
        """
        for axis, name, number in (
            ("data", "the batch", batch),
            ("sequence", "the length of the texts", length),
            ("tensor", "the heads", config.heads),
            ("tensor", "the heads of keys and values", config.kv_heads),
            ("tensor", "the hidden features", config.hidden),
            ("tensor", "the vocabulary", config.vocabulary),
        ):
            parts = getattr(self, axis)
            if number % parts:
                raise ShapeError(
                    f"{name}, {number}, cannot be cut into {parts} equal parts as {axis}={parts} asks; choose {axis} among the divisors "
                    f"of {number}."
                )


def specs(names: Iterable[str]) -> dict[str, Spec]:
    """Give the spec of each parameter."""
    return {name: next((spec for ends, spec in CUT if name.endswith(ends)), ()) for name in names}


def divided(spec: Spec, shape: tuple[int, ...], layout: Layout) -> Spec:
    """Cut an array, which a spec cuts already, further along the data and sequence axes: at the first axis that is whole and divides.

    Parameters
    ----------
    spec : tuple
        Of a parameter.
    shape : tuple of int
        Its shape.
    layout : Layout
        That of the mesh.

    Returns
    -------
    tuple
        The spec of its optimizer state; ``spec`` where no axis divides.
    """
    full = [*spec, *[None] * (len(shape) - len(spec))]
    for axis, length in enumerate(shape):
        if full[axis] is None and length % (layout.data * layout.sequence) == 0:
            full[axis] = ("data", "sequence")
            return tuple(full)
    return spec
