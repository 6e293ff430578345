"""Derivatives: forward, backward, with rules of one's own, and with less memory."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.lending import current
from accel.transform.application import applied, compiler
from accel.transform.ownership import arrays, first, owner
from accel.transform.tracing import blame, callables, called
from accel.transform.tree import difference, form, leaves, shapes

__all__ = ["checkpoint", "custom_vjp", "grad", "jvp", "stop_gradient", "value_and_grad", "vjp"]


def grad(
    fn: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
    allow_transfer: bool = False,
) -> Callable[..., Any]:
    """Make the function that gives the gradient of a scalar function.

    Parameters
    ----------
    fn : callable
        Gives one real number as a 0-d array, and with ``has_aux`` a pair of that and anything else.
    argnums : int or sequence of int
        The arguments to differentiate with respect to: real floating arrays, or nested tuples, lists, dicts and dataclasses of them.
    has_aux : bool
        Whether ``fn`` gives something beside the number.
    allow_transfer : bool
        Whether to compute on the CPU, with copies there and back, where no compiler sees the memory of the arrays' device.

    Returns
    -------
    callable
        Takes the arguments of ``fn`` and gives the gradient: like the argument in structure, shapes, dtypes and kind of array. Several
        ``argnums`` give a tuple; ``has_aux`` a pair of the gradient and the rest.

    Raises
    ------
    DTypeError
        If an argument to differentiate with respect to, or the result, is not real floating.
    ShapeError
        If the result is not 0-d.
    BackendUnavailableError
        If the arrays belong to a library that has no gradients, and no compiler sees their memory. The message says what to install.
    TraceError
        If the function needs a value that is not known yet, or changes an array in place.

    Notes
    -----
    On JAX arrays it is ``jax.grad`` in the scope that keeps 64-bit data. NumPy and CuPy arrays are lent to JAX on the same device. Each
    call computes op by op; ``accel.jit(accel.grad(fn))`` compiles it.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.grad(lambda x: accel.sum(x * x))(numpy.asarray([1.0, 2.0]))
    array([2., 4.])
    """
    both = _value_and_grad("accel.grad", fn, argnums, has_aux, allow_transfer)

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return call


def value_and_grad(
    fn: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
    allow_transfer: bool = False,
) -> Callable[..., Any]:
    """Make the function that gives the value and the gradient of a scalar function.

    Parameters
    ----------
    fn, argnums, has_aux, allow_transfer
        As for `accel.grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fn`` and gives a pair: what ``fn`` gives, and the gradient.

    Raises
    ------
    DTypeError, ShapeError, BackendUnavailableError, TraceError
        As for `accel.grad`.

    Examples
    --------
    >>> import numpy, accel
    >>> value, gradient = accel.value_and_grad(lambda x: accel.sum(x * x))(numpy.asarray([1.0, 2.0]))
    >>> float(value), gradient
    (5.0, array([2., 4.]))
    """
    return _value_and_grad("accel.value_and_grad", fn, argnums, has_aux, allow_transfer)


def _value_and_grad(
    name: str, fn: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool, allow_transfer: bool
) -> Callable[..., Any]:
    callables(name, fn)
    chosen = argnums if isinstance(argnums, int) else tuple(argnums) if isinstance(argnums, Sequence) else ()
    positions = (chosen,) if isinstance(chosen, int) else chosen
    if not positions or not all(isinstance(i, int) for i in positions):
        raise ArgumentError(f"argnums of {name} is an int or a sequence of them, got {argnums!r}.")

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        for i in positions:
            if not -len(args) <= i < len(args):
                raise ArgumentError(
                    f"{name} differentiates with respect to argument {i}, and the call has {len(args)} without a name."
                )
            _differentiable(name, args[i], f"argument {i}", REAL)

        def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
            made: Callable[..., Any] = transforms.value_and_grad(
                _scalar(name, function, has_aux), chosen, has_aux=has_aux
            )
            return made

        return applied(name, fn, use, args, kwargs, allow_transfer=allow_transfer)

    return call


REAL = "real floating"
FLOATING = "floating"


def _differentiable(name: str, values: Any, where: str, kind: str) -> None:
    """Refuse values that have no derivative: arrays, and the numbers and strings of Python's that stand among them."""
    for x in arrays((values,)):
        _of_kind(name, name_of(x.dtype), f"an array of {name_of(x.dtype)} in {where}", kind)
    for leaf in leaves(values):
        if isinstance(leaf, bool | int | float | complex | str | bytes):
            _of_kind(name, type(leaf).__name__, f"{type(leaf).__name__} in {where}", kind)


def _of_kind(name: str, dtype: str, what: str, kind: str) -> None:
    if not dtype.startswith(("float", "bfloat") if kind == REAL else ("float", "bfloat", "complex")):
        instead = "leave it out of argnums" if kind == REAL else "let the function capture it"
        raise DTypeError(
            f"{name} got {what}, and only {kind} numbers have a derivative; cast with accel.astype, or {instead}."
        )


def _scalar(name: str, fn: Callable[..., Any], has_aux: bool) -> Callable[..., Any]:
    """Refuse a result that is no number before the library does in words of its own."""

    @wraps(fn)
    def checked(*args: Any, **kwargs: Any) -> Any:
        out = fn(*args, **kwargs)
        value = out
        if has_aux:
            if not isinstance(out, tuple) or len(out) != 2:
                raise ArgumentError(
                    f"{name} with has_aux=True takes a function that gives a pair (value, aux)."
                )
            value = out[0]
        if registry.owner(type(value)) is None:
            if isinstance(value, float):
                return out
            raise DTypeError(
                f"{name} takes a function that gives a 0-d array, and it gave {type(value).__name__}."
            )
        if value.shape != ():
            raise ShapeError(
                f"{name} takes a function that gives a 0-d array, and it gave one of shape {tuple(value.shape)}; "
                f"write accel.sum(...) around the result, or use accel.vjp."
            )
        _of_kind(name, name_of(value.dtype), f"a result of {name_of(value.dtype)}", REAL)
        return out

    return checked


def vjp(fn: Callable[..., Any], *primals: Any, has_aux: bool = False, allow_transfer: bool = False) -> Any:
    """Give the value of a function, and the function that pulls a cotangent of it back to its arguments.

    Parameters
    ----------
    fn : callable
        A function of arrays.
    *primals : containers of arrays
        The point at which to differentiate: floating numbers, real or complex.
    has_aux : bool
        Whether ``fn`` gives a pair of which only the first is differentiated.
    allow_transfer : bool
        As for `accel.grad`.

    Returns
    -------
    tuple
        The value, and ``pullback(cotangent)``, which takes something like the value and gives a tuple of one gradient for each of
        ``primals``; with ``has_aux`` what else the function gave as a third. The pullback does not change when the caller writes to
        the primals.

    Raises
    ------
    BackendUnavailableError, TraceError
        As for `accel.grad`.
    ShapeError
        If the cotangent is not like the value.
    DTypeError
        If the primals are not floating.

    Examples
    --------
    >>> import numpy, accel
    >>> value, pullback = accel.vjp(lambda x: x * x, numpy.asarray([1.0, 2.0]))
    >>> pullback(numpy.asarray([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    name = "accel.vjp"
    callables(name, fn)
    for i, primal in enumerate(primals):
        _differentiable(name, primal, f"argument {i}", FLOATING)
    backend = owner(name, primals)
    active = current()
    try:
        if active is not None and backend in (active.lender, active.compiler):
            return active.transforms.vjp(fn, *active.lend(primals, copy=True), has_aux=has_aux)
        if (transforms := backend.hook("transforms")) is not None:
            return transforms.vjp(fn, *primals, has_aux=has_aux)
        terms = compiler(name, backend, first(primals), allow_transfer=allow_transfer)
        # What the pullback keeps of the primals must not change with them.
        with terms.apart():
            out, pull, *aux = terms.transforms.vjp(
                terms.inside(fn), *terms.lend(primals, copy=True), has_aux=has_aux
            )
    except Exception as error:
        blame(name, fn, error)
        raise

    def pullback(cotangent: Any) -> Any:
        with terms.apart():
            return terms.give_back(pull(terms.lend(cotangent)))

    return (terms.give_back(out), pullback, *terms.give_back(aux))


def jvp(
    fn: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], *, allow_transfer: bool = False
) -> tuple[Any, Any]:
    """Give the value of a function and its derivative in a direction.

    Parameters
    ----------
    fn : callable
        A function of arrays.
    primals, tangents : sequence of containers of arrays
        The point and the direction; alike in structure, shapes and dtypes.
    allow_transfer : bool
        As for `accel.grad`.

    Returns
    -------
    tuple
        The value and the derivative, alike.

    Raises
    ------
    BackendUnavailableError, TraceError
        As for `accel.grad`.
    ShapeError, DTypeError
        If point and direction are not alike, or not floating.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.jvp(lambda x: x * x, (x,), (numpy.asarray([1.0, 0.0]),))
    (array([1., 4.]), array([2., 0.]))
    """
    name = "accel.jvp"
    callables(name, fn)
    for given in (primals, tangents):
        if not isinstance(given, tuple | list):
            raise ArgumentError(
                f"{name} takes the primals as a sequence, one for each argument, and so the tangents; got {type(given).__name__}."
            )
    if len(primals) != len(tangents):
        raise ArgumentError(
            f"{name} takes one tangent for each primal, got {len(primals)} and {len(tangents)}."
        )
    for i, primal in enumerate(primals):
        _differentiable(name, primal, f"argument {i}", FLOATING)

    def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        def forward(point: tuple[Any, ...], direction: tuple[Any, ...]) -> Any:
            here, along = form(point), form(direction)
            if found := difference(here, along):
                unlike = DTypeError if shapes(here) == shapes(along) else ShapeError
                raise unlike(f"{name} takes tangents like the primals, got {found}.")
            return transforms.jvp(function, point, direction)

        return forward

    value, tangent = applied(
        name, fn, use, (tuple(primals), tuple(tangents)), {}, allow_transfer=allow_transfer
    )
    return value, tangent


def checkpoint(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function whose intermediate results are computed again, not kept, when a gradient goes back through it.

    Parameters
    ----------
    fn : callable
        A function of arrays. Arguments without an array in them are constants.

    Returns
    -------
    callable
        Gives the same values; where no gradient is taken it is ``fn``.

    References
    ----------
    A. Griewank and A. Walther, Algorithm 799: revolve, ACM Trans. Math. Software 26 (2000), 19-45.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.grad(lambda x: accel.sum(accel.checkpoint(accel.sin)(x)))(numpy.zeros(2))
    array([1., 1.])
    """
    callables("accel.checkpoint", fn)

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        backend = owner("accel.checkpoint", (*args, *kwargs.values()))
        transforms = backend.hook("transforms")
        if transforms is None:
            return fn(*args, **kwargs)
        return transforms.checkpoint(fn)(*args, **kwargs)

    return call


def stop_gradient(x: Any) -> Any:
    """Give the same arrays, through which no gradient goes.

    Parameters
    ----------
    x : container of arrays
        Any of them, also those that have no gradient.

    Returns
    -------
    container of arrays

    Examples
    --------
    >>> import numpy, accel
    >>> accel.grad(lambda x: accel.sum(x * accel.stop_gradient(x)))(numpy.asarray([3.0]))
    array([3.])
    """
    backend = owner("accel.stop_gradient", (x,))
    transforms = backend.hook("transforms")
    return x if transforms is None else transforms.stop_gradient(x)


class custom_vjp:  # noqa: N801 -- used as a decorator, it reads as one
    """A function with a gradient rule of one's own.

    Parameters
    ----------
    fn : callable
        A function of containers of arrays.
    nondiff_argnums : sequence of int, optional
        Arguments that are no arrays; ``bwd`` gets them first.

    Examples
    --------
    >>> import numpy, accel
    >>> @accel.custom_vjp
    ... def clipped(x):
    ...     return x * x
    >>> clipped.defvjp(lambda x: (x * x, x), lambda x, g: (accel.clip(2 * x * g, -1.0, 1.0),))
    >>> accel.grad(lambda x: accel.sum(clipped(x)))(numpy.asarray([0.25, 7.0]))
    array([0.5, 1. ])
    """

    __name__: str

    def __init__(self, fn: Callable[..., Any], nondiff_argnums: Sequence[int] = ()) -> None:
        callables("accel.custom_vjp", fn)
        self.fn = fn
        self.nondiff_argnums = tuple(nondiff_argnums)
        self._rules: tuple[Callable[..., Any], Callable[..., Any]] | None = None
        self._made: dict[tuple[str, int], Callable[..., Any]] = {}
        wraps(fn)(self)

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Set the rule.

        Parameters
        ----------
        fwd : callable
            Takes the arguments and gives the value and what ``bwd`` needs.
        bwd : callable
            Takes that and the cotangent, and gives a tuple of one gradient for each argument.
        """
        callables("defvjp of accel.custom_vjp", fwd, bwd)
        self._rules = fwd, bwd
        self._made = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        if self._rules is None:
            raise ArgumentError(
                f"{called(self.fn)!r} has no rule yet; write f.defvjp(fwd, bwd) before it is called."
            )
        backend = owner("accel.custom_vjp", (*args, *kwargs.values()))
        transforms = backend.hook("transforms")
        if transforms is None:
            return self.fn(*args, **kwargs)
        bound = inspect.signature(self.fn).bind(*args, **kwargs)
        bound.apply_defaults()
        key = backend.name, len(bound.args) - len(self.nondiff_argnums)
        made = self._made.get(key)
        if made is None:
            fwd, bwd = self._rules
            made = transforms.custom_vjp(
                self.fn, fwd, self._counted(bwd, key[1]), nondiff_argnums=self.nondiff_argnums
            )
            self._made[key] = made
        return made(*bound.args, **bound.kwargs)

    def _counted(self, bwd: Callable[..., Any], count: int) -> Callable[..., Any]:
        """Give a rule that refuses to give too many gradients, or too few."""

        @wraps(bwd)
        def counted(*args: Any) -> Any:
            out = bwd(*args)
            if not isinstance(out, tuple) or len(out) != count:
                got = f"a tuple of {len(out)}" if isinstance(out, tuple) else type(out).__name__
                raise ArgumentError(
                    f"accel.custom_vjp: the backward rule of {called(self.fn)} gives a tuple of one gradient for each argument, {count} "
                    f"here, and it gave {got}."
                )
            return out

        return counted
