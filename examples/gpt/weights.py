"""Public weights: models that others have trained, read from safetensors files in the layout of Hugging Face."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import accel as xp
from accel.errors import AccelError, ArgumentError
from gpt.checkpoint import dtype_of
from gpt.config import Config
from gpt.parameters import Params, shapes

__all__ = ["LayoutError", "load"]

HEAD_DIM = 64
"""Features of a head in every public GPT-2, from which the number of heads follows where nothing else says it."""

BUFFERS = re.compile(r"\.attn\.(bias|masked_bias)$|\.rotary_emb\.inv_freq$")
"""What files hold that no model is made of: masks and angles."""

GPT2 = {
    "ln_1.weight": "norm1.weight",
    "ln_1.bias": "norm1.bias",
    "attn.c_proj.weight": "attention.output.weight",
    "attn.c_proj.bias": "attention.output.bias",
    "ln_2.weight": "norm2.weight",
    "ln_2.bias": "norm2.bias",
    "mlp.c_fc.weight": "mlp.up.weight",
    "mlp.c_fc.bias": "mlp.up.bias",
    "mlp.c_proj.weight": "mlp.down.weight",
    "mlp.c_proj.bias": "mlp.down.bias",
}
"""Names inside a block of GPT-2 -> names here; its matrices have the shape (in, out). Queries, keys and values are one matrix there."""

LLAMA = {
    "input_layernorm.weight": "norm1.weight",
    "self_attn.q_proj.weight": "attention.query.weight",
    "self_attn.k_proj.weight": "attention.key.weight",
    "self_attn.v_proj.weight": "attention.value.weight",
    "self_attn.o_proj.weight": "attention.output.weight",
    "post_attention_layernorm.weight": "norm2.weight",
    "mlp.gate_proj.weight": "mlp.gate.weight",
    "mlp.up_proj.weight": "mlp.up.weight",
    "mlp.down_proj.weight": "mlp.down.weight",
}
"""Names inside a block of Llama -> names here."""


class LayoutError(AccelError, ValueError):
    """A file of weights that cannot be read, or does not hold the model that it should."""


class Tensors:
    """The tensors of one or several safetensors files, read one at a time.

    Parameters
    ----------
    path : Path
        A file; or a folder that holds ``model.safetensors``, or several files and ``model.safetensors.index.json``, which names them.
    """

    def __init__(self, path: Path) -> None:
        try:
            import safetensors
        except ImportError:
            raise ArgumentError(
                "Weights are read with the safetensors package; write: pip install safetensors."
            ) from None
        self._open: Callable[..., Any] = safetensors.safe_open
        self._broken: type[Exception] = safetensors.SafetensorError
        self._stack = ExitStack()
        self.path = path
        self.files: dict[str, Any] = {}

    def __enter__(self) -> Tensors:
        for path in self._paths():
            if not path.is_file():
                raise LayoutError(
                    f"There is no file {path}; give a safetensors file, or a folder that holds model.safetensors."
                )
            try:
                file = self._stack.enter_context(self._open(str(path), framework="numpy"))
                self.files.update(dict.fromkeys(file.keys(), file))
            except (self._broken, OSError) as error:
                self._stack.close()
                raise LayoutError(
                    f"{path} is no whole safetensors file, it may be cut short or damaged ({error}); fetch it again."
                ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _paths(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        index = self.path / "model.safetensors.index.json"
        if not index.is_file():
            return [self.path / "model.safetensors"]
        return [self.path / name for name in sorted(set(_json(index)["weight_map"].values()))]

    def shape(self, name: str) -> tuple[int, ...]:
        """Give the shape of a tensor without reading it."""
        return tuple(self.files[name].get_slice(name).get_shape())

    def read(self, name: str, device: Any, dtype: Any) -> Any:
        """Give a tensor as an array on a device."""
        word = self.files[name].get_slice(name).get_dtype()
        if dtype_of(word) is None:
            raise LayoutError(f"{self.path} holds {name} in {word}, which accel has no dtype for.")
        try:
            x = self.files[name].get_tensor(name)
        except (self._broken, OSError, TypeError, AttributeError) as error:
            raise LayoutError(
                f"{self.path}: {name} cannot be read ({error}); fetch the file again."
            ) from None
        if not xp.isdtype(x.dtype, "real floating"):
            raise LayoutError(
                f"{self.path}: {name} has dtype {x.dtype}, and floating-point numbers are read."
            )
        # The file's own array may be a view of what is read-only or about to be closed.
        x = xp.astype(x, dtype)
        return xp.to_device(x, device)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LayoutError(f"{path} cannot be read as JSON ({error}).") from None
    if not isinstance(found, dict):
        raise LayoutError(f"{path} holds no JSON object.")
    return found


def load(
    path: str | Path,
    *,
    device: Any = None,
    dtype: Any = None,
    heads: int | None = None,
    config: Config | None = None,
) -> tuple[Config, Params]:
    """Read a public model.

    Parameters
    ----------
    path : str or Path
        A safetensors file in Hugging Face's layout of GPT-2 or Llama, or a folder with one. A ``config.json`` beside it is read, too.
    device : device, optional
        Where the parameters go; the default device otherwise.
    dtype : dtype, optional
        What they are cast to; float32 otherwise.
    heads : int, optional
        How many heads of attention the model has, which the shapes do not say; otherwise that of ``config.json``, or, for GPT-2, as
        many as have 64 features, as in all public ones.
    config : Config, optional
        The whole configuration, if it is known.

    Returns
    -------
    tuple of Config and dict of str to array
        The model.

    Raises
    ------
    LayoutError
        The file cannot be read or is damaged, is in no layout known, or a tensor is missing, left over, or has another shape.
    ArgumentError
        The safetensors package is missing, or a configuration cannot be.

    Notes
    -----
    The layout: transformers' modelling files of GPT-2 and Llama. GPT-2's matrices have the shape (in, out) there; names may begin
    with ``transformer.``; the matrix at the end (``lm_head.weight``) may be left out where it is the embedding.
    """
    path = Path(path)
    dtype = xp.float32 if dtype is None else dtype
    device = xp.device(xp.zeros((), dtype=xp.float32)) if device is None else device
    beside = (path if path.is_dir() else path.parent) / "config.json"
    facts = _json(beside) if beside.is_file() else {}
    with Tensors(path) as tensors:
        named = {
            re.sub(r"^(transformer|model)\.", "", name): name
            for name in tensors.files
            if not BUFFERS.search(name)
        }
        if "wte.weight" in named:
            config = config or _gpt2(tensors, named, facts, heads)
            plan = _gpt2_plan(config)
        elif "embed_tokens.weight" in named:
            config = config or _llama(tensors, named, facts, heads)
            plan = _llama_plan(config)
        else:
            some = ", ".join(sorted(tensors.files)[:3]) or "nothing"
            raise LayoutError(
                f"{path} holds neither wte.weight, as GPT-2 does, nor embed_tokens.weight, as Llama does, but {some}."
            )
        wanted = shapes(config)
        if config.tied and "lm_head.weight" in named:
            named.pop("lm_head.weight")  # a second copy of the embedding
        _fits(path, tensors, named, plan, config)
        found: Params = {}
        for source, (targets, turned) in plan.items():
            x = tensors.read(named[source], device, dtype)
            if turned:
                x = xp.matrix_transpose(x)
            first = 0
            for target in targets:
                part = x[first : first + wanted[target][0]]
                # By way of a vector, so that the rows of what was the other way round lie in memory as products like them.
                found[target] = xp.reshape(xp.reshape(part, (-1,)), wanted[target])
                first += wanted[target][0]
    return config, {name: found[name] for name in wanted}


Plan = dict[str, tuple[list[str], bool]]
"""Name in the file -> the names here of what is in it, one behind the other, and whether it is the other way round there."""


def _gpt2_plan(config: Config) -> Plan:
    plan: Plan = {"wte.weight": (["embedding.weight"], False), "wpe.weight": (["position.weight"], False)}
    for layer in range(config.layers):
        for source, target in GPT2.items():
            turned = source.endswith(("c_fc.weight", "c_proj.weight"))
            plan[f"h.{layer}.{source}"] = ([f"blocks.{layer}.{target}"], turned)
        for kind in ("weight", "bias"):
            parts = [f"blocks.{layer}.attention.{part}.{kind}" for part in ("query", "key", "value")]
            plan[f"h.{layer}.attn.c_attn.{kind}"] = (parts, kind == "weight")
    plan["ln_f.weight"], plan["ln_f.bias"] = (["norm.weight"], False), (["norm.bias"], False)
    if not config.tied:
        plan["lm_head.weight"] = (["head.weight"], False)
    return plan


def _llama_plan(config: Config) -> Plan:
    plan: Plan = {"embed_tokens.weight": (["embedding.weight"], False)}
    for layer in range(config.layers):
        for source, target in LLAMA.items():
            plan[f"layers.{layer}.{source}"] = ([f"blocks.{layer}.{target}"], False)
    plan["norm.weight"] = (["norm.weight"], False)
    if not config.tied:
        plan["lm_head.weight"] = (["head.weight"], False)
    return plan


def _fits(path: Path, tensors: Tensors, named: Mapping[str, str], plan: Plan, config: Config) -> None:
    """Refuse a file that lacks a tensor of the configuration, holds others, or holds one in another shape."""
    missing = [name for name in plan if name not in named]
    extra = [name for name in named if name not in plan]
    if missing or extra:
        told = [f"lacks {_some(missing)}"] * bool(missing) + [f"holds {_some(extra)} besides"] * bool(extra)
        raise LayoutError(
            f"{path} {' and '.join(told)}; a {config.style} of {config.layers} blocks has {len(plan)} tensors in this layout."
        )
    own = shapes(config)
    for source, (targets, turned) in plan.items():
        first = sum(own[target][0] for target in targets)
        shape = (first, *own[targets[0]][1:])
        shape = shape[::-1] if turned else shape
        found = tensors.shape(named[source])
        if found != shape:
            raise LayoutError(f"{path}: {source} has shape {found}, and the configuration gives it {shape}.")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _gpt2(tensors: Tensors, named: Mapping[str, str], facts: Mapping[str, Any], heads: int | None) -> Config:
    """Read the configuration of a GPT-2 off its shapes and what ``config.json`` says."""
    _known(tensors.path, facts, "gpt2", {"activation_function": ("gelu_new", "gelu_pytorch_tanh")})
    vocabulary, width = _matrix(tensors, named, "wte.weight")
    context, _ = _matrix(tensors, named, "wpe.weight")
    _, hidden = _matrix(tensors, named, "h.0.mlp.c_fc.weight")
    heads = int(heads or facts.get("n_head") or max(width // HEAD_DIM, 1))
    _agree(tensors.path, facts, n_embd=width, vocab_size=vocabulary, n_positions=context)
    return Config(
        style="gpt2",
        vocabulary=vocabulary,
        context=context,
        layers=_layers(named, "h"),
        heads=heads,
        width=width,
        hidden=hidden,
        tied=_tied(tensors, named, "wte.weight"),
        eps=facts.get("layer_norm_epsilon", 1e-5),
    )


def _llama(tensors: Tensors, named: Mapping[str, str], facts: Mapping[str, Any], heads: int | None) -> Config:
    """Read the configuration of a Llama off its shapes and what ``config.json`` says."""
    _known(tensors.path, facts, "llama", {"hidden_act": ("silu", "swish"), "rope_scaling": (None,)})
    vocabulary, width = _matrix(tensors, named, "embed_tokens.weight")
    hidden, _ = _matrix(tensors, named, "layers.0.mlp.gate_proj.weight")
    keys, _ = _matrix(tensors, named, "layers.0.self_attn.k_proj.weight")
    heads = heads or facts.get("num_attention_heads")
    context = facts.get("max_position_embeddings")
    if heads is None or context is None:
        raise LayoutError(
            f"{tensors.path}: the shapes of a Llama do not say how many heads it has, nor how long its context is; put its config.json "
            f"beside the file, or give config=Config(...)."
        )
    if width % heads or keys % (width // heads):
        raise LayoutError(
            f"{tensors.path}: {heads} heads do not go with a width of {width} and keys of {keys} features."
        )
    _agree(
        tensors.path,
        facts,
        hidden_size=width,
        vocab_size=vocabulary,
        intermediate_size=hidden,
        head_dim=width // heads,
    )
    rotary = facts.get("rope_parameters") or {}
    if rotary.get("rope_type", "default") != "default":
        raise LayoutError(
            f"config.json beside {tensors.path} has rope_type {rotary['rope_type']!r}; known here is 'default'."
        )
    return Config(
        style="llama",
        vocabulary=vocabulary,
        context=context,
        layers=_layers(named, "layers"),
        heads=heads,
        kv_heads=keys // (width // heads),
        width=width,
        hidden=hidden,
        tied=_tied(tensors, named, "embed_tokens.weight"),
        eps=facts.get("rms_norm_eps", 1e-6),
        base=facts.get("rope_theta") or rotary.get("rope_theta", 10000.0),
    )


def _known(path: Path, facts: Mapping[str, Any], kind: str, known: Mapping[str, tuple[Any, ...]]) -> None:
    """Refuse formulas that the model here has not."""
    if facts.get("model_type", kind) != kind:
        raise LayoutError(
            f"config.json beside {path} is of model_type {facts['model_type']!r}, and the tensors are a {kind}'s."
        )
    for name, values in known.items():
        if name in facts and facts[name] not in values:
            raise LayoutError(
                f"config.json beside {path} has {name} {facts[name]!r}; known here is {' or '.join(map(repr, values))}."
            )


def _agree(path: Path, facts: Mapping[str, Any], **shapes: int) -> None:
    for name, value in shapes.items():
        if facts.get(name) not in (None, value):
            raise LayoutError(
                f"config.json beside {path} has {name} {facts[name]}, and the tensors have {value}."
            )


def _matrix(tensors: Tensors, named: Mapping[str, str], name: str) -> tuple[int, int]:
    if name not in named:
        raise LayoutError(f"{tensors.path} lacks {name}.")
    shape = tensors.shape(named[name])
    if len(shape) != 2:
        raise LayoutError(f"{tensors.path}: {name} has shape {shape}, and a matrix is needed.")
    return shape[0], shape[1]


def _tied(tensors: Tensors, named: Mapping[str, str], embedding: str) -> bool:
    """Tell whether the matrix at the end is the embedding, as where it is left out."""
    if "lm_head.weight" not in named:
        return True
    if tensors.shape(named["lm_head.weight"]) != tensors.shape(named[embedding]):
        return False
    first, last = (tensors.read(named[name], "numpy", xp.float32) for name in (embedding, "lm_head.weight"))
    return bool(xp.all(xp.equal(first, last)))


def _layers(named: Mapping[str, str], word: str) -> int:
    numbers = [int(found[1]) for name in named if (found := re.match(rf"{word}\.(\d+)\.", name))]
    return 1 + max(numbers, default=-1)
