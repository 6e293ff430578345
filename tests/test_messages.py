"""Errors: one class and one sentence for one mistake, whichever backend met it: what was got, what is known, what to write."""

from __future__ import annotations

import builtins
import inspect
import pickle
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
import accel.errors as errors
import accel.linalg
from accel.errors import (
    AccelError,
    ArgumentError,
    AxisError,
    BackendUnavailableError,
    DeviceMemoryError,
    DTypeError,
    MixedBackendsError,
    ShapeError,
    UnknownArrayError,
)
from accel.testing.rows import Row
from tests.fresh import announce, run

Runnable = Callable[[Row], None]

loose: Any = accel
"""accel for calls that no type checker would let pass."""


def said(call: Callable[[], Any], error: type[AccelError]) -> str:
    """Give the sentence of the error that a call raises; the class must be the very one."""
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    return str(caught.value)


# The tree


TREE = {
    name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and issubclass(cls, AccelError)
}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    written = dict(re.findall(r"[├└]── (\w+)\(([\w, ]+)\)", errors.__doc__ or ""))
    assert set(written) == set(TREE) - {"AccelError"}
    for name, bases in written.items():
        assert TREE[name].__bases__ == (AccelError, *(getattr(builtins, base) for base in bases.split(", ")))


@pytest.mark.parametrize("name", TREE)
def test_errors_survive_a_process_boundary(name: str) -> None:
    error = pickle.loads(pickle.dumps(TREE[name]("what, known, write")))
    assert type(error) is TREE[name]
    assert str(error) == "what, known, write"
    assert (TREE[name].__doc__ or "").endswith(".")


# What is no array

NO_ARRAY: dict[str, tuple[Callable[[Any], Any], str]] = {
    "list": (
        lambda x: loose.add([1.0], [2.0]),
        "accel.add got list in x1, not an array; write accel.asarray(x1).",
    ),
    "second list": (
        lambda x: loose.add(x, [2.0]),
        "accel.add got list in x2, not an array; write accel.asarray(x2).",
    ),
    "tuple": (
        lambda x: loose.sum((1.0, 2.0)),
        "accel.sum got tuple in x, not an array; write accel.asarray(x).",
    ),
    "scalar": (lambda x: loose.sin(1.0), "accel.sin got float in x, not an array; write accel.asarray(x)."),
    "text": (lambda x: loose.add(x, "a"), "accel.add got str in x2, not an array; write accel.asarray(x2)."),
    "none": (
        lambda x: loose.add(x, None),
        "accel.add got NoneType in x2, not an array; write accel.asarray(x2).",
    ),
    "two scalars": (
        lambda x: loose.add(1, 2.0),
        "accel.add needs an array to know where to compute, got int in x1 and float in x2; write accel.asarray(x1).",
    ),
    "lists in a list": (
        lambda x: loose.concat([[1.0], [2.0]]),
        "accel.concat got list in arrays, not an array; write [accel.asarray(a) for a in arrays].",
    ),
    "scalar in a list": (
        lambda x: loose.stack([x, 1.0]),
        "accel.stack got float in arrays, not an array; write [accel.asarray(a) for a in arrays].",
    ),
    "variadic": (
        lambda x: loose.broadcast_arrays(x, [1.0]),
        "accel.broadcast_arrays got list in arrays, not an array; write [accel.asarray(a) for a in arrays].",
    ),
    "empty list": (
        lambda x: loose.concat([]),
        "accel.concat takes one or more arrays in arrays, as a list or tuple; got none.",
    ),
    "generator": (
        lambda x: loose.concat(a for a in (x, x)),
        "accel.concat takes one or more arrays in arrays, as a list or tuple; got generator.",
    ),
    "nothing": (
        lambda x: loose.broadcast_arrays(),
        "accel.broadcast_arrays takes one or more arrays in arrays; got none.",
    ),
}


@pytest.mark.parametrize("case", NO_ARRAY)
def test_what_is_no_array_is_refused_with_the_line_to_write(case: str, plain_row: Row) -> None:
    call, sentence = NO_ARRAY[case]
    x = accel.ones(2, device=plain_row.device)
    assert said(lambda: call(x), UnknownArrayError) == sentence


class Foreign:
    """What looks like an array and belongs to nobody."""

    dtype = shape = None


