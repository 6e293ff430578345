"""Public weights: a file in Hugging Face's layout gives the model that plain NumPy makes of it, and a wrong one a clear error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpt.weights
import numpy as np
import pytest
from gpt.config import Config
from gpt.model import logits
from gpt.parameters import check, initial, shapes
from gpt.weights import LayoutError, load
from gpt_speed.numpy_gpt2 import NumpyGPT2
from safetensors.numpy import save_file

import accel
from accel.testing.rows import obstacle
from tests.fresh import run

WIDTH, HEADS, LAYERS, CONTEXT, VOCABULARY = 24, 3, 2, 16, 40
FACTS = {"model_type": "gpt2", "n_head": HEADS, "n_embd": WIDTH, "activation_function": "gelu_new"}

Tensors = dict[str, Any]


def public_gpt2(prefix: str = "", dtype: str = "float32") -> Tensors:
    """Give random tensors under the names and in the shapes of the public GPT-2, with the masks that old files hold."""
    draw = np.random.default_rng(5)
    wide = {"c_attn": 3 * WIDTH, "c_proj": WIDTH, "c_fc": 4 * WIDTH}
    found: dict[str, tuple[int, ...]] = {"wte.weight": (VOCABULARY, WIDTH), "wpe.weight": (CONTEXT, WIDTH)}
    for i in range(LAYERS):
        for part, entering in (
            ("attn.c_attn", WIDTH),
            ("attn.c_proj", WIDTH),
            ("mlp.c_fc", WIDTH),
            ("mlp.c_proj", 4 * WIDTH),
        ):
            out = wide[part.partition(".")[2]]
            found[f"h.{i}.{part}.weight"], found[f"h.{i}.{part}.bias"] = (entering, out), (out,)
        for norm in ("ln_1", "ln_2"):
            found[f"h.{i}.{norm}.weight"] = found[f"h.{i}.{norm}.bias"] = (WIDTH,)
        found[f"h.{i}.attn.bias"] = (1, 1, CONTEXT, CONTEXT)
    found["ln_f.weight"] = found["ln_f.bias"] = (WIDTH,)
    return {prefix + name: (0.4 * draw.standard_normal(shape)).astype(dtype) for name, shape in found.items()}


def written(folder: Path, tensors: Tensors, facts: dict[str, Any] | None = None) -> Path:
    save_file({name: np.ascontiguousarray(x) for name, x in tensors.items()}, folder / "model.safetensors")
    if facts is not None:
        (folder / "config.json").write_text(json.dumps(facts))
    return folder / "model.safetensors"


@pytest.mark.parametrize("backend", ["numpy", "jax", "cupy"])
@pytest.mark.parametrize("prefix", ["", "transformer."])
def test_gpt2_computes_what_plain_numpy_computes_of_the_same_file(
    tmp_path: Path, backend: str, prefix: str
) -> None:
    if why := obstacle(backend):
        pytest.skip(why)
    tensors = public_gpt2(prefix)
    path = written(tmp_path, tensors, FACTS)
    device = accel.devices(backend)[0]
    config, params = load(path, device=device)
    check(config, params)
    assert (config.heads, config.layers, config.context) == (HEADS, LAYERS, CONTEXT)
    assert (config.vocabulary, config.hidden, config.tied) == (VOCABULARY, 4 * WIDTH, True)
    assert all(accel.device(x) == device for x in params.values())
    tokens = np.random.default_rng(0).integers(0, VOCABULARY, CONTEXT)
    plain = {name.removeprefix(prefix): x.astype(np.float64) for name, x in tensors.items()}
    wanted = NumpyGPT2(plain, HEADS).logits(tokens)
    found = accel.to_numpy(logits(config, params, accel.to_device(tokens[None].astype(np.int32), device)))[0]
    # The same formula in float64: what differs is float32's rounding, 1e-7 of sums of some tens of terms.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=3e-6 * np.abs(wanted).max())


def test_the_handwritten_step_agrees_with_the_handwritten_whole() -> None:
    tensors = {name: x.astype(np.float64) for name, x in public_gpt2().items()}
    model, tokens = NumpyGPT2(tensors, HEADS), np.random.default_rng(0).integers(0, VOCABULARY, CONTEXT)
    stepped = np.stack([model.step(int(token)).copy() for token in tokens])
    np.testing.assert_allclose(stepped, model.logits(tokens), rtol=0, atol=1e-12)


def test_a_folder_with_an_index_and_half_precision_is_read(tmp_path: Path) -> None:
    tensors = public_gpt2(dtype="float16")
    names = sorted(tensors)
    parts = {"model-00001-of-00002.safetensors": names[:10], "model-00002-of-00002.safetensors": names[10:]}
    for part, own in parts.items():
        save_file({name: tensors[name] for name in own}, tmp_path / part)
    index = {"weight_map": {name: part for part, own in parts.items() for name in own}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    _, params = load(tmp_path, device="numpy", heads=HEADS)
    assert {x.dtype for x in params.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(params["embedding.weight"], tensors["wte.weight"].astype(np.float32))


def test_bfloat16_is_read_where_nothing_has_loaded_it(tmp_path: Path) -> None:
    """As public Llamas are written, on NumPy alone."""
    tensors = {name: accel.to_numpy(accel.astype(x, accel.bfloat16)) for name, x in public_gpt2().items()}
    written(tmp_path, tensors, FACTS)
    told = run(
        f"""
