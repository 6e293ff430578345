"""The door: what a backend is, for those who write one.

A backend is an Array API namespace, nothing more: a module with the standard's names (2025.12), its ``linalg`` and
``fft`` sub-modules and ``__array_namespace_info__``. It is announced by one entry point of the group
``accel.backends``, whose *name* is the root package of the array class it owns::

    [project.entry-points."accel.backends"]
    jax = "accel_jax"                       # owns every class defined in a package jax.*

A second entry point of the same name, in the group ``accel.kinds``, may list the kinds of device that the backend can have, the
preferred first (``jax = "tpu.gpu.cpu"``): then accel need not load it to look for a kind it has not.

Each public name of a backend module is one of three things: ``name = native``, a ``def`` under one comment with the reason
why the native function will not do, or ``name = unsupported("why")``.

A backend may also carry an attribute ``__accel__``: a module or object with any of the hooks of `Door`. Without it, or where
a hook is missing, accel falls back to what the standard itself offers, so a conforming library needs no code at all.

Whether a backend keeps accel's promises is found by `accel.testing.conformance`, and on a machine's devices by ``python -m accel verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NoReturn, Protocol

from accel.errors import AccelError, UnsupportedError

__all__ = ["Door", "Transforms", "unsupported"]


class Door(Protocol):
    """Hooks that a backend may offer beside the standard's names; every one of them is optional.

    ``native`` below is a device object of the library itself, as found in ``x.device``.
    """

    def devices(self) -> tuple[Any, ...]:
        """List every native device the library can see; default: ``__array_namespace_info__().devices()``."""
        ...

    def describe(self, native: Any, /) -> tuple[str, int, str]:
        """Give kind (``"cpu"``, ``"gpu"``, ``"tpu"``), index and a human name; default: ``("cpu", position, str(native))``."""
        ...

    def emulated(self, native: Any, /) -> bool:
        """Tell whether the device only imitates its kind; such a device is never chosen automatically."""
        ...

    def device_of(self, x: Any, /) -> Any:
        """Give the native device of an array, also of one being traced; default: ``x.device``.

        None where it will be known only when a compiled function runs: then ``device=None`` puts new arrays beside this one. For an
        array that is spread over several devices, what the library takes for ``device`` to spread another in the same way.
        `describe` gets these, too; their index is not used.
        """
        ...

    def to_host(self, x: Any, /) -> Any:
        """Give the values as a ``numpy.ndarray``, sharing memory where the library allows; default: DLPack."""
        ...

    def from_host(self, array: Any, /, *, device: Any, copy: bool | None) -> Any:
        """Make an array on a native device from a ``numpy.ndarray`` of the same dtype; ``copy`` as in ``asarray``.

        With ``copy=None`` the result never changes when the caller later writes to ``array``, unless the library's
        own arrays are views of NumPy memory. Raises ``TransferError`` if ``copy=False`` cannot be kept.
        """
        ...

    def put(self, x: Any, /, *, device: Any, copy: bool | None) -> Any:
        """Move an array of this backend to another of its devices; default: ``x.to_device(device)``."""
        ...

    def translate(self, error: BaseException, /) -> AccelError | None:
        """Turn a native error into accel's (out of memory, mixed devices ...); None if it is none of those.

        Giving the same error back means that it must reach the caller as it is (a tracing error of a compiler, say).
        """
        ...

    def x64(self) -> AbstractContextManager[None]:
        """Enter the scope in which 64-bit data keep their width; default: nothing to do."""
        ...

    def matmul_precision(self, mode: str, /) -> AbstractContextManager[None]:
        """Enter the scope of a mode of `accel.matmul_precision`, for what is compiled inside; default: nothing to do.

        The products themselves ask ``accel.policy.matmul_mode()`` at each call.
        """
        ...

    def jit(
        self,
        fn: Callable[..., Any],
        /,
        *,
        checked: bool,
        donated: tuple[frozenset[int], frozenset[str]] = ...,
        host: Any = ...,
    ) -> Callable[..., Any]:
        """Compile a function for `accel.jit`; default: see `adopt`.

        The arrays of this backend among the arguments, in any nesting, are the inputs. Every other leaf is a constant: the function
        is compiled anew for each, told apart by ``accel.transform.Static(leaf)``. Leaves that are `Static` already stand for
        their ``value``, which the function gets. 64-bit data keep their width. With ``checked``, what `check` was told while the
        function was traced is raised by the compiled one when it has run, as ``accel.finding.failure(message, facts)``. ``donated``
        are places and names of parameters whose arrays the caller gives up. ``host`` is given to a compiler with `transforms` alone: a
        native device that sees the memory of ``numpy.ndarray``s, which are then inputs, too, and read until the results are complete.
        """
        ...

    transforms: Transforms
    """The transforms of a compiler; default: there are none, and the arrays may be lent to a backend that has some."""

    def adopt(self, x: Any, /, *, device: Any, copy: bool) -> Any:
        """Take over what a compiler has made of arrays that this backend lent; default: it lends none, and `accel.jit` runs functions as they are.

        ``x`` is a read-only ``numpy.ndarray`` where the compiler sees the host's memory, and the compiler's array, which can be
        read by DLPack, elsewhere. The result is writable, on ``device``, and without ``copy`` in the memory of ``x`` where that can be:
        nobody else has it then.
        """
        ...

    def borrow(self, arrays: list[Any], /, *, device: Any, copy: bool) -> list[Any]:
        """Give a compiler's arrays of what another backend lends: ``numpy.ndarray``, or arrays on the same GPU that export DLPack.

        Without ``copy`` they may see the lender's memory; they are used until the call that borrowed them ends.
        """
        ...

    def untraceable(self, error: BaseException, /) -> str | None:
        """Say why a compiler could not trace a line, by the names in ``accel.transform.tracing.REASONS``, or None."""
        ...

    def traceable(self, x: Any, /) -> Any:
        """Give a read-only array that refuses what no compiler could trace (``accel.transform.tracing.refused_here``); default: ``x``.

        Checked mode runs functions of `accel.jit` on such arrays where there is no compiler.
        """
        ...

    def withheld(self, x: Any, /) -> bool:
        """Tell whether `traceable` gave an array, or it was made of such."""
        ...

    def untraced(self, x: Any, /) -> Any:
        """Give the array behind one that `traceable` gave, or was made of such."""
        ...

    def kept(self, x: Any, /) -> Any:
        """Give an array as it is, but hide from the compiler how it was made; default: there is no compiler that would look.

        A compiler that sees ``a * b + c`` may round once instead of twice, and one that sees ``(1 + x) - 1`` may give ``x``.
        """
        ...

    def frexp(self, x: Any, /) -> tuple[Any, Any]:
        """Split positive normal numbers into m and e, both of their dtype, with ``x == m * 2**e`` and ``0.5 <= m < 1``.

        Exact in every bit. Default: comparisons and products with powers of two, which take longer.
        """
        ...

    def ldexp(self, x: Any, e: Any, /) -> Any:
        """Give ``x * 2**e`` for whole numbers ``e`` of the dtype of ``x``, where x and the result are normal numbers; default: as `frexp`."""
        ...

    def everywhere(self) -> Iterable[Any]:
        """List the native devices of all processes that `accel.distributed` has joined; default: those of `devices`."""
        ...

    def mesh(
        self, shape: tuple[int, ...], names: tuple[str, ...], devices: tuple[Any, ...], /, *, ordered: bool
    ) -> tuple[Any, tuple[int, ...]]:
        """Make the library's own mesh of native devices; default: there are only meshes of one device.

        With it goes the place in ``devices`` of each device of the mesh, row by row: unless they are ``ordered`` by the caller, the
        library may lay them out as their connections suggest. A backend with this hook has `spread`, `gather` and `use_mesh`, too.
        """
        ...

    def spread(self, mesh: Any, spec: tuple[Any, ...], /) -> Any:
        """Give what the library takes for ``device`` to divide an array as a checked spec of `accel.shard` says.

        `put` and `from_host` take it, and `describe` and `device_of` know it; `put` of a traced array makes a constraint of it.
        """
        ...

    def gather(self, x: Any, mesh: Any, /) -> Any:
        """Bring a divided array together on a device of this process; a traced one, with a mesh, on each device of that."""
        ...

    def shard_map(
        self, fn: Callable[..., Any], mesh: Any, in_specs: list[Any], out_specs: Any, /
    ) -> Callable[..., Any]:
        """Map a function over a mesh; a tuple is a spec, a list or dict has one for each item. With it goes `collective`."""
        ...

    def collective(self, name: str, x: Any, axis: Any, /, **options: Any) -> Any:
        """Do what the function of that name in `accel.collective` says, inside a mapped function."""
        ...

    def use_mesh(self, mesh: Any, /) -> AbstractContextManager[Any]:
        """Enter the scope in which the library compiles anew what it compiled under another mesh."""
        ...

    def initialize(
        self,
        *,
        coordinator_address: str | None,
        num_processes: int | None,
        process_id: int | None,
        local_device_ids: Any,
        timeout: int,
        heartbeat: int,
    ) -> None:
        """Join this process with others, for `accel.distributed.initialize`, or raise one of accel's errors; default: it cannot.

        A backend with this hook has `shutdown`, `process` and `from_parts`, too.
        """
        ...

    def shutdown(self) -> None:
        """Part from the other processes."""
        ...

    def process(self) -> tuple[int, int]:
        """Give the number of this process and how many there are."""
        ...

    def from_parts(self, part: Any, /, *, device: Any) -> Any:
        """Make one array of the parts that the processes have; ``device`` comes from `spread`."""
        ...

    def current(self, native: Any, /) -> AbstractContextManager[Any]:
        """Enter the scope in which the library's own functions create arrays on a device; default: nothing to do."""
        ...

    def traced(self, x: Any, /) -> bool:
        """Tell whether an array only stands for values to come, in a function that is being compiled; default: no."""
        ...

    def check(self, failed: Any, message: str, facts: Callable[[], Mapping[str, Any]], /) -> bool:
        """Take up a check of `accel.checked` in a function that is being compiled; default: False, and the op says that it cannot check.

        ``failed`` is a traced bool, and ``facts()`` gives further traced numbers. False where no ``jit(fn, checked=True)`` would raise
        the error.
        """
        ...

    def checking(self) -> AbstractContextManager[None]:
        """Enter the scope in which the library compiles anew what it compiled outside of `accel.checked`; default: nothing to do."""
        ...

    def transfers(self, mode: str, /, *, explicit: bool) -> AbstractContextManager[None]:
        """Set the library's own guard for `accel.transfers`; default: nothing to do.

        ``mode`` is ``"forbid"``, with ``explicit`` also for moves that the program asks for by the library's own functions, or
        ``"allow"``, which lifts the guard for what has been looked at. `translate` makes TransferError of the guard's error.
        """
        ...

    def versions(self) -> Mapping[str, str]:
        """Give the versions that matter for a bug report: the library, its runtime, its driver."""
        ...

    def library(self) -> Any:
        """Give the module with the library's own functions, which the ledger compares with accel's; default: the backend's namespace."""
        ...

    def explain_failure(self, error: BaseException, /) -> tuple[str, str] | None:
        """Give (reason, command or step that would fix it) for an error met while listing or trying the devices.

        A library that cannot even be imported takes the hooks with it; the doctor then goes by the metadata of the distributions.
        """
        ...

    def notes(self) -> Iterable[tuple[str, str | None]]:
        """Give what the doctor should tell about the library on this machine: (sentence, step that would help or None)."""
        ...


