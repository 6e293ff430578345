"""The workloads of `benchmarks/`: what is timed computes what it says, at small sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from workloads import ALL, Workload
from workloads.library import LIBRARIES, Jax
from workloads.measurement import Record
from workloads.page import page

import accel
import accel.registry as registry
from accel.testing.rows import Row

pytestmark = pytest.mark.thorough


def truth(workload: Workload, inputs: tuple[Any, ...]) -> Any:
    doubles = (x.astype(np.float64) if x.dtype.kind == "f" else x for x in inputs)
    return workload.reference(*doubles)


def host(out: Any) -> Any:
    return np.asarray(accel.to_numpy(out))


@pytest.mark.parametrize("workload", ALL, ids=lambda w: w.name)
def test_accel_computes_the_workload(workload: Workload, plain_row: Row) -> None:
    small = workload.small()
    inputs = small.inputs(np.random.default_rng(1))
    placed = tuple(map(plain_row.put, inputs))
    written = small.accel(accel)
    bound = small.accel(accel.namespace(placed[0]))
    assert written is not None
    assert bound is not None
    for call in (written, bound, accel.jit(lambda *each: written(*each))):
        out = call(*placed)
        assert registry.owner(type(out)) is registry.load(plain_row.backend)
        assert small.wrong(host(out), truth(small, inputs)) is None


@pytest.mark.parametrize("workload", ALL, ids=lambda w: w.name)
def test_numpy_s_contenders_compute_the_workload(workload: Workload) -> None:
    small = workload.small()
    inputs = small.inputs(np.random.default_rng(1))
    library = LIBRARIES["NumPy"]()
    found = [each for each in library.contenders(small) if each.kind == "numpy"]
    assert len(found) > 1
    with np.errstate(all="ignore"):
        for contender in found:
            before = [x.copy() for x in inputs]
            out = library.host(contender.call(*inputs))
            assert small.wrong(out, truth(small, inputs)) is None, contender.label
            for x, kept in zip(inputs, before, strict=True):
                np.testing.assert_array_equal(x, kept, err_msg=contender.label)


@pytest.mark.skipif(not Jax.installed(), reason="JAX is not installed")
@pytest.mark.parametrize("workload", ALL, ids=lambda w: w.name)
def test_jax_s_contenders_compute_the_workload(workload: Workload) -> None:
    small = workload.small()
    inputs = small.inputs(np.random.default_rng(1))
    library = Jax()
    placed = tuple(map(library.put, inputs))
    for label, call in small.jax().items():
        assert small.wrong(library.host(call(*placed)), truth(small, inputs)) is None, label


@pytest.mark.parametrize("workload", ALL, ids=lambda w: w.name)
def test_a_wrong_result_is_not_timed(workload: Workload) -> None:
    small = workload.small()
    inputs = small.inputs(np.random.default_rng(1))
    right = truth(small, inputs)
    out = np.zeros(getattr(small, "count", ()), np.float32) if right is None else np.asarray(right)
    assert small.wrong(out * np.float32(1.001) + np.float32(0.01), right) is not None
    assert small.wrong(np.full_like(out, np.nan), right) is not None
    assert small.wrong(out[None], right) is not None


def records() -> Iterator[tuple[str, Record]]:
    for workload in ALL:
        yield (
            workload.name,
            {
                label: {
                    "kind": kind,
                    "library": library,
                    "seconds": {"1": [{"median": t, "best": t, "samples": 1}] * 2},
                    "bytes": 2**20,
                }
                for label, kind, library, t in (
                    ("accel on NumPy", "accel", "NumPy", 2e-3),
                    ("accel on JAX", "accel", "JAX", 1e-3),
                    ("accel on JAX, accel.jit", "bound", "JAX", 1e-3),
                    ("NumPy, Generator(Philox)", "numpy", "NumPy", 4e-4),
                    ("keras on NumPy", "keras", "keras on NumPy", 4e-3),
                )
            },
        )


def test_the_page_shows_who_loses() -> None:
    made = {"machine": "a machine", "versions": "versions", "rounds": 15, "runs": 2}
    lines = page({"made": made, "workloads": dict(records())}).splitlines()
    rows = [line for line in lines if line.startswith("| [")]
    assert len(rows) == len(ALL)
    for workload, row in zip(ALL, rows, strict=True):
        assert row.startswith(f"| [{workload.name}](#")
        assert ("**5.00**" in row) is (workload.bar is not None)
        assert " 0.50 " in row
    assert "| **accel on NumPy** | 2.000 | 2.000 | 5.00 | 1.0 |" in lines
