"""Derivatives: forward, backward, with rules of one's own, and with less memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.lending import current
from accel.transform.application import applied, compiler
from accel.transform.ownership import arrays, first, owner
from accel.transform.tracing import blame

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
    chosen = argnums if isinstance(argnums, int) else tuple(argnums)

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        _differentiable(name, args, chosen)

        def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
            made: Callable[..., Any] = transforms.value_and_grad(
                _scalar(name, function, has_aux), chosen, has_aux=has_aux
            )
            return made

        return applied(name, fn, use, args, kwargs, allow_transfer=allow_transfer)

    return call


def _differentiable(name: str, args: tuple[Any, ...], argnums: int | tuple[int, ...]) -> None:
    for i in (argnums,) if isinstance(argnums, int) else argnums:
        if not -len(args) <= i < len(args):
            raise ArgumentError(
                f"{name} differentiates with respect to argument {i}, and the call has {len(args)} without a name."
            )
        for x in arrays((args[i],)):
            _real_floating(name, f"an array of {name_of(x.dtype)} in argument {i}", x)


def _real_floating(name: str, what: str, x: Any) -> None:
    if not name_of(x.dtype).startswith(("float", "bfloat")):
        raise DTypeError(
            f"{name} got {what}, and only real floating numbers have a gradient; cast with accel.astype, or leave it out of argnums."
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
        _real_floating(name, f"a result of {name_of(value.dtype)}", value)
        return out

    return checked


def vjp(fn: Callable[..., Any], *primals: Any, has_aux: bool = False, allow_transfer: bool = False) -> Any:
    """Give the value of a function, and the function that pulls a cotangent of it back to its arguments.

    Parameters
    ----------
    fn : callable
        A function of arrays.
    *primals : containers of arrays
        The point at which to differentiate.
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
    ShapeError, DTypeError
        If the cotangent is not like the value.

    Examples
    --------
    >>> import numpy, accel
    >>> value, pullback = accel.vjp(lambda x: x * x, numpy.asarray([1.0, 2.0]))
    >>> pullback(numpy.asarray([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    name = "accel.vjp"
    backend = owner(name, primals)
    active = current()
    try:
        if active is not None and backend in (active.lender, active.compiler):
            return active.transforms.vjp(fn, *active.lend(primals, copy=True), has_aux=has_aux)
        if (transforms := backend.hook("transforms")) is not None:
            return transforms.vjp(fn, *primals, has_aux=has_aux)
        terms = compiler(name, backend, first(primals), allow_transfer=allow_transfer)
        # What the pullback keeps of the primals must not change with them.
        out, pull, *aux = terms.transforms.vjp(
            terms.inside(fn), *terms.lend(primals, copy=True), has_aux=has_aux
        )
    except Exception as error:
        blame(name, fn, error)
        raise

    def pullback(cotangent: Any) -> Any:
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
        If point and direction are not alike.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.jvp(lambda x: x * x, (x,), (numpy.asarray([1.0, 0.0]),))
    (array([1., 4.]), array([2., 0.]))
    """
    if len(primals) != len(tangents):
        raise ArgumentError(
            f"accel.jvp takes one tangent for each primal, got {len(primals)} and {len(tangents)}."
        )

    def use(transforms: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda p, t: transforms.jvp(function, p, t)

    value, tangent = applied(
        "accel.jvp", fn, use, (tuple(primals), tuple(tangents)), {}, allow_transfer=allow_transfer
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
        self.fn = fn
        self.nondiff_argnums = tuple(nondiff_argnums)
        self._rules: tuple[Callable[..., Any], Callable[..., Any]] | None = None
        self._made: dict[str, Callable[..., Any]] = {}
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
        self._rules = fwd, bwd
        self._made = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        if self._rules is None:
            raise ArgumentError(
                f"{getattr(self.fn, '__qualname__', self.fn)!r} has no rule yet; write f.defvjp(fwd, bwd) before it is called."
            )
        backend = owner("accel.custom_vjp", (*args, *kwargs.values()))
        transforms = backend.hook("transforms")
        if transforms is None:
            return self.fn(*args, **kwargs)
        made = self._made.get(backend.name)
        if made is None:
            made = transforms.custom_vjp(self.fn, *self._rules, nondiff_argnums=self.nondiff_argnums)
            self._made[backend.name] = made
        return made(*args, **kwargs)
