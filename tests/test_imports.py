"""What is imported when, and by whom: nothing that was not asked for, and no backend is named in core."""

from __future__ import annotations

import ast
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import ROOT, run

CORE = sorted((ROOT / "accel").rglob("*.py"))
BACKENDS = sorted((ROOT / "backends").rglob("*.py"))
KIT = {"testing": {"hypothesis", "mpmath", "numpy", "pytest"}, "verify": {"numpy"}}
"""Parts of accel that are no core: the folder -> what it may import beside; the extra ``testing`` installs it."""

OPTIONAL = {"accel/extra/plan.py": {"opt_einsum"}, "accel/transform/tree.py": {"optree"}}
"""Modules of the core that make use of a package where it is installed, and do without it where it is not."""

LIBRARIES = {"array_api_strict", "cupy", "jax", "jaxlib", "ml_dtypes", "numpy", "scipy"}
NAMES = ("numpy", "jax", "cupy")
EXCEPTIONS = {("transfer.py", 'HOST = "numpy"')}
"""The one place where core knows a backend by name: arrays of accel's one hard dependency are the format of staged moves."""

PUBLIC = {"to_numpy"}
"""A name that users call, and what it does is in it."""


def modules_after(statement: str, tmp_path: Path) -> set[str]:
    """Give the modules that a statement brings into a process that sees every library."""
    code = f"import sys, json; before = set(sys.modules); {statement}; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = run("-c", code, cwd=tmp_path, env={"ACCEL_DEVICE": "numpy"})
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def roots(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_import_loads_the_standard_library_only(tmp_path: Path) -> None:
    loaded = modules_after("import accel", tmp_path)
    assert roots(loaded) - {"accel"} <= sys.stdlib_module_names, sorted(roots(loaded))
    assert "typing" not in loaded, "it would double the time `import accel` takes"


@pytest.mark.parametrize(
    "statement",
    [
        "import accel; accel.add; accel.linalg.svd; accel.fft.fft",
        "import accel; dir(accel); accel.__all__",
        "import accel; accel.float32; accel.errors.AccelError; accel.typing.Array; accel.use_device",
        "import accel.__main__",
        "import accel.doctor",
        "import accel.backend; accel.backend.unsupported('it is a test')",
        "import accel.registry as registry; registry.names(); registry.kinds('jax'); registry.install_hint('jax')",
        "import accel.registry as registry; registry.owner(int)",
    ],
)
def test_the_layer_alone_loads_no_array_library(statement: str, tmp_path: Path) -> None:
    loaded = roots(modules_after(statement, tmp_path))
    assert not loaded & LIBRARIES
    assert not {name for name in loaded if name.startswith("accel_")}


@pytest.mark.parametrize(
    "call",
    [
        "accel.add(np.ones(2), 1)",
        "accel.namespace(np.ones(2))",
        "accel.device(np.ones(2))",
        "accel.to_numpy(np.ones(2))",
        "accel.zeros(2, device='numpy')",
        "accel.zeros(2)",
        "accel.asarray(np.ones(2), device='cpu')",
        "accel.asarray([1.0])",
        "accel.explain()",
        "accel.isdtype(accel.float32, 'numeric')",
        "accel.x64().__enter__()",
    ],
)
def test_numpy_arrays_load_the_numpy_backend_alone(call: str, tmp_path: Path) -> None:
    loaded = roots(modules_after(f"import accel, numpy as np; {call}", tmp_path))
    assert not loaded & (LIBRARIES - {"numpy"}), sorted(loaded & LIBRARIES)
    assert {name for name in loaded if name.startswith("accel_")} <= {"accel_numpy"}


# Rules for the sources, and proof that each can be broken


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """List the modules that a source imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


def texts(tree: ast.AST) -> set[int]:
    """Give the ids of the strings that are text for people: docstrings, also those of attributes, and sentences."""
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {id(node) for node in strings if id(node) in alone or " " in str(node.value)}


def names_of_backends(source: str, file: str) -> list[str]:
    """Find the places where code, not text, names a backend."""
    tree = ast.parse(source)
    skipped = texts(tree)
    for statement in ast.walk(tree):
        if (
            isinstance(statement, ast.Assign)
            and (file, ast.unparse(statement).replace("'", '"')) in EXCEPTIONS
        ):
            skipped.add(id(statement.value))
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        words = [
            word
            for _, value in ast.iter_fields(node)
            for word in (value if isinstance(value, list) else [value])
            if isinstance(word, str) and word not in PUBLIC
        ]
        found += [
            f"{file}:{getattr(node, 'lineno', 0)}: {word}"
            for word in words
            if any(name in word.lower() for name in NAMES)
        ]
    return found


def foreign_imports(source: str, file: str, allowed: set[str]) -> list[str]:
    """Find imports of anything but the standard library and accel itself."""
    found = []
    for line, module in imported(ast.parse(source)):
        root = module.partition(".")[0]
        if root not in {*sys.stdlib_module_names, "accel", *allowed}:
            found.append(f"{file}:{line}: {module}")
    return found


def imports_of_the_folder(source: str, file: str) -> list[str]:
    """Find imports through the folder `backends`, which would load a second copy of a module."""
    return [
        f"{file}:{line}: {module}"
        for line, module in imported(ast.parse(source))
        if module.partition(".")[0] == "backends"
    ]


def is_kit(path: Path) -> str | None:
    """Name the part of accel beside the core that a file belongs to."""
    parts = path.relative_to(ROOT / "accel").parts
    return parts[0] if len(parts) > 1 and parts[0] in KIT else None


@pytest.mark.parametrize(
    "path", [p for p in CORE if is_kit(p) is None], ids=lambda p: str(p.relative_to(ROOT))
)
def test_core_names_no_backend(path: Path) -> None:
    assert names_of_backends(path.read_text(), path.name) == []


@pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(ROOT)))
def test_core_imports_the_standard_library_and_itself(path: Path) -> None:
    kit = is_kit(path)
    allowed = KIT[kit] if kit else OPTIONAL.get(path.relative_to(ROOT).as_posix(), set())
    assert foreign_imports(path.read_text(), path.name, allowed) == []


@pytest.mark.parametrize("path", [*CORE, *BACKENDS], ids=lambda p: str(p.relative_to(ROOT)))
def test_nobody_imports_through_the_folder(path: Path) -> None:
    assert imports_of_the_folder(path.read_text(), path.name) == []


def test_there_is_something_to_check() -> None:
    assert {"dispatch.py", "registry.py", "transfer.py", "elementwise.py", "__main__.py"} <= {
        p.name for p in CORE
    }
    assert {p.parent.name for p in BACKENDS} >= {"accel_cupy", "accel_jax", "accel_numpy"}


@pytest.mark.parametrize(
    "line",
    [
        "import numpy",
        "import numpy as np",
        "from jax import numpy as jnp",
        "from accel_cupy import door",
        "x = cupy.ndarray",
        "numpy_arrays = []",
        "def is_jax(x): ...",
        "class CuPyArray: ...",
        "call(backend='cupy')",
        "call(jax=1)",
        "if backend.name == 'jax': pass",
        "key = f'{x}:numpy'",
        "x = to_numpy_array()",
        "table = {'numpy': 1}",
        "HOST = 'jax'",
        "def f():\n    global numpy",
        "match name:\n    case 'jax': pass",
        "import_module('accel_jax')",
    ],
)
def test_the_check_of_names_can_fail(line: str) -> None:
    assert names_of_backends(f'"""As numpy does."""\n{line}\n', "planted.py")


@pytest.mark.parametrize(
    "text",
    [
        '"""Like numpy and jax."""',
        "# unlike cupy\nx = 1",
        'def f():\n    """Of JAX."""',
        'HOST = 1\n"""numpy, that is."""',
        "class C:\n    '''CuPy'''",
        "raise ValueError('write a device such as jax:cpu:0')",
        "from accel.transfer import to_numpy\nto_numpy(x)",
    ],
)
def test_the_check_of_names_lets_text_pass(text: str) -> None:
    assert names_of_backends(text, "planted.py") == []


def test_the_check_of_names_knows_its_one_exception() -> None:
    assert names_of_backends('HOST = "numpy"', "transfer.py") == []
    assert names_of_backends('HOST = "numpy"', "placement.py")
    assert names_of_backends('HOST = "numpy"\nGUEST = "numpy"', "transfer.py")


@pytest.mark.parametrize(
    "line",
    [
        "import numpy",
        "import numpy.linalg",
        "from jax import jit",
        "def f():\n    import cupy",
        "try:\n    import hypothesis\nexcept ImportError:\n    pass",
        "from . import registry",
        "import accel_numpy",
        "import importlib\nimportlib.import_module('numpy')",
    ],
)
def test_the_check_of_imports_can_fail(line: str) -> None:
    assert foreign_imports(line, "planted.py", set())


def test_the_check_of_imports_lets_pass_what_it_should() -> None:
    assert foreign_imports("import os, accel.registry\nfrom accel import errors", "planted.py", set()) == []
    assert foreign_imports("import hypothesis", "planted.py", {"hypothesis"}) == []


@pytest.mark.parametrize(
    "line",
    ["import backends.accel_jax", "from backends import accel_jax", "from backends.accel_jax import door"],
)
def test_the_check_of_the_folder_can_fail(line: str) -> None:
    assert imports_of_the_folder(line, "planted.py")
    assert imports_of_the_folder(textwrap.indent(line, "    ").join(["def f():\n", "\n"]), "planted.py")


def test_the_checks_of_loading_can_fail(tmp_path: Path) -> None:
    loaded = modules_after("import accel; accel.zeros(1, device='numpy')", tmp_path)
    assert {"numpy", "accel_numpy"} <= roots(loaded)
