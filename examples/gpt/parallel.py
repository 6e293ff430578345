"""Training on several devices: the program of one device, with its arrays cut over a mesh; what that costs, measured in the compiled program.

The compiler of JAX divides the work (Y. Xu et al., GSPMD, arXiv:2105.04663 (2021)): nothing in the model knows of it.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import accel
import gpt.model as model
from accel.errors import AccelError, ArgumentError
from gpt.config import PRESETS, Config, preset
from gpt.footprint import FLOAT32, Division, footprint
from gpt.layout import Layout, divided, specs
from gpt.optimizer import AdamW, Arrays, State
from gpt.traffic import traffic
from gpt.training import Settings

__all__ = ["Collective", "Cost", "collectives", "command", "cost", "place", "report", "stepper", "train"]


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
    memory: Any = compiled.memory_analysis()
    sent: Counter[tuple[str, int]] = Counter()
    program = compiled.as_text() or ""
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


def report(config: Config, settings: Settings, layouts: Sequence[Layout], *, devices: Any = None) -> str:
    """Train by each layout on the same batches of real text and write what came out as a Markdown table.

    Parameters
    ----------
    config, settings
        As for `train`; bytes are the tokens.
    layouts : sequence of Layout
        The first is the one that the others are compared with.
    devices : optional
        As for `accel.mesh`.

    Returns
    -------
    str
        For each layout: the last loss; the largest relative difference of a loss from that of the first layout; bytes on a device, and
        bytes that it sends in a step, as measured, and how far the formulas are from them.
    """
    text = Path(argparse.__file__).read_bytes()
    lines = [
        "| data x tensor x sequence | state | last loss | largest difference | weights | optimizer | scratch | on paper | sent | on paper | at best |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    first: list[float] = []
    for layout in layouts:
        losses, _ = train(config, settings, layout, _windows(text, settings), devices=devices)
        first = first or losses
        apart = max(abs(a / b - 1) for a, b in zip(losses, first, strict=True))
        found = cost(config, settings, layout, devices=devices)
        division = Division(
            layout.data,
            layout.tensor,
            layout.sequence,
            stage=int(layout.sharded),
            micro=settings.batch // layout.data,
        )
        held = footprint(config, division, settings.length, FLOAT32)
        scratch = held.gradients + held.activations + held.scores
        sent, best = (
            traffic(config, division, settings.length, FLOAT32, joined=j).total for j in (False, True)
        )
        cells = [
            " x ".join(map(str, layout.shape)),
            "in parts" if layout.sharded else "whole",
            f"{losses[-1]:.4f}",
            f"{apart:.1e}",
            *(f"{size / 1e6:.3f} MB" for size in (found.weights, found.optimizer, found.scratch)),
            f"{scratch / found.scratch - 1:+.1%}",
            f"{found.wire / 1e6:.3f} MB",
            f"{sent / found.wire - 1:+.1%}" if found.wire else "",
            f"{best / found.wire - 1:+.1%}" if found.wire else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _windows(text: bytes, settings: Settings) -> Iterator[Any]:
    tokens = np.frombuffer(text, dtype=np.uint8).astype(np.int32)
    random = np.random.default_rng(settings.seed)
    for _ in range(settings.optimizer.steps):
        starts = random.integers(0, len(tokens) - settings.length - 1, settings.batch)
        yield np.stack([tokens[i : i + settings.length + 1] for i in starts])


def command(argv: Sequence[str]) -> int:
    """Train a small model by several layouts, and print what it gives and costs.

    Parameters
    ----------
    argv : sequence of str
        Arguments after ``parallel``.

    Returns
    -------
    int
        Exit status: 0, or 2 after one sentence about what was wrong.
    """
    parser = argparse.ArgumentParser(
        prog="python examples/gpt parallel",
        description="Train a small GPT on several devices by several layouts, and measure what each costs.",
    )
    option = parser.add_argument
    option("--preset", choices=PRESETS, default="tiny", help="a configuration (default: tiny)")
    option("--steps", type=int, default=20, help="steps of each training (default: 20)")
    option("--batch", type=int, default=8, help="texts of a step (default: 8)")
    option("--device", default="jax", help="kind of device (default: jax)")
    option(
        "--layout",
        action="append",
        metavar="D,T,S",
        help="devices along data, tensor and sequence; several times",
    )
    option("--sharded", action="store_true", help="keep the optimizer's state in parts")
    option(
        "--virtual",
        type=int,
        default=8,
        metavar="N",
        help="let the CPU pass for so many devices (default: 8)",
    )
    given = parser.parse_args(list(argv))
    if "jax" not in sys.modules and "device_count" not in os.environ.get("XLA_FLAGS", ""):
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={given.virtual}"
        os.environ["XLA_FLAGS"] = flags.strip()
    try:
        config = preset(given.preset)
        optimizer = AdamW(steps=given.steps, warmup=max(given.steps // 5, 1), rate=3e-3)
        settings = Settings(batch=given.batch, length=config.context, optimizer=optimizer)
        asked = given.layout or ["8,1,1", "1,2,1", "1,1,8", "2,2,2"]
        layouts = [Layout(), *(_layout(each, sharded=given.sharded) for each in asked)]
        print(report(config, settings, layouts, devices=given.device))
    except AccelError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def _layout(text: str, *, sharded: bool) -> Layout:
    if not re.fullmatch(r"\d+,\d+,\d+", text):
        raise ArgumentError(
            f"--layout is {text!r}; write devices along data, tensor and sequence, such as 2,2,2."
        )
    data, tensor, sequence = map(int, text.split(","))
    return Layout(data, tensor, sequence, sharded)


def _named(prefix: str, arrays: Arrays) -> Arrays:
    return {f"{prefix}.{name}": x for name, x in arrays.items()}


def _held(arrays: Arrays) -> int:
    """Count the bytes of the parts of arrays on their first device."""
    return sum(int(x.addressable_shards[0].data.nbytes) for x in arrays.values())
