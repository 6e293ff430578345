"""Handwritten digits: numeric code written once, run on every device you have, and compared.

    python examples/digits.py                                  all usable devices, a table and the picture digits.png
    python examples/digits.py --devices numpy jax cupy:gpu:0   these ones (NumPy always runs: it is the reference)
    python examples/digits.py --dtype float32 --epochs 50

The data are real: the 1797 images of 8 x 8 pixels that ship with scikit-learn. Nothing is downloaded.
To see JAX with several devices on a machine that has one: ``XLA_FLAGS=--xla_force_host_platform_device_count=2``.

What you need: ``pip install scikit-learn matplotlib tqdm`` beside accel.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import accel

Array: TypeAlias = Any
"""A native array of any library: a ``numpy.ndarray``, a ``cupy.ndarray``, a ``jax.Array``."""

CLASSES = 10
COMPONENTS = 12
"""How many principal axes the clustering uses; the first two make the picture.

With 12 no image is undecided: the closest call between two clusters is a squared distance of 0.05, far beyond rounding. With 10, one
image lies 0.00003 from the border, and there float32 cannot promise the same answer twice.
"""


# --------------------------------------------------------------------------------------------------------------------
# The numeric code. It is written once and names no library: the arrays decide who computes.
#
# Two ways to call a function, both used below:
#   accel.mean(x)                finds the owner of x at each call, which costs about a tenth of a microsecond: the usual way;
#   xp = accel.namespace(x)      asks once, and then xp.exp *is* the library's own function: the way for loops.
# Operators (+ - * / @) are always the library's own. `study` runs inside `accel.x64()` so that JAX's keep 64 bits.
# --------------------------------------------------------------------------------------------------------------------


def standardise(x: Array, like: Array) -> Array:
    """Bring each column to the mean 0 and deviation 1 that it has in ``like``; pixels that never change become 0."""
    spread = accel.std(like, axis=0)
    return (x - accel.mean(like, axis=0)) / accel.where(spread == 0, 1, spread)


def principal_axes(x: Array, number: int) -> tuple[Array, Array]:
    """Give the directions in which centred data vary most, as columns, and all singular values.

    A singular vector is only determined up to its sign. accel fixes the sign, so the same picture comes out everywhere.
    """
    _, singular_values, rows = accel.linalg.svd(x, full_matrices=False)
    return rows[:number, :].T, singular_values


def squared_distances(x: Array, y: Array) -> Array:
    """Give the squared distance of each row of ``x`` to each row of ``y``."""
    xp = accel.namespace(x, y)
    squares = xp.sum(x * x, axis=1)[:, None] + xp.sum(y * y, axis=1)[None, :]
    return xp.maximum(squares - 2 * (x @ y.T), 0)


def seeds(x: Array, rounds: Iterable[int]) -> Array:
    """Choose rows to start from: k-means++ without the dice, each time the row that leaves the least distance over."""
    xp = accel.namespace(x)
    between = squared_distances(x, x)
    nearest = xp.full_like(between[:, :1], xp.inf)
    chosen: list[Array] = []
    for _ in rounds:
        left_over = xp.sum(xp.minimum(nearest, between), axis=0, keepdims=True)
        chosen.append(xp.argmin(left_over, axis=1))
        nearest = xp.minimum(nearest, xp.take(between, chosen[-1], axis=1))
    return xp.take(x, xp.concat(chosen), axis=0)


def k_means(x: Array, centres: Array, rounds: Iterable[int]) -> Array:
    """Move the centres to the mean of the rows nearest to them, until no row changes sides; give the centres."""
    xp = accel.namespace(x, centres)
    before = None
    for _ in rounds:
        labels = xp.argmin(squared_distances(x, centres), axis=1)
        if before is not None and bool(xp.all(labels == before)):
            break
        members = one_hot(labels, x)
        centres = (members.T @ x) / xp.maximum(xp.sum(members, axis=0), 1)[:, None]
        before = labels
    return centres


def one_hot(labels: Array, like: Array) -> Array:
    """Give a row for each label, with a one in the column it names; in the dtype of ``like``."""
    columns = accel.arange(CLASSES, dtype=labels.dtype, device=accel.device(labels))
    return accel.astype(labels[:, None] == columns, like.dtype)


def with_ones(x: Array) -> Array:
    """Append a column of ones, whose weight is the intercept."""
    return accel.concat([x, accel.ones_like(x[:, :1])], axis=1)


class Trained(NamedTuple):
    """What gradient descent gives: the weights, and per epoch the loss and the number of hits on images it never saw."""

    weights: Array
    losses: Array
    hits: Array


def train(
    x: Array, digits: Array, new: Array, new_digits: Array, step: float, epochs: Iterable[int]
) -> Trained:
    """Fit a softmax classifier by gradient descent, with the gradient written out by hand."""
    xp = accel.namespace(x)
    truth = one_hot(digits, x)
    weights = xp.zeros_like(x[:CLASSES, :].T)
    losses: list[Array] = []
    hits: list[Array] = []
    for _ in epochs:
        scores = x @ weights
        scores = scores - xp.max(scores, axis=1, keepdims=True)  # or exp would overflow
        log_p = scores - xp.log(xp.sum(xp.exp(scores), axis=1, keepdims=True))
        # The loss and the hits stay on the device: to read them here would be to wait for them in each epoch.
        losses.append(-xp.sum(truth * log_p) / x.shape[0])
        weights = weights - step * (x.T @ (xp.exp(log_p) - truth)) / x.shape[0]
        hits.append(xp.count_nonzero(xp.argmax(new @ weights, axis=1) == new_digits))
    return Trained(weights, xp.stack(losses), xp.stack(hits))


Watch: TypeAlias = Callable[[Iterable[int], str], Iterable[int]]
"""What may stand around the numbers of a loop to show how far it is, and the name of the loop: a progress bar."""


class Images(NamedTuple):
    """The data, as arrays of any one library: images to learn from, and new ones, each with the digit it shows."""

    learnt: Array
    learnt_digits: Array
    new: Array
    new_digits: Array

    @property
    def digits(self) -> Array:
        """The digits of all images, in the order of the scores and clusters of a study."""
        return accel.concat([self.learnt_digits, self.new_digits])


class Study(NamedTuple):
    """All that one device found out about the digits."""

    losses: Array
    hits: Array
    predicted: Array
    clusters: Array
    scores: Array
    singular_values: Array


def study(images: Images, epochs: int, watch: Watch) -> Study:
    """Standardise, find the principal axes, cluster, classify: all learnt without the new images, then applied to them."""
    learnt, learnt_digits, new, new_digits = images
    x, y = standardise(learnt, like=learnt), standardise(new, like=learnt)

    axes, singular_values = principal_axes(x, COMPONENTS)
    scores = accel.concat([x, y], axis=0) @ axes

    start = seeds(x @ axes, watch(range(CLASSES), "seeds"))
    centres = k_means(x @ axes, start, watch(range(100), "k-means"))
    clusters = accel.argmin(squared_distances(scores, centres), axis=1)

    # The curvature of the loss is at most half the largest eigenvalue of x'x / n. With a step of one over that, gradient
    # descent never moves two neighbouring points apart, so it cannot amplify a rounding error either.
    curvature = max(float(singular_values[0]) ** 2 / x.shape[0], 1) / 2
    x, y = with_ones(x), with_ones(y)
    trained = train(x, learnt_digits, y, new_digits, 1 / curvature, watch(range(epochs), "training"))
    predicted = accel.argmax(y @ trained.weights, axis=1)

    return Study(trained.losses, trained.hits, predicted, clusters, scores, singular_values)


# --------------------------------------------------------------------------------------------------------------------
# One run on one device: the only place where arrays move, there at the beginning and back at the end.
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A study made on one device and read back to NumPy, with the seconds of its first time and of its second."""

    device: accel.Device
    found: Study
    first: float
    again: float

    def accuracy(self, images: Images) -> float:
        """Share of the new images whose digit was recognised."""
        return float(self.found.hits[-1] / images.new.shape[0])

    def purity(self, images: Images) -> float:
        """Share of all images that lie in a cluster most of whose members show the same digit."""
        counts = one_hot(self.found.clusters, images.new).T @ one_hot(images.digits, images.new)
        return float(accel.sum(accel.max(counts, axis=1)) / images.digits.shape[0])


