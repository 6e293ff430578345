"""Loans: NumPy and CuPy arrays are computed with by JAX and come back as the caller's, whole, writable and its own."""

from __future__ import annotations

import gc
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import accel
import accel.registry as registry
from accel.errors import BackendUnavailableError, DTypeError, MixedBackendsError, TraceError
from accel.lending import loan
from accel.testing.rows import Row, obstacle
from accel.transform import cache_info
from accel.transform.compilation import quiet
from accel.transform.tracing import REASONS
from tests.fresh import run

pytestmark = pytest.mark.skipif(
    obstacle("jax") is not None, reason=f"nothing compiles here, JAX was NOT run: {obstacle('jax')}"
)

LARGE = 1 << 15
"""Elements of an array that is handed over without a copy."""


def host(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(accel.to_numpy(x))


def aligned(values: Any, offset: int = 0) -> Any:
    """Put values where XLA can use them as they are, or so many bytes beside that."""
    memory = np.empty(values.nbytes + 128, np.uint8)
    start = -memory.ctypes.data % 64 + offset
    made = memory[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
    made[...] = values
    return made


returned = quiet(accel.jit(lambda y: {"same": [y], "new": accel.zeros_like(y)}))
DTYPES = ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32", "float64", "complex128"]
SHAPES = [(), (0,), (3,), (2, 0, 1), (2, 3)]


@given(x=st.sampled_from(DTYPES).flatmap(lambda name: hnp.arrays(np.dtype(name), st.sampled_from(SHAPES))))
def test_values_dtype_and_shape_survive(x: np.ndarray[Any, Any], plain_row: Row) -> None:
    given_ = plain_row.put(x)
    same = returned(given_)
    np.testing.assert_array_equal(host(same["same"][0]), x)
    assert same["same"][0].dtype == given_.dtype
    assert type(same["same"][0]) is type(given_)
    assert accel.device(same["same"][0]) == plain_row.device


def test_bfloat16_survives(plain_row: Row) -> None:
    x = accel.astype(plain_row.put(np.asarray([1.5, -2.0])), accel.bfloat16)
    got = accel.jit(lambda y: y)(x)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(host(accel.astype(got, accel.float64)), [1.5, -2.0])


@pytest.mark.parametrize("size", [3, LARGE])
def test_results_may_be_written_to_and_are_the_callers_alone(size: int) -> None:
    x = aligned(np.arange(size, dtype=np.float32))

    @accel.jit
    def f(x: Any) -> Any:
        y = accel.multiply(x, 2.0)
        return x, y, y, accel.zeros_like(x)

    before = x.copy()
    first = f(x)
    assert all(y.flags.writeable for y in first)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(first) for b in (x, *first[:i]))
    for y in first:
        y[...] = -1
    np.testing.assert_array_equal(x, before)
    for got, want in zip(f(x), (before, before * 2, before * 2, before * 0), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("offset", [0, 16])
def test_writing_to_what_was_given_changes_no_result(offset: int) -> None:
    x = aligned(np.ones(LARGE), offset)
    slow = accel.jit(
        lambda x: accel.sum(accel.matmul(x[:4096].reshape(64, 64), x[:4096].reshape(64, 64)) + x[0])
    )
    for value in range(5):
        x[...] = value
        got = slow(x)
        x[...] = np.nan
        assert float(got) == 64 * 64 * (64 * value * value + value)


def test_a_large_aligned_array_is_not_copied() -> None:
    terms = loan(registry.load("numpy"), accel.device(np.ones(1)))
    x = aligned(np.ones(LARGE))
    (lent,) = terms.lend([x])
    assert terms.transforms.address(lent) == x.ctypes.data
    (beside,) = terms.lend([aligned(np.ones(LARGE), 16)])
    assert terms.transforms.address(beside) % 64 == 0
    made = accel.to_device(x, "jax:cpu:0", copy=True)
    place = terms.transforms.address(made)
    back = terms.give_back(made, [])
    assert back.ctypes.data == place
    assert back.flags.writeable
    del made
    gc.collect()
    np.testing.assert_array_equal(back, x)


def test_copies_that_a_program_reads_are_made_anew_for_each_call() -> None:
    """XLA cannot read these in place; memory that they are copied to is used again, and belongs to no result."""
    both = quiet(accel.jit(lambda x: (x, accel.negative(x))))
    values = np.arange(LARGE, dtype=np.float32).reshape(128, -1)
    unlike = [
        aligned(values, 16),
        np.asfortranarray(values),
        values[:, ::-1],
        np.broadcast_to(values[0], values.shape),
    ]
    cases = [x * np.float32(times) if times > 1 else x for times in (1, 2) for x in unlike]
    found = [(x, *both(x)) for x in cases]
    for x, same, negative in found:
        np.testing.assert_array_equal(same, x)
        np.testing.assert_array_equal(negative, -x)
        same[...] = negative[...] = 0  # they belong to nobody else
    np.testing.assert_array_equal(values, np.arange(LARGE, dtype=np.float32).reshape(128, -1))


def test_results_that_share_memory_come_back_apart() -> None:
    terms = loan(registry.load("numpy"), accel.device(np.ones(1)))
    x = aligned(np.ones(LARGE))
    lent = terms.lend([x])
    made = accel.to_device(np.full(LARGE, 2.0), "jax:cpu:0", copy=True)
    back = terms.give_back([*lent, made, made], lent)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(back) for b in (x, *back[:i]))
    for got, want in zip(back, (1.0, 2.0, 2.0), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("size", [4, LARGE])
def test_what_a_pullback_keeps_does_not_change(size: int, plain_row: Row) -> None:
    x = plain_row.put(aligned(np.full(size, 3.0)))
    _, pullback = accel.vjp(lambda x: x * x, x)
    if plain_row.backend != "jax":  # whose arrays nobody can write to
        x[...] = 100
    np.testing.assert_array_equal(host(pullback(plain_row.put(np.ones(size)))[0]), np.full(size, 6.0))


def test_captured_arrays_are_constants(plain_row: Row) -> None:
    x, w = plain_row.put(np.asarray([1.0, 2.0])), plain_row.put(np.asarray([3.0, 5.0]))
    times: Any = accel.jit(accel.multiply)
    functions: list[Any] = [
        lambda x: accel.sum(accel.multiply(x, w)),
        lambda x: accel.sum(accel.multiply(w, x)),
        lambda x: accel.sum(accel.stack([x, w, x])[1:, :]),
        lambda x: accel.sum(times(x, w)),
        lambda x: accel.multiply(accel.sum(x), accel.jit(accel.sum)(w)),
    ]
    if plain_row.backend != "cupy":  # whose operators take no other library's arrays
        functions.append(lambda x: accel.sum(x * w + w))
    for fn in functions:
        want = float(fn(x))
        compiled: Any = accel.jit(fn)
        assert float(compiled(x)) == want
        assert float(accel.value_and_grad(fn)(x)[0]) == want
    np.testing.assert_array_equal(host(accel.grad(lambda x: accel.sum(accel.multiply(w, x)))(x)), [3.0, 5.0])


@pytest.mark.parametrize("name", ["numpy", "cupy"])
def test_what_is_known_is_computed_in_the_trace_of_another(name: str) -> None:
    if why := obstacle(name):
        pytest.skip(why)
    x = accel.asarray([1.0, 2.0], device=accel.devices(name)[0])

    def f(y: Any) -> Any:
        _, pullback = accel.vjp(accel.square, x)
        found = (
            accel.jit(accel.square)(x),
            accel.grad(lambda x: accel.sum(accel.square(x)))(x),
            *pullback(x),
        )
        assert all(type(each) is type(x) for each in found)
        return sum(accel.multiply(y, accel.to_device(each, like=y)) for each in found)

    ones = accel.ones(2, dtype=accel.float64, device="jax")
    with accel.x64():
        for transform in (accel.jit, pytest.importorskip("jax").jit, accel.vmap):
            given_ = accel.stack([ones]) if transform is accel.vmap else ones
            np.testing.assert_array_equal(host(transform(f)(given_)).reshape(2), [5.0, 16.0])


def test_new_arrays_in_the_function_lie_beside_the_others(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0], np.float32))
    with accel.use_device(plain_row.device):
        got = accel.jit(
            lambda x: accel.ones(2, dtype=accel.float32) + x + accel.arange(2, dtype=accel.float32)
        )(x)
    np.testing.assert_array_equal(host(got), [2.0, 4.0])
    assert got.dtype == accel.float32
    assert type(got) is type(x)


