"""Charts of the report: curves and how far they are apart, speed, memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gpt.curve import COLOURS, pyplot, smooth


def label(found: dict[str, Any]) -> str:
    """Name a device as the report does."""
    return f"{found['device']}{' (emulated)' if found['emulated'] else ''}"


def curves(path: Path, studies: list[dict[str, Any]]) -> None:
    """Draw the losses of training and of fine-tuning, of all devices over each other."""
    plot = pyplot()
    figure, (left, right) = plot.subplots(
        1, 2, figsize=(11, 4.2), layout="constrained", width_ratios=(1.6, 1)
    )
    for number, each in enumerate(studies):
        # Curves that agree hide each other, so the earlier ones are drawn wider and show on both sides of the later.
        width = 1.2 + 2.2 * (len(studies) - 1 - number)
        style: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "linewidth": width}
        left.plot(range(1, len(each["losses"]) + 1), each["losses"], label=label(each), **style)
        tuned = each["tuning"]["losses"]
        right.plot(range(1, len(tuned) + 1), smooth(tuned, 5), **style)
    steps, losses = zip(*studies[0]["validation"], strict=True)
    left.plot(steps, losses, "o", color="black", markersize=5, label="validation", zorder=5)
    left.set(xlabel="step", ylabel="loss (nats for each byte)", title="Training")
    tuning = studies[0]["tuning"]
    for name, line in (("before", ":"), ("after", "--")):
        said = f"held back, {name}: {tuning[name]:.3f}"
        right.axhline(tuning[name], color="black", linewidth=1.2, linestyle=line, label=said)
    right.set(xlabel="step", title="Fine-tuning of adapters (running mean)")
    low, high = right.get_ylim()
    right.set_ylim(low, high + 0.25 * (high - low))  # room for the legend
    left.legend(frameon=False)
    right.legend(frameon=False, loc="upper right")
    _tidy(left, right)
    figure.savefig(path, dpi=110)
    plot.close(figure)


def agreement(path: Path, studies: list[dict[str, Any]], bound: float) -> None:
    """Draw how far the loss of each device is from the first one's, beside what rounding alone does."""
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(7.5, 4.2), layout="constrained")
    reference = studies[0]
    twin = reference["twin"]
    steps = range(1, len(twin) + 1)
    away = [abs(a - b) or None for a, b in zip(twin, reference["losses"], strict=True)]
    axes.plot(steps, away, ".", color="0.55", markersize=4, label="the same device, rounded otherwise")
    same = []
    for number, each in enumerate(studies[1:], start=1):
        away = [abs(a - b) or None for a, b in zip(each["losses"], reference["losses"], strict=True)]
        if any(away):
            axes.plot(steps, away, ".", color=COLOURS[number % len(COLOURS)], markersize=5, label=label(each))
        else:
            same.append(label(each))
    axes.axhline(bound, color=COLOURS[5], linewidth=1.2, linestyle="--", label=f"bound {bound:.1e}")
    axes.set_yscale("log")
    low, _ = axes.get_ylim()
    axes.set_ylim(low, bound * (6 if same else 3))
    if same:
        axes.text(
            0.02,
            0.95,
            f"identical in every bit at every step: {', '.join(same)}",
            transform=axes.transAxes,
            va="top",
            fontsize=9,
        )
    axes.set(
        xlabel="step", ylabel=f"distance from {label(reference)} (nats)", title="How far losses are apart"
    )
    figure.legend(frameon=False, loc="outside lower center", ncols=4, fontsize=9)
    _tidy(axes)
    figure.savefig(path, dpi=110)
    plot.close(figure)


def speed(path: Path, studies: list[dict[str, Any]]) -> None:
    """Draw tokens in a second: in training, and in generating."""
    plot = pyplot()
    figure, both = plot.subplots(
        1, 2, figsize=(10, 1.4 + 0.5 * len(studies)), layout="constrained", sharey=True
    )
    names = [label(each) for each in studies]
    for axes, title, values in (
        (
            both[0],
            "Training: tokens in a second",
            [each["tokens_per_step"] / each["step_seconds"] for each in studies],
        ),
        (both[1], "Generating: tokens in a second", [1 / each["token_seconds"] for each in studies]),
    ):
        bars = axes.barh(
            names, values, color=[COLOURS[i % len(COLOURS)] for i in range(len(names))], height=0.6
        )
        axes.bar_label(
            bars, labels=[f"{v:,.0f}" if v >= 10 else f"{v:.2g}" for v in values], padding=4, fontsize=9
        )
        axes.set_xlim(0, max(values) * 1.2)
        axes.set_title(title, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    both[0].invert_yaxis()
    figure.savefig(path, dpi=110)
    plot.close(figure)


def memory(path: Path, studies: list[dict[str, Any]]) -> None:
    """Draw what weights take in 32, 8 and 4 bits, and the most that each process held."""
    plot = pyplot()
    figure, (left, right) = plot.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
    held = studies[0]["quantised"]
    names = ["float32" if q["bits"] == 32 else f"int{q['bits']}" for q in held]
    bars = left.barh(names, [q["bytes"] / 1e6 for q in held], color=COLOURS[2], height=0.6)
    labels = [f"{q['bytes'] / 1e6:.3g} MB ({q['bytes'] / held[0]['bytes']:.3f}x)" for q in held]
    left.bar_label(bars, labels=labels, padding=4, fontsize=9)
    left.set_xlim(0, 1.45 * held[0]["bytes"] / 1e6)
    left.set_title("All parameters of the model", fontsize=11)
    left.invert_yaxis()
    left.locator_params(axis="x", nbins=5)
    known = [each for each in studies if each["memory_after"] is not None]
    if known:
        names = [label(each) for each in known]
        before = [each["memory_before"] / 1e6 for each in known]
        more = [(each["memory_after"] - each["memory_before"]) / 1e6 for each in known]
        right.barh(names, before, color="0.8", height=0.6, label="Python, libraries and corpus")
        bars = right.barh(
            names, more, left=before, color=COLOURS[1], height=0.6, label="compiling and training"
        )
        right.bar_label(
            bars,
            labels=[f"{a + b:,.0f} MB" for a, b in zip(before, more, strict=True)],
            padding=4,
            fontsize=9,
        )
        right.set_xlim(0, 1.25 * max(a + b for a, b in zip(before, more, strict=True)))
        right.invert_yaxis()
        right.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
        right.set_title("The most that a process held on the host", fontsize=11)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plot.close(figure)


def _tidy(*several: Any) -> None:
    for axes in several:
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
