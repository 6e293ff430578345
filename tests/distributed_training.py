"""A small model that trains in one process or in several: run by tests/test_distributed.py, with one JSON object as its answer."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import numpy as np

import accel

STEPS = 12
BATCH = 16


def data() -> tuple[Any, Any, dict[str, Any]]:
    """Make the same batch and weights in each process."""
    random = np.random.default_rng(7)
    x = random.normal(size=(BATCH, 8))
    y = np.sin(x @ random.normal(size=(8, 4)))
    weights = {
        "w1": random.normal(size=(32, 8)) / 3,
        "b1": np.zeros(32),
        "w2": random.normal(size=(4, 32)) / 6,
    }
    return x, y, weights


def loss(weights: dict[str, Any], x: Any, y: Any) -> Any:
    hidden = accel.tanh(accel.nn.linear(x, weights["w1"], weights["b1"]))
    return accel.mean(accel.square(accel.subtract(accel.nn.linear(hidden, weights["w2"]), y)))


def train(place: Any, cut: Any, *, dies_after: int | None = None) -> dict[str, Any]:
    """Take some steps of gradient descent; ``place`` puts a whole array where it belongs, ``cut`` its part of the batch."""
    import jax

    x, y, weights = data()
    weights = {name: place(w) for name, w in weights.items()}
    x, y = cut(x), cut(y)
    with accel.x64():
        step = jax.jit(jax.value_and_grad(loss))
        losses = []
        for number in range(STEPS):
            if number == dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
            value, gradient = step(weights, x, y)
            weights = {name: w - 0.1 * gradient[name] for name, w in weights.items()}
            losses.append(float(value))
    return {"losses": losses, "weights": weights, "x": x}


def main(address: str, count: str, index: str, dies_after: str) -> None:
    """Join the others, train with them, and print what came out."""
    accel.distributed.initialize(address, int(count), int(index), timeout=60, heartbeat=10)
    rank, total = accel.distributed.process_index(), accel.distributed.process_count()
    mesh = accel.mesh(2 * total, "data", devices="jax")

    def part(x: Any) -> Any:
        rows = BATCH // total
        mine = accel.asarray(x[rows * rank : rows * (rank + 1)], device="jax")
        return accel.distributed.from_parts(mine, ("data",))

    dies = int(dies_after) if dies_after != "never" else None
    with accel.use_mesh(mesh):
        found = train(lambda w: accel.replicate(accel.asarray(w, device="jax")), part, dies_after=dies)
        x = found["x"]
        whole = accel.to_numpy(accel.gather(x))
        again = accel.shard(accel.asarray(whole, device="jax"), ("data",))
        turned = accel.shard(x, (None, "data"))
        try:
            accel.to_numpy(x)
            refused = ""
        except accel.errors.TransferError as error:
            refused = str(error)
        answer = {
            "process": [rank, total],
            "mesh": str(mesh),
            "own": len(accel.devices("jax")),
            "device": str(accel.device(x)),
            "losses": found["losses"],
            "weights": {name: accel.to_numpy(w).tolist() for name, w in found["weights"].items()},
            "gathered": bool(np.array_equal(whole, data()[0])),
            "sharded": bool(np.array_equal(accel.to_numpy(accel.gather(again)), whole)),
            "turned": [
                list(turned.addressable_shards[0].data.shape),
                bool(np.array_equal(accel.to_numpy(accel.gather(turned)), whole)),
            ],
            "refused": refused,
        }
    accel.distributed.shutdown()
    print("ANSWER " + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
