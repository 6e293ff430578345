"""Configuration: what fixes the shapes of a model and the formulas that it computes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from accel.errors import ArgumentError

__all__ = ["PRESETS", "STYLES", "Config", "preset"]

STYLES = ("gpt2", "llama")
"""``gpt2``: learned positions, LayerNorm, gelu, biases. ``llama``: rotary positions, RMSNorm, SwiGLU, no biases."""


@dataclass(frozen=True)
class Config:
    """What fixes the shapes of a model and the formulas that it computes; hashable, so that a compiled function takes it as a constant.

    Parameters
    ----------
    style : {"gpt2", "llama"}, default "gpt2"
        Which formulas.
    vocabulary : int, default 256
        How many tokens there are.
    context : int, default 128
        How many tokens the model sees at most.
    layers, heads : int, default 4
        How many blocks, and how many heads of attention each has.
    kv_heads : int, default 0
        How many heads of keys and values, a divisor of ``heads``; 0 stands for ``heads``.
    width : int, default 128
        Features of a token, a multiple of ``heads``.
    hidden : int, default 0
        Features inside a block's MLP; 0 stands for ``4 * width`` and, in Llama's style with its three matrices, for two thirds of that
        rounded up to a multiple of 32.
    tied : bool or None, default None
        Whether the embedding is the last matrix, too; None stands for yes in GPT-2's style and no in Llama's.
    eps : float, default 1e-5
        What is added to variances.
    base : float, default 10000.0
        Base of the rotary angles.

    Raises
    ------
    ArgumentError
        A value is of another kind, out of range, or does not fit the others.

    Notes
    -----
    A. Radford et al., Language Models are Unsupervised Multitask Learners (2019); H. Touvron et al., LLaMA: Open and Efficient
    Foundation Language Models, arXiv:2302.13971 (2023); J. Ainslie et al., GQA, arXiv:2305.13245 (2023).

    Examples
    --------
    >>> Config(style="llama", heads=8, kv_heads=2, width=256).hidden
    704
    """

    style: str = "gpt2"
    vocabulary: int = 256
    context: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 0
    width: int = 128
    hidden: int = 0
    tied: bool | None = None
    eps: float = 1e-5
    base: float = 10000.0

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise ArgumentError(f"style is {self.style!r}; known are {', '.join(STYLES)}.")
        for name in ("vocabulary", "context", "layers", "heads", "width", "kv_heads", "hidden"):
            value = getattr(self, name)
            least = 0 if name in ("kv_heads", "hidden") else 1
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ArgumentError(f"{name} is {value!r}, and has to be an int of at least {least}.")
        for name in ("eps", "base"):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 < float(value) < math.inf
            ):
                raise ArgumentError(f"{name} is {value!r}, and has to be a positive number.")
            object.__setattr__(self, name, float(value))
        if self.tied not in (None, True, False):
            raise ArgumentError(f"tied is {self.tied!r}, and has to be True, False or None.")
        llama = self.style == "llama"
        if not self.kv_heads:
            object.__setattr__(self, "kv_heads", self.heads)
        if not self.hidden:
            wide = 4 * self.width
            object.__setattr__(self, "hidden", -(-2 * wide // 96) * 32 if llama else wide)
        object.__setattr__(self, "tied", (not llama) if self.tied is None else bool(self.tied))
        if self.width % self.heads:
            raise ArgumentError(
                f"width is {self.width} and heads {self.heads}; width has to be a multiple of heads."
            )
        if self.heads % self.kv_heads:
            raise ArgumentError(
                f"heads is {self.heads} and kv_heads {self.kv_heads}; heads has to be a multiple of kv_heads."
            )
        if llama and (self.width // self.heads) % 2:
            raise ArgumentError(
                f"A head has {self.width // self.heads} features, width / heads, and rotary positions turn pairs: it has to be even."
            )

    # Every step asks for these often, and they never change.
    @cached_property
    def dim(self) -> int:
        """Features of a head."""
        return self.width // self.heads

    @cached_property
    def llama(self) -> bool:
        """Whether the formulas are those of Llama's style."""
        return self.style == "llama"

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as a dict that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """Make a configuration of what `to_dict` gave.

        Parameters
        ----------
        values : mapping
            Fields; those that are missing have their defaults.

        Raises
        ------
        ArgumentError
            There is a name that is no field, or a value that cannot be.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ArgumentError(
                f"A configuration has no {', '.join(unknown)}; its fields are {', '.join(sorted(known))}."
            )
        return cls(**values)


PRESETS = {
    "tiny": Config(layers=2, heads=2, width=32, context=64),
    "small": Config(layers=4, heads=4, width=128, context=128),
    "tiny-llama": Config(style="llama", layers=2, heads=4, kv_heads=2, width=32, context=64),
    "small-llama": Config(style="llama", layers=4, heads=4, kv_heads=2, width=128, context=128),
    "gpt2": Config(vocabulary=50257, context=1024, layers=12, heads=12, width=768),
    "gpt2-medium": Config(vocabulary=50257, context=1024, layers=24, heads=16, width=1024),
    "gpt2-large": Config(vocabulary=50257, context=1024, layers=36, heads=20, width=1280),
    "gpt2-xl": Config(vocabulary=50257, context=1024, layers=48, heads=25, width=1600),
}
"""Configurations by name; those called after GPT-2 are the public ones."""


def preset(name: str, **changes: Any) -> Config:
    """Give a configuration by its name, with some fields changed.

    Parameters
    ----------
    name : str
        A key of `PRESETS`.
    **changes
        Fields and their values. Where ``width`` changes, ``hidden`` follows it, and where ``heads`` does, ``kv_heads``, unless they
        are given, too.

    Raises
    ------
    ArgumentError
        There is no such configuration or field, or the values do not fit together.
    """
    found = PRESETS.get(name)
    if found is None:
        raise ArgumentError(f"There is no configuration {name!r}; known are {', '.join(PRESETS)}.")
    unknown = sorted(set(changes) - {field.name for field in fields(Config)})
    if unknown:
        raise ArgumentError(f"A configuration has no {', '.join(unknown)}.")
    if {"width", "style"} & set(changes):
        changes.setdefault("hidden", 0)
    if "heads" in changes:
        changes.setdefault("kv_heads", 0)
    if "style" in changes:
        changes.setdefault("tied", None)
    return replace(found, **changes)
