"""Several processes: two real ones on loopback train a model together and get what one gets."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
from accel.errors import ArgumentError, BackendUnavailableError
from accel.testing.rows import Row
from tests import distributed_training
from tests.fresh import run

PROGRAM = Path(distributed_training.__file__)

BOUND = 1e-12
"""Relative difference of losses and weights: sums of 64 float64 terms in another order, 12 steps; 2.3e-16 was measured."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def together(count: int, dies_after: str = "never", seconds: float = 120.0) -> list[tuple[int, str, str]]:
    """Run the program in some processes at once and give (exit status, output, errors) of each; none outlives the call."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "ACCEL_DEVICE": "numpy",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": os.pathsep.join([str(PROGRAM.parents[1]), os.environ.get("PYTHONPATH", "")]),
    }
    running = []
    for index in range(count):
        dies = dies_after if index == count - 1 else "never"
        command = [sys.executable, str(PROGRAM), address, str(count), str(index), dies]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, env=environment, **pipes))  # type: ignore[call-overload]
    end = time.monotonic() + seconds
    results = []
    try:
        for process in running:
            out, errors = process.communicate(timeout=max(end - time.monotonic(), 1.0))
            results.append((process.returncode, out, errors))
    except subprocess.TimeoutExpired:
        for process in running:
            process.kill()
        ends = [process.communicate() for process in running]
        pytest.fail(
            f"the processes did not end within {seconds} s:\n" + "\n".join(f"{o}\n{e}" for o, e in ends)
        )
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    return results


def answers(results: list[tuple[int, str, str]]) -> list[dict[str, Any]]:
    found = []
    for status, out, errors in results:
        assert status == 0, f"a process ended with {status}:\n{out}\n{errors}"
        (line,) = re.findall(r"^ANSWER (.*)$", out, re.MULTILINE)
        found.append(json.loads(line))
    return found


@pytest.fixture(autouse=True)
def with_jax(request: pytest.FixtureRequest, runnable: Callable[[Row], None]) -> None:
    if "without_jax" not in request.keywords:
        runnable(Row("jax", "jax"))


def test_two_processes_train_together_and_get_the_loss_of_one() -> None:
    here = lambda x: accel.asarray(x, device="jax:cpu:0")  # noqa: E731
    alone = distributed_training.train(here, here)
    assert alone["losses"][-1] < 0.5 * alone["losses"][0], "it learns, else there is nothing to compare"
    found = answers(together(2))
    for rank, answer in enumerate(found):
        assert answer["process"] == [rank, 2]
        assert answer["mesh"] == "(data=4) on 4 x jax:cpu"
        assert answer["own"] == 2
        assert answer["device"] == "jax:cpu:*"
        np.testing.assert_allclose(answer["losses"], alone["losses"], rtol=BOUND)
        for name, w in alone["weights"].items():
            np.testing.assert_allclose(answer["weights"][name], accel.to_numpy(w), rtol=BOUND, atol=BOUND)
        assert answer["gathered"]
        assert answer["sharded"]
        assert answer["turned"] == [[16, 2], True]
        assert re.match(
            r"This process holds 2 of the 4 parts .* write accel\.gather\(x\) on every process first",
            answer["refused"],
        )
    assert found[0]["losses"] == found[1]["losses"]


def test_a_process_that_dies_does_not_leave_the_other_waiting() -> None:
    start = time.monotonic()
    (survivor, victim) = together(2, dies_after="5", seconds=90.0)
    assert victim[0] == -9
    assert survivor[0] != 0
    assert "ANSWER" not in survivor[1]
    assert re.search(r"stopped sending heartbeats|another task died|closed by peer", survivor[2]), survivor[2]
    assert time.monotonic() - start < 60


def test_a_coordinator_that_is_not_there() -> None:
    code = f"""
        import accel, time
        start = time.monotonic()
        try:
            accel.distributed.initialize("127.0.0.1:{free_port()}", 2, 1, timeout=2)
        except accel.errors.BackendUnavailableError as error:
            print(error)
        assert 1.5 < time.monotonic() - start < 30
    """
    assert re.match(
        r"accel.distributed.initialize found nobody at 127.0.0.1:\d+ within 2 s \(.*\); see that", run(code)
    )


def test_it_comes_before_the_first_array() -> None:
    code = """
        import accel
        accel.zeros(2, device="jax")
        try:
            accel.distributed.initialize("127.0.0.1:1234", 1, 0)
        except accel.errors.ArgumentError as error:
            print(error)
    """
    assert run(code).startswith(
        "accel.distributed.initialize must come before the first use of JAX's devices"
    )


def test_one_process_is_a_group_of_its_own() -> None:
    code = f"""
        import accel
        accel.distributed.initialize("127.0.0.1:{free_port()}", 1, 0, timeout=30)
        print(accel.distributed.process_index(), accel.distributed.process_count())
        try:
            accel.distributed.initialize("127.0.0.1:1234", 1, 0)
        except accel.errors.ArgumentError as error:
            print(error)
        mesh = accel.mesh(2, "data", devices="jax")
        x = accel.distributed.from_parts(accel.asarray([1.0, 2.0], device="jax"), ("data",), mesh=mesh)
        print(accel.to_numpy(x).tolist())
        accel.distributed.shutdown()
        print(accel.distributed.process_count())
    """
    lines = run(code, XLA_FLAGS="--xla_force_host_platform_device_count=2").splitlines()
    assert lines == [
        "0 1",
        "accel.distributed.initialize was called already; write accel.distributed.shutdown() first.",
        "[1.0, 2.0]",
        "1",
    ]


def test_nothing_is_loaded_to_count_one_process() -> None:
    code = """
        import sys, accel
        print(accel.distributed.process_index(), accel.distributed.process_count(), {"jax", "numpy"} & set(sys.modules))
        accel.distributed.shutdown()
    """
    assert run(code) == "0 1 set()"


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("needs at least one process", ("127.0.0.1:1", 0, 0)),
        ("numbers the processes from 0 to 1", ("127.0.0.1:1", 2, 2)),
        ("numbers the processes from 0 to 1", ("127.0.0.1:1", 2, -1)),
        ("numbers the processes from 0", (None, None, -1)),
        ("takes host and port of process 0", ("127.0.0.1", 2, 0)),
        ("takes host and port of process 0", ("127.0.0.1:port", 2, 0)),
        ("takes host and port of process 0", (1234, 2, 0)),
    ],
)
def test_numbers_that_do_not_fit(words: str, arguments: Any) -> None:
    with pytest.raises(ArgumentError, match=words):
        accel.distributed.initialize(*arguments)


def test_too_little_to_go_by() -> None:
    code = """
        import accel
        try:
            accel.distributed.initialize()
        except accel.errors.ArgumentError as error:
            print(error)
    """
    assert "got too little to go by" in run(code)
    assert issubclass(BackendUnavailableError, ImportError)
