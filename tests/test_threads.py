"""Threads and tasks: choices belong to the one that made them, and a first call may come from many at once."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
from accel.testing.rows import Row
from tests.fresh import announce, run

Runnable = Callable[[Row], None]


@pytest.fixture(autouse=True)
def _jax(runnable: Runnable) -> None:
    runnable(Row("jax", "jax"))  # its eight CPU devices are what the scopes below choose from


def here() -> str:
    """Name the device on which an array is made now."""
    return str(accel.device(accel.zeros(1, dtype=accel.float32)))


def test_threads_do_not_see_each_others_device() -> None:
    together = threading.Barrier(8)

    def work(number: int) -> list[str]:
        seen = [here()]
        with accel.use_device(f"jax:cpu:{number}"):
            together.wait()
            seen.append(here())
            with accel.use_device("numpy"):
                together.wait()
                seen.append(here())
            together.wait()
            seen.append(here())
        return [*seen, here()]

    with ThreadPoolExecutor(8) as pool, accel.use_device("jax:cpu:7"):
        found = list(pool.map(work, range(8)))
        assert here() == "jax:cpu:7"
    for number, seen in enumerate(found):
        assert seen == ["numpy:cpu:0", f"jax:cpu:{number}", "numpy:cpu:0", f"jax:cpu:{number}", "numpy:cpu:0"]


def test_one_scope_object_in_two_threads_at_once() -> None:
    scope, together = accel.use_device("jax:cpu:3"), threading.Barrier(2)

    def work(first: bool) -> list[str]:
        seen = []
        for _ in range(20):
            together.wait()
            with scope:
                seen.append(here())
                if first:
                    with scope, accel.use_device("jax:cpu:4"):
                        seen.append(here())
                seen.append(here())
            seen.append(here())
        return seen

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(work, (True, False))
    assert one == ["jax:cpu:3", "jax:cpu:4", "jax:cpu:3", "numpy:cpu:0"] * 20
    assert two == ["jax:cpu:3", "jax:cpu:3", "numpy:cpu:0"] * 20


def test_an_exception_in_a_thread_ends_its_scope() -> None:
    def work() -> str:
        with pytest.raises(ZeroDivisionError), accel.use_device("jax:cpu:1"):
            raise ZeroDivisionError
        return here()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() == "numpy:cpu:0"
        assert pool.submit(here).result() == "numpy:cpu:0"


def test_a_copied_context_takes_the_device_along() -> None:
    with accel.use_device("jax:cpu:2"):
        context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(context.run, here).result() == "jax:cpu:2"
        assert pool.submit(here).result() == "numpy:cpu:0"


def test_tasks_do_not_see_each_others_device() -> None:
    scope = accel.use_device("jax:cpu:6")

    async def work(number: int, gate: asyncio.Barrier) -> list[str]:
        seen = [here()]
        with accel.use_device(f"jax:cpu:{number}"):
            await gate.wait()
            seen.append(here())
            with scope:
                await gate.wait()
                seen.append(here())
            await gate.wait()
            seen.append(here())
            seen.append(await asyncio.to_thread(here))
            seen.append(await asyncio.create_task(child()))
        return [*seen, here()]

    async def child() -> str:
        return here()

    async def main() -> list[list[str]]:
        gate = asyncio.Barrier(4)
        with accel.use_device("jax:cpu:7"):
            return await asyncio.gather(*(work(number, gate) for number in range(4)))

    for number, seen in enumerate(asyncio.run(main())):
        mine = f"jax:cpu:{number}"
        assert seen == ["jax:cpu:7", mine, "jax:cpu:6", mine, mine, mine, "jax:cpu:7"]
    assert here() == "numpy:cpu:0"


def test_ops_run_in_many_threads_at_once() -> None:
    x = np.arange(12.0).reshape(3, 4)
    expected = np.matmul(x, x.T) + 0.1

    def work(number: int) -> Any:
        device = ("numpy", "jax:cpu:1", "jax:cpu:2")[number % 3]
        y = accel.to_device(x, device)
        return accel.to_numpy(accel.add(accel.matmul(y, accel.matrix_transpose(y)), 0.1))

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(work, range(48)):
            assert found.dtype == np.float64
            np.testing.assert_allclose(found, expected, rtol=1e-15)


# First calls

FIRST = """
    import sys, threading
    import numpy as np
    import accel
    {imports}
    sys.setswitchinterval(1e-6)
    together, found, failed = threading.Barrier(16), [], []

    def work(number):
        try:
            together.wait()
            {work}
        except BaseException as error:
            failed.append(repr(error))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    print(len(found), len(set(found)), failed)
"""


@pytest.mark.parametrize(
    ("imports", "work"),
    [
        ("", "found.append(float(accel.sum(accel.add(np.ones(3), 1))))"),
        (
            "",
            "found.append(str(accel.device(accel.zeros(2, device=('numpy', 'jax:cpu:1')[number % 2]))) == 'jax:cpu:1' or number % 2 == 0)",
        ),
        (
            "import accel.registry as registry",
            "found.append(id(registry.load('jax'))) if number % 2 else found.append(id(registry.load('jax'))); registry.backends()",
        ),
        (
            "",
            "found.append((accel.devices(), accel.linalg.svd.__name__, accel.fft.fft.__name__, accel.float32)[2:])",
        ),
    ],
    ids=["add", "zeros", "load", "names and devices"],
)
def test_the_first_call_may_come_from_many_threads_at_once(imports: str, work: str) -> None:
    assert run(FIRST.format(imports=imports, work=work)) == "16 1 []"


def test_a_library_that_calls_accel_while_it_is_imported_does_not_lock_up(tmp_path: Path) -> None:
    announce(
        tmp_path,
        "slow-arrays",
        "slow.backend",
        "slow",
        "",
    )
    (tmp_path / "slow.backend.py").unlink()
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "__init__.py").write_text(
        "import time\ntime.sleep(0.3)\nimport accel\nmade = accel.zeros(1, device='numpy')\n"
    )
    (tmp_path / "slow" / "backend.py").write_text("")
    code = """
        import threading, time
        import accel, accel.registry as registry
        accel.zeros
        one = threading.Thread(target=lambda: __import__("slow"), daemon=True)
        two = threading.Thread(target=lambda: registry.load("slow"), daemon=True)
        one.start()
        time.sleep(0.1)
        two.start()
        one.join(60)
        two.join(60)
        print(one.is_alive(), two.is_alive(), registry.load("slow").namespace.__name__)
    """
    assert run(code, path=tmp_path) == "False False slow.backend"