def test_an_array_that_nobody_owns() -> None:
    known = ", ".join(accel.backends())
    for x in (Foreign(), type("Plain", (), {"__module__": "torch.fake"})()):
        module, name = type(x).__module__, type(x).__qualname__
        assert said(partial(loose.sin, x), UnknownArrayError) == (
            f"accel.sin got {module}.{name} in x, which no backend owns (known: {known}); write accel.asarray(x), or install a "
            f"backend that announces the package {module.partition('.')[0]!r}."
        )
    assert said(lambda: loose.add(np.ones(1), Foreign()), UnknownArrayError).startswith(
        f"accel.add got {__name__}.Foreign in x2, which no backend owns"
    )


# Arrays that do not meet


def test_arrays_of_two_backends(runnable: Runnable) -> None:
    runnable(Row("jax", "jax"))
    x: Any = np.ones(2)
    y: Any = accel.ones(2, device="jax")
    cls = type(y).__name__
    never = "and accel never moves data by itself; write"
    assert said(lambda: accel.add(x, y), MixedBackendsError) == (
        f"accel.add got arrays of two backends: x1 holds numpy (ndarray), x2 holds jax ({cls}), {never} accel.to_device(x2, like=x1)."
    )
    assert said(lambda: accel.add(y, x), MixedBackendsError) == (
        f"accel.add got arrays of two backends: x1 holds jax ({cls}), x2 holds numpy (ndarray), {never} accel.to_device(x2, like=x1)."
    )
    assert said(lambda: accel.where(accel.greater(y, 0), y, x), MixedBackendsError) == (
        f"accel.where got arrays of two backends: condition holds jax ({cls}), x2 holds numpy (ndarray), {never} "
        f"accel.to_device(x2, like=condition)."
    )
    assert said(lambda: accel.clip(x, 0, y), MixedBackendsError).endswith(
        "write accel.to_device(max, like=x)."
    )
    for call in (lambda: accel.concat([x, y]), lambda: accel.stack((x, x, y)), lambda: accel.meshgrid(x, y)):
        sentence = said(call, MixedBackendsError)
        assert re.search(r"arrays holds \w+ \(\w+\), arrays holds \w+ \(\w+\), and accel never", sentence)
        assert sentence.endswith("write [accel.to_device(a, like=arrays[0]) for a in arrays].")
    assert said(lambda: accel.result_type(x, y), MixedBackendsError).endswith(
        "[accel.to_device(a, like=arrays_and_dtypes[0]) for a in arrays_and_dtypes]."
    )
    assert said(lambda: accel.add(y, np.float64(2)), MixedBackendsError) == (
        f"accel.add got arrays of two backends: x1 holds jax ({cls}), x2 holds numpy (float64), {never} x2.item(), as Python numbers "
        f"follow the array, or accel.to_device(x2, like=x1)."
    )
    z = accel.add(y, accel.to_device(x, like=y))
    assert accel.to_numpy(z).tolist() == [2.0, 2.0]


# Arguments that do not fit, the same on every backend

