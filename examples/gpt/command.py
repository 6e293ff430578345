"""The command line: train, fine-tune, import, merge, quantise, generate, plan and report."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

import accel
import gpt.adapters as lora
import gpt.corpus as corpus
import gpt.tokenizer as tokenizers
import gpt.training as training
import gpt.weights as weights
from accel.errors import AccelError, ArgumentError
from gpt.checkpoint import Checkpoint, CheckpointError, load, save
from gpt.config import PRESETS, STYLES, Config, preset
from gpt.corpus import Text, Tokens
from gpt.curve import draw
from gpt.generation import generate as generated
from gpt.optimizer import AdamW
from gpt.parameters import check, size
from gpt.quantisation import memory
from gpt.quantisation import quantise as quantised
from gpt.training import PRECISIONS, DivergenceError, Run, Settings

BPE_SIZE = 1024
"""Tokens of a tokenizer that is learnt, where nobody says how many."""

FINE_TUNING = ("email",)
"""The package to fine-tune on, where no text is named; nothing of it is in the usual corpus."""

SHAPE = ("style", "layers", "heads", "kv_heads", "width", "context")
SETTINGS = ("batch", "length", "accumulate", "seed", "precision", "recompute")
OPTIMIZER = ("rate", "steps", "warmup", "decay", "clip")


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    whole = argparse.ArgumentParser(
        prog="python examples/gpt",
        description="A GPT in pure accel: trained, fine-tuned, quantised and asked for text on any backend.",
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, does: Callable[..., int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(does=does)
        made.add_argument(
            "--device", metavar="NAME", help="such as jax, numpy, cupy:gpu:1 (default: accel's choice)"
        )
        return made

    each = command(
        "train", train, "Train a model on the source files of Python's standard library, or a text of yours."
    )
    _new_file(each, Path("gpt.safetensors"), resumes=True)
    _text(each)
    option = each.add_argument
    option("--preset", choices=PRESETS, help="a configuration (default: small)")
    option("--style", choices=STYLES, help="formulas of GPT-2 or of Llama")
    for name in SHAPE[1:]:
        option(
            f"--{name.replace('_', '-')}",
            type=int,
            metavar="N",
            help=f"{name.replace('_', ' ')} of the model",
        )
    option(
        "--tokenizer",
        metavar="NAME",
        help="bytes, bpe (learnt from the text), or a tokenizer.json (default: bytes)",
    )
    option(
        "--vocabulary", type=int, metavar="N", help=f"tokens that bpe learns at most (default: {BPE_SIZE})"
    )
    _settings(each)

    each = command(
        "finetune",
        finetune,
        "Train a model further on another text: all of it, or adapters beside it (LoRA).",
    )
    each.add_argument("model", type=Path, help="the checkpoint of the model")
    _new_file(each, Path("gpt-tuned.safetensors"), resumes=True)
    _text(each)
    each.add_argument(
        "--lora", type=int, metavar="RANK", help="train adapters of this rank, and leave the model as it is"
    )
    each.add_argument(
        "--targets",
        nargs="+",
        metavar="NAME",
        default=list(lora.TARGETS),
        help=f"where adapters stand, of: {' '.join(lora.TARGETS)} (default: all)",
    )
    _settings(each)

    each = command(
        "import",
        bring,
        "Make a checkpoint of a public model in Hugging Face's layout that lies on your disk.",
    )
    each.add_argument("path", type=Path, help="a safetensors file of a GPT-2 or Llama, or the folder with it")
    each.add_argument(
        "--tokenizer", metavar="NAME", help="bytes, or a tokenizer.json (default: the one beside the file)"
    )
    each.add_argument(
        "--heads", type=int, metavar="N", help="heads of attention, where no config.json says it"
    )
    _new_file(each, Path("gpt.safetensors"))

    each = command("merge", merge, "Add adapters to the weights of their model.")
    each.add_argument("model", type=Path, help="the checkpoint of the model")
    each.add_argument("adapters", type=Path, help="the checkpoint of the adapters")
    _new_file(each, Path("gpt-merged.safetensors"))

    each = command(
        "quantise", quantise, "Hold the weights in fewer bits, and tell the loss before and after."
    )
    each.add_argument("model", type=Path, help="the checkpoint of the model")
    each.add_argument("--bits", type=int, choices=(8, 4), default=8, help="bits of a weight (default: 8)")
    _new_file(each, Path("gpt-quantised.safetensors"))
    _text(each)

    each = command("generate", generate, "Go on with a text; each token is shown as soon as it is known.")
    each.add_argument("model", type=Path, help="a checkpoint: of a model, or quantised")
    each.add_argument("--adapters", type=Path, help="the checkpoint of adapters of that model")
    each.add_argument("--prompt", default="def ", help="the text to go on with (default: 'def ')")
    each.add_argument(
        "--tokens", type=int, metavar="N", help="how many to add (default: what the context holds)"
    )
    each.add_argument(
        "--temperature", type=float, default=0.8, help="0 takes the likeliest token (default: 0.8)"
    )
    each.add_argument("--top-k", type=int, help="draw from so many of the likeliest")
    each.add_argument("--top-p", type=float, help="draw from the fewest that have so much of the probability")
    each.add_argument("--seed", type=int, default=0, help="from which the draws follow (default: 0)")
    each.add_argument(
        "--without-cache",
        action="store_true",
        help="keep no keys and values: each step looks at all tokens again",
    )

    commands.add_parser("plan", add_help=False, help="Lay a large model out on many devices, on paper.")
    commands.add_parser(
        "parallel", add_help=False, help="Train on several devices by several layouts, and measure the costs."
    )
    commands.add_parser(
        "report", add_help=False, help="Do all of it on every usable backend, and write a report."
    )
    return whole


def _new_file(each: argparse.ArgumentParser, default: Path, *, resumes: bool = False) -> None:
    each.add_argument(
        "--out", type=Path, default=default, help=f"where the checkpoint goes (default: {default})"
    )
    each.add_argument("--overwrite", action="store_true", help="replace the file that is there")
    if resumes:
        each.add_argument("--resume", action="store_true", help="go on from the checkpoint that is there")


def _text(each: argparse.ArgumentParser) -> None:
    each.add_argument(
        "--text", type=Path, nargs="+", metavar="PATH", help="files and folders with text of yours"
    )
    each.add_argument("--packages", nargs="+", metavar="NAME", help="these packages of the standard library")
    each.add_argument("--bytes", type=int, metavar="N", help="read no further than this many bytes")


def _settings(each: argparse.ArgumentParser) -> None:
    usual, schedule = Settings(), AdamW()
    option = each.add_argument
    option("--steps", type=int, metavar="N", help=f"updates in all (default: {schedule.steps})")
    option("--batch", type=int, metavar="N", help=f"windows of a part of a step (default: {usual.batch})")
    option("--length", type=int, metavar="N", help="tokens of a window (default: the context of the model)")
    option("--accumulate", type=int, metavar="N", help="parts of a step, one after another (default: 1)")
    option("--rate", type=float, help=f"highest learning rate (default: {schedule.rate})")
    option(
        "--warmup",
        type=int,
        metavar="N",
        help="updates in which the rate climbs (default: a tenth, at most 100)",
    )
    option("--decay", type=float, help=f"weight decay (default: {schedule.decay})")
    option("--clip", type=float, help=f"the norm that gradients are clipped to (default: {schedule.clip})")
    option("--seed", type=int, help="from which weights and batches follow (default: 0)")
    option("--precision", choices=PRECISIONS, help="in which the model computes (default: float32)")
    option(
        "--recompute",
        action="store_true",
        default=None,
        help="make activations again instead of keeping them",
    )
    option(
        "--save-every", type=int, default=100, metavar="N", help="steps between checkpoints (default: 100)"
    )
    option(
        "--evaluate-every",
        type=int,
        default=100,
        metavar="N",
        help="steps between losses on validation text (default: 100)",
    )
    option(
        "--curve",
        type=Path,
        metavar="PNG",
        help="where the picture of the loss goes (default: beside the checkpoint)",
    )
    option("--quiet", action="store_true", help="no progress bar")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit status: 0, 1 for a training that diverged, 2 for bad input, 130 where it was interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["parallel"]:
            from gpt.parallel import command as parallel

            return int(parallel(given[1:]) or 0)
        if given[:1] == ["plan"]:
            from gpt.plan import command as plan

            return int(plan(given[1:]) or 0)
        if given[:1] == ["report"]:
            from gpt.report import command as report

            return report(given[1:])
        options = parser().parse_args(given)
        with ExitStack() as stack:
            if options.device is not None:
                stack.enter_context(accel.use_device(options.device))
            does: Callable[[argparse.Namespace], int] = options.does
            return does(options)
    except DivergenceError as error:
        return _told(error, 1)
    except AccelError as error:
        return _told(error, 2)
    except BrokenPipeError:  # the reader has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("interrupted.", file=sys.stderr)
        return 130


def _told(error: Exception, status: int) -> int:
    print(f"gpt: {error}", file=sys.stderr)
    return status


def train(options: argparse.Namespace) -> int:
    """Train a new model, or go on with one."""
    text = _read(options, ())
    if options.resume:
        run = _resumed(options, load(_there(options.out), "model"))
        _same(options, SHAPE, run.config, options.out)
        if options.tokenizer or options.vocabulary or options.preset:
            raise ArgumentError(
                "--resume goes on with the model of the checkpoint; leave --preset, --tokenizer and --vocabulary out."
            )
    else:
        _free(options)
        tokenizer = _tokenizer(options, text)
        changes = {name: getattr(options, name) for name in SHAPE if getattr(options, name) is not None}
        config = preset(options.preset or "small", **changes, vocabulary=tokenizer.size)
        run = Run.new(config, tokenizer, _chosen(options, Settings(length=config.context)))
        print(
            f"{size(config):,} parameters, {text.size:,} characters of text, on {_where(run)}.",
            file=sys.stderr,
        )
    return _go(options, run, text)


def finetune(options: argparse.Namespace) -> int:
    """Train a model further, or adapters beside it."""
    text = _read(options, FINE_TUNING)
    base = load(_there(options.model), "model")
    config, params, tokenizer = opened(base)
    if options.resume:
        run = _resumed(options, load(_there(options.out)), base)
    else:
        _free(options)
        settings = _chosen(options, Settings(length=config.context))
        if options.lora is None:
            run = Run.of(params, config, tokenizer, settings)
        else:
            key = accel.random.key(settings.seed)
            adapters = lora.initial(params, key, options.lora, targets=options.targets)
            run = Run.adapting(params, adapters, config, tokenizer, settings)
            share = sum(x.size for x in run.params.values()) / size(config)
            print(f"adapters of {share:.1%} of the model's parameters, on {_where(run)}.", file=sys.stderr)
    return _go(options, run, text)


def bring(options: argparse.Namespace) -> int:
    """Make a checkpoint of a public model."""
    _free(options)
    config, params = weights.load(options.path, device="numpy", heads=options.heads)
    if options.tokenizer == "bytes":
        tokenizer: tokenizers.Tokenizer = tokenizers.Bytes()
    else:
        folder = options.path if options.path.is_dir() else options.path.parent
        tokenizer = tokenizers.load(Path(options.tokenizer or folder / "tokenizer.json"))
    tokenizers.fit(tokenizer, config.vocabulary)
    facts = {"config": config.to_dict(), "tokenizer": tokenizer.to_json()}
    save(options.out, Checkpoint("model", facts, {"params": params}))
    print(
        f"{options.out} holds the model: {size(config):,} parameters, a context of {config.context} tokens."
    )
    return 0


def merge(options: argparse.Namespace) -> int:
    """Add adapters to their model."""
    _free(options)
    base, adapters = load(_there(options.model), "model"), load(_there(options.adapters), "adapters")
    training.adapted(adapters, base)  # refuses those of another model
    merged = lora.merge(base.arrays["params"], adapters.arrays["params"])
    facts = {name: base.facts[name] for name in ("config", "tokenizer")}
    save(options.out, Checkpoint("model", facts, {"params": merged}))
    print(f"{options.out} holds the model with its adapters.")
    return 0


def quantise(options: argparse.Namespace) -> int:
    """Hold weights in fewer bits."""
    _free(options)
    text = _read(options, ())
    checkpoint = load(_there(options.model), "model")
    config, params, tokenizer = opened(checkpoint)
    few = quantised(config, params, bits=options.bits)
    _, validation = text.split()
    settings = Settings(batch=8, length=min(config.context, 128))
    evaluate, tokens = training.evaluator(config, settings), Tokens.of(validation, tokenizer)
    before, after = evaluate(params, tokens), evaluate(few, tokens)
    facts = {**{name: checkpoint.facts[name] for name in ("config", "tokenizer")}, "bits": options.bits}
    save(options.out, Checkpoint("quantised", facts, {"params": few}))
    old, new = memory(params), memory(few)
    print(f"loss    {before:.4f} before, {after:.4f} after ({after - before:+.4f})")
    print(f"memory  {old:,} bytes before, {new:,} after ({new / old:.2f}x)")
    print(f"saved   {options.out}")
    return 0


def generate(options: argparse.Namespace) -> int:
    """Go on with a text, token by token."""
    checkpoint = load(_there(options.model))
    if checkpoint.kind == "adapters":
        raise CheckpointError(
            f"{options.model} holds adapters; name their model first, and them with --adapters."
        )
    config, params, tokenizer = opened(checkpoint)
    if options.adapters is not None:
        both = training.adapted(load(_there(options.adapters), "adapters"), checkpoint)
        params = {name: accel.to_device(x, _device()) for name, x in both.items()}
    prompt = (
        tokenizer.encode(options.prompt) if options.prompt else np.asarray([tokenizer.end], dtype=np.int32)
    )
    room = config.context - len(prompt)
    count = room if options.tokens is None else options.tokens
    if options.tokens is not None and options.tokens < 0:
        raise ArgumentError(f"--tokens must be 0 or more, got {options.tokens}.")
    if count > room or room < 1:
        raise ArgumentError(
            f"the prompt has {len(prompt)} tokens and {max(count, 1)} are to follow, and the context of the model is {config.context}; ask for less."
        )
    if not 0 <= options.seed < 1 << 31:
        raise ArgumentError(f"--seed must be from 0 to {(1 << 31) - 1}, got {options.seed}.")
    tokens = accel.to_device(prompt[None, :], _device())
    how = {"temperature": options.temperature, "top_k": options.top_k, "top_p": options.top_p}
    found = generated(
        config, params, tokens, count, accel.random.key(options.seed), cache=not options.without_cache, **how
    )
    print(options.prompt, end="", flush=True)
    for piece in tokenizer.stream(_until(found, tokenizer.end)):
        print(piece, end="", flush=True)
    print()
    return 0


def opened(checkpoint: Checkpoint) -> tuple[Config, dict[str, Any], tokenizers.Tokenizer]:
    """Give what a checkpoint of a model holds: configuration, parameters on the device in use, tokenizer.

    Raises
    ------
    CheckpointError
        If they do not fit each other.
    """
    try:
        config = Config.from_dict(checkpoint.facts["config"])
        tokenizer = tokenizers.from_json(checkpoint.facts["tokenizer"])
        if checkpoint.kind == "model":
            check(config, checkpoint.arrays["params"])
        tokenizers.fit(tokenizer, config.vocabulary)
    except KeyError as error:
        raise CheckpointError(f"the checkpoint has no {error}; it is not one of a model.") from None
    device = _device()
    return (
        config,
        {name: accel.to_device(x, device) for name, x in checkpoint.arrays["params"].items()},
        tokenizer,
    )


def _device() -> accel.Device:
    return accel.device(accel.zeros((), dtype=accel.float32))


def _where(run: Run) -> str:
    return str(accel.device(next(iter(run.params.values()))))


def _until(found: Any, end: int) -> Any:
    for (token,) in found:
        if token == end:
            return
        yield token


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}; name a checkpoint.")
    return path


def _curve(options: argparse.Namespace) -> Path:
    curve: Path | None = options.curve
    return options.out.with_suffix(".png") if curve is None else curve


def _free(options: argparse.Namespace) -> None:
    path = options.out
    trains = hasattr(options, "resume")
    if path.exists() and not options.overwrite:
        resume = "--resume goes on with it, " if trains else ""
        raise ArgumentError(
            f"{path} is there already; {resume}--overwrite replaces it, --out names another place."
        )
    if trains and _curve(options).exists() and not options.overwrite:
        raise ArgumentError(
            f"{_curve(options)} is there already; --overwrite replaces it, --curve names another place for the picture."
        )
    if not path.parent.is_dir():
        raise ArgumentError(f"the folder {path.parent} does not exist; make it first.")
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder; name a file.")


def _read(options: argparse.Namespace, usual: tuple[str, ...]) -> Text:
    if options.bytes is not None and options.bytes < 1:
        raise ArgumentError(f"--bytes must be 1 or more, got {options.bytes}.")
    if options.text and options.packages:
        raise ArgumentError("--text and --packages are both given; take one of them.")
    if options.text:
        return corpus.files(options.text, bytes_at_most=options.bytes)
    return corpus.standard_library(options.packages or usual, bytes_at_most=options.bytes)


def _tokenizer(options: argparse.Namespace, text: Text) -> tokenizers.Tokenizer:
    kind = options.tokenizer or "bytes"
    if options.vocabulary is not None and kind != "bpe":
        raise ArgumentError("--vocabulary is for --tokenizer bpe; other tokenizers have theirs.")
    if kind == "bytes":
        return tokenizers.Bytes()
    if kind == "bpe":
        documents, _ = text.split()
        return tokenizers.BPE.train(
            documents.documents, BPE_SIZE if options.vocabulary is None else options.vocabulary
        )
    return tokenizers.load(Path(kind))


def _chosen(options: argparse.Namespace, usual: Settings) -> Settings:
    own = {name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None}
    schedule = {name: getattr(options, name) for name in OPTIMIZER if getattr(options, name) is not None}
    steps = schedule.get("steps", usual.optimizer.steps)
    schedule.setdefault("warmup", min(100, steps // 10))
    return replace(usual, **own, optimizer=replace(usual.optimizer, **schedule))


def _resumed(options: argparse.Namespace, checkpoint: Checkpoint, base: Checkpoint | None = None) -> Run:
    run = Run.resumed(checkpoint, base=base, device=_device())
    if base is not None and run.config != Config.from_dict(base.facts["config"]):
        raise CheckpointError(
            f"{options.out} was trained from a model of another configuration than {options.model}; name that one."
        )
    _same(options, SETTINGS, run.settings, options.out)
    _same(options, [name for name in OPTIMIZER if name != "steps"], run.settings.optimizer, options.out)
    if options.steps is not None and options.steps != run.settings.optimizer.steps:
        print(
            f"the schedule now ends at step {options.steps}, not {run.settings.optimizer.steps}.",
            file=sys.stderr,
        )
        run = training.continued(run, steps=options.steps)
    print(f"going on from step {run.done}, on {_where(run)}.", file=sys.stderr)
    return run


def _same(options: argparse.Namespace, names: Sequence[str], kept: Any, path: Path) -> None:
    known = {each.name for each in fields(kept)}
    for name in names:
        given = getattr(options, name)
        if name in known and given is not None and given != getattr(kept, name):
            raise CheckpointError(
                f"{path} is of another configuration: its {name} is {getattr(kept, name)}, and --{name.replace('_', '-')} says {given}; leave it out to go on."
            )


def _go(options: argparse.Namespace, run: Run, text: Text) -> int:
    for name in ("save_every", "evaluate_every"):
        if getattr(options, name) < 1:
            raise ArgumentError(
                f"--{name.replace('_', '-')} must be 1 or more, got {getattr(options, name)}."
            )
    curve = _curve(options)
    if not curve.parent.is_dir():
        raise ArgumentError(f"the folder {curve.parent} does not exist; make it first.")
    tokenizers.fit(run.tokenizer, run.config.vocabulary)
    learnt, held = (Tokens.of(part, run.tokenizer) for part in text.split())
    if run.text and run.text != learnt.digest:
        print(
            "the text is not the one that the checkpoint was trained on; other batches follow.",
            file=sys.stderr,
        )
    run.text = learnt.digest
    validation = held if len(held.values) > run.settings.length else None
    asked: list[int] = []

    def interrupt(number: int, frame: Any) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        training.train(
            run, learnt, validation, path=options.out, save_every=options.save_every, evaluate_every=options.evaluate_every,
            stop=lambda: bool(asked), progress=not options.quiet, name=options.command,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)
        if run.losses:
            draw(
                curve,
                run.losses,
                run.validation,
                f"{options.command}: {size(run.config):,} parameters, {_where(run)}",
            )
    last = f", {[*run.validation.values()][-1]:.4f} on validation text" if run.validation else ""
    print(f"loss    {run.losses[-1] if run.losses else float('nan'):.4f} at step {run.done}{last}")
    print(f"saved   {options.out} and {curve}")
    if asked:
        print(f"interrupted at step {run.done}; --resume goes on from there.", file=sys.stderr)
        return 130
    return 0