def run(images: Images, device: accel.Device, epochs: int, watch: Watch) -> Run:
    """Make the study on a device, twice: the first time pays for whatever the library compiles, the second does not."""

    def timed() -> tuple[Study, float]:
        start = time.perf_counter()
        there = Images(*(accel.to_device(a, device) for a in images))
        with accel.x64():
            found = study(there, epochs, watch)
        # to_numpy waits until the values are there, so the time is that of the work and not of asking for it.
        return Study(*(accel.to_numpy(a) for a in found)), time.perf_counter() - start

    _, first = timed()
    found, again = timed()
    return Run(device, found, first, again)


# --------------------------------------------------------------------------------------------------------------------
# Do the devices agree?
# --------------------------------------------------------------------------------------------------------------------


class Bounds(NamedTuple):
    """How far two correct devices can be apart, from the rounding of sums alone; anything beyond is an error of somebody's.

    Adding n numbers in any order is good to n * eps of their magnitude. Losses: `study` descends so that errors are not amplified, so
    after some epochs they are at most so many times as large. Principal axes: a perturbation turns a singular vector by at most its
    size over the gap to the next singular value, so n * eps grows by (largest singular value) / (smallest gap).
    """

    losses: float
    scores: float


def bounds(images: Images, reference: Run) -> Bounds:
    """Give the bounds for these data, dtype and number of epochs."""
    rounding = images.learnt.shape[0] * float(accel.finfo(images.learnt.dtype).eps)
    s = reference.found.singular_values[: COMPONENTS + 1]
    stretch = float(s[0]) / float(accel.min(s[:-1] - s[1:]))
    largest = float(accel.max(accel.abs(reference.found.scores)))
    return Bounds(rounding * reference.found.losses.shape[0], rounding * stretch * largest)