def test_transforms_nest(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([0.5, -1.0, 2.0]))
    inner = accel.grad(lambda x: accel.sum(accel.sin(x) * x))
    want = accel.to_numpy(x)
    want = 2 * np.cos(want) - want * np.sin(want)
    second = accel.jit(accel.grad(lambda x: accel.sum(inner(x))))
    np.testing.assert_allclose(host(second(x)), want, rtol=1e-14)
    batched = accel.vmap(accel.jit(accel.grad(lambda x: x * x)))
    np.testing.assert_array_equal(host(batched(x)), 2 * host(x))


@dataclass
class State:
    weight: Any
    name: str = "w"


def test_containers_come_back_as_they_are(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))

    @accel.jit
    def f(state: State, rest: dict[str, Any]) -> Any:
        assert state.name == "w"
        return State(state.weight * 2, "w").weight, [rest["a"], (rest["b"],)], None

    first, (a, (b,)), nothing = f(State(x), {"a": x, "b": accel.multiply(x, 3)})
    assert nothing is None
    np.testing.assert_array_equal([host(first), host(a), host(b)], [[2, 4], [1, 2], [3, 6]])
    gradient = accel.grad(lambda s: accel.sum(s["w"].weight ** 2))({"w": State(x, "")} | {})
    np.testing.assert_array_equal(host(gradient["w"].weight), [2.0, 4.0])


