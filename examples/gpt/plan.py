"""Plan: a large GPT laid out on many devices, on paper: what fits, what is sent, how long a step takes at least."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from accel.errors import AccelError, ArgumentError
from gpt.config import Config
from gpt.footprint import MIXED, Division, Footprint, footprint, total
from gpt.hardware import HARDWARE, Hardware
from gpt.traffic import Traffic, traffic

__all__ = ["Plan", "command", "model_of", "plan", "quantity", "table"]

VOCABULARY = 51200
"""GPT-2's 50257 tokens, filled up so that the tensor axis divides them (D. Narayanan et al., arXiv:2104.04473 (2021), section 5)."""

LENGTH = 2048
"""Tokens of a text, as GPT-3's."""

ASPECT = 128
"""Width over depth, and features of a head, of GPT-3 175B (T. B. Brown et al., NeurIPS 2020, table 2.1)."""

FREE = 0.1
"""This share of a device's memory is left to the allocator, the libraries and buffers of messages; a guess, not a measurement."""

SPEED = 0.6
"""Share of the peak that matrix products reach; a guess, not a measurement. Whole steps, with what they wait for, reached 0.52 with 1e12
parameters on 3072 devices (D. Narayanan et al., section 5.1)."""

MOST = 10**8
"""More devices than this are not looked for."""


@dataclass(frozen=True)
class Plan:
    """A model on devices, on paper.

    Parameters
    ----------
    config : Config
        The model.
    division : Division
        How the devices that are used share it.
    devices : int
        Devices that there are.
    batch, length, parts : int
        Texts of a step, tokens of each, and in how many parts a group of devices takes its texts.
    memory : float
        Bytes that a device has.
    hardware : Hardware
        What a device can do.
    held : Footprint
        Bytes on the fullest device.
    sent : Traffic
        Bytes that a device sends in a step.
    least : dict of str to float
        Name of a limit -> seconds that a step takes at least by it. They can all be met at once at best.
    apart : float
        Seconds of a step in which nothing is hidden behind anything, and products reach `SPEED` of the peak.
    """

    config: Config
    division: Division
    devices: int
    batch: int
    length: int
    parts: int
    memory: float
    hardware: Hardware
    held: Footprint
    sent: Traffic
    least: dict[str, float]
    apart: float

    @property
    def bound(self) -> float:
        """Seconds that a step takes at least."""
        return max(self.least.values())

    @property
    def tokens(self) -> int:
        """Tokens of a step."""
        return self.batch * self.length


def quantity(text: str, unit: str = "") -> float:
    """Read a number with a unit, such as ``80GB``, ``32GiB`` or ``175e9``.

    Parameters
    ----------
    text : str
        A number, and where ``unit`` is "B" a unit: kB, MB, GB, TB are powers of 1000, KiB, MiB, GiB, TiB powers of 1024. Without one the
        letters K, M, B and T count thousands, millions, (American) billions and trillions.
    unit : str
        "B" for bytes, or nothing.

    Raises
    ------
    ArgumentError
        If it is neither, or not above 0.
    """
    bytes_ = {"B": 1.0} | {f"{p}B": 1000.0 ** (i + 1) for i, p in enumerate("kMGTP")}
    bytes_ |= {"KB": 1000.0} | {f"{p}iB": 1024.0 ** (i + 1) for i, p in enumerate("KMGTP")}
    counts = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    known = bytes_ if unit else counts
    found = re.fullmatch(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]*)\s*", text)
    try:
        value = float(found[1]) * known[found[2]] if found else 0.0
    except (KeyError, ValueError):
        value = 0.0
    if not 0 < value < math.inf:
        examples = "80GB or 32GiB" if unit else "175e9 or 175B"
        raise ArgumentError(
            f"{text!r} is no {'size of memory' if unit else 'number'} above 0; write one such as {examples}."
        )
    return value


