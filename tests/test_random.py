"""Random numbers: known answers, the same bytes everywhere, keys, generators, and the memory that draws take."""

from __future__ import annotations

import hashlib
import json
import pickle
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
import accel.random
import accel.random.arithmetic as arithmetic
import accel.random.threefry as threefry
from accel.errors import ArgumentError, DTypeError, KeyReuseError, ShapeError, UnsupportedError
from accel.testing.rows import obstacle

jax = pytest.importorskip("jax")

random: Any = accel.random
HERE = ("numpy", "jax", "cupy")
GOLDEN: dict[str, str] = json.loads((Path(__file__).parent / "random_streams.json").read_text())
N = 4099
LOGITS = np.log(np.asarray([0.1, 0.6, 0.05, 0.25]))
P = np.asarray([0.5, 0.0, 0.125, 0.25, 0.125])


def on(backend: str) -> str:
    reason = obstacle(backend)
    if reason is not None:
        pytest.skip(f"{backend} was NOT run: {reason}")
    return backend


def like(key: Any, x: Any) -> Any:
    return accel.to_device(x, like=key)


DRAWS: dict[str, Callable[[Any], Any]] = {
    "split": lambda k: random.split(k, N),
    "fold_in": lambda k: random.fold_in(k, 2**32 - 1),
    "randint": lambda k: random.randint(k, N, -7, 100, accel.int32),
    "randint int64": lambda k: random.randint(k, N, -(2**63), 2**63, accel.int64),
    "randint uint8": lambda k: random.randint(k, N, 3, 256, accel.uint8),
    "uniform between": lambda k: random.uniform(k, N, accel.float32, -3.0, 7.5),
    "uniform between float64": lambda k: random.uniform(k, N, accel.float64, -0.1, 0.7),
    "truncated_normal": lambda k: random.truncated_normal(k, -1.5, 0.25, N, accel.float32),
    "truncated_normal float64": lambda k: random.truncated_normal(k, 3.0, 9.0, N, accel.float64),
    "gamma": lambda k: random.gamma(k, 0.7, N, accel.float32),
    "gamma float64": lambda k: random.gamma(k, 3.5, N, accel.float64),
    "beta": lambda k: random.beta(k, 0.5, 2.5, N, accel.float32),
    "beta float64": lambda k: random.beta(k, 3.0, 1.5, N, accel.float64),
    "poisson": lambda k: random.poisson(k, 4.5, N, accel.int32),
    "poisson int64": lambda k: random.poisson(k, 34.5, N, accel.int64),
    "bernoulli": lambda k: random.bernoulli(k, 0.3, N),
    "categorical": lambda k: random.categorical(k, like(k, LOGITS), shape=(N,)),
    "permutation": lambda k: random.permutation(k, N),
    "choice": lambda k: random.choice(k, 1000, N),
    "choice with p": lambda k: random.choice(k, 5, N, p=like(k, P)),
    "choice without replacement": lambda k: random.choice(k, 2 * N, N, replace=False),
    "choice with p without replacement": lambda k: random.choice(
        k, N, 100, replace=False, p=like(k, np.arange(1.0, N + 1.0))
    ),
}
"""One draw for each sampler; those of the loops below come on top."""


def _add() -> None:
    for width in (8, 16, 32, 64):
        dtype = getattr(accel, f"uint{width}")
        DRAWS[f"bits uint{width}"] = lambda k, d=dtype: random.bits(k, N, d)  # type: ignore[misc]
    for name in ("float16", "bfloat16", "float32", "float64"):
        dtype = getattr(accel, name)
        DRAWS[f"uniform {name}"] = lambda k, d=dtype: random.uniform(k, N, d)  # type: ignore[misc]
        DRAWS[f"normal {name}"] = lambda k, d=dtype: random.normal(k, N, d)  # type: ignore[misc]
        DRAWS[f"exponential {name}"] = lambda k, d=dtype: random.exponential(k, N, d)  # type: ignore[misc]


