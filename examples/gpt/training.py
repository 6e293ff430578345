"""Training: the compiled step, and the loop that calls it, looks after it and writes down what it has reached."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import accel
import gpt.model as model
from accel.errors import AccelError, ArgumentError
from gpt.adapters import trained
from gpt.checkpoint import Checkpoint, CheckpointError, save
from gpt.config import Config
from gpt.corpus import Tokens
from gpt.optimizer import AdamW, Arrays, State
from gpt.parameters import check
from gpt.progress import Progress
from gpt.tokenizer import Tokenizer, from_json

PRECISIONS = ("float32", "bfloat16")
"""In which dtype the model computes; the weights that are trained are float32 with either."""


class DivergenceError(AccelError, FloatingPointError):
    """A loss or a gradient that is nan or infinite: nothing can be learnt from it."""


@dataclass(frozen=True)
class Settings:
    """All that decides how a model is trained, beside its configuration and the text.

    Parameters
    ----------
    batch, length : int
        Windows of a step, and tokens of each.
    accumulate : int
        In how many parts a step is made, of ``batch`` windows each; the gradient is the mean of theirs. It saves memory.
    seed : int
        From which the first weights and all batches follow.
    precision : {"float32", "bfloat16"}
        In which dtype the model computes. Weights, gradients and the state of the optimizer are float32 (P. Micikevicius et al.,
        Mixed Precision Training, ICLR 2018, section 3.1; bfloat16 has the range of float32, so that losses need no scaling:
        D. Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019).
    recompute : bool
        Whether activations of each block are made again in the backward pass instead of kept.
    optimizer : AdamW
        Learning rate and its like.

    Raises
    ------
    ArgumentError
        If a number makes no sense.
    """

    batch: int = 16
    length: int = 128
    accumulate: int = 1
    seed: int = 0
    precision: str = "float32"
    recompute: bool = False
    optimizer: AdamW = field(default_factory=AdamW)

    def __post_init__(self) -> None:
        for name in ("batch", "length", "accumulate"):
            if getattr(self, name) < 1:
                raise ArgumentError(f"{name} must be 1 or more, got {getattr(self, name)}.")
        if not 0 <= self.seed < 1 << 31:
            raise ArgumentError(f"seed must be from 0 to {(1 << 31) - 1}, got {self.seed}.")
        if self.precision not in PRECISIONS:
            raise ArgumentError(f"precision must be {' or '.join(PRECISIONS)}, got {self.precision!r}.")

    @property
    def tokens(self) -> int:
        """Tokens of one step."""
        return self.accumulate * self.batch * self.length

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as a dict that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Make settings of what `to_dict` gave."""
        return cls(**{**values, "optimizer": AdamW(**values["optimizer"])})