def test_arrays_of_two_backends_are_refused() -> None:
    x = np.ones(2)
    y = accel.to_device(x, "jax")
    for transform in (accel.jit, accel.vmap):
        with pytest.raises(
            MixedBackendsError, match=r"accel\.(jit|vmap) got arrays of jax and numpy; bring them together"
        ):
            transform(accel.add)(x, y)


def test_what_jax_has_no_dtype_for_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"call the function without accel\.jit"):
        accel.jit(lambda x: x)(np.asarray(["a"]))


def test_programs_are_kept_by_shape_dtype_and_constants() -> None:
    @accel.jit
    def f(x: Any, n: int = 1) -> Any:
        return x * n

    for x in (np.ones(2), np.zeros(2), np.ones(3), np.ones(2, np.float32)):
        f(x)
        f(x, n=2)
    (info,) = cache_info(f)
    assert (info.name.rpartition(".")[2], info.calls, info.programs) == ("f", 8, 6)
    assert info in cache_info()
    with pytest.raises(accel.errors.ArgumentError, match=r"takes a function made by accel\.jit"):
        cache_info(len)


def test_a_function_that_is_compiled_again_and_again_is_told() -> None:
    @accel.jit
    def step(x: Any, rate: float) -> Any:
        return x * rate

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for i in range(40):
            step(np.ones(2), float(i))
    assert [each.category for each in said] == [accel.errors.RetraceWarning] * 2
    assert "step 16 times; the last time because rate was 14.0 and is 15.0" in str(said[0].message)
    assert {each.filename for each in said} == {__file__}


def test_donated_arrays_of_numpy_are_still_the_callers() -> None:
    x = aligned(np.ones(LARGE))
    got = accel.jit(lambda x: x + 1, donate="x")(x)
    np.testing.assert_array_equal(x, 1.0)
    np.testing.assert_array_equal(got, 2.0)


def test_donated_arrays_of_jax_are_given_up() -> None:
    jax = pytest.importorskip("jax")

    def f(a: Any, state: dict[str, Any], b: Any) -> Any:
        return a + b, {"w": state["w"] + 1}

    step = accel.jit(f, donate=("state",))
    a, w, b = (jax.numpy.ones(LARGE) for _ in range(3))
    _, new = step(a, {"w": w}, b=b)
    assert w.is_deleted()
    assert not a.is_deleted()
    assert not b.is_deleted()
    np.testing.assert_array_equal(host(new["w"]), 2.0)
    with pytest.raises(accel.errors.ArgumentError, match="donate names 'other'"):
        accel.jit(f, donate="other")


# Where nothing compiles

ALONE = """
    import sys, warnings
    sys.modules["jax"] = None
    import numpy as np, accel
    x = np.asarray([1.0, 2.0, 3.0])
    warnings.simplefilter("ignore", accel.errors.NotCompiledWarning)
"""


def alone(code: str) -> str:
    return run(dedent(ALONE) + dedent(code))


def test_without_a_compiler_jit_runs_the_function_and_says_so_once() -> None:
    said = alone(
        """
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            twice = accel.jit(lambda x, n=2: x * n)
            print(twice(x), accel.jit(accel.sum)(x), twice(x, n=3))
        print(len(told), told[0].category.__name__, told[0].message)
        """
    )
    assert "[2. 4. 6.] 6.0 [3. 6. 9.]" in said
    assert "1 NotCompiledWarning accel.jit runs functions of numpy arrays as they are" in said
    assert "pip install 'accel-xp[jax]'" in said


def test_without_a_compiler_gradients_say_what_to_install() -> None:
    said = alone(
        """
        for transform in (accel.grad, accel.vmap, accel.value_and_grad):
            for allow in (False, True):
                try:
                    transform(accel.sum, allow_transfer=allow)(x)
                except accel.errors.BackendUnavailableError as error:
                    print(transform.__name__, "pip install 'accel-xp[jax]'" in str(error))
        """
    )
    assert (
        said.split()
        == ["grad", "True", "grad", "True", "vmap", "True", "vmap", "True"] + ["value_and_grad", "True"] * 2
    )


