"""Report: a small model trained, fine-tuned, quantised and asked for text on every usable backend, in one page with pictures."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import accel
import gpt.chart as chart
from accel.errors import AccelError, ArgumentError
from gpt.agreement import alike
from gpt.chart import label
from gpt.curve import pyplot
from gpt.study import PROMPT, WANTED, files, study
from gpt.tokenizer import Bytes

STEPS = 200

MARGIN = 10
"""How many times as far as the twin two devices may be apart."""


def command(arguments: Sequence[str]) -> int:
    """Make the report; give 0 where all devices agree, 1 where they do not or one did not finish, 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python examples/gpt report",
        description="Train, fine-tune, quantise and generate on every usable backend, and write one report.",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("gpt-report"), help="the folder (default: gpt-report)"
    )
    parser.add_argument(
        "--devices", nargs="+", metavar="NAME", help="these devices (default: one of each backend and kind)"
    )
    parser.add_argument("--steps", type=int, help=f"steps of training (default: {STEPS})")
    parser.add_argument("--quick", action="store_true", help="a tiny model and 40 steps")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--twin", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.steps is None:
        options.steps = 40 if options.quick else STEPS
    if options.steps < 2:
        raise ArgumentError(f"--steps must be 2 or more, got {options.steps}.")
    if options.out.exists() and not options.out.is_dir():
        raise ArgumentError(f"{options.out} is a file; name a folder.")
    if options.worker:
        size = "tiny" if options.quick else "small"
        found = study(accel.device(options.worker), options.steps, options.out, model=size, twin=options.twin)
        _written(options.out, options.worker).write_text(json.dumps(found), encoding="utf-8")
        return 0
    pyplot()  # says what is missing before an hour of work
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    studies: list[dict[str, Any]] = []
    said: list[str] = []
    for device in _devices(options.devices):
        try:
            studies.append(_made(device, options, twin=not studies))
        except AccelError as error:
            said.append(str(error))
    if not studies:
        raise ArgumentError(f"no device could train: {' '.join(said)}")
    bound = MARGIN * apart(studies[0]["twin"], studies[0]["losses"])
    said += [sentence for each in studies for sentence in disagreements(each, studies[0], bound)]
    chart.curves(options.out / "curves.png", studies)
    chart.agreement(options.out / "agreement.png", studies, bound)
    chart.speed(options.out / "speed.png", studies)
    chart.memory(options.out / "memory.png", studies)
    made = f"{options.steps}{' --quick' if options.quick else ''}"
    page = written(studies, bound, said, made, time.monotonic() - began)
    (options.out / "report.md").write_text(page, encoding="utf-8")
    (options.out / "report.json").write_text(
        json.dumps({"bound": bound, "complaints": said, "studies": studies}, indent=1), encoding="utf-8"
    )
    for sentence in said:
        print(f"NOT THE SAME: {sentence}")
    if not said:
        print(f"{len(studies)} devices did all of it, and agree.")
    print(f"report  {options.out / 'report.md'}")
    return 1 if said else 0


def _devices(names: list[str] | None) -> list[accel.Device]:
    """Give the devices asked for, or one of each backend and kind; one that is not emulated comes first, as the reference."""
    if names:
        return list(dict.fromkeys(accel.device(name) for name in names))
    first: dict[tuple[str, str], accel.Device] = {}
    for device in accel.devices():
        first.setdefault((device.backend, device.kind), device)
    return sorted(first.values(), key=lambda d: (d.emulated, d.backend != "jax"))


def _written(folder: Path, device: object) -> Path:
    return folder / f"{str(device).replace(':', '-')}.json"


def _made(device: accel.Device, options: argparse.Namespace, *, twin: bool) -> dict[str, Any]:
    """Make the study of a device in a process of its own, so that its memory is its own."""
    path = _written(options.out, device)
    for old in (path, *files(options.out, device)):
        old.unlink(missing_ok=True)
    print(f"{device}: {device.description}", file=sys.stderr)
    program = [sys.executable, str(Path(__file__).parent), "report", "--worker", str(device)]
    rest = ["--out", str(options.out), "--steps", str(options.steps)]
    rest += [option for option, asked in (("--twin", twin), ("--quick", options.quick)) if asked]
    done = subprocess.run([*program, *rest], env=dict(os.environ))
    if done.returncode or not path.exists():
        raise ArgumentError(
            f"{device} did not finish (exit status {done.returncode}); its last words stand above."
        )
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return found


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """Give the largest distance between two curves; nan where one of them has it."""
    distances = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return math.nan if any(math.isnan(d) for d in distances) else max(distances)


