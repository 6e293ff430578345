"""Handwritten digits told apart by attention, and how sure one can be: the same random numbers on every device.

    python examples/neighbours.py                       all usable devices
    python examples/neighbours.py --devices numpy jax   these ones

A query attends to the keys that it resembles: with the images of known digits as keys and their labels as values, attention is a
classifier that needs no training (Nadaraya and Watson knew it as kernel regression). How far its score would move with other test images
is found by drawing some thousand samples of them, with replacement. Which images are known, and which samples are drawn, is
random; accel's random numbers are the same bits on every device, so every device studies the very same samples.

What you need: ``pip install scikit-learn`` beside accel. The data ship with it; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from typing import Any, NamedTuple, TypeAlias

import accel

Array: TypeAlias = Any
"""A native array of any library."""

CLASSES = 10
SHARPNESS = 60.0
"""How much more a nearer image counts; two images of one direction score this much, two that share no ink 0."""
SAMPLES = 2000


class Study(NamedTuple):
    """What one device found."""

    device: accel.Device
    accuracy: float
    interval: tuple[float, float]
    loss: float
    digest: str
    seconds: float


def directions(images: Array) -> Array:
    """Give images as vectors of length 1, so that their products say how alike they are."""
    return accel.divide(images, accel.linalg.vector_norm(images, axis=-1, keepdims=True))


def classify(known: Array, labels: Array, images: Array) -> Array:
    """Give for each image the share of each class in what it attends to."""
    value = accel.nn.one_hot(labels, CLASSES, dtype=images.dtype)
    query, key = directions(images), directions(known)
    one_head = (accel.expand_dims(x, axis=0) for x in (query, key, value))
    return accel.squeeze(accel.nn.scaled_dot_product_attention(*one_head, scale=SHARPNESS), axis=0)


def study(images: Array, labels: Array, seed: int) -> Study:
    """Split the images, classify one half by the other, and bound the score."""
    began = time.perf_counter()
    device = accel.device(images)
    for_split, for_samples = accel.unstack(accel.random.split(accel.random.key(seed, device=device)))
    order: Array = accel.random.permutation(for_split, images.shape[0])
    half = images.shape[0] // 2
    known, unseen = order[:half], order[half:]

    shares = classify(
        accel.take(images, known, axis=0), accel.take(labels, known), accel.take(images, unseen, axis=0)
    )
    truth = accel.take(labels, unseen)
    right = accel.astype(accel.equal(accel.argmax(shares, axis=-1), truth), images.dtype)
    # A share of 0 would have an infinite logarithm.
    scores = accel.log(accel.add(shares, 1e-6))
    loss = accel.nn.cross_entropy(scores, truth)

    drawn = accel.random.randint(for_samples, (SAMPLES, right.shape[0]), 0, right.shape[0])
    accuracies = accel.mean(accel.take(right, drawn), axis=1)
    ends = accel.extra.quantile(accuracies, accel.asarray([0.025, 0.975], dtype=images.dtype, device=device))
    low, high = accel.to_numpy(ends).tolist()

    digest = hashlib.sha256(accel.to_numpy(order).tobytes() + accel.to_numpy(drawn).tobytes()).hexdigest()[
        :12
    ]
    accuracy = float(accel.to_numpy(accel.mean(right)))
    seconds = time.perf_counter() - began
    return Study(device, accuracy, (low, high), float(accel.to_numpy(loss)), digest, seconds)


def main() -> int:
    """Study the digits on each device; exit with 1 if two devices disagree."""
    parser = argparse.ArgumentParser(description="Digits told apart by attention, on every device.")
    parser.add_argument(
        "--devices", nargs="*", help="names such as numpy, jax:cpu, gpu; by default all usable ones"
    )
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()

    from sklearn.datasets import load_digits

    data: Any = load_digits()
    devices = [accel.devices(name)[0] for name in asked.devices] if asked.devices else accel.devices()
    print(
        f"{'device':14}{'accuracy':>9}{'95 % of samples':>20}{'loss':>9}{'samples drawn':>16}{'seconds':>9}"
    )
    found = []
    for device in devices:
        images = accel.asarray(data.images.reshape(-1, 64), dtype=accel.float32, device=device)
        labels = accel.asarray(data.target, dtype=accel.int64, device=device)
        one = study(images, labels, asked.seed)
        found.append(one)
        between = f"{one.interval[0]:.4f} to {one.interval[1]:.4f}"
        print(
            f"{one.device!s:14}{one.accuracy:9.4f}{between:>20}{one.loss:9.5f}{one.digest:>16}{one.seconds:9.2f}"
        )
    alike = len({one.digest for one in found}) == 1 and all(
        abs(one.loss - found[0].loss) < 1e-5 and abs(one.accuracy - found[0].accuracy) < 1e-6 for one in found
    )
    print("All devices drew the same samples and agree." if alike else "The devices DISAGREE.")
    return 0 if alike else 1


if __name__ == "__main__":
    raise SystemExit(main())
