"""Checkpoints of the GPT example: whole or not there, on any backend, and one clear error for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
from accel.testing.rows import Row

pytest.importorskip("safetensors")
from gpt.checkpoint import Checkpoint, CheckpointError, load, read, save

DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int32", "uint16", "bool")


def example(number: float = 1.5) -> Checkpoint:
    params: dict[str, Any] = {
        name: accel.astype(accel.full((3, 2), number, device="numpy"), getattr(accel, name))
        for name in DTYPES
    }
    params["scalar"] = accel.asarray(number, dtype=accel.float32, device="numpy")
    params["empty"] = accel.zeros((0, 4), dtype=accel.float32, device="numpy")
    return Checkpoint(
        "model",
        {"config": {"width": 3}, "said": "naïve €"},
        {"params": params, "mean": {"a": params["scalar"]}},
    )


def same(one: Checkpoint, other: Checkpoint) -> None:
    assert (one.kind, one.facts) == (other.kind, other.facts)
    assert one.arrays.keys() == other.arrays.keys()
    for group, arrays in one.arrays.items():
        assert arrays.keys() == other.arrays[group].keys()
        for name, x in arrays.items():
            a, b = accel.to_numpy(x), accel.to_numpy(other.arrays[group][name])
            assert (a.dtype, a.shape) == (b.dtype, b.shape), name
            assert a.tobytes() == b.tobytes(), name


def test_what_is_saved_comes_back_on_every_backend(plain_row: Row, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    written = example()
    there = {g: {n: plain_row.put(x) for n, x in arrays.items()} for g, arrays in written.arrays.items()}
    save(path, Checkpoint(written.kind, written.facts, there))
    found = load(path, "model", device=plain_row.device)
    same(found, written)
    for x in found.arrays["params"].values():
        assert accel.device(x) == plain_row.device
    assert found.digest() == written.digest()


def test_others_can_read_the_file(tmp_path: Path) -> None:
    from safetensors import safe_open

    path = tmp_path / "m.safetensors"
    save(path, example())
    with safe_open(str(path), "np") as file:
        assert {*file.keys()} >= {"params/float32", "mean/a"}
        np.testing.assert_array_equal(file.get_tensor("params/float32"), np.full((3, 2), 1.5, np.float32))
        assert file.metadata()["kind"] == "model"


def test_what_comes_back_can_be_written_to(tmp_path: Path) -> None:
    save(tmp_path / "m", example())
    x = load(tmp_path / "m").arrays["params"]["float32"]
    x[...] = 2


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "m"
    save(path, example())
    whole = path.read_bytes()
    for length in {*range(0, len(whole), 7), len(whole) - 1}:
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match="cut short or damaged"):
            load(path)


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "m"
    save(path, example())
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            found = load(path)
        except CheckpointError:
            continue
        same(found, example())  # a space of JSON, perhaps


def test_what_is_no_checkpoint_of_ours_is_refused(tmp_path: Path) -> None:
    import safetensors.numpy

    path = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"wte.weight": np.zeros((2, 2), np.float32)}, path)
    with pytest.raises(CheckpointError, match="no checkpoint of this program"):
        load(path)
    tensors, metadata = read(path)
    assert tensors["wte.weight"].shape == (2, 2)
    assert metadata == {}
    with pytest.raises(CheckpointError, match="No such file"):
        load(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match="directory"):
        load(tmp_path)


def test_another_kind_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "m", example())
    with pytest.raises(CheckpointError, match="holds model, and adapters is needed"):
        load(tmp_path / "m", "adapters")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be written: No such file or directory"):
        save(tmp_path / "no" / "m", example())


FILL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
import accel
from pathlib import Path
from gpt.checkpoint import Checkpoint, CheckpointError, save
big = Checkpoint("model", {{}}, {{"params": {{"x": accel.zeros((100_000,), dtype=accel.float64, device="numpy")}}}})
try:
    save(Path(sys.argv[1]), big)
except CheckpointError as error:
    print(error)
"""


def test_a_file_that_cannot_grow_leaves_the_old_one(tmp_path: Path) -> None:
    """The limit is the system's own: writing really fails in the middle."""
    path = tmp_path / "m"
    save(path, example())
    before = path.read_bytes()
    code = FILL.format(size=300_000)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, env=environment(), check=True
    )
    assert "cannot be written: File too large; the file of before is as it was." in done.stdout
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_full_disk_leaves_the_old_one(tmp_path: Path) -> None:
    """/dev/full is the system's full disk: each write to it fails with ENOSPC."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    path = tmp_path / "m"
    save(path, example())
    before = path.read_bytes()
    (tmp_path / ".m.part").symlink_to(full)
    with pytest.raises(
        CheckpointError,
        match=r"cannot be written: No space left on device; the file of before is as it was\.",
    ):
        save(path, example(2.5))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_facts_are_json(tmp_path: Path) -> None:
    save(tmp_path / "m", example())
    _, metadata = read(tmp_path / "m")
    assert json.loads(metadata["facts"]) == example().facts
