"""Policies: the default dtypes, the same on every backend, changed for a context and never for anybody else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import accel
import accel.fft
from accel.errors import ArgumentError
from accel.testing.rows import Row

CASES: list[tuple[str, tuple[Any, ...], str]] = [
    ("arange", (3,), "int"),
    ("arange", (0, 3, 1), "int"),
    ("arange", (3.0,), "float"),
    ("arange", (0, 1, 0.25), "float"),
    ("asarray", (1,), "int"),
    ("asarray", (1.0,), "float"),
    ("asarray", (1j,), "complex"),
    ("asarray", (True,), "bool"),
    ("asarray", ([1, 2],), "int"),
    ("asarray", ([[1, 2.0], [3, 4]],), "float"),
    ("asarray", (([1], (2j,)),), "complex"),
    ("asarray", ([True, 1],), "int"),
    ("asarray", ([[True], [False]],), "bool"),
    ("asarray", ([],), "float"),
    ("empty", ((2,),), "float"),
    ("eye", (2,), "float"),
    ("full", ((2,), 1), "int"),
    ("full", ((2,), 1.0), "float"),
    ("full", ((2,), 1j), "complex"),
    ("full", ((2,), False), "bool"),
    ("linspace", (0, 1, 3), "float"),
    ("linspace", (0.0, 1.0, 3), "float"),
    ("ones", ((2,),), "float"),
    ("zeros", ((2,),), "float"),
    ("fft.fftfreq", (4,), "float"),
    ("fft.rfftfreq", (4,), "float"),
]
"""Function, arguments, kind of the default dtype it has."""

WIDE = {"float": accel.float64, "complex": accel.complex128, "int": accel.int64, "bool": accel.bool}
NARROW = {"float": accel.float32, "complex": accel.complex64, "int": accel.int32, "bool": accel.bool}


def op(name: str) -> Any:
    """Give a public function of accel by its dotted name."""
    return getattr(accel.fft, name[4:]) if name.startswith("fft.") else getattr(accel, name)


@pytest.mark.parametrize(("name", "args", "kind"), CASES, ids=[f"{n}{a}" for n, a, _ in CASES])
def test_default_dtypes_are_the_same_everywhere(
    name: str, args: tuple[Any, ...], kind: str, plain_row: Row
) -> None:
    make = op(name)
    with accel.use_device(plain_row.device):
        wide = make(*args)
        with accel.default_dtypes(float=accel.float32, int=accel.int32):
            narrow = make(*args)
            explicit = make(*args, dtype=accel.complex128) if name in ("asarray", "full") else narrow
        with accel.default_dtypes(float=accel.float32):
            half = make(*args)
        with accel.default_dtypes(int=accel.int32):
            other = make(*args)
        again = make(*args)
    assert wide.dtype == again.dtype == WIDE[kind]
    assert narrow.dtype == NARROW[kind]
    assert half.dtype == (WIDE if kind == "int" else NARROW)[kind]
    assert other.dtype == (NARROW if kind == "int" else WIDE)[kind]
    assert explicit.dtype in (accel.complex128, narrow.dtype)
    assert accel.device(narrow) == plain_row.device
    assert narrow.shape == wide.shape
    if name != "empty":
        assert np.array_equal(accel.to_numpy(narrow), accel.to_numpy(wide))


def test_the_narrow_default_does_not_pass_through_the_wide_one(plain_row: Row) -> None:
    with accel.use_device(plain_row.device), accel.default_dtypes(float=accel.float32, int=accel.int32):
        assert (
            accel.to_numpy(accel.asarray([2.0**-149, 2.0**127])).tolist()
            == np.asarray([2.0**-149, 2.0**127], np.float32).tolist()
        )
        with pytest.raises(OverflowError):
            accel.asarray([2**40])
        with pytest.raises(OverflowError):
            accel.full((2,), 2**40)


def test_what_has_a_dtype_keeps_it(plain_row: Row) -> None:
    with accel.use_device(plain_row.device):
        x = accel.asarray([1.0], dtype=accel.float64)
        with accel.default_dtypes(float=accel.float32, int=accel.int32):
            assert accel.asarray(x).dtype == accel.float64
            assert accel.zeros_like(x).dtype == accel.float64
            assert accel.add(x, 1).dtype == accel.float64
            assert accel.asarray(np.asarray([1.0]), device=plain_row.device).dtype == accel.float64
            assert accel.asarray([np.float64(1.0), np.float64(2.0)]).dtype == accel.float64
            assert op("asarray")([np.int16(1), np.int16(2)]).dtype == accel.int16
            assert accel.asarray(memoryview(b"ab")).dtype == accel.uint8
            assert accel.zeros(1, dtype=accel.float64).dtype == accel.float64


def test_the_policy_is_shown_by_the_inspection_namespace() -> None:
    info = accel.__array_namespace_info__()
    wide = {
        "real floating": accel.float64,
        "complex floating": accel.complex128,
        "integral": accel.int64,
        "indexing": accel.int64,
    }
    assert info.default_dtypes() == wide
    with accel.default_dtypes(float=accel.float32):
        assert info.default_dtypes() == {
            **wide,
            "real floating": accel.float32,
            "complex floating": accel.complex64,
        }
        with accel.default_dtypes(float=accel.float64, int=accel.int32):
            assert info.default_dtypes() == {**wide, "integral": accel.int32}
        assert info.default_dtypes()["integral"] == accel.int64
    assert info.default_dtypes() == wide


def test_native_dtypes_are_accepted(plain_row: Row) -> None:
    xp = accel.namespace(plain_row.backend)
    with accel.use_device(plain_row.device), accel.default_dtypes(float=xp.float32, int=xp.int32):
        assert accel.zeros(1).dtype == xp.float32
        assert accel.arange(1).dtype == xp.int32


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"float": accel.float16}, "for float, got accel.float16."),
        ({"float": accel.int32}, "for float, got accel.int32."),
        ({"int": accel.int8}, "for int, got accel.int8."),
        ({"int": "int32"}, "for int, got 'int32'."),
        ({"float": float}, "for float, got <class 'float'>."),
    ],
)
def test_other_dtypes_are_refused(wrong: dict[str, Any], sentence: str) -> None:
    first = "accel.float32 or accel.float64" if "float" in wrong else "accel.int32 or accel.int64"
    with pytest.raises(ArgumentError) as caught, accel.default_dtypes(**wrong):
        pass
    assert str(caught.value) == f"accel.default_dtypes takes {first} {sentence}"
    assert accel.zeros(1, device="numpy").dtype == np.float64


def test_a_refused_policy_leaves_none_behind() -> None:
    with pytest.raises(ArgumentError), accel.default_dtypes(float=accel.float32, int=accel.int8):
        pass
    assert accel.__array_namespace_info__().default_dtypes()["real floating"] == accel.float64


def test_the_policy_ends_with_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), accel.default_dtypes(float=accel.float32):
        raise ZeroDivisionError
    assert accel.zeros(1, device="numpy").dtype == np.float64


def test_other_threads_keep_their_own() -> None:
    def made() -> Any:
        return accel.zeros(1, device="numpy").dtype

    with ThreadPoolExecutor(1) as pool, accel.default_dtypes(float=accel.float32):
        assert pool.submit(made).result() == np.float64
        assert made() == np.float32


def test_other_tasks_keep_their_own() -> None:
    async def made(dtype: Any, inside: asyncio.Event, seen: asyncio.Event) -> Any:
        with accel.default_dtypes(float=dtype):
            inside.set()
            await seen.wait()
            return accel.zeros(1, device="numpy").dtype

    async def main() -> list[Any]:
        one, two = asyncio.Event(), asyncio.Event()
        return list(await asyncio.gather(made(accel.float32, one, two), made(accel.float64, two, one)))

    assert asyncio.run(main()) == [np.float32, np.float64]