import sys
sys.modules["jax"] = None
sys.path.insert(0, {str(Path(gpt.weights.__file__).parents[1])!r})
from gpt.weights import load
_, params = load({str(tmp_path)!r}, device="numpy")
print(params["embedding.weight"].dtype, float(params["embedding.weight"].sum(dtype="float64")))
"""
    )
    wanted = float(tensors["wte.weight"].astype(np.float64).sum())
    assert told == f"float32 {wanted}"


def test_what_accel_has_no_dtype_for_is_told(tmp_path: Path) -> None:
    header: dict[str, Any] = {}
    data = b""
    for name, x in public_gpt2().items():
        part = bytes(x.size) if name == "wte.weight" else x.tobytes()
        word = "F8_E4M3" if name == "wte.weight" else "F32"
        header[name] = {"dtype": word, "shape": x.shape, "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    written_header = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(written_header).to_bytes(8, "little") + written_header + data)
    with pytest.raises(LayoutError, match=r"holds wte\.weight in F8_E4M3, which accel has no dtype for"):
        load(path, device="numpy", heads=HEADS)


def test_a_head_of_its_own_is_read_and_a_copy_of_the_embedding_is_not(tmp_path: Path) -> None:
    tensors = public_gpt2("transformer.")
    tensors["lm_head.weight"] = tensors["transformer.wte.weight"].copy()
    config, params = load(written(tmp_path, tensors, FACTS), device="numpy")
    assert config.tied
    assert "head.weight" not in params
    tensors["lm_head.weight"] = tensors["lm_head.weight"] + 1
    config, params = load(written(tmp_path, tensors, FACTS), device="numpy")
    assert not config.tied
    np.testing.assert_array_equal(params["head.weight"], tensors["lm_head.weight"])


def test_llama_is_read(tmp_path: Path) -> None:
    config = Config(
        style="llama", layers=2, heads=4, kv_heads=2, width=32, vocabulary=50, context=32, eps=1e-6
    )
    params = initial(config, accel.random.key(1, device="numpy"))
    public = {
        "embedding.weight": "model.embed_tokens.weight",
        "norm.weight": "model.norm.weight",
        "head.weight": "lm_head.weight",
    }
    for layer in range(config.layers):
        for theirs, ours in gpt.weights.LLAMA.items():
            public[f"blocks.{layer}.{ours}"] = f"model.layers.{layer}.{theirs}"
    facts = {
        "model_type": "llama",
        "num_attention_heads": 4,
        "max_position_embeddings": 32,
        "rms_norm_eps": 1e-6,
    }
    path = written(tmp_path, {public[name]: x for name, x in params.items()}, facts)
    found, read = load(path, device="numpy")
    assert found == config
    for name in shapes(config):
        np.testing.assert_array_equal(read[name], params[name])
    with pytest.raises(LayoutError, match="rope_scaling"):
        load(
            written(
                tmp_path, {public[n]: x for n, x in params.items()}, {**facts, "rope_scaling": {"factor": 8}}
            )
        )
    (tmp_path / "config.json").unlink()
    with pytest.raises(LayoutError, match=r"put its config\.json"):
        load(path)


def changed(change: Callable[[Tensors], Any]) -> Tensors:
    tensors = public_gpt2()
    change(tensors)
    return tensors


@pytest.mark.parametrize(
    ("change", "facts", "words"),
    [
        (lambda t: t.pop("h.1.mlp.c_fc.bias"), FACTS, r"lacks h\.1\.mlp\.c_fc\.bias"),
        (lambda t: t.update({"h.0.extra": t["ln_f.bias"]}), FACTS, r"holds h\.0\.extra besides"),
        (
            lambda t: t.update({"h.1.attn.c_proj.weight": t["ln_f.bias"][None]}),
            FACTS,
            r"h\.1\.attn\.c_proj\.weight has shape \(1, 24\), and the configuration gives it \(24, 24\)",
        ),
        (lambda t: None, {**FACTS, "n_embd": 25}, "n_embd 25, and the tensors have 24"),
        (
            lambda t: None,
            {**FACTS, "activation_function": "relu"},
            "activation_function 'relu'; known here is 'gelu_new'",
        ),
        (lambda t: None, {"model_type": "bert"}, "model_type 'bert'"),
        (lambda t: t.pop("wte.weight"), FACTS, r"holds neither wte\.weight"),
        (
            lambda t: t.update({"ln_f.bias": t["ln_f.bias"].astype(np.int32)}),
            FACTS,
            "dtype int32, and floating-point",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, change: Callable[[Tensors], Any], facts: dict[str, Any], words: str
) -> None:
    with pytest.raises(LayoutError, match=words):
        load(written(tmp_path, changed(change), facts), device="numpy")


def test_heads_that_do_not_divide_are_refused(tmp_path: Path) -> None:
    with pytest.raises(accel.errors.ArgumentError, match="width has to be a multiple of heads"):
        load(written(tmp_path, public_gpt2()), device="numpy", heads=5)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, public_gpt2(), FACTS)
    data = path.read_bytes()
    for length in (0, 5, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(LayoutError, match="cut short or damaged"):
            load(path, device="numpy")
    path.unlink()
    with pytest.raises(LayoutError, match="There is no file"):
        load(path, device="numpy")
