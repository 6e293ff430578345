"""The registry: which backend owns a class, and that nothing is loaded, or believed, before it has to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
import accel.registry as registry
from accel.errors import BackendUnavailableError
from accel.testing.rows import Row
from tests.fresh import announce, run

TINY = "class Array:\n    dtype = device = None\n    shape = ()\n"


def test_the_announced_backends() -> None:
    names = registry.names()
    assert set(names) >= {"numpy", "jax", "cupy"}
    assert list(names) == sorted(names)
    assert list(accel.backends()) == list(names)
    assert accel.backends()["numpy"] is True
    assert registry.kinds("numpy") == ("cpu",)
    assert registry.kinds("jax") == ("tpu", "gpu", "cpu")
    assert registry.kinds("unheard") is None
    assert registry.is_own("numpy")


def test_an_owner_is_found_by_the_class(plain_row: Row) -> None:
    x = accel.ones(1, device=plain_row.device)
    backend = registry.owner(type(x))
    assert backend is registry.load(plain_row.backend)
    assert backend is not None
    assert backend.name == plain_row.backend
    assert backend.namespace is accel.namespace(x)
    assert backend in registry.loaded()
    assert repr(backend) == f"<backend {plain_row.backend!r} from accel_{plain_row.backend}>"
    assert backend.hook("no_such_hook") is None


@pytest.mark.parametrize("cls", [int, float, list, str, object, type(None), type, np.dtype, dict])
def test_what_is_no_array_has_no_owner(cls: type) -> None:
    assert registry.owner(cls) is None


def test_the_nearest_base_decides() -> None:
    class Marked(np.ndarray[Any, Any]):
        pass

    for cls in (np.float64, Marked, np.ma.MaskedArray):
        assert registry.owner(cls) is registry.load("numpy")
    for dtype in (np.dtype("float32"), np.float32, np.dtypes.Float32DType):
        of: Any = dtype if isinstance(dtype, type) else type(dtype)
        assert registry.owner_of_package(of) is registry.load("numpy")


def test_an_unknown_backend() -> None:
    assert str(registry.failure("unheard")).startswith(
        "There is no backend 'unheard'; the installed ones are: "
    )
    assert registry.install_hint("unheard") == "pip install unheard"


# What is loaded, and when

LOADED = """
    import sys
    LIBRARIES = {"numpy", "jax", "cupy", "typing"} - set(sys.modules)  # measuring coverage loads typing by itself
    def loaded():
        return sorted(LIBRARIES & set(sys.modules)), sorted(m for m in sys.modules if m.startswith("accel_") and "." not in m)