MISFITS: dict[str, tuple[Callable[[Any], Any], type[AccelError], str]] = {
    "shapes": (
        lambda x: accel.add(x, accel.ones(2, device=accel.device(x))),
        ShapeError,
        "accel.add: x1 has shape (2, 3), x2 has shape (2,); these do not broadcast together.",
    ),
    "shapes in where": (
        lambda x: accel.where(accel.greater(x, 0), x, accel.ones(2, device=accel.device(x))),
        ShapeError,
        "accel.where: condition has shape (2, 3), x1 has shape (2, 3), x2 has shape (2,); these do not broadcast together.",
    ),
    "axis": (
        lambda x: accel.sum(x, axis=2),
        AxisError,
        "accel.sum: axis 2 is out of range for x of 2 dimensions.",
    ),
    "negative axis": (
        lambda x: accel.argmax(x, axis=-3),
        AxisError,
        "accel.argmax: axis -3 is out of range for x of 2 dimensions.",
    ),
    "one axis of several": (
        lambda x: accel.mean(x, axis=(0, 5)),
        AxisError,
        "accel.mean: axis 5 is out of range for x of 2 dimensions.",
    ),
    "fractional axis": (
        lambda x: loose.sum(x, axis=1.5),
        ArgumentError,
        "accel.sum: an axis is an int, got 1.5.",
    ),
    "floats as bits": (
        lambda x: accel.bitwise_and(x, x),
        DTypeError,
        "accel.bitwise_and takes arrays of integer or boolean dtype; x1 is float64; cast it with accel.astype(x1, ...).",
    ),
    "floor of complex numbers": (
        lambda x: accel.floor(accel.astype(x, accel.complex128)),
        DTypeError,
        "accel.floor takes arrays of real-valued dtype; x is complex128; cast it with accel.astype(x, ...).",
    ),
    "lengths summed over": (
        lambda x: accel.matmul(x, x),
        ShapeError,
        "accel.matmul takes x2 of shape (..., K, N) or (K,), where K is 3 by x1; got shape (2, 3).",
    ),
    "reshape": (
        lambda x: accel.reshape(x, (4, 4)),
        ShapeError,
        "accel.reshape: x has shape (2, 3) and 6 elements, and shape=(4, 4) has room for 16.",
    ),
    "concat": (
        lambda x: accel.concat([x, accel.ones((2, 2), device=accel.device(x))]),
        ShapeError,
        "accel.concat: arrays[0] has shape (2, 3), arrays[1] has shape (2, 2); these may differ along axis 0 alone.",
    ),
    "stack": (
        lambda x: accel.stack([x, accel.ones(3, device=accel.device(x))]),
        ShapeError,
        "accel.stack: arrays[0] has shape (2, 3), arrays[1] has shape (3,); these must be equal.",
    ),
    "negative size": (
        lambda x: accel.zeros((2, -1), device=accel.device(x)),
        ShapeError,
        "accel.zeros: a size cannot be negative, got shape=(2, -1).",
    ),
    "fractional size": (
        lambda x: loose.ones(1.5, device=accel.device(x)),
        ArgumentError,
        "accel.ones: a size is an int, got shape=1.5.",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_arguments_that_do_not_fit(case: str, plain_row: Row) -> None:
    call, error, sentence = MISFITS[case]
    x = accel.ones((2, 3), device=plain_row.device)
    assert said(lambda: call(x), error) == sentence


CLASSES: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "inner length of a vector": (
        lambda x: accel.matmul(x, accel.ones(2, device=accel.device(x))),
        ShapeError,
    ),
    "size of a reshape with one open": (lambda x: accel.reshape(x, (4, -1)), ValueError),
    "concat of other dimensions": (
        lambda x: accel.concat([x, accel.ones(2, device=accel.device(x))]),
        ShapeError,
    ),
    "inverse of no square": (accel.linalg.inv, ShapeError),
    "inverse of a vector": (lambda x: accel.linalg.inv(accel.ones(3, device=accel.device(x))), ShapeError),
    "squeeze of a long axis": (lambda x: accel.squeeze(x, axis=0), ValueError),
    "floats as indices": (lambda x: accel.take(x, accel.ones(2, device=accel.device(x)), axis=0), TypeError),
    "axis of a stack": (lambda x: accel.stack([x, x], axis=4), AxisError),
    "axis of expand_dims": (lambda x: accel.expand_dims(x, axis=4), AxisError),
    "number that does not fit": (
        lambda x: accel.add(accel.ones(2, dtype=accel.int8, device=accel.device(x)), 300),
        OverflowError,
    ),
    "number too large for any dtype": (lambda x: accel.asarray(2**70, device=accel.device(x)), OverflowError),
    "text": (lambda x: loose.asarray(["a"], device=accel.device(x)), TypeError),
    "none": (lambda x: loose.asarray(None, device=accel.device(x)), TypeError),
    "imaginary part": (lambda x: accel.astype(accel.astype(x, accel.complex64), accel.float32), DTypeError),
    "no dtype": (lambda x: accel.zeros(1, dtype="nonsense", device=accel.device(x)), TypeError),
    "no kind": (lambda x: accel.isdtype(x.dtype, "nonsense"), ValueError),
    "list without a copy": (lambda x: accel.asarray([1.0], copy=False, device=accel.device(x)), ValueError),
    "repeated axis": (lambda x: accel.permute_dims(x, (0, 0)), ValueError),
    "step of nothing": (lambda x: accel.arange(0, 1, 0, device=accel.device(x)), ValueError),
}


@pytest.mark.parametrize("case", CLASSES)
def test_one_mistake_has_one_class_on_every_backend(case: str, plain_row: Row) -> None:
    call, error = CLASSES[case]
    x = accel.ones((2, 3), device=plain_row.device)
    with pytest.raises(error) as caught:
        call(x)
    assert isinstance(caught.value, AccelError | OverflowError)
    assert "\n" not in str(caught.value)
    assert str(caught.value)


def test_a_full_device(plain_row: Row) -> None:
    with pytest.raises(DeviceMemoryError, match=r"full|Out of memory"):
        accel.zeros(1 << 45, device=plain_row.device)
    if plain_row.backend == "jax":
        return  # XLA reports a result that is too large only when it is read, and its CPU client then takes the process down (0.10.2)
    x, y = (accel.ones(shape, device=plain_row.device) for shape in ((1 << 22, 1), (1, 1 << 22)))
    with pytest.raises(DeviceMemoryError, match=r"full|Out of memory"):
        accel.add(x, y)


# Backends that lack something


def test_a_backend_without_an_op(tmp_path: Path) -> None:
    announce(
        tmp_path,
        "tiny-arrays",
        "accel_tiny",
        "tiny",
        """
        from accel.backend import unsupported

        def sin(x, /):
            return "sine"

        cos = unsupported("its chip has no table of cosines.")

        def tan(x, /):
            raise ValueError("too steep")

        class linalg:
            pass

        def __array_namespace_info__():
            raise NotImplementedError
        """,
    )
    (tmp_path / "tiny.py").write_text("class Array:\n    dtype = device = None\n    shape = ()\n")
    code = """
        import tiny, accel, accel.linalg
        x = tiny.Array()
        print(accel.sin(x), accel.namespace(x).__name__, accel.namespace("tiny").__name__)
        for call in (accel.cos, accel.exp, accel.linalg.svd, accel.tan, lambda x: accel.add(x, x)):
            try:
                call(x)
            except accel.errors.AccelError as error:
                print(f"{type(error).__name__}: {error}")
    """
    has_not = (
        "move the data to one that has it with accel.to_device(x, ...), or ask the backend's authors for it."
    )
    assert run(code, path=tmp_path).splitlines() == [
        "sine accel_tiny accel_tiny",
        "UnsupportedError: accel.cos: This backend lacks the op because its chip has no table of cosines.",
        f"UnsupportedError: accel.exp: The backend 'tiny' (accel_tiny) has no exp; {has_not}",
        f"UnsupportedError: accel.linalg.svd: The backend 'tiny' (accel_tiny) has no linalg.svd; {has_not}",
        "ArgumentError: accel.tan on tiny cannot take these arguments: too steep.",
        f"UnsupportedError: accel.add: The backend 'tiny' (accel_tiny) has no add; {has_not}",
    ]


def test_a_backend_that_cannot_be_loaded(tmp_path: Path) -> None:
    announce(
        tmp_path, "absent-arrays", "accel_absent", "absent", "import library_that_is_not_there", kinds="cpu"
    )
    announce(tmp_path, "quitter", "accel_quitter", "quitter", "raise SystemExit('no licence')", kinds="cpu")
    code = """
        import accel
        for name in ("absent", "quitter", "unheard"):
            for ask in (accel.namespace, accel.devices, lambda n: accel.zeros(1, device=n), accel.use_device, accel.namespace):
                try:
                    ask(name)
                except accel.errors.AccelError as error:
                    print(f"{type(error).__name__}: {error}")
    """
    lines = [line.replace("accel.zeros: ", "") for line in run(code, path=tmp_path).splitlines()]
    absent = (
        "BackendUnavailableError: The backend 'absent' (accel_absent) cannot be loaded: ModuleNotFoundError: No module named "
        "'library_that_is_not_there'. To install what it needs: pip install absent-arrays. See also: python -m accel doctor."
    )
    assert lines[:5] == [absent] * 5
    assert lines[5].startswith(
        "BackendUnavailableError: The backend 'quitter' (accel_quitter) cannot be loaded: SystemExit: no licence. "
    )
    assert lines[10].startswith(
        "DeviceNotFoundError: There is no usable device 'unheard': no backend has devices of that kind. "
    )
    assert lines[11].startswith(
        "BackendUnavailableError: There is no backend 'unheard'; the installed ones are: absent, "
    )


def test_the_hint_names_the_extra() -> None:
    import accel.registry as registry

    assert registry.install_hint("numpy") == "pip install 'accel-xp[numpy]'"
    assert registry.install_hint("jax").startswith(
        "pip install 'accel-xp[jax]' or pip install 'accel-xp[jax-cuda12]'"
    )
    with pytest.raises(BackendUnavailableError):
        registry.load("unheard")