def apart(one: Array, other: Array) -> float:
    """Give the largest difference between two NumPy arrays; nan where one of them has it."""
    return float(accel.max(accel.abs(one - other)))


def disagreements(run: Run, reference: Run, bound: Bounds) -> list[str]:
    """Say in sentences what two runs do not agree on; an empty list is what we want."""
    said = []
    for name, one, other in (
        ("predicted digits", run.found.predicted, reference.found.predicted),
        ("cluster labels", run.found.clusters, reference.found.clusters),
        ("accuracies per epoch", run.found.hits, reference.found.hits),
    ):
        differ = int(accel.count_nonzero(one != other))
        if differ:
            said.append(f"{run.device}: {differ} of {one.shape[0]} {name} differ from {reference.device}'s.")
    for name, one, other, limit in (
        ("losses", run.found.losses, reference.found.losses, bound.losses),
        ("principal-component scores", run.found.scores, reference.found.scores, bound.scores),
    ):
        if one.dtype != other.dtype:
            said.append(f"{run.device}: the {name} are {one.dtype}, {reference.device}'s are {other.dtype}.")
        distance = apart(one, other)
        if not distance <= limit:  # so that nan is a disagreement too
            said.append(
                f"{run.device}: the {name} are up to {distance:.2g} from {reference.device}'s; at most {limit:.2g} is rounding."
            )
    return said


# --------------------------------------------------------------------------------------------------------------------
# What you see: a table, JSON, a picture.
# --------------------------------------------------------------------------------------------------------------------


def hardware(device: accel.Device) -> str:
    """Say what a device really is."""
    if device.emulated:
        return f"{device.description}, no real {device.kind.upper()}"
    return device.description


def record(run: Run, reference: Run, images: Images, bound: Bounds) -> dict[str, Any]:
    """Give one row of the table, under names that a program can use."""
    found = run.found
    return {
        "backend": run.device.backend,
        "device": str(run.device),
        "hardware": hardware(run.device),
        "emulated": run.device.emulated,
        "accuracy": run.accuracy(images),
        "cluster_purity": run.purity(images),
        "seconds_first": run.first,
        "seconds_again": run.again,
        "loss": float(found.losses[-1]),
        "loss_difference": apart(found.losses, reference.found.losses),
        "score_difference": apart(found.scores, reference.found.scores),
        "labels_identical": bool(accel.all(found.predicted == reference.found.predicted))
        and bool(accel.all(found.clusters == reference.found.clusters)),
        "disagreements": disagreements(run, reference, bound),
    }