@dataclass
class Run:
    """A training, as far as it has come.

    Parameters
    ----------
    kind : {"model", "adapters"}
        What is trained.
    config, tokenizer, settings
        What was decided at the start.
    params : dict of arrays
        What is trained.
    frozen : dict of arrays
        What the model needs besides: nothing, or, where adapters are trained, its weights and the scales of the adapters.
    state : State
        That of the optimizer.
    losses : list of float
        One for each step.
    validation : dict of int to float
        Losses on text that is not learnt from, by step.
    seconds : list of float
        What each step of this process took.
    text : str
        Fingerprint of the text that is learnt from.
    """

    kind: str
    config: Config
    tokenizer: Tokenizer
    settings: Settings
    params: Arrays
    frozen: Arrays
    state: State
    losses: list[float] = field(default_factory=list)
    validation: dict[int, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    text: str = ""

    @classmethod
    def new(cls, config: Config, tokenizer: Tokenizer, settings: Settings, *, device: Any = None) -> Run:
        """Start with new weights, which follow from the seed."""
        key = accel.random.key(settings.seed, device=device)
        params = model.initial(config, key, dtype=accel.float32)
        return cls.of(params, config, tokenizer, settings)

    @classmethod
    def of(cls, params: Arrays, config: Config, tokenizer: Tokenizer, settings: Settings) -> Run:
        """Start with given weights; those in fewer bits become float32."""
        params = {name: accel.astype(x, accel.float32) for name, x in params.items()}
        return cls("model", config, tokenizer, settings, params, {}, settings.optimizer.initial(params))

    @classmethod
    def adapting(
        cls, params: Arrays, adapters: Arrays, config: Config, tokenizer: Tokenizer, settings: Settings
    ) -> Run:
        """Start to train adapters beside given weights, which stay as they are."""
        # Copies, since a step may write into what it was given.
        own = {name: accel.asarray(x, copy=True) for name, x in trained(adapters).items()}
        rest = {name: x for name, x in adapters.items() if name not in own}
        state = settings.optimizer.initial(own)
        return cls("adapters", config, tokenizer, settings, own, {**params, **rest}, state)

    @property
    def done(self) -> int:
        """How many steps were made."""
        return len(self.losses)

    @property
    def whole(self) -> Arrays:
        """The parameters that the model computes with."""
        return {**self.frozen, **self.params}

    def checkpoint(self) -> Checkpoint:
        """Give all from which the run can go on."""
        scales = {name: x for name, x in self.frozen.items() if name.endswith(".lora_scale")}
        facts = {
            "config": self.config.to_dict(),
            "tokenizer": self.tokenizer.to_json(),
            "settings": self.settings.to_dict(),
            "step": self.done,
            "validation": list(self.validation.items()),
            "text": self.text,
        }
        if self.kind == "adapters":
            base = {name: x for name, x in self.frozen.items() if name not in scales}
            facts["base"] = Checkpoint("model", {}, {"params": base}).digest()
        host = accel.asarray(self.losses, dtype=accel.float64, device="numpy")
        arrays = {
            "params": {**self.params, **scales},
            "mean": self.state.mean,
            "square": self.state.square,
            "history": {"losses": host},
        }
        return Checkpoint(self.kind, facts, arrays)

    @classmethod
    def resumed(cls, checkpoint: Checkpoint, *, base: Checkpoint | None = None, device: Any = None) -> Run:
        """Go on from a checkpoint.

        Parameters
        ----------
        checkpoint : Checkpoint
            What `checkpoint` gave.
        base : Checkpoint, optional
            The model, where the checkpoint holds adapters.
        device : device or str, optional
            Where to go on; any backend.

        Raises
        ------
        CheckpointError
            If the checkpoint holds no training, or adapters of another model.
        """
        try:
            facts, arrays = checkpoint.facts, checkpoint.arrays
            settings = Settings.from_dict(facts["settings"])
            params, mean, square = (
                {n: accel.to_device(x, device, copy=True) for n, x in arrays[g].items()}
                for g in ("params", "mean", "square")
            )
        except KeyError:
            raise CheckpointError(
                "the checkpoint holds no training that could go on; start a new one."
            ) from None
        frozen: Arrays = {}
        if checkpoint.kind == "adapters":
            frozen = {name: accel.to_device(x, device) for name, x in _base(checkpoint, base).items()}
            own = trained(params)
            frozen |= {name: x for name, x in params.items() if name not in own}
            params = own
        step = accel.asarray(facts["step"], dtype=accel.int32, device=device)
        return cls(
            checkpoint.kind,
            Config.from_dict(facts["config"]),
            from_json(facts["tokenizer"]),
            settings,
            params,
            frozen,
            State(step, mean, square),
            [float(x) for x in accel.to_numpy(arrays["history"]["losses"])],
            {int(step): loss for step, loss in facts["validation"]},
            text=facts["text"],
        )


def adapted(adapters: Checkpoint, base: Checkpoint) -> Arrays:
    """Give the parameters of a model with its adapters beside them.

    Raises
    ------
    CheckpointError
        If the adapters were trained beside another model.
    """
    return {**_base(adapters, base), **adapters.arrays["params"]}


def _base(adapters: Checkpoint, base: Checkpoint | None) -> Arrays:
    found = None if base is None else base.digest()
    if base is None or found != adapters.facts["base"]:
        raise CheckpointError(
            f"the adapters were trained beside the model {adapters.facts['base']}, and {found or 'none'} is given; give that model."
        )
    return base.arrays["params"]


@lru_cache(maxsize=8)  # what was compiled for one run serves another of the same shapes
def stepper(config: Config, settings: Settings) -> Callable[..., tuple[Arrays, State, Any, Any]]:
    """Make the function that takes one step, compiled.

    Returns
    -------
    callable
        ``step(params, state, frozen, windows)`` with windows of shape (accumulate, batch, length + 1) gives the new parameters and
        state, the loss before the step, and the norm of its gradient. Parameters and state may be reused: use what comes back.
    """
    compute = accel.bfloat16 if settings.precision == "bfloat16" else None

    def loss(params: Arrays, frozen: Arrays, windows: Any) -> Any:
        return model.loss(
            config, {**frozen, **params}, windows, compute=compute, checkpoint=settings.recompute
        )

    gradient = accel.value_and_grad(loss)

    def step(params: Arrays, state: State, frozen: Arrays, windows: Any) -> tuple[Arrays, State, Any, Any]:
        parts = settings.accumulate
        if parts == 1:
            value, gradients = gradient(params, frozen, windows[0, ...])
        else:
            # One part after another, so that the activations of one alone are alive.
            def add(held: Any, part: Any) -> Any:
                value, gradients = gradient(params, frozen, part)
                return (held[0] + value, {name: held[1][name] + g for name, g in gradients.items()}), None

            zero = accel.zeros((), dtype=accel.float32, device=accel.device(windows))
            start = (zero, {name: accel.zeros_like(x) for name, x in params.items()})
            (value, gradients), _ = accel.scan(add, start, windows)
            value = value / parts
            gradients = {name: g / parts for name, g in gradients.items()}
        params, state, norm = settings.optimizer.update(params, state, gradients)
        return params, state, value, norm

    return accel.jit(step, donate=("params", "state"))


@lru_cache(maxsize=8)
def evaluator(config: Config, settings: Settings) -> Callable[[Arrays, Tokens], float]:
    """Make the function that gives the mean loss on windows spread over a text, always the same ones."""
    compute = accel.bfloat16 if settings.precision == "bfloat16" else None

    def loss(params: Arrays, windows: Any) -> Any:
        return model.loss(config, params, windows, compute=compute)

    compiled = accel.jit(loss)

    def evaluate(params: Arrays, tokens: Tokens, batches: int = 4) -> float:
        device = accel.device(next(iter(params.values())))
        windows = tokens.spread(batches * settings.batch, settings.length)
        parts = (windows[i::batches] for i in range(batches))
        return sum(float(compiled(params, accel.to_device(part.copy(), device))) for part in parts) / batches

    return evaluate


def train(
    run: Run,
    text: Tokens,
    validation: Tokens | None = None,
    *,
    path: Path | None = None,
    save_every: int = 100,
    evaluate_every: int = 100,
    stop: Callable[[], bool] = lambda: False,
    progress: bool = True,
    name: str = "training",
) -> None:
    """Train until the schedule ends; what has been reached stands in the run.

    Parameters
    ----------
    run : Run
        What to train. It is changed.
    text, validation : Tokens
        What to learn from, and what to measure on.
    path : Path, optional
        Where checkpoints go: one before the first step, one after each ``save_every`` steps, and one at the end. What a run that goes
        on finds there is taken for its own.
    save_every, evaluate_every : int
        After how many steps.
    stop : callable
        Asked after each step; once it says so, the run is saved and training ends.
    progress : bool, default True
        Whether a bar is shown.
    name : str
        What stands before the bar.

    Raises
    ------
    DivergenceError
        If the loss or the norm of the gradient is nan or infinite. The checkpoint stays as it was after the last save.
    CheckpointError
        If a checkpoint cannot be written.
    ArgumentError
        If a window is longer than the model's context or the text.
    """
    settings, config = run.settings, run.config
    if settings.length > config.context:
        raise ArgumentError(
            f"windows of {settings.length} tokens are asked for, and the context of the model is {config.context}; take a smaller --length."
        )
    if run.kind == "model":
        check(config, run.params)
    device = accel.device(next(iter(run.params.values())))
    last = settings.optimizer.steps
    step = stepper(config, settings)
    evaluate = evaluator(config, settings)
    saved = run.done if path is not None and run.done and path.exists() else -1
    if path is not None and saved < 0:
        save(path, run.checkpoint())
        saved = run.done
    bar = Progress(run.done, last, settings.tokens, name, shown=progress)
    try:
        while run.done < last and not stop():
            began = time.perf_counter()
            windows = text.batch(
                settings.seed, run.done, (settings.accumulate, settings.batch), settings.length
            )
            params, state, loss, norm = step(
                run.params, run.state, run.frozen, accel.to_device(windows, device)
            )
            value, size = float(loss), float(norm)
            # From here on the run is that of the new step; an interrupt before it is seen by `stop` alone.
            run.params, run.state = params, state
            if not (math.isfinite(value) and math.isfinite(size)):
                kept = f"{path} holds step {saved}" if path is not None else "nothing was saved"
                raise DivergenceError(
                    f"the loss is {value:.6g} and its gradient has the norm {size:.6g} at step {run.done + 1}; {kept}; go on from there with a lower rate."
                )
            run.losses.append(value)
            run.seconds.append(time.perf_counter() - began)
            bar.step(run.done, value)
            if validation is not None and (run.done % evaluate_every == 0 or run.done == last):
                run.validation[run.done] = evaluate(run.whole, validation)
                bar.validation(run.validation[run.done])
            if path is not None and run.done % save_every == 0 and run.done < last:
                save(path, run.checkpoint())
                saved = run.done
    finally:
        bar.close()
    if path is not None and saved != run.done:
        save(path, run.checkpoint())


def continued(run: Run, *, steps: int) -> Run:
    """Give a run whose schedule ends later."""
    return replace(
        run, settings=replace(run.settings, optimizer=replace(run.settings.optimizer, steps=steps))
    )
