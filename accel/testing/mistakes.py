"""Mistakes: calls that accel refuses, with the error that the spec promises for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import accel
from accel.dispatch import Spec, specs
from accel.errors import (
    AccelError,
    ArgumentError,
    AxisError,
    DeviceNotFoundError,
    DTypeError,
    ShapeError,
    UnknownArrayError,
)
from accel.testing.cases import Case

__all__ = ["Mistake", "NO_ARRAY_NEEDED", "mistakes", "plausible", "with_all_arrays"]

NO_ARRAY_NEEDED = {"asarray", "can_cast", "finfo", "from_dlpack", "iinfo", "result_type"}
"""Ops whose arguments need not be arrays."""

PLAUSIBLE: dict[str, Any] = {
    "axes": (1, 0),
    "axis": 0,
    "condition": np.asarray([[True, False], [False, True]]),
    "destination": 1,
    "dtype": accel.float64,
    "fill_value": 1,
    "indices": np.asarray([0, 1]),
    "n": 2,
    "repeats": 2,
    "repetitions": (1, 2),
    "shape": (2, 2),
    "shift": 1,
    "source": 0,
}
"""Something that fits, by the name of the parameter; any other array is a regular 2 x 2 matrix."""


@dataclass(frozen=True)
class Mistake:
    """A call that is refused.

    Attributes
    ----------
    op : str
        The spec.
    what : str
        What is wrong, in a few words.
    case : Case
        The arguments.
    error : type
        What the spec promises to raise, or a base of it.
    """

    op: str
    what: str
    case: Case
    error: type[Exception]

    def __str__(self) -> str:
        return f"{self.op}-{self.what.replace(' ', '-')}"


def matrix(dtype: Any = np.float64) -> Any:
    """Give a small array that every op of its dtype can take."""
    return np.eye(2).astype(dtype) if dtype in (bool, "bool") else np.asarray([[2, 1], [1, 3]]).astype(dtype)


def plausible(spec: Spec, dtype: Any = None) -> Case:
    """Give arguments that fit a spec, but for what its dtype may do; it is that of the first array, by default one that fits."""
    if spec.composed:
        from accel.testing.columns import table

        example = table[spec.name].example
        assert example is not None
        case, turn = example(), iter(range(1))
        return case if dtype is None else case.map(lambda x: x.astype(dtype) if next(turn, 1) == 0 else x)
    dtype = dtype or np.float64
    args: list[Any] = []
    for p in spec.parameters:
        if p.kind == "keyword" or (not p.is_array and p.name not in PLAUSIBLE):
            continue
        if p.kind == "variadic":
            args += [matrix(dtype)[0]] * 2
        elif p.is_sequence:
            args.append([matrix(dtype), matrix(dtype)])
        elif spec.name in ("searchsorted", "linalg.outer") and p.is_array:
            args.append(matrix(dtype)[0])
        elif spec.name == "linalg.cross":
            args.append(np.asarray([1, 2, 3]).astype(dtype))
        elif spec.name == "squeeze":
            args.append(matrix(dtype)[:1])
        elif spec.name == "take_along_axis" and p.name == "indices":
            args.append(np.asarray([[0, 1], [1, 0]]))
        elif spec.name in ("fft.fftfreq", "fft.rfftfreq", "linalg.matrix_power") and p.name == "n":
            args.append(2)
        elif p.name in PLAUSIBLE:
            args.append(PLAUSIBLE[p.name])
        else:
            args.append(matrix(dtype))
    if spec.name == "squeeze":
        args = [args[0][:, :1], 0]
    return Case(tuple(args))


def with_all_arrays(spec: Spec) -> Case:
    """Give arguments that fit a spec, with an array wherever one may stand."""
    case = plausible(spec)
    if spec.name == "repeat":
        return Case((X, np.asarray([1, 2])), {"axis": 0})
    if spec.name == "diff":
        return Case((X,), {"prepend": X, "append": X})
    if spec.name in ("linalg.matrix_rank", "linalg.pinv"):
        return Case((X,), {"rtol": np.asarray(0.1)})
    return case


class Alien:
    """Looks like an array, and no backend knows it."""

    dtype = "float64"
    shape = (2, 2)

    def __repr__(self) -> str:
        return "Alien()"


X = matrix()
V = np.asarray([1.0, 2.0, 3.0])
INTS = matrix(np.int32)
BOOLS = matrix(np.int32) > 1
COMPLEX = matrix(np.complex128)
SCALAR = np.asarray(1.0)
NONE_LEFT = np.ones((0, 2))


def spectrum(op: str) -> Any:
    """Give what an op takes whose dtypes matter: complex data for the transforms that are for those."""
    return COMPLEX if op in specs and specs[op].dtypes == "complex floating-point" else X


REDUCTIONS = (
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
)
ONE_AXIS = (
    "argsort", "cumulative_prod", "cumulative_sum", "diff", "sort", "unstack", "fft.fft", "fft.ifft", "fft.rfft", "fft.irfft",
    "fft.hfft", "fft.ihfft", "fft.fftshift", "fft.ifftshift", "linalg.vector_norm",
)  # fmt: skip
SQUARE = ("cholesky", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "slogdet")
MATRICES = (*SQUARE, "diagonal", "matrix_norm", "matrix_rank", "pinv", "qr", "svd", "svdvals", "trace")


def _case(*args: Any, **kwargs: Any) -> Case:
    return Case(args, kwargs)


def mistakes() -> Iterator[Mistake]:
    """List every mistake."""
    for one in (_no_arrays, _own, _dtypes, _shapes, _axes, _sizes, _words, _empty, _numbers, _devices):
        yield from one()


def _no_arrays() -> Iterator[Mistake]:
    for spec in specs.values():
        if not spec.arrays or spec.name in NO_ARRAY_NEEDED or spec.composed:
            continue
        whole = plausible(spec)
        if any(p.is_sequence for p in spec.arrays):
            if spec.name in ("concat", "stack"):
                yield Mistake(spec.name, "list of lists", _case([[1.0], [2.0]]), UnknownArrayError)
                yield Mistake(spec.name, "empty list", _case([]), AccelError)
            else:
                yield Mistake(spec.name, "list", _case(X, [1.0, 2.0]), UnknownArrayError)
                yield Mistake(spec.name, "nothing", _case(), AccelError)
            continue
        for wrong, what in (
            ([[2.0, 1.0], [1.0, 3.0]], "list"),
            ("text", "string"),
            (Alien(), "alien"),
            (None, "none"),
        ):
            args = (wrong, *whole.args[1:])
            yield Mistake(spec.name, what, Case(args), UnknownArrayError)


def _own() -> Iterator[Mistake]:
    from accel.testing.columns import table  # whose cases take longer to load than this list

    for name, column in table.items():
        if column.example is None:
            continue
        args, kwargs = column.example().args, column.example().kwargs
        arrays = [i for i, x in enumerate(args) if isinstance(x, np.ndarray)]
        for first in arrays[:1]:
            for wrong, what in (([1.0], "list"), ("text", "string"), (Alien(), "alien"), (None, "none")):
                case = Case((*args[:first], wrong, *args[first + 1 :]), kwargs)
                yield Mistake(name, what, case, UnknownArrayError)
        for what, case, error in column.refuses():
            yield Mistake(name, what, case, error)


def _dtypes() -> Iterator[Mistake]:
    yield Mistake("subtract", "booleans", _case(BOOLS, BOOLS), DTypeError)
    for op in ("negative", "positive", "sign"):
        yield Mistake(op, "booleans", _case(BOOLS), DTypeError)
    for op in ("bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor"):
        yield Mistake(op, "floats", _case(X, X), DTypeError)
        yield Mistake(op, "float scalar", _case(INTS, 1.5), DTypeError)
    yield Mistake("bitwise_invert", "floats", _case(X), DTypeError)
    yield Mistake("bitwise_invert", "complex", _case(COMPLEX), DTypeError)
    for op in ("atan2", "copysign", "hypot", "logaddexp", "nextafter", "floor_divide", "remainder"):
        yield Mistake(op, "complex", _case(COMPLEX, COMPLEX), DTypeError)
    for op in ("greater", "greater_equal", "less", "less_equal", "maximum", "minimum"):
        yield Mistake(op, "complex", _case(COMPLEX, COMPLEX), DTypeError)
    for op in ("ceil", "floor", "trunc", "signbit"):
        yield Mistake(op, "complex", _case(COMPLEX), DTypeError)
    for op in ("argmax", "argmin", "argsort", "max", "min", "sort", "std", "var"):
        yield Mistake(op, "complex", _case(COMPLEX), DTypeError)
    yield Mistake("clip", "complex", _case(COMPLEX, 0, 1), DTypeError)
    yield Mistake("searchsorted", "complex", _case(COMPLEX[0], COMPLEX[0]), DTypeError)
    yield Mistake("astype", "complex to real", _case(COMPLEX, accel.float64), DTypeError)
    yield Mistake("asarray", "complex to real", _case([1j], dtype=accel.float64), DTypeError)
    yield Mistake("asarray", "text", _case("text"), DTypeError)
    yield Mistake("asarray", "none", _case(None), DTypeError)
    yield Mistake("asarray", "list of text", _case(["a", "b"]), DTypeError)
    yield Mistake("finfo", "integer dtype", _case(accel.int32), DTypeError)
    yield Mistake("iinfo", "float dtype", _case(accel.float32), DTypeError)
    yield Mistake("take", "float indices", _case(V, V), DTypeError)
    yield Mistake("take_along_axis", "float indices", _case(V, V), DTypeError)
    for op in ("rfft", "rfftn", "ihfft"):
        yield Mistake(f"fft.{op}", "complex", _case(COMPLEX), DTypeError)
    yield Mistake("fft.fftfreq", "integer dtype", _case(4, dtype=accel.int32), DTypeError)
    yield Mistake("fft.rfftfreq", "complex dtype", _case(4, dtype=accel.complex64), DTypeError)
    yield Mistake("linalg.trace", "complex to real", _case(COMPLEX, dtype=accel.float64), DTypeError)


BROADCASTING = (
    "add", "atan2", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "copysign", "divide",
    "equal", "floor_divide", "greater", "greater_equal", "hypot", "less", "less_equal", "logaddexp", "logical_and", "logical_or",
    "logical_xor", "maximum", "minimum", "multiply", "nextafter", "not_equal", "pow", "remainder", "subtract",
)  # fmt: skip


def _shapes() -> Iterator[Mistake]:
    for op in BROADCASTING:
        kind = np.bool if op.startswith("logical") else np.int32 if op.startswith("bitwise") else np.float64
        yield Mistake(op, "shapes", _case(matrix(kind), V.astype(kind)), ShapeError)
    yield Mistake("clip", "shapes", _case(X, V, V), ShapeError)
    yield Mistake("where", "shapes", _case(BOOLS, V, X), ShapeError)
    yield Mistake("broadcast_arrays", "shapes", _case(X, V), ShapeError)
    yield Mistake("broadcast_shapes", "shapes", _case((2, 2), (3,)), ShapeError)
    yield Mistake("broadcast_to", "shapes", _case(V, (2, 2)), ShapeError)
    yield Mistake("concat", "shapes", _case([X, V]), ShapeError)
    yield Mistake("concat", "lengths", _case([X, np.ones((2, 3))]), ShapeError)
    yield Mistake("concat", "no axis", _case([SCALAR, SCALAR]), AccelError)
    yield Mistake("stack", "shapes", _case([X, V]), ShapeError)
    yield Mistake("reshape", "size", _case(X, (3,)), ShapeError)
    yield Mistake("reshape", "two open", _case(X, (-1, -1)), ShapeError)
    yield Mistake("squeeze", "length", _case(X, 0), ShapeError)
    yield Mistake("meshgrid", "matrix", _case(X, V), ShapeError)
    yield Mistake("tril", "vector", _case(V), ShapeError)
    yield Mistake("triu", "vector", _case(V), ShapeError)
    yield Mistake("matrix_transpose", "vector", _case(V), ShapeError)
    yield Mistake("matmul", "lengths", _case(X, V), ShapeError)
    yield Mistake("matmul", "matrices", _case(X, np.ones((3, 2))), ShapeError)
    yield Mistake("matmul", "stacks", _case(np.ones((2, 2, 2)), np.ones((3, 2, 2))), ShapeError)
    yield Mistake("matmul", "no axis", _case(X, SCALAR), ShapeError)
    yield Mistake("vecdot", "lengths", _case(X, V), ShapeError)
    yield Mistake("tensordot", "lengths", _case(X, V, axes=1), ShapeError)
    yield Mistake("tensordot", "counts", _case(X, X, axes=((0, 1), (0,))), ShapeError)
    yield Mistake("tensordot", "too many", _case(X, V, axes=2), AccelError)
    yield Mistake("searchsorted", "matrix", _case(X, V), ShapeError)
    yield Mistake("nonzero", "no axis", _case(SCALAR), AxisError)
    yield Mistake("diff", "no axis", _case(SCALAR), AxisError)
    yield Mistake("diff", "prepend", _case(X, prepend=np.ones((3, 1))), ShapeError)
    yield Mistake("repeat", "counts", _case(V, np.asarray([1, 2])), ShapeError)
    yield Mistake("take_along_axis", "axes", _case(X, np.asarray([0])), ShapeError)
    yield Mistake("linalg.cross", "length", _case(np.ones(4), np.ones(4)), ShapeError)
    yield Mistake("linalg.outer", "matrix", _case(X, V), ShapeError)
    yield Mistake("linalg.solve", "lengths", _case(X, V), ShapeError)
    yield Mistake("linalg.solve", "oblong", _case(np.ones((2, 3)), np.ones(2)), ShapeError)
    yield Mistake("linalg.matrix_power", "oblong", _case(np.ones((2, 3)), 2), ShapeError)
    for op in SQUARE:
        yield Mistake(f"linalg.{op}", "oblong", _case(np.ones((2, 3))), ShapeError)
    for op in MATRICES:
        yield Mistake(f"linalg.{op}", "vector", _case(V), ShapeError)
        yield Mistake(f"linalg.{op}", "no axis", _case(SCALAR), ShapeError)
    for op in ("cumulative_prod", "cumulative_sum"):
        yield Mistake(op, "no axis", _case(SCALAR), AxisError)
        yield Mistake(op, "which axis", _case(X), AxisError)
    for op in ("argsort", "sort"):
        yield Mistake(op, "no axis", _case(SCALAR), AxisError)


def _axes() -> Iterator[Mistake]:
    for op in (
        *REDUCTIONS,
        *ONE_AXIS,
        "concat",
        "stack",
        "take",
        "take_along_axis",
        "repeat",
        "roll",
        "flip",
        "vecdot",
    ):
        first: tuple[Any, ...] = ([X, X],) if op in ("concat", "stack") else (spectrum(op),)
        more = {
            "take": (INTS[0] * 0,),
            "take_along_axis": (INTS * 0,),
            "repeat": (2,),
            "roll": (1,),
            "vecdot": (X,),
        }.get(op, ())
        name = "axes" if op.endswith("shift") else "axis"
        yield Mistake(op, "axis too large", _case(*first, *more, **{name: 5}), AxisError)
        yield Mistake(op, "axis too small", _case(*first, *more, **{name: -4}), AxisError)
        yield Mistake(op, "axis half", _case(*first, *more, **{name: 0.5}), ArgumentError)
        yield Mistake(op, "axis text", _case(*first, *more, **{name: "0"}), ArgumentError)
    for op in REDUCTIONS:
        if op not in ("argmax", "argmin"):
            yield Mistake(op, "axis of a tuple", _case(X, axis=(0, 2)), AxisError)
            yield Mistake(op, "axis twice", _case(X, axis=(0, 0)), AccelError)
    yield Mistake("expand_dims", "axis too large", _case(X, 4), AxisError)
    yield Mistake("expand_dims", "axis twice", _case(X, (0, 0)), AccelError)
    yield Mistake("squeeze", "axis too large", _case(X, 3), AxisError)
    yield Mistake("unstack", "no axis", _case(SCALAR), AccelError)
    yield Mistake("moveaxis", "axis too large", _case(X, 2, 0), AxisError)
    yield Mistake("moveaxis", "counts", _case(X, (0, 1), (0,)), ArgumentError)
    yield Mistake("moveaxis", "axis twice", _case(X, (0, 0), (0, 1)), ArgumentError)
    yield Mistake("permute_dims", "axis too large", _case(X, (0, 2)), AxisError)
    yield Mistake("permute_dims", "axis twice", _case(X, (0, 0)), ArgumentError)
    yield Mistake("permute_dims", "axis missing", _case(X, (0,)), ArgumentError)
    yield Mistake("roll", "counts", _case(X, (1, 2, 3), axis=(0, 1)), ArgumentError)
    yield Mistake("tensordot", "axis too large", _case(X, X, axes=((5,), (0,))), AxisError)
    yield Mistake(
        "linalg.cross", "axis too large", _case(np.ones((3, 3)), np.ones((3, 3)), axis=2), AxisError
    )
    for op in ("fftn", "ifftn", "rfftn", "irfftn"):
        yield Mistake(f"fft.{op}", "axis too large", _case(spectrum(f"fft.{op}"), axes=(0, 5)), AxisError)
        yield Mistake(f"fft.{op}", "axis twice", _case(spectrum(f"fft.{op}"), axes=(0, 0)), ArgumentError)
        yield Mistake(f"fft.{op}", "counts", _case(spectrum(f"fft.{op}"), s=(2,), axes=(0, 1)), ArgumentError)


def _sizes() -> Iterator[Mistake]:
    for op in ("empty", "ones", "zeros"):
        yield Mistake(op, "negative", _case((2, -1)), ShapeError)
        yield Mistake(op, "negative length", _case(-1), ShapeError)
        yield Mistake(op, "half", _case((2, 1.5)), ArgumentError)
    yield Mistake("full", "negative", _case((2, -1), 1.0), ShapeError)
    yield Mistake("eye", "negative", _case(-1), ShapeError)
    yield Mistake("eye", "negative columns", _case(2, -1), ShapeError)
    yield Mistake("linspace", "negative", _case(0.0, 1.0, -1), ShapeError)
    yield Mistake("repeat", "negative", _case(V, -1), ShapeError)
    yield Mistake("tile", "negative", _case(V, (-1,)), ShapeError)
    yield Mistake("diff", "negative", _case(V, n=-1), ArgumentError)
    yield Mistake("broadcast_to", "negative", _case(SCALAR, (-1,)), AccelError)
    for op in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        yield Mistake(f"fft.{op}", "no points", _case(spectrum(f"fft.{op}")[0], n=0), ArgumentError)
        yield Mistake(f"fft.{op}", "negative points", _case(spectrum(f"fft.{op}")[0], n=-1), ArgumentError)
        yield Mistake(f"fft.{op}", "empty", _case(spectrum(f"fft.{op}")[0][:0]), ArgumentError)
    for op in ("fftn", "ifftn", "rfftn", "irfftn"):
        yield Mistake(
            f"fft.{op}", "no points", _case(spectrum(f"fft.{op}"), s=(0, 2), axes=(0, 1)), ArgumentError
        )
    for op in ("fftfreq", "rfftfreq"):
        yield Mistake(f"fft.{op}", "no points", _case(0), ArgumentError)
        yield Mistake(f"fft.{op}", "negative points", _case(-1), ArgumentError)


def _words() -> Iterator[Mistake]:
    yield Mistake("meshgrid", "indexing", _case(V, V, indexing="zz"), ArgumentError)
    yield Mistake("searchsorted", "side", _case(V, V, side="middle"), ArgumentError)
    yield Mistake("isdtype", "kind", _case(accel.float32, "nonsense"), ArgumentError)
    yield Mistake("linalg.matrix_norm", "ord", _case(X, ord="nonsense"), ArgumentError)
    yield Mistake("linalg.matrix_norm", "ord number", _case(X, ord=7), ArgumentError)
    yield Mistake("linalg.qr", "mode", _case(X, mode="nonsense"), ArgumentError)
    yield Mistake("linalg.matrix_power", "half", _case(X, 0.5), ArgumentError)
    for op in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn", "rfftn", "irfftn"):
        yield Mistake(f"fft.{op}", "norm of real data", _case(X, norm="nonsense"), ArgumentError)
        yield Mistake(f"fft.{op}", "norm", _case(spectrum(f"fft.{op}"), norm="nonsense"), ArgumentError)


def _empty() -> Iterator[Mistake]:
    for op in ("argmax", "argmin", "max", "min"):
        yield Mistake(op, "empty", _case(NONE_LEFT), ValueError)
        yield Mistake(op, "empty axis", _case(NONE_LEFT, axis=0), ValueError)


def _numbers() -> Iterator[Mistake]:
    small = matrix(np.uint8)
    for op in (
        "add", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "floor_divide", "maximum",
        "minimum", "multiply", "pow", "remainder", "subtract",
    ):  # fmt: skip
        yield Mistake(op, "integer too large", _case(small, 300), OverflowError)
        yield Mistake(op, "integer too small", _case(-1, small), OverflowError)
        yield Mistake(op, "integer beyond all", _case(matrix(np.int64), 2**70), OverflowError)
    yield Mistake("where", "integer too large", _case(BOOLS, small, 300), OverflowError)
    yield Mistake("full", "integer too large", _case((2,), 300, dtype=accel.uint8), OverflowError)
    yield Mistake("full", "integer beyond int64", _case((2,), 2**63), OverflowError)
    yield Mistake("full_like", "integer too large", _case(small, 300), OverflowError)
    yield Mistake("asarray", "integer too large", _case(300, dtype=accel.uint8), OverflowError)
    yield Mistake("asarray", "integer beyond int64", _case([2**63]), OverflowError)
    yield Mistake("arange", "integer too large", _case(0, 300, dtype=accel.int8), OverflowError)
    yield Mistake("arange", "no step", _case(0, 5, 0), ArgumentError)
    yield Mistake("arange", "boolean", _case(True, 5), ArgumentError)
    yield Mistake("asarray", "no copy of a list", _case([1.0], copy=False), ValueError)
    yield Mistake("result_type", "nothing", _case(), ArgumentError)
    yield Mistake("add", "scalars", _case(1, 2), UnknownArrayError)


def _devices() -> Iterator[Mistake]:
    for op, args in (
        ("zeros", (2,)),
        ("arange", (3,)),
        ("asarray", ([1.0],)),
        ("eye", (2,)),
        ("full", ((2,), 1.0)),
    ):
        yield Mistake(op, "device", _case(*args, device="nonsense"), DeviceNotFoundError)
    yield Mistake("zeros_like", "device", _case(X, device="nonsense"), DeviceNotFoundError)
    yield Mistake("astype", "device", _case(X, accel.float32, device="nonsense"), DeviceNotFoundError)
