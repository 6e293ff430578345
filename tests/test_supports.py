"""`accel.supports`: one declaration, from which the check of a call, the table of the docs and the tests follow."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import accel
import accel.registry as registry
import accel.support as support
from accel.errors import ArgumentError, UnsupportedError
from accel.support import all_but
from accel.testing.rows import REFERENCE, Row
from tests.fresh import run

WHY = "it walks along the array in Python"


@accel.supports(backends=["numpy"], reason=WHY)
def longest(x: Any, /, *others: Any, start: int = 0, **more: Any) -> int:
    """Length of the longest run."""
    return start


def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(UnsupportedError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def ones(row: Row, dtype: str = "float32") -> Any:
    return row.put(np.ones(3, dtype))


def test_name_docstring_and_signature_stay() -> None:
    assert longest.__name__ == "longest"
    assert longest.__doc__ == "Length of the longest run."
    assert list(inspect.signature(longest).parameters) == ["x", "others", "start", "more"]
    assert pickle.loads(pickle.dumps(longest)) is longest


def test_what_is_supported_passes(plain_row: Row) -> None:
    @accel.supports(backends=[plain_row.backend], devices=[plain_row.device.kind], reason=WHY)
    def same(*args: Any, **kwargs: Any) -> Any:
        return args, kwargs

    x = ones(plain_row)
    args, kwargs = same(x, [x, 1], n=2, more={"x": (x,)})
    assert args[0] is x
    assert args[1][0] is x
    assert kwargs["n"] == 2
    assert kwargs["more"]["x"][0] is x


def test_a_backend_that_is_not_supported_is_refused(other_row: Row) -> None:
    x = ones(other_row)
    sentence = (
        f"tests.test_supports.longest got an array of {other_row.backend} ({type(x).__name__}) in x, and supports only the backend "
        f"numpy, because {WHY}; write accel.to_device(x, 'numpy')."
    )
    assert refusal(longest, x) == sentence
    assert refusal(longest, x, 1, start=2) == sentence, "a second call asks again"
    assert longest(accel.to_device(x, "numpy"), start=2) == 2


def test_arrays_are_found_in_every_argument(other_row: Row) -> None:
    x, fine = ones(other_row), np.ones(2)
    for where, args, kwargs in (
        ("others", (fine, fine, x), {}),
        ("more", (fine,), {"weights": x}),
        ("x", ([fine, (1, [x])],), {}),
        ("x", ({"a": fine, "b": {"c": x}},), {}),
        ("start", (fine,), {"start": x}),
    ):
        assert f" in {where}, and supports" in refusal(longest, *args, **kwargs)


def test_all_but_some(other_row: Row) -> None:
    name = other_row.backend

    @accel.supports(backends=all_but(**{name: "its library lacks the routine"}))
    def solve(x: Any) -> Any:
        return x

    assert refusal(solve, ones(other_row)).endswith(
        f"and supports all backends but {name}, because its library lacks the routine; write accel.to_device(x, 'numpy')."
    )
    x = np.ones(2)
    assert solve(x) is x


def test_kinds_of_device(plain_row: Row) -> None:
    kind = plain_row.device.kind

    @accel.supports(devices=all_but(kind, "quantum"), reason="it counts warps")
    def warps(x: Any) -> int:
        return 1

    @accel.supports(devices=["quantum"], reason="it needs qubits")
    def qubits(x: Any) -> int:
        return 1

    text = refusal(warps, ones(plain_row))
    assert (
        f"got an array on {plain_row.device} in x, and supports all kinds of device but {kind} and quantum"
        in text
    )
    text = refusal(qubits, ones(plain_row))
    assert text.endswith("because it needs qubits; write accel.to_device(x, 'quantum').")


def test_dtypes(plain_row: Row) -> None:
    @accel.supports(dtypes=[accel.float32, "complex floating"], reason="the table of constants is in float32")
    def special(x: Any) -> Any:
        return x

    @accel.supports(dtypes=all_but("bool", "integral"), reason="it divides")
    def mean(x: Any) -> Any:
        return x

    for dtype in ("float32", "complex64", "complex128"):
        special(ones(plain_row, dtype))
        special(ones(plain_row, dtype))
    assert refusal(special, ones(plain_row, "float64")).endswith(
        "got dtype float64 in x, and supports only the dtypes float32 and complex floating, because the table of constants is in "
        "float32; write accel.astype(x, accel.float32)."
    )
    mean(ones(plain_row, "float64"))
    for dtype in ("bool", "int8", "uint16"):
        assert f"got dtype {dtype} in x, and supports all dtypes but bool and integral" in refusal(
            mean, ones(plain_row, dtype)
        )


def test_traced_arrays_are_refused(other_row: Row) -> None:
    if registry.load(other_row.backend).hook("jit") is None:
        pytest.skip(f"{other_row} has no compiler")

    @accel.supports(jit=False, reason="it loops until convergence")
    def fixed_point(x: Any, *, rate: float = 1.0) -> Any:
        return x

    @accel.supports(jit=False, backends=["numpy", other_row.backend], dtypes=["real floating"], reason=WHY)
    def both(x: Any) -> Any:
        return x

    x = ones(other_row)
    fixed_point(x)
    text = refusal(accel.jit(fixed_point), x)
    assert f"fixed_point got an array that {other_row.backend} is tracing (" in text
    assert text.endswith(
        "in x, and supports only arrays that have values, because it loops until convergence; call it outside of jit, vmap and grad."
    )
    assert "is tracing" in refusal(accel.jit(both), x)
    fixed_point(x)
    # NumPy's arrays are lent to the compiler, which traces the function with arrays of its own.
    assert "supports only the backend numpy" in refusal(accel.jit(longest), np.ones(2))
    longest(np.ones(2))


def test_methods() -> None:
    class Model:
        @accel.supports(dtypes=["float64"], reason="it is ill-conditioned")
        def fit(self, x: Any) -> Model:
            return self

    model = Model()
    assert model.fit(np.ones(2)) is model
    assert "Model.fit got dtype float32 in x" in refusal(model.fit, np.ones(2, "float32"))
    found = support.of(model.fit)
    assert found is not None
    assert found.reason == "it is ill-conditioned"


def test_wrong_calls_fail_as_they_always_did(other_row: Row) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        longest()  # type: ignore[call-arg]
    assert " in argument 1, and supports" in refusal(
        accel.supports(backends=["numpy"], reason=WHY)(min), ones(other_row)
    )


def test_where_nothing_is_excluded_the_function_is_left_alone() -> None:
    def plain(x: Any) -> Any:
        return x

    assert accel.supports()(plain) is plain
    found = support.of(plain)
    assert found is not None
    assert found.everything


def test_an_exclusion_needs_a_reason() -> None:
    unexplained: list[Callable[[], object]] = [
        lambda: accel.supports(backends=["numpy"]),
        lambda: accel.supports(devices=all_but("tpu")),
        lambda: accel.supports(backends=all_but("cupy", jax="it is slow there")),
        lambda: accel.supports(jit=False),
        lambda: accel.supports(jit=False, reason=" "),
        lambda: accel.supports(jit=False, backends=all_but(jax="it is slow there")),
    ]
    for declare in unexplained:
        with pytest.raises(ArgumentError, match="without a reason; write reason="):
            declare()
    accel.supports(backends=all_but(jax="it is slow there"))


def test_declarations_that_make_no_sense_are_refused() -> None:
    with pytest.raises(
        ArgumentError, match="knows no dtype 'flaot32'; write one such as 'float32', or a kind: 'bool'"
    ):
        accel.supports(dtypes=["flaot32"], reason=WHY)
    with pytest.raises(ArgumentError, match="got no name for backends; leave it out where all are supported"):
        accel.supports(backends=[], reason=WHY)
    with pytest.raises(ArgumentError, match="takes names for devices, got 1"):
        accel.supports(devices=[1], reason=WHY)  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="takes a bool for jit and words for reason, got 'no'"):
        accel.supports(jit="no", reason=WHY)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="all_but got no name"):
        all_but()


@accel.supports(
    backends=all_but(cupy="cuSOLVER has no such routine", tiny=""),
    devices=["cpu"],
    jit=False,
    reason="it calls LAPACK",
)
def schur(x: Any) -> Any: ...


@accel.supports()
def anywhere(x: Any) -> Any: ...


def test_the_table() -> None:
    table = support.table([longest, schur, anywhere], backends=["cupy", "jax", "numpy"])
    assert table.splitlines() == [
        "| function | cupy | jax | numpy | compiled | why |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| `longest` | no | no | cpu | yes | {WHY} |",
        "| `schur` | no | cpu | cpu | no | cupy: cuSOLVER has no such routine; it calls LAPACK |",
        "| `anywhere` | gpu | cpu, gpu, tpu | cpu | yes |  |",
    ]


def test_the_table_of_a_module_has_its_declarations_in_order() -> None:
    names = [found.function.__qualname__ for found in support.declared(__name__)]
    assert [n for n in names if "." not in n] == ["longest", "schur", "anywhere"]
    assert support.declared("tests")[0].path == "tests.test_supports.longest"
    assert support.declared("test") == ()
    columns = support.table(__name__).splitlines()[0]
    assert "numpy" in columns
    assert "tiny" in columns, "a backend that a declaration names has a column, announced or not"
    with pytest.raises(ArgumentError, match="declares nothing; decorate it"):
        support.table([len])


def test_the_table_shows_restricted_dtypes() -> None:
    @accel.supports(dtypes=["float32", "float64"], reason="a | b")
    def special(x: Any) -> Any: ...

    assert support.table([special], backends=["numpy"]).splitlines() == [
        "| function | numpy | compiled | dtypes | why |",
        "| --- | --- | --- | --- | --- |",
        "| `special` | cpu | yes | float32 and float64 | a \\| b |",
    ]


def test_where_a_function_is_excluded(plain_row: Row) -> None:
    found = support.of(longest)
    assert found is not None
    said = found.excludes(plain_row.device)
    if plain_row.backend == REFERENCE:
        assert said is None
    else:
        assert said == f"tests.test_supports.longest supports only the backend numpy, because {WHY}"


def test_a_declaration_loads_nothing() -> None:
    code = """
    import sys, accel
    @accel.supports(backends=accel.support.all_but("jax"), devices=["cpu"], dtypes=[accel.float32], jit=False, reason="of a test")
    def f(x, key=None): return x
    f(1)
    f([2.0], key={"a": None})
    print(sorted(m for m in sys.modules if m.partition(".")[0] in ("numpy", "jax", "cupy", "accel_numpy", "accel_jax", "accel_cupy")))
    """
    assert run(code) == "[]"
