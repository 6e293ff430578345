"""Study: all that the program does, done on one device with one seed, and what came out of it as plain numbers."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import accel
import gpt.adapters as lora
import gpt.corpus as corpus
import gpt.training as training
from gpt.checkpoint import load
from gpt.config import Config, preset
from gpt.corpus import Text, Tokens
from gpt.generation import generate
from gpt.model import logits
from gpt.optimizer import AdamW
from gpt.parameters import size
from gpt.quantisation import memory, quantise
from gpt.tokenizer import Bytes
from gpt.training import Run, Settings

PROMPT = "def test_"
WANTED = 64
"""So many tokens at temperature 0 are to be the same on every device."""

RANK = 8
BITS = (8, 4)


class Turned(Tokens):
    """A corpus whose batches hold their windows the other way round: the same loss, added up in another order."""

    def batch(self, seed: int, step: int, shape: tuple[int, ...], length: int) -> Any:
        """Draw windows at random places, and turn their order."""
        return super().batch(seed, step, shape, length)[:, ::-1].copy()


def settings(steps: int, model: str = "small") -> tuple[Config, Settings]:
    """Give the model and the training of the study."""
    config = preset(model, vocabulary=Bytes.size)
    # A narrower model bears a higher rate: G. Yang et al., Tensor Programs V, arXiv:2203.03466 (2022).
    rule = AdamW(rate=0.128 / config.width, steps=steps, warmup=max(1, steps // 5))
    return config, Settings(batch=8, length=config.context, seed=7, optimizer=rule)


def texts() -> tuple[Text, Text]:
    """Give the text to learn from, and the one for fine-tuning."""
    return corpus.standard_library(), corpus.standard_library(("email",))


def files(folder: Path, device: accel.Device) -> tuple[Path, Path]:
    """Give where the model of a device and its adapters are saved."""
    return folder / f"{device.backend}.safetensors", folder / f"{device.backend}-lora.safetensors"


def study(
    device: accel.Device, steps: int, folder: Path, *, model: str = "small", twin: bool = False
) -> dict[str, Any]:
    """Train, fine-tune, quantise and generate on a device.

    Parameters
    ----------
    device : Device
        Where.
    steps : int
        How many updates; fine-tuning takes a quarter of them.
    folder : Path
        Where checkpoints go.
    model : str, default "small"
        Which of `gpt.config.PRESETS`.
    twin : bool, default False
        Whether to train a second time, from weights of which each is a rounding up, down or not at all away, and with the windows of
        each batch the other way round: to see what rounding alone can do.

    Returns
    -------
    dict
        What JSON can hold.
    """
    name = device.backend
    path, beside = files(folder, device)
    config, chosen = settings(steps, model)
    first, second = texts()
    learnt, held = (Tokens.of(part, Bytes()) for part in first.split())
    with accel.use_device(device):
        run = Run.new(config, Bytes(), chosen, device=device)
        found: dict[str, Any] = {
            "device": str(device),
            "backend": device.backend,
            "kind": device.kind,
            "emulated": device.emulated,
            "hardware": device.description,
            "parameters": size(config),
            "characters": first.size,
            "tokens_per_step": chosen.tokens,
            "first_weights": _bits(run.params),
            "batches": _batches(learnt, chosen),
            "memory_before": peak(),
        }
        began = time.perf_counter()
        training.train(
            run, learnt, held, path=path, save_every=max(1, steps // 2), evaluate_every=max(1, steps // 4), name=f"{name} train",
        )  # fmt: skip
        found |= {
            "losses": run.losses,
            "validation": list(run.validation.items()),
            "first_step_seconds": run.seconds[0],
            "step_seconds": median(run.seconds[1:] or run.seconds),
            "train_seconds": time.perf_counter() - began,
            "memory_after": peak(),
            "weights_bytes": memory(run.params),
            "state_bytes": memory(run.state.mean) + memory(run.state.square),
            "file_bytes": path.stat().st_size,
            "last_weights": _bits(run.params),
        }
        found |= _generation(config, run.params, device)
        found["tuning"] = _tuning(run, second, steps, beside)
        found["quantised"] = _quantisation(run, held)
        if twin:
            other = Run.new(config, Bytes(), chosen, device=device)
            other.params = {n: _nudged(x, i) for i, (n, x) in enumerate(other.params.items())}
            training.train(other, Turned(learnt.values), name=f"{name} twin")
            found["twin"] = other.losses
    return found


def _generation(config: Config, params: dict[str, Any], device: accel.Device) -> dict[str, Any]:
    prompt = Bytes().encode(PROMPT)
    count = min(config.context - len(prompt), WANTED + 32)
    tokens, moments = [], [time.perf_counter()]
    for (token,) in generate(config, params, accel.to_device(prompt[None, :], device), count):
        tokens.append(token)
        moments.append(time.perf_counter())
    whole = accel.to_device(
        accel.asarray([[*map(int, prompt), *tokens[:-1]]], dtype=accel.int32, device="numpy"), device
    )
    scores = accel.sort(logits(config, params, whole)[0, len(prompt) - 1 :, :], axis=-1, descending=True)
    gaps = accel.to_numpy(scores[:, 0] - scores[:, 1])
    # The first two look at the prompt and compile; the others show what a token costs.
    each = [later - sooner for sooner, later in pairwise(moments[2:])]
    return {"tokens": tokens, "gaps": [float(g) for g in gaps], "token_seconds": median(each)}


def _tuning(run: Run, text: Text, steps: int, path: Path) -> dict[str, Any]:
    learnt, held = (Tokens.of(part, run.tokenizer) for part in text.split())
    quarter = max(1, steps // 4)
    rule = replace(run.settings.optimizer, rate=1e-2, steps=quarter, warmup=max(1, quarter // 10))
    chosen = replace(run.settings, optimizer=rule)
    device = accel.device(next(iter(run.params.values())))
    adapters = lora.initial(run.params, accel.random.key(chosen.seed, device=device), RANK)
    tuned = Run.adapting(run.params, adapters, run.config, run.tokenizer, chosen)
    evaluate = training.evaluator(run.config, chosen)
    before = evaluate(run.params, held)
    training.train(tuned, learnt, path=path, save_every=quarter, name=f"{device.backend} LoRA")
    scales = {n: x for n, x in adapters.items() if n.endswith(".lora_scale")}
    merged = lora.merge(run.params, {**tuned.params, **scales})
    again = load(path, "adapters", device=device)
    return {
        "rank": RANK,
        "parameters": sum(x.size for x in tuned.params.values()),
        "losses": tuned.losses,
        "before": before,
        "after": evaluate(tuned.whole, held),
        "merged": evaluate(merged, held),
        "reloaded": _bits({n: x for n, x in again.arrays["params"].items() if n in tuned.params})
        == _bits(tuned.params),
        "file_bytes": path.stat().st_size,
    }


def _quantisation(run: Run, held: Tokens) -> list[dict[str, Any]]:
    evaluate = training.evaluator(run.config, run.settings)
    found = [
        {
            "bits": 32,
            "loss": evaluate(run.params, held),
            "bytes": memory(run.params),
            "matrices": _matrices(run.params),
        }
    ]
    for bits in BITS:
        few = quantise(run.config, run.params, bits=bits)
        found.append(
            {"bits": bits, "loss": evaluate(few, held), "bytes": memory(few), "matrices": _matrices(few)}
        )
    return found


def _matrices(params: dict[str, Any]) -> int:
    """Give the bytes of what is quantised, however it is held: arrays of two axes, and scales."""
    return memory({n: x for n, x in params.items() if x.ndim > 1})


def _nudged(x: Any, number: int) -> Any:
    """Move each element to the number above it, the one below it, or not at all, at random."""
    key = accel.random.fold_in(accel.random.key(1, device=accel.device(x)), number)
    way: Any = accel.random.randint(key, x.shape, -1, 2, dtype=accel.int32)
    towards = accel.where(way < 0, accel.full_like(x, -accel.inf), accel.full_like(x, accel.inf))
    return accel.where(way == 0, x, accel.nextafter(x, towards))


def _batches(tokens: Tokens, chosen: Settings) -> str:
    shape = (chosen.accumulate, chosen.batch)
    found = hashlib.sha256()
    for step in range(chosen.optimizer.steps):
        found.update(tokens.batch(chosen.seed, step, shape, chosen.length).tobytes())
    return found.hexdigest()[:16]


def _bits(params: dict[str, Any]) -> str:
    found = hashlib.sha256()
    for name in sorted(params):
        found.update(accel.to_numpy(params[name]).tobytes())
    return found.hexdigest()[:16]


def median(values: list[float]) -> float:
    """Give the middle of values."""
    return sorted(values)[len(values) // 2] if values else float("nan")


def peak() -> int | None:
    """Give the most memory that this process ever held, in bytes, or None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else 1024 * found