def test_without_a_compiler_optree_takes_containers_apart() -> None:
    pytest.importorskip("optree")
    said = alone(
        """
        from dataclasses import dataclass
        @dataclass
        class State:
            total: object
            name: str = "sum"
        def step(state, y):
            total = state.total + y["y"]
            return State(total), (total, {"same": total})
        last, (_, rest) = accel.scan(step, State(np.asarray(0.0)), {"y": x})
        print(last.total, last.name, rest["same"])
        """
    )
    assert said == "6.0 sum [1. 3. 6.]"


def test_without_a_compiler_control_flow_runs() -> None:
    said = alone(
        """
        print(accel.scan(lambda c, y: (c + y, c + y), np.asarray(0.0), x)[1])
        print(accel.fori_loop(0, 3, lambda i, c: c + i, np.asarray(0.0)), accel.stop_gradient(x))
        """
    )
    assert said == "[1. 3. 6.]\n3.0 [1. 2. 3.]"


UNTRACEABLE = {
    "if y[0] > 1:": "truth",
    "y = x[int(accel.argmax(x))]": "value",
    "y = x[x > 1]": "mask",
    "x[0] = 3.0": "change",
    "y = float(accel.sum(x))": "value",
    "y = accel.nonzero(x)": "value",
}


def test_checked_mode_finds_what_cannot_be_traced(tmp_path: Path) -> None:
    """On NumPy alone, and on NumPy and JAX with a compiler: the same sentence, with the line."""
    written = "import accel, numpy as np\n"
    for i, line in enumerate(UNTRACEABLE):
        rest = "\n        pass" if line.endswith(":") else ""
        written += f"def f{i}(x):\n    y = accel.sin(x) * 2\n    {line}{rest}\n    return y\n"
    (tmp_path / "victim.py").write_text(written)
    code = """
        import sys
        if {hidden}: sys.modules["jax"] = None
        import warnings, numpy as np, accel, victim
        warnings.simplefilter("ignore", accel.errors.NotCompiledWarning)
        x = accel.asarray([1.0, 2.0, 3.0], device="{device}")
        with accel.checked():
            for name in sorted(vars(victim)):
                if name.startswith("f"):
                    try:
                        print(accel.jit(getattr(victim, name))(x))
                    except accel.errors.TraceError as error:
                        print(error)
    """
    places = [(True, "numpy"), (False, "numpy"), (False, "jax:cpu")]
    told = {run(dedent(code).format(hidden=hid, device=dev), path=tmp_path) for hid, dev in places}
    assert len(told) == 1, told
    said = told.pop().splitlines()
    assert len(said) == len(UNTRACEABLE)
    for sentence, (line, reason) in zip(said, UNTRACEABLE.items(), strict=True):
        assert f" of victim.py, `{line}`, {REASONS[reason]}" in sentence


def test_what_can_be_traced_passes_checked_mode_without_a_compiler() -> None:
    said = alone(
        """
        def f(x):
            y = x * 2
            y += 1
            for row in accel.reshape(y, (3, 1)):
                y = y + row
            return accel.nn.softmax(accel.where(y > 1, y, 0.0), axis=-1), accel.linalg.eigh(accel.eye(2) * y[0])
        with accel.checked():
            got = accel.jit(f)(x)
        print(type(got[0]).__name__, got[0].flags.writeable, float(got[0].sum()), x)
        print(type(got[1].eigenvalues).__name__, got[1].eigenvectors.flags.writeable)
        """
    )
    assert said == "ndarray True 1.0 [1. 2. 3.]\nndarray True"


def test_errors_of_the_trace_name_the_line(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))

    def f(x: Any) -> Any:
        return x if accel.all(x > 0) else -x

    for transform in (accel.jit, accel.vmap):
        with pytest.raises(
            TraceError, match=r"line \d+ of test_transform_lending\.py, `return x if accel\.all"
        ):
            transform(f)(x)


def test_a_device_that_no_compiler_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CuPy's real GPUs are where JAX has none; its emulated device computes in host memory, where JAX has one."""
    if obstacle("cupy") is not None:
        pytest.skip(f"CuPy was NOT run: {obstacle('cupy')}")
    cupy = registry.load("cupy")
    device = accel.Device("cupy", "gpu", 7, accel.devices("cupy")[0].native)
    with pytest.raises(BackendUnavailableError, match="jax:gpu:7"):
        loan(cupy, device)


def test_nothing_of_this_is_loaded_by_importing_accel() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import accel, sys; print('accel.transform' in sys.modules, 'jax' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]