class Transforms(Protocol):
    """What a compiler offers, each in the scope that keeps 64-bit data; the meanings are those of `accel.transform`.

    Containers are tuples, lists, dicts, dataclasses that hold arrays, and what else the library knows as such.
    """

    def flatten(self, values: Any, /) -> tuple[list[Any], Callable[[list[Any]], Any], Any]:
        """Give the leaves of a container, a function that puts such leaves together again, and the structure."""
        ...

    def arrays(self, values: Any, /) -> list[Any]:
        """List the leaves that are the compiler's arrays."""
        ...

    def wait(self, values: Any, /) -> None:
        """Return when all arrays in a container are computed."""
        ...

    def recording(self) -> bool:
        """Tell whether the caller is in somebody's trace, which records even what is made of constants alone."""
        ...

    def now(self) -> AbstractContextManager[None]:
        """Give a block in which what is known is computed at once, though it be in somebody's trace."""
        ...

    def address(self, x: Any, /) -> int:
        """Give the place of an array in memory: arrays that share it are one as far as writing goes."""
        ...

    def value_and_grad(
        self, fn: Callable[..., Any], argnums: int | tuple[int, ...], /, *, has_aux: bool
    ) -> Callable[..., Any]:
        """See `accel.value_and_grad`."""
        ...

    def vjp(self, fn: Callable[..., Any], /, *primals: Any, has_aux: bool) -> Any:
        """See `accel.vjp`."""
        ...

    def jvp(self, fn: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...], /) -> Any:
        """See `accel.jvp`."""
        ...

    def vmap(self, fn: Callable[..., Any], in_axes: Any, out_axes: Any, /) -> Callable[..., Any]:
        """See `accel.vmap`."""
        ...

    def checkpoint(self, fn: Callable[..., Any], /) -> Callable[..., Any]:
        """See `accel.checkpoint`."""
        ...

    def stop_gradient(self, x: Any, /) -> Any:
        """See `accel.stop_gradient`."""
        ...

    def custom_vjp(
        self,
        fn: Callable[..., Any],
        fwd: Callable[..., Any],
        bwd: Callable[..., Any],
        /,
        *,
        nondiff_argnums: tuple[int, ...],
    ) -> Callable[..., Any]:
        """See `accel.custom_vjp`."""
        ...

    def switch(self, index: Any, branches: Sequence[Callable[..., Any]], operands: tuple[Any, ...], /) -> Any:
        """See `accel.switch`; ``index`` is an array of integers or bools."""
        ...

    def scan(self, f: Callable[[Any, Any], Any], init: Any, xs: Any, length: int, reverse: bool, /) -> Any:
        """See `accel.scan`."""
        ...

    def while_loop(self, cond: Callable[[Any], Any], body: Callable[[Any], Any], init: Any, /) -> Any:
        """See `accel.while_loop`."""
        ...


def unsupported(reason: str) -> Callable[..., NoReturn]:
    """Mark an op as knowingly absent from a backend.

    Parameters
    ----------
    reason : str
        Why, as a clause that can follow "because".

    Returns
    -------
    callable
        Raises ``UnsupportedError`` with that reason whenever it is called.
    """

    def absent(*_args: object, **_kwargs: object) -> NoReturn:
        raise UnsupportedError(f"This backend lacks the op because {reason}")

    absent.__unsupported__ = reason  # type: ignore[attr-defined]
    return absent