_add()
STREAM = 20260901


def digest(x: Any) -> str:
    host = np.ascontiguousarray(accel.to_numpy(x))
    return hashlib.sha256(f"{host.dtype.name}{host.shape}".encode() + host.tobytes()).hexdigest()


@pytest.mark.parametrize("backend", HERE)
@pytest.mark.parametrize("name", DRAWS)
def test_the_stream_is_the_one_of_old(name: str, backend: str) -> None:
    """Each sampler gives the same bytes on each backend, and those that it has always given."""
    key = random.key(STREAM, device=on(backend))
    assert digest(DRAWS[name](key)) == GOLDEN[name]


@pytest.mark.parametrize("backend", ["jax"])
@pytest.mark.parametrize("name", DRAWS)
def test_the_stream_is_the_same_in_compiled_functions(name: str, backend: str) -> None:
    key = random.key(STREAM, device=on(backend))
    assert digest(accel.jit(DRAWS[name])(key)) == GOLDEN[name]


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((2**32 - 1, 2**32 - 1), (2**32 - 1, 2**32 - 1), (0x1CB996FC, 0xBB002BE7)),
        ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
    ],
)
@pytest.mark.parametrize("backend", HERE)
def test_known_answers_of_random123(backend: str, counter: Any, key: Any, answer: Any) -> None:
    words = [accel.asarray([w], dtype=accel.uint32, device=on(backend)) for w in counter]
    made = accel.asarray(key, dtype=accel.uint32, device=backend)
    got = [int(w[0]) for w in threefry.blocks(made, *words)]
    assert got == list(answer)
    if backend != "jax":
        # The same through what the backend has of its own: a counter below 2**32 is the number that a key is folded with.
        low = random.fold_in(random.key(0, device=backend), 0)
        assert [int(w) for w in low] == [0x6B200159, 0x99BA4EFE]


SEEDS = (0, 1, 42, 2**31, 2**32 + 5, 2**63 - 1, 2**64 - 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("backend", HERE)
def test_keys_are_those_of_jax(backend: str, seed: int) -> None:
    with accel.x64():
        theirs = jax.random.key_data(jax.random.key(np.uint64(seed)))
        folded = jax.random.key_data(jax.random.fold_in(jax.random.key(np.uint64(seed)), np.uint32(77)))
        parts = jax.random.key_data(jax.random.split(jax.random.key(np.uint64(seed)), (2, 3)))
    ours = random.key(seed, device=on(backend))
    np.testing.assert_array_equal(accel.to_numpy(ours), theirs, strict=True)
    np.testing.assert_array_equal(accel.to_numpy(random.fold_in(ours, 77)), folded, strict=True)
    np.testing.assert_array_equal(accel.to_numpy(random.split(ours, (2, 3))), parts, strict=True)


def test_negative_seeds_are_their_bits() -> None:
    one, two = random.key(-1, device="numpy"), random.key(2**64 - 1, device="numpy")
    assert one.tolist() == two.tolist() == [2**32 - 1, 2**32 - 1]


@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (0,)])
@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_uniform_and_bits_are_those_of_jax(name: str, shape: tuple[int, ...]) -> None:
    ours = random.key(2**40 + 3, device="numpy")
    with accel.x64():
        theirs = jax.random.key(np.uint64(2**40 + 3))
        for got, wanted in (
            (random.uniform(ours, shape, getattr(accel, name)), jax.random.uniform(theirs, shape, name)),
            (random.bits(ours, shape, accel.uint64), jax.random.bits(theirs, shape, "uint64")),
            (random.bits(ours, shape), jax.random.bits(theirs, shape, "uint32")),
        ):
            assert got.dtype == wanted.dtype
            assert got.tobytes() == np.asarray(wanted).tobytes()


