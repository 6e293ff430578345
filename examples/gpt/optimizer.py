"""AdamW with clipped gradients, and the schedule of its learning rate: functions of dicts of arrays, that can be compiled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import accel
from accel.errors import ArgumentError

Arrays: TypeAlias = dict[str, Any]
"""Arrays of one backend under their names."""


class State(NamedTuple):
    """What the optimizer remembers.

    Parameters
    ----------
    step : array, (), int32
        How many updates were made.
    mean : dict of arrays
        Running means of the gradients, in the shape and dtype of the parameters.
    square : dict of arrays
        Running means of their squares.
    """

    step: Any
    mean: Arrays
    square: Arrays


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay.

    With the gradient g, clipped as a whole to the norm ``clip`` (R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training
    recurrent neural networks, ICML 2013, algorithm 1), and update number t from 1::

        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        p = p - rate(t) * (m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + epsilon) + decay * p)

    (D. P. Kingma, J. Ba, Adam, ICLR 2015, algorithm 1; I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019,
    algorithm 2). Arrays of one axis, which are biases and the weights of norms, do not decay. The rate climbs in a line over the first
    ``warmup`` updates (P. Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2) and then falls along half a cosine to
    ``floor`` of its height at ``steps`` (I. Loshchilov, F. Hutter, SGDR, ICLR 2017, equation 5).

    Parameters
    ----------
    rate : float
        The highest learning rate.
    steps, warmup : int
        Updates in all, and those of the climb.
    floor : float
        The last learning rate as a share of the highest.
    beta1, beta2, epsilon, decay, clip : float
        The numbers of the formulas; the usual ones of language models (T. B. Brown et al., GPT-3, NeurIPS 2020, appendix B).

    Raises
    ------
    ArgumentError
        If a number makes no sense.
    """

    rate: float = 1e-3
    steps: int = 1000
    warmup: int = 100
    floor: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    decay: float = 0.1
    clip: float = 1.0

    def __post_init__(self) -> None:
        for name, holds, meaning in (
            ("rate", 0 < self.rate < math.inf, "above 0"),
            ("steps", self.steps >= 1, "1 or more"),
            ("warmup", self.warmup >= 0, "0 or more"),
            ("floor", 0 <= self.floor <= 1, "from 0 to 1"),
            ("beta1", 0 <= self.beta1 < 1, "from 0 to below 1"),
            ("beta2", 0 <= self.beta2 < 1, "from 0 to below 1"),
            ("epsilon", 0 < self.epsilon < math.inf, "above 0"),
            ("decay", 0 <= self.decay < math.inf, "0 or more"),
            ("clip", self.clip > 0, "above 0"),
        ):
            if not holds:
                raise ArgumentError(f"{name} must be {meaning}, got {getattr(self, name)}.")

    def initial(self, params: Mapping[str, Any]) -> State:
        """Give the state before the first update."""
        like = next(iter(params.values()))
        return State(
            accel.zeros((), dtype=accel.int32, device=accel.device(like)),
            {name: accel.zeros_like(x) for name, x in params.items()},
            {name: accel.zeros_like(x) for name, x in params.items()},
        )

    def learning_rate(self, step: Any) -> Any:
        """Give the rate of the update that follows so many, as a float32 array of the backend of ``step``."""
        done = accel.astype(step, accel.float32)
        climb = (done + 1) / max(self.warmup, 1)
        share = (done - self.warmup) / max(self.steps - 1 - self.warmup, 1)
        fall = 0.5 * (1 + accel.cos(math.pi * accel.clip(share, 0.0, 1.0)))
        return self.rate * accel.where(done < self.warmup, climb, self.floor + (1 - self.floor) * fall)

    def update(self, params: Arrays, state: State, gradients: Arrays) -> tuple[Arrays, State, Any]:
        """Take one step.

        Parameters
        ----------
        params, gradients : dict of arrays
            What is trained, and the gradient of the loss, under the same names; floating-point.
        state : State
            What the update before gave.

        Returns
        -------
        tuple
            The new parameters, the new state, and the norm of all gradients before they were clipped.
        """
        norm = global_norm(gradients)
        factor = self.clip / accel.maximum(norm, accel.full_like(norm, self.clip))
        rate = self.learning_rate(state.step)
        count = accel.astype(state.step + 1, accel.float32)
        unbias1, unbias2 = (1 - accel.pow(accel.full_like(count, b), count) for b in (self.beta1, self.beta2))
        new, mean, square = {}, {}, {}
        for name, p in params.items():
            g = gradients[name] * factor
            m = mean[name] = self.beta1 * state.mean[name] + (1 - self.beta1) * g
            v = square[name] = self.beta2 * state.square[name] + (1 - self.beta2) * (g * g)
            change = (m / unbias1) / (accel.sqrt(v / unbias2) + self.epsilon)
            if p.ndim > 1:
                change = change + self.decay * p
            new[name] = p - rate * change
        return new, State(state.step + 1, mean, square), norm


def global_norm(arrays: Mapping[str, Any]) -> Any:
    """Give the root of the sum of the squares of all elements, as a 0-d array."""
    squares: Any = sum(accel.sum(x * x) for x in arrays.values())
    return accel.sqrt(squares)
