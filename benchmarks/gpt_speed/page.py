"""The page: what was measured, as Markdown, and latencies as a picture."""

from __future__ import annotations

import os
import platform
import statistics
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["placed", "plot", "text"]

BEGIN, END = "<!-- speed: made by gpt_speed, do not edit -->", "<!-- end of speed -->"

HEAD = "# The GPT of `examples/gpt`\n\nOne source for every backend: see [`examples/README.md`](../examples/README.md).\n"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g}"


def text(record: dict[str, Any], command: str, picture: str) -> str:
    """Give the tables."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "jax", "jaxlib"))
    lines = [
        BEGIN,
        "## Speed",
        "",
        f"Made by `{command}`: contenders take turns in one process on one processor, and what is shown are medians of its time; a "
        f"ratio is the median of those within a round. {platform.machine()}, Python {platform.python_version()}, {libraries}, "
        f"{os.cpu_count()} processors, no GPU.",
        "",
        "### Decoding on NumPy, without JAX",
        "",
        "Beside a GPT-2 for one text in plain NumPy, with buffers made once (`benchmarks/gpt_speed/numpy_gpt2.py`). Memory is that of "
        "a process which has written some tokens, and of the weights with their scales.",
        "",
        "| model | contender | tokens/s | ms a token | / plain NumPy | weights, MB | / float32 | process, MB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for model, found in record["plain"].items():
        full = next(iter(found["contenders"].values()))["weights"]
        for name, each in found["contenders"].items():
            process = record["footprint"].get(model, {}).get(name)
            lines.append(
                f"| {model} | {name} | {1 / each['seconds']:.1f} | {_milliseconds(each['seconds'])} | {each['ratio']:.2f} | "
                f"{each['weights'] / 1e6:.1f} | {each['weights'] / full:.3f} | {'' if process is None else f'{process / 1e6:.0f}'} |"
            )
    alike = ", ".join(f"{model}: {found['alike']}" for model, found in record["plain"].items())
    lines += [
        "",
        f"Tokens written alike by accel and by hand: {alike}. The products are the same; what accel takes more is Python code around "
        "them, a fixed time for each block, which counts for less the larger the model.",
        "",
        "### JAX",
        "",
    ]
    lines += [
        "Beside the same model in pure JAX (`benchmarks/gpt_speed/jax_gpt.py`). A training step is loss, gradients and AdamW with clipping "
        "and schedule; a decoding step looks at one token and finds the next. Programs are what XLA compiles in the first steps.",
        "",
        "| step | model | pure JAX, ms | accel, ms | accel / pure JAX | programs | agreement |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for kind in ("training", "decoding"):
        for model, found in record[kind].items():
            hand, own = (found["contenders"][name] for name in ("pure JAX", "accel"))
            agreed = (
                f"losses within {found['apart']:.1g}"
                if kind == "training"
                else f"{found['alike']} tokens alike"
            )
            lines.append(
                f"| {kind} | {model} | {_milliseconds(hand['seconds'])} | {_milliseconds(own['seconds'])} | {own['ratio']:.2f} | "
                f"{own['programs']} and {hand['programs']} | {agreed} |"
            )
    lines += [
        "",
        "### Latency of one token",
        "",
        f"{record['latency']['model']}; processor time over {record['latency']['tokens']} tokens.",
        "",
        "| backend | cache | p50, ms | p99, ms | first tenth, ms | last tenth, ms |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for each in record["latency"]["runs"]:
        times = each["times"]
        tenth = max(len(times) // 10, 1)
        lines.append(
            f"| {each['backend']} | {'yes' if each['cache'] else 'no'} | {_milliseconds(each['p50'])} | {_milliseconds(each['p99'])} | "
            f"{_milliseconds(statistics.median(times[:tenth]))} | {_milliseconds(statistics.median(times[-tenth:]))} |"
        )
    lines += ["", f"![Latency of a token by its place in the text]({picture})", END, ""]
    return "\n".join(lines)


def placed(path: Path, part: str) -> None:
    """Put the tables into a page, in place of those of before; the rest of the page stays."""
    page = path.read_text(encoding="utf-8") if path.exists() else HEAD
    if BEGIN in page and END in page:
        before, _, rest = page.partition(BEGIN)
        _, _, after = rest.partition(END)
        page = before + part.rstrip("\n") + after
    else:
        page = page.rstrip("\n") + "\n\n" + part
    path.write_text(page, encoding="utf-8")


def plot(record: dict[str, Any], path: Path) -> None:
    """Draw latency over the place of a token, as medians of 25 neighbours."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for each in record["latency"]["runs"]:
        times = each["times"]
        width = min(25, len(times))
        starts = range(0, len(times) - width + 1, width)
        medians = [1000 * statistics.median(times[start : start + width]) for start in starts]
        label = f"{each['backend']}, {'cache' if each['cache'] else 'no cache'}"
        axes.plot(
            [start + width / 2 for start in starts], medians, label=label, ls="-" if each["cache"] else "--"
        )
    axes.set(xlabel="tokens before", ylabel="processor time of one token, ms", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