def model_of(
    parameters: float,
    *,
    layers: int | None = None,
    width: int | None = None,
    heads: int | None = None,
    length: int = LENGTH,
    vocabulary: int = VOCABULARY,
) -> Config:
    """Choose the shape of a GPT with about so many parameters, in GPT-2's style.

    Parameters
    ----------
    parameters : float
        How many; blocks have 12 * layers * width**2 of them.
    layers, width, heads : int, optional
        What is fixed. The width is `ASPECT` times the depth otherwise, as far as a multiple of 128 (1024 for large models) can be, and a head has
        128 features, or 64 in small models.
    length, vocabulary : int
        Tokens of a text, and tokens that there are.

    Raises
    ------
    ArgumentError
        If there are too few parameters for a model, or the numbers do not fit together.
    """
    if width is None:
        aim = (parameters / 12 / layers) ** 0.5 if layers else (parameters * ASPECT / 12) ** (1 / 3)
        unit = 1024 if aim >= 4096 else 128 if aim >= 1024 else 64
        width = max(unit, round(aim / unit) * unit)
    if heads is None:
        heads = max(1, width // (128 if width >= 2048 and width % 128 == 0 else 64))
    rest = (vocabulary + length) * width
    if layers is None:
        exact = (parameters - rest) / (12 * width**2 + 13 * width)
        if exact < 0.5:
            raise ArgumentError(
                f"{parameters:.3g} parameters are too few: the embedding of {vocabulary} tokens of width {width} has {rest:.3g} alone; write "
                f"more parameters, or a smaller --vocabulary."
            )
        unit = 8 if exact >= 32 else 1
        layers = max(1, round(exact / unit) * unit)
    return Config(vocabulary=vocabulary, context=length, layers=layers, heads=heads, width=width)


def _usual_batch(parameters: float, length: int) -> int:
    """Give texts of a step: GPT-3's tokens as powers of 2 (Brown et al., table 2.1), and beyond it growing with the root of the parameters."""
    tokens = (
        2.0**19
        if parameters < 2e9
        else 2.0**20
        if parameters < 10e9
        else 2.0**21
        if parameters < 50e9
        else 2.0**22
    )
    if parameters > 175e9:
        tokens *= 2 ** round(math.log2((parameters / 175e9) ** 0.5))
    return max(1, int(tokens) // length)


def plan(
    parameters: float,
    devices: int,
    memory: float | None = None,
    *,
    hardware: Hardware = HARDWARE["a100"],
    config: Config | None = None,
    batch: int | None = None,
    length: int = LENGTH,
) -> Plan:
    """Find the layout in which a model fits on devices and a step takes least.

    Parameters
    ----------
    parameters : float
        How many the model has, about.
    devices : int
        How many there are.
    memory : float, optional
        Bytes of each; by default that of the hardware.
    hardware : Hardware
        What a device can do.
    config : Config, optional
        The model, where it is known; ``parameters`` does not count then.
    batch : int, optional
        Texts of a step.
    length : int
        Tokens of a text.

    Returns
    -------
    Plan
        Of those with the least time `Plan.apart`.

    Raises
    ------
    ArgumentError
        If a number makes no sense, or the model does not fit: the message says how many devices, or how much memory of each, would do.

    Notes
    -----
    Searched: every division by tensor (powers of 2, inside a node), pipeline (divisors of the layers), sequence (powers of 2) and data
    (divisors of the batch) axes, 1 to 8 texts at a time, with and without making activations again, the stages 0, 1 and 3 of ZeRO. Devices
    that no axis can use stay idle.

    Operations: 6 * parameters for a token, 8 with recomputation, and 12 * layers * length * width for attention, half of it behind the
    diagonal (Narayanan et al., appendix, who do not halve it). A pipeline of p stages and m parts idles for (p - 1) / m of the time
    (section 2.2). Memory is read once for each part on the way there, twice on the way back, and by the optimizer.
    """
    if type(devices) is not int or devices < 1:
        raise ArgumentError(f"devices is {devices!r}, and has to be an int of at least 1.")
    if not 1e5 <= parameters <= 1e15:
        raise ArgumentError(f"parameters is {parameters:.3g}, and has to be from 1e5 to 1e15.")
    config = model_of(parameters, length=length) if config is None else config
    count = total(config)
    batch = _usual_batch(count, length) if batch is None else batch
    if type(batch) is not int or batch < 1:
        raise ArgumentError(f"batch is {batch!r}, and has to be an int of at least 1.")
    memory = hardware.memory if memory is None else memory
    best: Plan | None = None
    for division in _divisions(config, devices, batch, length, hardware):
        parts = batch // (division.data * division.micro)
        held = footprint(config, division, length, MIXED, parts=parts)
        if held.total > memory * (1 - FREE):
            continue
        made = _timed(config, division, devices, batch, length, parts, memory, hardware, held)
        if best is None or (made.apart, made.held.total) < (best.apart, best.held.total):
            best = made
    if best is None:
        raise ArgumentError(_missing(config, count, devices, batch, length, memory, hardware))
    return best


@lru_cache(maxsize=4096)
def _divisors(number: int) -> tuple[int, ...]:
    small = [n for n in range(1, math.isqrt(number) + 1) if number % n == 0]
    return tuple(sorted({*small, *(number // n for n in small)}))


def _powers(most: int) -> list[int]:
    return [2**i for i in range(most.bit_length()) if 2**i <= most]


def _divisions(
    config: Config, devices: int, batch: int, length: int, hardware: Hardware, *, leanest: bool = False
) -> Iterator[Division]:
    """List the divisions to look at; with ``leanest`` those alone that take least memory."""
    for t in _powers(min(hardware.node, 64, devices)):
        if config.heads % t or config.vocabulary % t or config.hidden % t:
            continue
        for p in _divisors(config.layers):
            if t * p > devices:
                break
            for s in _powers(min(length // 128 or 1, devices // (t * p))):
                if length % s:
                    continue
                most = devices // (t * p * s)
                # Fewer groups than there could be only leave devices idle.
                d = max(n for n in _divisors(batch) if n <= most)
                for micro in (1,) if leanest else (1, 2, 4, 8):
                    if (batch // d) % micro:
                        continue
                    for recompute in (True,) if leanest else (False, True):
                        for stage in (3,) if leanest else (0, 1, 3):
                            if stage and d * s == 1:
                                continue
                            yield Division(d, t, s, p, stage, micro, recompute)
                        if leanest and d * s == 1:
                            yield Division(d, t, s, p, 0, micro, recompute)


def _timed(
    config: Config,
    d: Division,
    devices: int,
    batch: int,
    length: int,
    parts: int,
    memory: float,
    hardware: Hardware,
    held: Footprint,
) -> Plan:
    sent = traffic(config, d, length, MIXED, parts=parts)
    count = total(config)
    attention = 12 * config.layers * config.width * length / 2
    work = batch * length * (6 * count + attention) * (8 / 6 if d.recompute else 1) / d.devices
    owned = held.weights * (d.copies if d.stage >= 3 else 1)
    moved = owned * parts * (4 if d.recompute else 3) + 2 * held.optimizer + held.gradients
    # The axes lie in this order, the fastest links first; what does not fit into a node goes by the slow ones.
    near = {
        "tensor": d.tensor,
        "sequence": d.tensor * d.sequence,
        "data": d.tensor * d.sequence * d.data,
        "pipeline": d.devices,
    }
    seconds = {
        axis: getattr(sent, axis) / (hardware.fast if span <= hardware.node else hardware.slow)
        for axis, span in near.items()
    }
    fast = sum(seconds[a] for a, span in near.items() if span <= hardware.node)
    slow = sum(seconds[a] for a, span in near.items() if span > hardware.node)
    idle = 1 + (d.pipeline - 1) / parts
    least = {
        "products at the peak": work / hardware.flops * idle,
        "memory": moved / hardware.bandwidth,
        "links in a node": fast,
        "links between nodes": slow,
    }
    compute = max(work / hardware.flops / SPEED, moved / hardware.bandwidth)
    apart = (compute + seconds["tensor"] + seconds["sequence"] + seconds["pipeline"]) * idle + seconds["data"]
    return Plan(config, d, devices, batch, length, parts, memory, hardware, held, sent, least, apart)


def _leanest(config: Config, devices: int, batch: int, length: int, hardware: Hardware) -> float:
    """Give the least memory of a device, in bytes, with which so many devices would do."""
    return min(
        footprint(config, d, length, MIXED, parts=batch // d.data).total
        for d in _divisions(config, devices, batch, length, hardware, leanest=True)
    ) / (1 - FREE)


def _missing(
    config: Config, count: int, devices: int, batch: int, length: int, memory: float, hardware: Hardware
) -> str:
    """Say what would do."""
    needed = _leanest(config, devices, batch, length, hardware)
    low, high = devices, devices
    while high < MOST and _leanest(config, high, batch, length, hardware) > memory:
        low, high = high, high * 2
    if high >= MOST:
        enough = f"with {_size(memory)} on each no number of devices that was looked at would do"
    else:
        while high - low > max(1, low // 100):
            middle = (low + high) // 2
            if _leanest(config, middle, batch, length, hardware) > memory:
                low = middle
            else:
                high = middle
        enough = f"at least about {high} devices of {_size(memory)} would do"
    return (
        f"{_count(count)} parameters do not fit on {devices} device{'s' * (devices > 1)} of {_size(memory)}: {enough}, or "
        f"{_size(needed)} on each of {devices}, both with {FREE:.0%} left free."
    )


def _size(value: float) -> str:
    for factor, unit in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= factor:
            return (
                f"{value / factor:.3g} {unit}" if value < 999.5 * factor else f"{value / factor:.0f} {unit}"
            )
    return f"{value:.0f} B"


def _count(value: float) -> str:
    return (
        f"{value:.4g}"
        if value >= 1e16
        else f"{value / 10 ** (3 * int(math.log10(value) // 3)):.4g}e{3 * int(math.log10(value) // 3)}"
    )


def _time(value: float) -> str:
    if value >= 3 * 86400:
        return f"{value / 86400:.3g} days"
    for factor, unit in ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def table(plan: Plan, *, tokens: float | None = None, name: str = "") -> str:
    """Write a plan for people.

    Parameters
    ----------
    plan : Plan
        What to write.
    tokens : float, optional
        Of a whole training, whose time is then told.
    name : str
        Of the hardware.
    """
    c, d, held, sent, hw = plan.config, plan.division, plan.held, plan.sent, plan.hardware
    idle = plan.devices - d.devices
    stages = {
        0: "optimizer state on every device",
        1: "optimizer state in parts (ZeRO 1)",
        3: "weights, gradients and optimizer state in parts (ZeRO 3)",
    }
    rows: list[tuple[str, str, str]] = [
        (
            "Model",
            f"{_count(total(c))} parameters",
            f"{c.layers} layers, width {c.width}, {c.heads} heads, {c.vocabulary} tokens",
        ),
        ("Step", f"{plan.batch} texts", f"of {plan.length} tokens: {_count(plan.tokens)} tokens"),
        (
            "Devices",
            f"{d.devices} of {plan.devices}",
            f"{_size(plan.memory)} each; {idle} idle" if idle else f"{_size(plan.memory)} each",
        ),
        ("", "", ""),
        ("Layout", "", ""),
        (
            "  data",
            str(d.data),
            f"groups, {plan.batch // d.data} texts each, {d.micro} at a time in {plan.parts} parts",
        ),
        ("  tensor", str(d.tensor), f"share heads, hidden features and vocabulary; a node has {hw.node}"),
        ("  sequence", str(d.sequence), "share the tokens of a text"),
        (
            "  pipeline",
            str(d.pipeline),
            f"stages, {c.layers // d.pipeline} of the layers each; idle {(d.pipeline - 1) / (plan.parts + d.pipeline - 1):.1%} of the time",
        ),
        ("  state", "", stages[d.stage]),
        ("  activations", "", "made again on the way back" if d.recompute else "kept"),
        ("", "", ""),
        ("Memory of a device", "", ""),
        ("  weights", _size(held.weights), "bfloat16"),
        ("  gradients", _size(held.gradients), "bfloat16"),
        ("  optimizer", _size(held.optimizer), "float32 weights and Adam's two means"),
        ("  activations", _size(held.activations), "of the blocks"),
        ("  scores", _size(held.scores), "of the vocabulary"),
        ("  together", _size(held.total), f"{held.total / plan.memory:.0%} of {_size(plan.memory)}"),
        ("", "", ""),
        ("Sent by a device in a step", "", ""),
        *(
            (f"  {axis}", _size(getattr(sent, axis)), "")
            for axis in ("tensor", "sequence", "data", "pipeline")
        ),
        ("  together", _size(sent.total), ""),
        ("", "", ""),
        ("Time of a step", "", ""),
        *((f"  {limit}", _time(value), "at least") for limit, value in plan.least.items()),
        (
            "  at least",
            _time(plan.bound),
            f"{_count(plan.tokens / plan.bound)} tokens/s at most: all of these at once",
        ),
        (
            "  nothing hidden",
            _time(plan.apart),
            f"{_count(plan.tokens / plan.apart)} tokens/s: one after the other, products at {SPEED:.0%} of the peak",
        ),
    ]
    if tokens is not None:
        steps = tokens / plan.tokens
        rows.append(
            (
                f"  {_count(tokens)} tokens",
                _time(steps * plan.bound),
                f"at least; {_time(steps * plan.apart)} with nothing hidden",
            )
        )
    wide = [max(len(row[i]) for row in rows if i or row[1]) for i in range(2)]
    lines = [f"{first:<{wide[0]}}  {second:>{wide[1]}}  {third}".rstrip() for first, second, third in rows]
    facts = (
        f"{name or 'Hardware'}: {hw.flops / 1e12:.4g} TFLOP/s, memory {_size(hw.bandwidth)}/s, links {_size(hw.fast)}/s among {hw.node} devices and "
        f"{_size(hw.slow)}/s beyond, each way."
    )
    return "\n".join(
        [
            *lines,
            "",
            facts,
            f"Source: {hw.source}.",
            "",
            "On paper: formulas of the modules gpt.footprint and gpt.traffic, held against a run on 8 devices by the tests. Not modelled: delays of",
            "messages, crowded networks, uneven stages, failures, reading of data, what a program takes beside its arrays (10% of the memory is left",
            "for it). gpt.parallel trains on the data, tensor and sequence axes; it has no pipeline and no ZeRO beyond stage 1.",
        ]
    )


def command(argv: Sequence[str]) -> int:
    """Plan as the command line says, and print the plan.

    Parameters
    ----------
    argv : sequence of str
        Arguments after ``plan``.

    Returns
    -------
    int
        Exit status: 0, or 2 after one sentence about what was wrong.
    """
    parser = argparse.ArgumentParser(
        prog="python examples/gpt plan", description="Lay a large model out on many devices, on paper."
    )
    option = parser.add_argument
    option("--params", required=True, metavar="N", help="parameters of the model, such as 175e9 or 175B")
    option("--devices", required=True, metavar="N", help="how many devices there are, such as 1024 or 1e7")
    option("--memory", metavar="SIZE", help="memory of each, such as 80GB (default: that of the hardware)")
    option("--hardware", choices=HARDWARE, default="a100", help="what a device can do (default: a100)")
    for name, text in (
        ("layers", "layers"),
        ("width", "features of a token"),
        ("heads", "heads of attention"),
    ):
        option(f"--{name}", metavar="N", help=f"{text} (default: of GPT-3's proportions)")
    option(
        "--vocabulary",
        metavar="N",
        default=str(VOCABULARY),
        help=f"tokens that there are (default: {VOCABULARY})",
    )
    option("--length", metavar="N", default=str(LENGTH), help=f"tokens of a text (default: {LENGTH})")
    option("--batch", metavar="N", help="texts of a step (default: as GPT-3's)")
    option(
        "--tokens", metavar="N", help="tokens of the whole training, whose time is then told, such as 300e9"
    )
    option("--flops", metavar="N", help="operations a second of a device, such as 312e12")
    option("--bandwidth", metavar="SIZE", help="bytes a second of a device's memory, such as 2TB")
    option("--node", metavar="N", help="devices that fast links join")
    option("--fast-link", metavar="SIZE", help="bytes a second each way inside a node, such as 300GB")
    option("--slow-link", metavar="SIZE", help="bytes a second each way between nodes, such as 25GB")
    given = parser.parse_args(list(argv))
    try:
        print(table(*_asked(given), **_told(given)))
    except AccelError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def _whole(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        value = quantity(text)
    except ArgumentError:
        value = 0.5
    if value != int(value):
        raise ArgumentError(f"--{name} is {text!r}, and has to be a whole number of at least 1.")
    return int(value)


def _asked(given: argparse.Namespace) -> tuple[Plan]:
    hardware = HARDWARE[given.hardware]
    changes: dict[str, Any] = {}
    if given.flops is not None:
        changes["flops"] = quantity(given.flops)
    for field, text in (("bandwidth", given.bandwidth), ("fast", given.fast_link), ("slow", given.slow_link)):
        if text is not None:
            changes[field] = quantity(text, "B")
    if given.node is not None:
        changes["node"] = _whole("node", given.node)
    if changes:
        hardware = replace(
            hardware, **changes, source=f"{hardware.source}; {', '.join(changes)} as asked for"
        )
    devices = _whole("devices", given.devices) or 1
    length = _whole("length", given.length) or 1
    parameters = quantity(given.params)
    fixed = {name: _whole(name, getattr(given, name)) for name in ("layers", "width", "heads")}
    vocabulary = _whole("vocabulary", given.vocabulary) or 1
    config = model_of(parameters, length=length, vocabulary=vocabulary, **fixed)
    memory = None if given.memory is None else quantity(given.memory, "B")
    made = plan(
        parameters,
        devices,
        memory,
        hardware=hardware,
        config=config,
        batch=_whole("batch", given.batch),
        length=length,
    )
    return (made,)


def _told(given: argparse.Namespace) -> dict[str, Any]:
    return {"tokens": None if given.tokens is None else quantity(given.tokens), "name": given.hardware}