"""


def test_nothing_is_loaded_before_it_is_used() -> None:
    code = (
        LOADED
        + """
    import accel
    print(*loaded())
    import accel.registry as registry
    LIBRARIES.discard("typing")
    registry.names(), registry.kinds("jax"), registry.distribution("cupy"), registry.install_hint("jax")
    dir(accel), accel.errors, accel.float32, accel.add, accel.linalg, accel.fft.fft, accel.Device, accel.to_device
    print(*loaded())
    assert registry.owner(int) is None and accel.float32 != 3 and registry.loaded() == ()
    try:
        accel.add([1.0], 2)
    except accel.errors.UnknownArrayError:
        print(*loaded())
    accel.zeros(1, device="numpy"), accel.device("cpu"), accel.devices("numpy"), accel.explain()
    accel.add(accel.ones(1), 1)
    print(*loaded())
    """
    )
    assert run(code).splitlines() == ["[] []", "[] []", "[] []", "['numpy'] ['accel_numpy']"]


def test_an_array_loads_the_backend_of_its_own_library_alone(runnable: Callable[[Row], None]) -> None:
    runnable(Row("jax", "jax"))
    code = (
        LOADED
        + """
    LIBRARIES.discard("typing")
    import jax.numpy as jnp
    x = jnp.ones(2)
    import accel
    print(accel.add(x, 1).dtype, loaded()[1])
    """
    )
    assert run(code, ACCEL_DEVICE="numpy") == "float32 ['accel_jax', 'accel_numpy']"


# Whom to believe


def test_of_several_announcements_accels_own_is_taken(tmp_path: Path) -> None:
    announce(
        tmp_path, "aaa-impostor", "accel_impostor", "numpy", "print('the impostor was loaded')", kinds="gpu"
    )
    announce(tmp_path, "bbb-second", "accel_second", "tiny", "print('second')", kinds="npu.cpu")
    announce(tmp_path, "ccc-first", "accel_first", "tiny", "name = 'first'")
    (tmp_path / "tiny.py").write_text(TINY)
    code = """
        import accel, accel.registry as registry, tiny
        print(accel.zeros(1, device="numpy"), registry.load("numpy").namespace.__name__, registry.kinds("numpy"))
        print(accel.namespace(tiny.Array()).name, registry.kinds("tiny"), registry.is_own("tiny"))
        print([p.value for p in registry.announced() if p.name in ("numpy", "tiny")])
    """
    assert run(code, path=tmp_path).splitlines() == [
        "[0.] accel_numpy ('cpu',)",
        "first ('npu', 'cpu') False",
        "['accel_numpy', 'accel_impostor', 'accel_first', 'accel_second']",
    ]


def test_nobody_can_claim_a_package_of_pythons_own(tmp_path: Path) -> None:
    announce(tmp_path, "greedy", "accel_greedy", "builtins", "raise ImportError('never')")
    announce(tmp_path, "greedier", "accel_greedier", "array", "raise ImportError('never')")
    code = """
        import accel, accel.registry as registry, numpy as np
        print([n for n in registry.names() if n in ("builtins", "array")], accel.add(np.ones(1), 1))
    """
    assert run(code, path=tmp_path) == "[] [2.]"


def test_a_backend_of_another_package_owns_its_classes_and_theirs_that_derive_from_it(tmp_path: Path) -> None:
    announce(tmp_path, "tiny-arrays", "accel_tiny", "tiny", "def sin(x, /):\n    return type(x).__name__")
    (tmp_path / "tiny.py").write_text(TINY + "import numpy\nclass Both(numpy.ndarray):\n    pass\n")
    code = """
        import accel, tiny, numpy as np
        class Derived(tiny.Array): pass
        print(accel.sin(tiny.Array()), accel.sin(Derived()), accel.sin(np.zeros(1).view(tiny.Both)), accel.sin(np.zeros(1)))
        try:
            accel.add(tiny.Array(), np.zeros(1))
        except accel.errors.MixedBackendsError as error:
            print(error)
    """
    lines = run(code, path=tmp_path).splitlines()
    assert lines[0] == "Array Derived Both [0.]"
    assert lines[1].startswith(
        "accel.add got arrays of two backends: x1 holds tiny (Array), x2 holds numpy (ndarray), and accel"
    )


def test_a_backend_that_fails_to_load_is_tried_once_and_its_first_reason_kept(tmp_path: Path) -> None:
    announce(
        tmp_path,
        "moody",
        "accel_moody",
        "moody",
        """
        import builtins
        builtins.tries = getattr(builtins, "tries", 0) + 1
        raise RuntimeError(f"try {builtins.tries}")
        """,
        kinds="cpu",
    )
    code = """
        import builtins, gc, weakref, accel, accel.registry as registry
        class Big:
            pass
        def meet():
            big = Big()
            try:
                accel.namespace("moody")
            except accel.errors.BackendUnavailableError as error:
                return weakref.ref(big), str(error), type(error.__cause__).__name__
        kept = [meet() for _ in range(3)]
        gc.collect()
        print(builtins.tries, [ref() for ref, _, _ in kept], {text for _, text, _ in kept}, [cause for _, _, cause in kept])
        print(accel.backends()["moody"], "moody" in {b.name for b in registry.loaded()}, accel.zeros(1, device="cpu"))
    """
    lines = run(code, path=tmp_path).splitlines()
    assert lines[0] == (
        "1 [None, None, None] {\"The backend 'moody' (accel_moody) cannot be loaded: RuntimeError: try 1. To install what it needs: "
        "pip install moody. See also: python -m accel doctor.\"} ['RuntimeError', 'NoneType', 'NoneType']"
    )
    assert lines[1] == "False False [0.]"


def test_a_backend_is_one_object(plain_row: Row) -> None:
    assert registry.load(plain_row.backend) is registry.load(plain_row.backend)
    with pytest.raises(BackendUnavailableError):
        registry.load("")