COLUMNS: tuple[tuple[str, str, Callable[[dict[str, Any]], str]], ...] = (
    ("device", "<", lambda r: r["device"]),
    ("which is", "<", lambda r: r["hardware"]),
    ("accuracy", ">", lambda r: f"{r['accuracy']:.2%}"),
    ("clusters", ">", lambda r: f"{r['cluster_purity']:.2%}"),
    ("first run", ">", lambda r: f"{r['seconds_first']:.2f} s"),
    ("then", ">", lambda r: f"{r['seconds_again']:.2f} s"),
    ("loss off by", ">", lambda r: f"{r['loss_difference']:.1e}"),
    ("PCA off by", ">", lambda r: f"{r['score_difference']:.1e}"),
    ("same labels", "<", lambda r: "yes" if r["labels_identical"] else "NO"),
)


def table(records: list[dict[str, Any]]) -> str:
    """Lay the rows out in columns."""
    cells = [[name for name, _, _ in COLUMNS]] + [[show(r) for _, _, show in COLUMNS] for r in records]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    formats = [f"{side}{width}" for (_, side, _), width in zip(COLUMNS, widths, strict=True)]
    return "\n".join("  ".join(map(format, row, formats)).rstrip() for row in cells)


COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000")
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""


def draw(runs: list[Run], images: Images, bound: Bounds, path: Path) -> None:
    """Save the picture: what each device learnt, how far it is from the reference, and the plane of the first two axes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    reference = runs[0]
    figure = pyplot.figure(figsize=(13, 7.2), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=(1, 1.25))
    loss, accuracy, difference = (figure.add_subplot(grid[row, 0]) for row in range(3))
    plane = figure.add_subplot(grid[:, 1])

    epochs = range(1, reference.found.losses.shape[0] + 1)
    for number, each in enumerate(runs):
        colour = COLOURS[number % len(COLOURS)]
        # Curves that agree hide each other, so the earlier ones are drawn wider and show on both sides of the later.
        width = 1.2 + min(2.2, 8 / len(runs)) * (len(runs) - 1 - number)
        label = f"{each.device}{' (emulated)' if each.device.emulated else ''}"
        loss.plot(epochs, each.found.losses, color=colour, linewidth=width, label=label)
        accuracy.plot(epochs, 100 * each.found.hits / images.new.shape[0], color=colour, linewidth=width)
        if each is not reference:
            away = accel.abs(each.found.losses - reference.found.losses)
            away = accel.where(away > 0, away, accel.nan)  # zero has no place on a logarithmic axis
            difference.plot(epochs, away, ".", color=colour, markersize=2 + 1.5 * width)
    difference.axhline(bound.losses, color="0.4", linewidth=1, linestyle="--")
    below: dict[str, Any] = {
        "xytext": (4, -4),
        "textcoords": "offset points",
        "va": "top",
        "fontsize": 9,
        "color": "0.4",
    }
    difference.annotate("what rounding can explain", (0, bound.losses), **below)

    loss.set(ylabel="loss", yscale="log")
    loss.legend(frameon=False, fontsize=9, ncols=1 + len(runs) // 6)
    accuracy.set(ylabel="new images\nrecognised (%)")
    difference.set(ylabel=f"loss, distance\nfrom {reference.device.backend}", xlabel="epoch", yscale="log")
    for axes in (loss, accuracy, difference):
        axes.set_xlim(0, len(epochs) + 1)
        axes.tick_params(labelbottom=axes is difference)

    colours = pyplot.get_cmap("tab10")
    for digit in range(CLASSES):
        these = reference.found.scores[images.digits == digit]
        marker: dict[str, Any] = {
            "marker": f"${digit}$",
            "s": 34,
            "color": colours(digit),
            "alpha": 0.75,
            "linewidths": 0,
        }
        plane.scatter(these[:, 0], these[:, 1], **marker)
    plane.set(xlabel="first principal axis", ylabel="second principal axis")
    plane.set_title(f"{images.digits.shape[0]} handwritten digits in the plane where they vary most")
    for axes in (loss, accuracy, difference, plane):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


# --------------------------------------------------------------------------------------------------------------------
# The command line.
# --------------------------------------------------------------------------------------------------------------------


def load(dtype: Any) -> Images:
    """Load the digits that ship with scikit-learn, and hold back every fifth image as new."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    pixels = accel.astype(pixels, dtype)
    new = accel.arange(digits.shape[0], device="numpy") % 5 == 0
    return Images(pixels[~new], digits[~new], pixels[new], digits[new])


