"""`python -m gpt_speed`: measure the GPT beside handwritten ones, and write the tables and a picture."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gpt_speed.race import one_processor

SMALL = {"layers": 4, "heads": 4, "width": 128, "context": 128}
MIDDLE = {"layers": 6, "heads": 6, "width": 384, "context": 256}
GPT2 = {"vocabulary": 50257, "context": 1024, "layers": 12, "heads": 12, "width": 768}
TINY = {"layers": 1, "heads": 2, "width": 32, "context": 32}
LONG = {"layers": 2, "heads": 4, "width": 128, "context": 1024}
NAMES = {
    "one block of 32": TINY,
    "4 blocks of 128": SMALL,
    "6 blocks of 384": MIDDLE,
    "GPT-2, 124M": GPT2,
    "2 blocks of 128": LONG,
}
"""Models by what a table calls them."""
KINDS = ("plain NumPy", "accel", "accel, int8", "accel, int4")


def tasks(quick: bool) -> list[dict[str, Any]]:
    """List what is measured, each in a process of its own."""
    found: list[dict[str, Any]] = []
    plain = {"one block of 32": (2, 8)} if quick else {"6 blocks of 384": (15, 60), "GPT-2, 124M": (9, 12)}
    for model, (rounds, tokens) in plain.items():
        found.append({"part": "plain", "model": model, "rounds": rounds, "tokens": tokens})
        found += [
            {"part": "footprint", "model": model, "name": name, "tokens": min(tokens, 8)} for name in KINDS
        ]
    training = (
        {"one block of 32": (2, 2)} if quick else {"4 blocks of 128": (8, 11), "6 blocks of 384": (2, 7)}
    )
    for model, (batch, rounds) in training.items():
        found.append({"part": "training", "model": model, "batch": batch, "rounds": rounds})
    decoding = (
        {"one block of 32": (2, 8)}
        if quick
        else {"4 blocks of 128": (15, 100), "6 blocks of 384": (11, 60), "GPT-2, 124M": (7, 10)}
    )
    for model, (rounds, tokens) in decoding.items():
        found.append({"part": "decoding", "model": model, "batch": 1, "rounds": rounds, "tokens": tokens})
    model, tokens = ("one block of 32", 30) if quick else ("2 blocks of 128", 1000)
    for backend in ("numpy", "jax"):
        for cache in (True, False):
            found.append(
                {"part": "latency", "model": model, "backend": backend, "tokens": tokens, "cache": cache}
            )
    return found


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Do one of the tasks here."""
    one_processor()
    from gpt.config import Config

    how = dict(task)
    part, config = how.pop("part"), Config(**NAMES[how.pop("model")])
    if part in ("plain", "footprint"):
        import gpt_speed.plain as plain

        return (plain.decoding if part == "plain" else plain.footprint)(config, **how)
    if part == "latency":
        from gpt_speed.latency import latency

        return latency(config, **how)
    import gpt_speed.compiled as compiled

    return (compiled.training if part == "training" else compiled.decoding)(config, **how)


def measured(quick: bool) -> dict[str, Any]:
    """Do all tasks, and gather what they find."""
    record: dict[str, Any] = {"plain": {}, "footprint": {}, "training": {}, "decoding": {}}
    runs: list[dict[str, Any]] = []
    for task in tasks(quick):
        print(json.dumps(task), file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "gpt_speed", "--task", json.dumps(task)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        part, model = task["part"], task["model"]
        if part == "latency":
            runs.append({**found, "backend": task["backend"], "cache": task["cache"]})
            record["latency"] = {"model": model, "tokens": task["tokens"], "runs": runs}
        elif part == "footprint":
            record["footprint"].setdefault(model, {})[task["name"]] = found["bytes"]
        else:
            record[part][model] = found
    return record


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m gpt_speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tiny model: only to see that everything runs")
    parser.add_argument(
        "--write", type=Path, help="put the tables into this Markdown file, and the picture beside it"
    )
    parser.add_argument("--record", type=Path, help="write the numbers to this JSON file")
    parser.add_argument("--task", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.task:
        print(json.dumps(run(args.task)))
        return
    record = measured(args.quick)
    if args.record:
        args.record.write_text(json.dumps(record) + "\n", encoding="utf-8")
    from gpt_speed.page import placed, plot, text

    command = "PYTHONPATH=benchmarks:examples python -m gpt_speed"
    command += " --quick" * args.quick + (f" --write {args.write}" if args.write else "")
    picture = "gpt_latency.png"
    part = text(record, command, picture)
    if args.write:
        placed(args.write, part)
        plot(record, args.write.with_name(picture))
    print(part)


if __name__ == "__main__":
    main()