def disagreements(each: dict[str, Any], reference: dict[str, Any], bound: float) -> list[str]:
    """Say in sentences what one device does not share with the reference; an empty list is what we want."""
    said, name = [], each["device"]
    for what, text in (("first_weights", "first weights"), ("batches", "batches")):
        if each[what] != reference[what]:
            said.append(f"{name}: the {text} are not those of {reference['device']}.")
    distance = apart(each["losses"], reference["losses"])
    if not distance <= bound:  # so that nan is a disagreement too
        said.append(
            f"{name}: losses are up to {distance:.2g} from {reference['device']}'s; rounding explains {bound:.2g}."
        )
    same = alike(each["tokens"], reference["tokens"])
    if same < min(WANTED, len(reference["tokens"])) and not near_tie(each, reference, bound):
        said.append(
            f"{name}: the text parts from {reference['device']}'s after {same} tokens, where no two were nearly as likely."
        )
    if not each["tuning"]["reloaded"]:
        said.append(f"{name}: adapters that were saved and read again are not the same.")
    if not abs(each["tuning"]["merged"] - each["tuning"]["after"]) <= bound:
        said.append(f"{name}: the model with its adapters merged has another loss than with them beside it.")
    return said


def near_tie(each: dict[str, Any], reference: dict[str, Any], bound: float) -> bool:
    """Tell whether the two likeliest tokens were as close to each other as the devices' losses may be, where two texts part."""
    place = alike(each["tokens"], reference["tokens"])
    return place < len(reference["gaps"]) and min(each["gaps"][place], reference["gaps"][place]) <= bound


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    sides = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, sides, *rows))