def bar(device: accel.Device) -> Watch:
    """Show progress on the terminal: tqdm's bars, or a line for each loop where tqdm is not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None

    def watch(numbers: Iterable[int], loop: str) -> Iterable[int]:
        if tqdm is None:
            print(f"{device}: {loop} ...", file=sys.stderr)
            return numbers
        shown: Iterable[int] = tqdm(numbers, desc=f"{device!s:12} {loop:8}", leave=False, file=sys.stderr)
        return shown

    return watch


def chosen(names: list[str]) -> list[accel.Device]:
    """Resolve the devices asked for, all usable ones by default; NumPy's comes first, because it is the reference."""
    wanted = [accel.device(name) for name in names] if names else list(accel.devices())
    reference = accel.device("numpy")
    return [reference, *(d for d in dict.fromkeys(wanted) if d != reference)]


def arguments() -> argparse.Namespace:
    """Read the command line, and refuse in one sentence what could only fail later."""
    parser = argparse.ArgumentParser(
        description="Handwritten digits on every device: same code, same answers."
    )
    option = parser.add_argument
    option(
        "--devices",
        nargs="+",
        default=[],
        metavar="NAME",
        help="such as: jax:cpu:1 cupy (default: all usable)",
    )
    option("--dtype", choices=("float64", "float32"), default="float64", help="precision (default: float64)")
    option("--epochs", type=int, default=200, help="steps of gradient descent (default: 200)")
    option("--quick", action="store_true", help="20 epochs")
    option(
        "--out", type=Path, default=Path("digits.png"), help="where the picture goes (default: digits.png)"
    )
    option("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()
    options.epochs = 20 if options.quick else options.epochs
    if options.epochs < 1:
        parser.error(f"--epochs must be 1 or more, got {options.epochs}.")
    if not options.out.parent.is_dir():
        parser.error(f"--out names the folder {options.out.parent}, which does not exist; make it first.")
    if options.out.suffix.lower() != ".png":
        png = options.out.with_suffix(".png")
        parser.error(f"--out names {options.out}, and the picture is a PNG; write it as {png}.")
    needed = {"sklearn": "scikit-learn", "matplotlib": "matplotlib"}
    missing = [name for module, name in needed.items() if importlib.util.find_spec(module) is None]
    if missing:
        parser.error(f"this example needs {' and '.join(missing)}; write: pip install {' '.join(missing)}")
    try:
        options.devices = chosen(options.devices)
    except accel.errors.AccelError as error:
        parser.error(str(error))
    return options


def main() -> int:
    """Run the study on each device, show what came out, and tell by the exit status whether they agree."""
    options = arguments()
    images = load(getattr(accel, options.dtype))
    first, *others = options.devices
    reference = run(images, first, options.epochs, bar(first))
    runs, said = [reference], []
    for device in others:
        try:
            runs.append(run(images, device, options.epochs, bar(device)))
        except (
            accel.errors.AccelError
        ) as error:  # one device that cannot do it is no reason to hide the others
            said.append(f"{device} did not finish: {type(error).__name__}: {error}")
    bound = bounds(images, reference)
    records = [record(each, reference, images, bound) for each in runs]
    said += [sentence for r in records for sentence in r["disagreements"]]
    draw(runs, images, bound, options.out)

    if options.json:
        facts = {"dtype": options.dtype, "epochs": options.epochs, "bounds": bound._asdict()}
        print(json.dumps({**facts, "agree": not said, "complaints": said, "runs": records}, indent=2))
        return 1 if said else 0
    print(f"\n{table(records)}\n")
    print(f"accuracy   on {images.new.shape[0]} images that were not learnt from")
    print("clusters   images in a cluster of their own digit; found without looking at the digits")
    print(
        f"first run  with compilation, where the library compiles; {options.epochs} epochs in {options.dtype}"
    )
    print(
        f"off by     largest distance from {reference.device}; rounding explains up to {bound.losses:.1e} (loss)"
    )
    print(f"           and {bound.scores:.1e} (PCA), as derived in `Bounds`")
    print(f"picture    {options.out}\n")
    for sentence in said:
        print(f"NOT THE SAME: {sentence}")
    if len(runs) == 1 and not said:
        print(
            "Only NumPy ran, so there was nothing to compare; `python -m accel doctor` tells what else could."
        )
    elif not said:
        print(
            f"All {len(runs)} devices agree: labels and accuracy are identical, losses and PCA within rounding."
        )
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