@pytest.mark.parametrize("name", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_randint_is_that_of_jax(name: str) -> None:
    ours, info = random.key(9, device="numpy"), np.iinfo(name)
    with accel.x64():
        theirs = jax.random.key(9)
        for low, high in ((0, 100), (-7, 9), (3, 3), (5, 2), (int(info.min), int(info.max)), (0, 2**20)):
            got = random.randint(ours, (500,), low, high, getattr(accel, name))
            if low < info.min or high == 2**64 - 1:
                continue  # JAX takes no such bound
            wanted = np.asarray(jax.random.randint(theirs, (500,), low, high, name))
            np.testing.assert_array_equal(got, wanted, strict=True)


def test_integers_of_all_bits() -> None:
    key = random.key(5, device="numpy")
    whole = random.randint(key, (1000,), 0, 2**64, accel.uint64)
    _, second = random.split(key)
    np.testing.assert_array_equal(whole, random.bits(second, 1000, accel.uint64))


@pytest.mark.parametrize("option", [True, False])
def test_options_of_jax_change_nothing(option: bool) -> None:
    """A program that turned JAX's counters or generator to others gets the same numbers."""
    on("jax")
    with jax.threefry_partitionable(option), jax.default_prng_impl("threefry2x32" if option else "rbg"):
        key = random.key(STREAM, device="jax")
        for name in ("split", "bits uint32", "uniform float32", "randint", "normal float32"):
            assert digest(DRAWS[name](key)) == GOLDEN[name]
            assert digest(accel.jit(DRAWS[name])(key)) == GOLDEN[name]


def test_keys_of_jaxs_own_kind() -> None:
    on("jax")
    for name in ("split", "fold_in", "bits uint32", "normal float32", "randint int64", "bernoulli"):
        assert digest(DRAWS[name](jax.random.key(STREAM, impl="threefry2x32"))) == GOLDEN[name]
    with pytest.raises(DTypeError, match="threefry2x32"):
        random.bits(jax.random.key(0, impl="rbg"))
    with pytest.raises(ShapeError):
        random.bits(jax.random.split(jax.random.key(0)))


def test_narrow_types_of_jax_are_enough_for_narrow_numbers() -> None:
    """In a function that somebody compiles with 32-bit types, everything of 32 bits works, and is the same."""
    on("jax")
    key = random.key(STREAM, device="jax")
    for name in (
        "split", "fold_in", "randint", "uniform between", "truncated_normal", "gamma", "poisson", "normal float16", "exponential float32",
    ):  # fmt: skip
        assert digest(jax.jit(DRAWS[name])(key)) == GOLDEN[name], name


def test_batches_of_keys_go_through_vmap() -> None:
    on("jax")
    keys = random.split(random.key(3, device="jax"), 5)
    together = jax.vmap(lambda k: random.normal(k, (4,), accel.float32))(keys)
    for i in range(5):
        alone = random.normal(keys[i], (4,), accel.float32)
        np.testing.assert_array_equal(np.asarray(together[i]), np.asarray(alone), strict=True)


@pytest.mark.parametrize("op", [random.bits, random.uniform, random.normal, random.exponential])
@pytest.mark.parametrize("backend", HERE)
def test_numbers_do_not_depend_on_the_shape(backend: str, op: Any) -> None:
    key = random.key(1, device=on(backend))
    flat = accel.to_numpy(op(key, 210))
    for shape in ((210,), (7, 30), (2, 3, 5, 7), (210, 1)):
        np.testing.assert_array_equal(accel.to_numpy(op(key, shape)), flat.reshape(shape), strict=True)


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    key = random.key(1, device="numpy")
    np.testing.assert_array_equal(random.normal(key, 100_000)[:70], random.normal(key, 70), strict=True)


def test_counters_beyond_32_bits() -> None:
    """The high word of a counter counts: as many elements as would need it are too many to draw."""
    from accel_numpy.random._threefry import Rounds

    key, start = random.key(11, device="numpy"), 2**32 - 2**15
    rounds = Rounds(key, 2**15)
    for begin in (start, 2**32, 5 * 2**32):
        got = [word.copy() for word in rounds(begin, begin + 100)]
        wanted = threefry.at(key, np.arange(begin, begin + 100, dtype=np.uint64))
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(a, b, strict=True)


@pytest.mark.parametrize("name", ["normal", "exponential"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_a_word_becomes(name: str, dtype: str) -> None:
    """Normal and exponential numbers are the quantiles of what their words stand for, as mpmath has them."""
    import mpmath

    t = arithmetic.TABLES[dtype]
    key = random.key(8, device="numpy")
    words = random.bits(key, 3000, getattr(accel, f"uint{t.bits}"))
    got = getattr(random, name)(key, 3000, getattr(accel, dtype))
    most = 0.0
    with mpmath.workprec(200):
        for word, y in zip(words.tolist()[::10], got.tolist()[::10], strict=True):
            u = (mpmath.mpf(word >> (t.bits - t.digits)) + 0.5) / 2**t.digits
            true = mpmath.sqrt(2) * mpmath.erfinv(2 * u - 1) if name == "normal" else -mpmath.log(u)
            unit = float(np.spacing(np.asarray(abs(float(true)), dtype)))
            most = max(most, abs(float(true - mpmath.mpf(y))) / unit)
    assert most <= (8 if name == "normal" else 4)


def test_the_ends_of_the_words() -> None:
    """The least and the largest word give finite numbers, the farthest from the middle."""
    import accel.random.variate as variate

    for dtype, far, long in (("float32", 6.3, 22.9), ("float64", 8.2, 37.4)):
        t = arithmetic.TABLES[dtype]
        words = np.asarray([0, 2 ** (t.bits - 1) - 1, 2 ** (t.bits - 1), 2**t.bits - 1], f"uint{t.bits}")
        normal, waiting = variate.gauss(words, t), variate.waiting(words, t)
        assert normal[0] == -normal[3]
        assert normal[1] == -normal[2]
        assert far - 0.1 < normal[3] < far + 0.1
        assert 0 < normal[2] < 1e-8
        assert long - 0.1 < waiting[0] < long + 0.1
        assert 0 < waiting[3] < 1e-8


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential", "bits"])
def test_draws_take_no_memory_beyond_their_result(name: str) -> None:
    key, size = random.key(0, device="numpy"), 4_000_000
    dtype = accel.uint32 if name == "bits" else accel.float32
    op = getattr(random, name)
    op(key, 10, dtype)
    tracemalloc.start()
    try:
        drawn = op(key, size, dtype)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - drawn.nbytes < 4 * 2**20


@pytest.mark.parametrize("backend", HERE)
def test_a_key_used_again_is_found_in_checked_mode(backend: str) -> None:
    key = random.key(6, device=on(backend))
    same = random.normal(key, 3)
    np.testing.assert_array_equal(accel.to_numpy(random.normal(key, 3)), accel.to_numpy(same))
    with accel.checked():
        random.fold_in(key, 1)
        random.fold_in(key, 2)
        one, two = random.split(key)
        random.normal(one)
        with pytest.raises(KeyReuseError, match="split"):
            random.uniform(key)
        with accel.checked(), pytest.raises(KeyReuseError):
            random.gamma(one, 2.0)
        random.gamma(two, 2.0)
    with accel.checked():
        random.normal(key)
        with pytest.raises(ValueError, match=r"accel\.random\.permutation got the key \[0, 6\]"):
            random.permutation(key, 5)
    random.uniform(key)


def test_every_sampler_and_split_uses_its_key_up() -> None:
    from accel.dispatch import specs

    own = {name for name, spec in specs.items() if spec.part == "random"}
    assert {name for name in own if "reuse" not in specs[name].checks} == {"random.key", "random.fold_in"}


METHODS: dict[str, Callable[[Any], Any]] = {
    "random": lambda rng: rng.random(5),
    "uniform": lambda rng: rng.uniform(-1.0, 2.0, 5),
    "standard_normal": lambda rng: rng.standard_normal((2, 3), accel.float32),
    "normal": lambda rng: rng.normal(10.0, 2.0, 5),
    "standard_exponential": lambda rng: rng.standard_exponential(5),
    "exponential": lambda rng: rng.exponential(3.0, 5),
    "standard_gamma": lambda rng: rng.standard_gamma(2.0, 5),
    "gamma": lambda rng: rng.gamma(2.0, 3.0, 5),
    "beta": lambda rng: rng.beta(2.0, 3.0, 5),
    "poisson": lambda rng: rng.poisson(4.0, 5),
    "integers": lambda rng: rng.integers(3, 7, 5, endpoint=True),
    "choice": lambda rng: rng.choice(10, 5, replace=False),
    "permutation": lambda rng: rng.permutation(10),
    "permuted": lambda rng: rng.permuted(accel.reshape(like(rng.key, np.arange(6, dtype="float32")), (2, 3))),
    "shuffled": lambda rng: rng.shuffled(like(rng.key, np.arange(6, dtype="float32"))),
    "multivariate_normal": lambda rng: rng.multivariate_normal(
        like(rng.key, np.zeros(2, "float32")), like(rng.key, np.eye(2, dtype="float32")), 3
    ),
    "spawn": lambda rng: rng.spawn(2)[1].random(3),
}


@pytest.mark.parametrize("backend", HERE)
def test_generators_give_the_same_on_every_backend(backend: str) -> None:
    rng, home = random.default_rng(42, device=on(backend)), random.default_rng(42, device="numpy")
    for name, draw in METHODS.items():
        got, wanted = accel.to_numpy(draw(rng)), draw(home)
        if name == "multivariate_normal":
            np.testing.assert_allclose(got, wanted, rtol=1e-6)
        else:
            np.testing.assert_array_equal(got, wanted, strict=True, err_msg=name)
    assert rng.state == home.state
    assert rng.state["count"] == len(METHODS)


def test_generators_draw_other_numbers_each_time() -> None:
    rng = random.default_rng(1, device="numpy")
    drawn = np.concatenate(
        [rng.random(100), rng.random(100), rng.spawn(1)[0].random(100), rng.random((100,))]
    )
    assert len(np.unique(drawn)) == 400
    assert float(rng.random()) != float(random.default_rng(device="numpy").random())


def test_methods_have_the_distributions_of_their_parameters() -> None:
    rng = random.default_rng(2, device="numpy")
    assert set(rng.integers(4, size=200).tolist()) == {0, 1, 2, 3}
    assert set(rng.integers(1, 4, 200, endpoint=True).tolist()) == {1, 2, 3, 4}
    assert abs(float(np.mean(rng.normal(10.0, 2.0, 40_000))) - 10.0) < 0.05
    assert abs(float(np.std(rng.normal(10.0, 2.0, 40_000))) - 2.0) < 0.05
    assert abs(float(np.mean(rng.exponential(3.0, 40_000))) - 3.0) < 0.08
    assert abs(float(np.mean(rng.gamma(2.0, 3.0, 40_000))) - 6.0) < 0.15
    means = rng.normal(np.asarray([0.0, 100.0]), np.asarray([1.0, 2.0]), (1000, 2)).mean(axis=0)
    assert np.allclose(means, [0.0, 100.0], atol=0.4)
    assert rng.normal(np.zeros(3)).shape == (3,)
    assert sorted(rng.permuted(np.arange(6.0).reshape(2, 3)).ravel().tolist()) == list(range(6))
    rows = rng.permuted(np.arange(6.0).reshape(2, 3), axis=1)
    assert [sorted(row) for row in rows.tolist()] == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("backend", HERE)
def test_generators_can_be_saved(backend: str) -> None:
    rng = random.default_rng(7, device=on(backend))
    rng.random(3)
    again, state = pickle.loads(pickle.dumps(rng)), rng.state
    assert repr(again) == repr(rng)
    next_numbers = accel.to_numpy(rng.random(3))
    np.testing.assert_array_equal(accel.to_numpy(again.random(3)), next_numbers)
    other = random.default_rng(0, device=backend)
    other.state = state
    np.testing.assert_array_equal(accel.to_numpy(other.random(3)), next_numbers)
    with pytest.raises(ArgumentError, match="state"):
        other.state = {"key": 3}


@pytest.mark.parametrize("compiler", ["accel.jit", "jax.jit"])
@pytest.mark.parametrize("backend", HERE)
def test_generators_refuse_to_be_frozen_in_a_compiled_function(backend: str, compiler: str) -> None:
    on(backend)
    if compiler == "jax.jit" and backend != "jax":
        pytest.skip("compiles functions of JAX arrays only")
    rng = random.default_rng(7, device=backend)
    x = accel.asarray([1.0, 2.0], dtype=accel.float32, device=backend)
    compile_with = accel.jit if compiler == "accel.jit" else jax.jit
    for draw in METHODS.values():
        before = rng.state
        with pytest.raises(UnsupportedError, match="pass a key as an argument"):
            compile_with(lambda x, draw=draw: (draw(rng), x)[1])(x)
        assert rng.state == before
    if backend == "jax":
        with pytest.raises(UnsupportedError, match="pass a key as an argument"):
            jax.lax.fori_loop(0, 3, lambda i, x: x + rng.standard_normal((), accel.float32), x)
    rng.random()


def test_draws_of_several_threads_have_no_key_in_common() -> None:
    rng = random.default_rng(3, device="numpy")
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: int(rng.integers(0, 2**62)), range(400)))
    assert len(set(drawn)) == 400
    again = random.default_rng(3, device="numpy")
    assert set(drawn) == {int(again.integers(0, 2**62)) for _ in range(400)}


def test_seeds_of_generators() -> None:
    rng = random.default_rng(5, device="numpy")
    assert random.default_rng(rng) is rng
    key = random.key(5, device="numpy")
    assert float(random.default_rng(key).random()) == float(random.default_rng(5, device="numpy").random())
    with pytest.raises(ArgumentError):
        random.default_rng(rng, device="numpy")
    with pytest.raises(ArgumentError):
        random.default_rng("seed", device="numpy")
    with pytest.raises(ShapeError):
        random.default_rng(random.split(key))
    calls: tuple[Callable[[], Any], ...] = (
        lambda: rng.integers(3, 3),
        lambda: rng.normal(0.0, -1.0),
        lambda: rng.exponential(-1.0),
    )
    for wrong in calls:
        with pytest.raises(ArgumentError):
            wrong()
    with accel.checked():
        assert float(rng.random()) != float(rng.random())


def test_default_dtypes_are_the_ones_in_force() -> None:
    key = random.key(0, device="numpy")
    with accel.default_dtypes(float=accel.float32, int=accel.int32):
        assert random.normal(key).dtype == random.gamma(key, 2.0).dtype == np.float32
        assert random.randint(key, (), 0, 3).dtype == random.poisson(key, 3.0).dtype == np.int32
        assert random.default_rng(0, device="numpy").random().dtype == np.float32
    assert random.uniform(key).dtype == np.float64


def test_parameters_that_no_number_comes_of() -> None:
    key = random.key(0, device="numpy")
    wrong = np.asarray([-1.0, 0.0, np.nan, 2.0])
    assert np.isnan(random.gamma(key, wrong)).tolist() == [True, True, True, False]
    assert np.isnan(random.beta(key, wrong, 1.0)).tolist() == [True, True, True, False]
    assert (random.poisson(key, wrong) < 0).tolist() == [True, False, True, False]
    assert random.poisson(key, wrong)[1] == 0
    assert not random.bernoulli(key, wrong[:3]).any()