def written(studies: list[dict[str, Any]], bound: float, said: list[str], made: str, seconds: float) -> str:
    """Write the page."""
    first = studies[0]
    steps = len(first["losses"])
    twin = apart(first["twin"], first["losses"])
    text = Bytes().decode(first["tokens"])
    facts = [
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors",
        f"{first['parameters']:,} parameters, {first['characters']:,} characters of the standard library's source, byte by byte",
        f"{steps} steps of {first['tokens_per_step']:,} tokens, seed 7, float32",
        f"made in {seconds:.0f} s by `python examples/gpt report --steps {made}`",
    ]
    training = [
        [
            label(each),
            f"{each['losses'][0]:.4f}",
            f"{each['losses'][-1]:.4f}",
            f"{each['validation'][-1][1]:.4f}",
            f"{each['first_step_seconds']:.1f} s",
            f"{each['tokens_per_step'] / each['step_seconds']:,.0f}",
            _same(each, first),
        ]
        for each in studies
    ]
    generation = [
        [
            label(each),
            f"{alike(each['tokens'], first['tokens'])} of {len(first['tokens'])}",
            f"{min(each['gaps']):.2g}",
            f"{1 / each['token_seconds']:,.0f}"
            if each["token_seconds"] < 0.1
            else f"{1 / each['token_seconds']:.2g}",
            _parting(each, first, bound),
        ]
        for each in studies
    ]
    tuning = [
        [
            label(each),
            f"{each['tuning']['before']:.4f}",
            f"{each['tuning']['after']:.4f}",
            f"{each['tuning']['merged']:.4f}",
            f"{each['tuning']['file_bytes'] / 1e6:.2f} MB",
            "yes" if each["tuning"]["reloaded"] else "NO",
        ]
        for each in studies
    ]
    quantised = [
        [
            label(each),
            "float32" if q["bits"] == 32 else f"int{q['bits']}",
            f"{q['loss']:.4f}",
            f"{q['loss'] - each['quantised'][0]['loss']:+.4f}",
            f"{q['bytes']:,}",
            f"{q['bytes'] / each['quantised'][0]['bytes']:.3f}x",
            f"{q['matrices'] / each['quantised'][0]['matrices']:.3f}x",
        ]
        for each in studies
        for q in each["quantised"]
    ]
    mega = [
        [
            label(each),
            *(f"{each[name] / 1e6:.2f} MB" for name in ("weights_bytes", "state_bytes", "file_bytes")),
            *(
                "unknown" if each[n] is None else f"{each[n] / 1e6:,.0f} MB"
                for n in ("memory_before", "memory_after")
            ),
        ]
        for each in studies
    ]
    verdict = (
        "**All devices agree.**"
        if not said
        else "**Not the same:**\n\n" + "\n".join(f"- {sentence}" for sentence in said)
    )
    fence = "```"
    return f"""# A GPT on every backend

One source, `examples/gpt/`, did the same on {len(studies)} device{"s" if len(studies) > 1 else ""}: train, fine-tune, quantise, generate. {verdict}

{chr(10).join(f"- {fact}" for fact in facts)}

What the devices are: {"; ".join(f"`{each['device']}` is {each['hardware']}" + (f", no real {each['kind'].upper()}" if each["emulated"] else "") for each in studies)}.

## Training

![loss curves](curves.png)

{_table(("device", "first loss", "last loss", "validation", "first step", "tokens/s", f"distance from {first['device']}"), training)}

The loss is in nats for each byte; a model that knows nothing has ln 257 = 5.549. The first step compiles. Tokens in a second are those of the
median step. Gradients are XLA's on every backend: arrays of NumPy and CuPy are lent to it and come back.

## Agreement

![distance of the curves](agreement.png)

From the one seed, all devices had the same first weights and the same {steps} batches, bit for bit{"" if not any(each["first_weights"] != first["first_weights"] or each["batches"] != first["batches"] for each in studies) else " - OR SHOULD HAVE HAD"}. Each step after that may round its sums in
another order, and training carries the difference on. How far that goes was measured in this run: {label(first)} trained a second
time, from weights moved to a neighbouring float32 or not at all, at random, and with the windows of each batch the other way round. In exact
arithmetic that changes next to nothing, and its losses came up to {twin:.1e} from the first time's. The bound is {MARGIN} times that,
{bound:.1e}: a device may round differently in every sum of every step, and one sample does not show the worst.
{_alike(studies)}

## Generating

{_table(("device", "tokens alike", "closest call", "tokens/s", "where they part"), generation)}

Temperature 0, after `{PROMPT}`, by the weights that each device trained. The closest call is the least distance of the two highest scores. {label(first)} wrote:

{fence}text
{PROMPT}{text}
{fence}

![speed](speed.png)

## Fine-tuning

{_table(("device", "loss before", "with adapters", "merged", "file", "the same when read again"), tuning)}

Adapters of rank {first["tuning"]["rank"]} ({first["tuning"]["parameters"]:,} parameters, {first["tuning"]["parameters"] / first["parameters"]:.1%} of the model's) learnt from the package `email`, of which nothing is in the
text of training, for {len(first["tuning"]["losses"])} steps; the loss is that on files of it that were held back.

## Quantising

{_table(("device", "weights", "loss", "change", "bytes", "of all parameters", "of matrices"), quantised)}

![memory](memory.png)

## Memory

{_table(("device", "weights", "state of AdamW", "checkpoint", "process before", "process at most"), mega)}

The last two are the most that the process held on the host, before the first step and after the last.
"""


def _same(each: dict[str, Any], first: dict[str, Any]) -> str:
    if each is first:
        return "reference"
    distance = apart(each["losses"], first["losses"])
    return f"{distance:.1e}" if distance else "0: identical"


def _alike(studies: list[dict[str, Any]]) -> str:
    """Say why devices are identical where they are, and what was not shown."""
    said = []
    if any(each["losses"] == studies[0]["losses"] for each in studies[1:]):
        said.append(
            "Where curves are identical, one compiler made the same program for the same processor: that is what lending means."
        )
    if not any(each["kind"] != "cpu" and not each["emulated"] for each in studies):
        said.append("No real GPU or TPU took part; how far one of them would be was not measured here.")
    return " ".join(said)


def _parting(each: dict[str, Any], first: dict[str, Any], bound: float) -> str:
    if each is first:
        return "reference"
    place = alike(each["tokens"], first["tokens"])
    if place == len(first["tokens"]):
        return "nowhere"
    tie = " (a near-tie)" if near_tie(each, first, bound) else ""
    return f"token {place + 1}, scores {first['gaps'][place]:.2g} apart{tie}"
