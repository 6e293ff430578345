"""Training on several devices: the program of one device, with its arrays cut over a mesh; what that costs, measured in the compiled program.

The compiler of JAX divides the work (Y. Xu et al., GSPMD, arXiv:2105.04663 (2021)): nothing in the model knows of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import accel
import gpt.model as model
from accel.errors import AccelError
from gpt.config import Config
from gpt.layout import Layout, divided, specs
from gpt.optimizer import Arrays, State
from gpt.training import Settings

__all__ = ["Collective", "Cost", "collectives", "cost", "place", "stepper", "train"]


def place(params: Arrays, state: State, layout: Layout) -> tuple[Arrays, State]:
    """Cut parameters and the optimizer's state over the mesh in use.

    Parameters
    ----------
    params : dict of arrays
        On one device.
    state : State
        That of the optimizer.
    layout : Layout
        That of the mesh.

    Returns
    -------
    tuple
        The same, cut.

    Raises
    ------
    ArgumentError, ShapeError, MixedBackendsError
        As `accel.shard`.
    """
    cut, moments = specs(params), _moments(params, layout)
    held = State(
        accel.replicate(state.step), accel.shard(state.mean, moments), accel.shard(state.square, moments)
    )
    return accel.shard(params, cut), held


def _moments(params: Arrays, layout: Layout) -> dict[str, Any]:
    cut = specs(params)
    if not layout.sharded:
        return cut
    return {name: divided(cut[name], tuple(x.shape), layout) for name, x in params.items()}


def _step(config: Config, settings: Settings, layout: Layout) -> Callable[..., tuple[Arrays, State, Any]]:
    compute = accel.bfloat16 if settings.precision == "bfloat16" else None

    def loss(params: Arrays, windows: Any) -> Any:
        tokens = accel.shard(windows[:, :-1], ("data", "sequence"))
        wanted = accel.shard(windows[:, 1:], ("data", "sequence"))
        scores = model.logits(config, params, tokens, compute=compute, checkpoint=settings.recompute)
        # As model.loss, but without joining the axes of batch and time, which are cut differently.
        return accel.nn.cross_entropy(scores, wanted)

    gradient = accel.value_and_grad(loss)

    def step(params: Arrays, state: State, windows: Any) -> tuple[Arrays, State, Any]:
        value, gradients = gradient(params, windows)
        gradients = accel.shard(gradients, specs(params))
        moments = _moments(params, layout)
        params, state, _ = settings.optimizer.update(params, state, gradients)
        state = State(state.step, accel.shard(state.mean, moments), accel.shard(state.square, moments))
        return accel.shard(params, specs(params)), state, value

    return step


def stepper(config: Config, settings: Settings, layout: Layout) -> Callable[..., tuple[Arrays, State, Any]]:
    """Make the function that takes one step on the mesh in use, compiled.

    Returns
    -------
    callable
        ``step(params, state, windows)`` with windows of shape (batch, length + 1) gives new parameters, new state, and the loss
        before the step. Parameters and state may be reused: use what comes back.

    Raises
    ------
    ShapeError
        If the layout does not divide the model or its batches.
    """
    layout.check(config, settings.batch, settings.length)
    return accel.jit(_step(config, settings, layout), donate=("params", "state"))


def train(
    config: Config,
    settings: Settings,
    layout: Layout,
    batches: Iterator[Any],
    *,
    devices: Any = None,
    key: Any = None,
) -> tuple[list[float], Arrays]:
    """Train a new model on a mesh.

    Parameters
    ----------
    config, settings, layout
        The model, its training and how both are cut. Parts of a step (``accumulate``) are not known here.
    batches : iterator of arrays, shape (batch, length + 1)
        Host arrays of tokens, one for each step.
    devices : optional
        As for `accel.mesh`.
    key : array, optional
        Key of the first weights; by default that of the seed.

    Returns
    -------
    tuple
        The losses, and the parameters, cut.

    Raises
    ------
    ShapeError
        If the layout does not divide the model or its batches.
    DeviceNotFoundError, UnsupportedError
        If there are not so many devices.
    """
    step = stepper(config, settings, layout)
    mesh = layout.mesh(devices)
    key = accel.random.key(settings.seed, device=mesh.devices[0]) if key is None else key
    first = model.initial(config, key, dtype=accel.float32)
    with accel.use_mesh(mesh):
        params, state = place(first, settings.optimizer.initial(first), layout)
        losses = []
        for windows in batches:
            cut = accel.to_device(windows, mesh.device(("data",)))
            params, state, loss = step(params, state, cut)
            losses.append(float(loss))
    return losses, params


# What it costs


@dataclass(frozen=True)
class Collective:
    """What the devices of groups tell each other at one place of a compiled program.

    Parameters
    ----------
    kind : str
        XLA's name, such as ``"all-reduce"``.
    size : int
        Bytes of the result on a device.
    group : int
        Devices that take part together.
    """

    kind: str
    size: int
    group: int

    @property
    def wire(self) -> float:
        """Bytes that a device sends by the best algorithm for long messages.

        A ring's: R. Thakur, R. Rabenseifner, W. Gropp, Optimization of Collective Communication Operations in MPICH, Int. J. High
        Perform. Comput. Appl. 19 (2005), section 4.
        """
        n = self.group
        if n == 1:
            return 0.0
        match self.kind:
            case "all-reduce":
                return 2 * (n - 1) / n * self.size
            case "all-gather" | "all-to-all":
                return (n - 1) / n * self.size
            case "reduce-scatter":
                return (n - 1) * self.size
        return float(self.size)


KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")
LINE = re.compile(rf"= (?P<shape>.*?) (?P<kind>{'|'.join(KINDS)})(?P<start>-start)?\((?P<rest>.*)")
ITEM = re.compile(r"\b([a-z]+)(\d+)(?:e\dm\d\w*)?\[([\d,]*)\]")


def collectives(program: str, devices: int) -> list[Collective]:
    """Read from the text of a compiled program what the devices tell each other.

    Parameters
    ----------
    program : str
        XLA's text of the program, as ``compiled.as_text()`` gives it.
    devices : int
        On how many it runs.

    Raises
    ------
    AccelError
        If something is sent inside a loop: how often would not be known.
    """
    found, body = [], ""
    loops = set(re.findall(r" while\(.*?body=%?([\w.\-]+)", program))
    for line in program.splitlines():
        head = re.match(r"(?:ENTRY )?%?([\w.\-]+) .*\{$", line)
        if head:
            body = head[1]
        sent = LINE.search(line)
        if sent is None:
            continue
        if body in loops:
            raise AccelError(f"{sent['kind']} stands in the loop {body} of the program; unroll it to count.")
        size = sum(
            math.ceil(int(bits) / 8) * math.prod(map(int, filter(None, shape.split(","))))
            for _, bits, shape in ITEM.findall(sent["shape"].replace("pred[", "pred8["))
        )
        found.append(Collective(sent["kind"], size, _group(sent["rest"], devices)))
    return found


def _group(text: str, devices: int) -> int:
    """Read how many devices take part together, in any of the ways in which XLA writes it."""
    if "source_target_pairs=" in text or "replica_groups={}" in text:
        return devices
    listed = re.search(r"replica_groups=\{\{([\d,]+)\}", text)
    if listed:
        return len(listed[1].split(","))
    counted = re.search(r"replica_groups=\[\d+,(\d+)\]<=", text)
    if counted:
        return int(counted[1])
    named = re.search(r"replica_groups=mesh\[([^\]]*)\][^{]*\{([^}]*)\}", text)
    if named:
        lengths = dict(re.findall(r"'(\w+)'=(\d+)", named[1]))
        parts = re.findall(r"'(\w+)'(?::\(\d+\)(\d+))?", named[2])
        return math.prod(int(part or lengths[axis]) for axis, part in parts)
    raise AccelError(f"Who takes part cannot be read from this line of the program: {text[:200]}")


@dataclass(frozen=True)
class Cost:
    """What one step costs on each device, as measured.

    Parameters
    ----------
    weights, optimizer : int
        Bytes of parameters and of the optimizer's state: those of the parts that really lie on the first device.
    scratch : int
        Bytes of gradients, activations and whatever else the compiled step needs at once, by the compiler's account.
    wire : float
        Bytes that a device sends.
    sent : dict of (str, int) to float
        Kind of message and size of the group -> bytes that a device sends so.
    program : str
        The text of the compiled step.
    """

    weights: int
    optimizer: int
    scratch: int
    wire: float
    sent: dict[tuple[str, int], float]
    program: str


def cost(config: Config, settings: Settings, layout: Layout, *, devices: Any = None) -> Cost:
    """Compile a step and measure what it costs; nothing is trained.

    Parameters
    ----------
    config, settings, layout, devices
        As for `train`.

    Returns
    -------
    Cost
        Of one device. Memory is what the compiler plans and the arrays hold, not what an allocator of the device adds.

    Raises
    ------
    ShapeError, DeviceNotFoundError, UnsupportedError
        As `train`.
    """
    import jax

    layout.check(config, settings.batch, settings.length)
    mesh = layout.mesh(devices)
    key = accel.random.key(settings.seed, device=mesh.devices[0])
    first = model.initial(config, key, dtype=accel.float32)
    with accel.use_mesh(mesh), accel.x64():
        params, state = place(first, settings.optimizer.initial(first), layout)
        windows = accel.zeros(
            (settings.batch, settings.length + 1), dtype=accel.int32, device=mesh.device(("data",))
        )
        lowered = jax.jit(_step(config, settings, layout), donate_argnums=(0, 1)).lower(
            params, state, windows
        )
        compiled = lowered.compile()
    memory = compiled.memory_analysis()
    sent: Counter[tuple[str, int]] = Counter()
    program = compiled.as_text()
    messages = collectives(program, layout.devices)
    for each in messages:
        sent[each.kind, each.group] += each.wire  # type: ignore[assignment]
    return Cost(
        _held(params),
        _held({**_named("mean", state.mean), **_named("square", state.square)}),
        int(memory.temp_size_in_bytes),
        sum(each.wire for each in messages),
        dict(sent),
        program,
    )


def _named(prefix: str, arrays: Arrays) -> Arrays:
    return {f"{prefix}.{name}": x for name, x in arrays.items()}


def _held(arrays: Arrays) -> int:
    """Count the bytes of the parts of arrays on their first device."""
    return sum(int(x.addressable_shards[0].data.nbytes) for x in arrays.values())
