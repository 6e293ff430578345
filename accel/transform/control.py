"""Control flow on the values of arrays, in compiled functions and out of them.

In a compiled function, and on arrays of a library that compiles, it is the compiler's. On other arrays it runs as it is written: they
have their values, and a loop of Python's is what the same program would be without accel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import accel as xp
import accel.checking as checking
import accel.registry as registry
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.lending import constant, current
from accel.policy import default_names
from accel.transform.ownership import arrays, first, owner
from accel.transform.tracing import blame, callables, compiling
from accel.transform.tree import Form, difference, flatten, form

__all__ = ["cond", "fori_loop", "scan", "switch", "while_loop"]


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], *operands: Any) -> Any:
    """Call one of two functions.

    Parameters
    ----------
    pred : array or bool, shape ()
        True calls ``true_fn``, False ``false_fn``.
    true_fn, false_fn : callable
        Functions of ``operands`` whose results are alike in structure, shapes and dtypes.
    *operands : containers of arrays
        Arguments of both.

    Returns
    -------
    container of arrays
        What the chosen function gave.

    Raises
    ------
    DTypeError
        If ``pred`` is not bool.
    ShapeError
        If ``pred`` is not 0-d, or the results are not alike (found where a compiler or `accel.checked` looks at both).

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.cond(accel.any(x > 1.5), lambda x: x * 2, lambda x: x, x)
    array([2., 4.])
    """
    name = "accel.cond"
    callables(name, true_fn, false_fn)
    backend, like = owner(name, (pred, operands)), first((pred, operands))
    return _chosen(name, _condition(name, pred, like), (false_fn, true_fn), operands, backend)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Call one of several functions.

    Parameters
    ----------
    index : array or int, shape ()
        Which of them; clamped to the range of those there are.
    branches : sequence of callable
        Functions of ``operands`` whose results are alike in structure, shapes and dtypes.
    *operands : containers of arrays
        Arguments of all.

    Returns
    -------
    container of arrays
        What the chosen function gave.

    Raises
    ------
    DTypeError
        If ``index`` is not an integer.
    ShapeError
        As for `accel.cond`.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.switch(5, [accel.sin, accel.negative], numpy.asarray([1.0, 2.0]))
    array([-1., -2.])
    """
    name = "accel.switch"
    if not isinstance(branches, Sequence):
        raise ArgumentError(f"{name} takes a sequence of functions, got {type(branches).__name__}.")
    if not branches:
        raise ArgumentError(f"{name} takes at least one branch, got none.")
    callables(name, *branches)
    backend, like = owner(name, (index, operands)), first((index, operands))
    return _chosen(name, _integer(name, index, like), tuple(branches), operands, backend)


def _chosen(
    name: str,
    index: Any,
    branches: tuple[Callable[..., Any], ...],
    operands: tuple[Any, ...],
    backend: registry.Backend,
) -> Any:
    forms: dict[int, Form] = {}
    noted = [_noting(name, forms, i, branch) for i, branch in enumerate(branches)]
    transforms = _transforms(backend)
    if transforms is None:
        taken = min(max(int(index), 0), len(branches) - 1)
        # Where values are looked at, the branches that are not taken are, too.
        order = [i for i in range(len(branches)) if i != taken and checking.active()]
        for i in order:
            noted[i](*operands)
        out = noted[taken](*operands)
        _alike(name, forms)
        return out
    try:
        return transforms.switch(constant(index), noted, constant(operands))
    except (TypeError, ValueError) as error:
        _alike(name, forms)
        blame(name, branches[0], error)
        raise


def _noting(name: str, forms: dict[int, Form], i: int, fn: Callable[..., Any]) -> Callable[..., Any]:
    """Give a branch that notes what its result is like."""

    @wraps(fn)
    def noting(*operands: Any) -> Any:
        out = _as_arrays(name, fn(*operands), operands)
        forms[i] = form(out)
        return out

    return noting


def _alike(name: str, forms: dict[int, Form]) -> None:
    known = sorted(forms)
    for i in known[1:]:
        found = difference(forms[known[0]], forms[i])
        if found:
            raise ShapeError(f"The branches of {name} give results that are not alike: {found}.")


def while_loop(cond_fn: Callable[[Any], Any], body_fn: Callable[[Any], Any], init: Any) -> Any:
    """Call a function on its own result as long as a condition holds.

    Parameters
    ----------
    cond_fn : callable
        Takes the value and gives a bool, shape ().
    body_fn : callable
        Takes the value and gives the next, alike in structure, shapes and dtypes.
    init : container of arrays
        The first value.

    Returns
    -------
    container of arrays
        The first value for which the condition does not hold.

    Raises
    ------
    DTypeError
        If the condition is not bool.
    ShapeError
        If the condition is not 0-d, or ``body_fn`` gives something that is not like what it got.

    Notes
    -----
    It has a forward derivative, and no backward one: how often the loop runs is not known when a gradient is traced. Use `accel.scan`.

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.while_loop(lambda x: x < 100, lambda x: 2 * x, numpy.asarray(3.0)))
    192.0
    """
    return _while("accel.while_loop", cond_fn, body_fn, init)


def _while(name: str, cond_fn: Callable[[Any], Any], body_fn: Callable[[Any], Any], init: Any) -> Any:
    callables(name, cond_fn, body_fn)
    backend, like = owner(name, (init,)), first((init,))
    init = _as_arrays(name, init, like)
    body = _steady(name, body_fn)

    @wraps(cond_fn)
    def condition(value: Any) -> Any:
        return _condition(name, cond_fn(value), first((value,)))

    transforms = _transforms(backend)
    if transforms is None:
        value = init
        while bool(condition(value)):
            value = body(value)
        return value
    try:
        return transforms.while_loop(condition, body, constant(init))
    except Exception as error:
        blame(name, body_fn, error)
        raise


def _steady(name: str, body: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Give a body that refuses to change what the value of a loop is like."""

    @wraps(body)
    def steady(value: Any) -> Any:
        out = _as_arrays(name, body(value), value)
        _same_form(name, value, out)
        return out

    return steady


def _same_form(name: str, before: Any, after: Any) -> None:
    found = difference(form(before), form(after))
    if found:
        raise ShapeError(
            f"{name} got a function that changes what it is given: {found}; cast or reshape, so that each step gives what it takes."
        )


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Carry a value along the first axis of some arrays.

    Parameters
    ----------
    f : callable
        Takes the value carried so far and one item of ``xs``; gives the next value, alike, and a result.
    init : container of arrays
        The value that the first call takes.
    xs : container of arrays, optional
        Arrays of the same length.
    length : int, optional
        How many calls are made; needed where ``xs`` is None.
    reverse : bool, optional
        Whether to begin at the end. The results lie as the items do in either case.

    Returns
    -------
    tuple
        The last value, and the results, stacked along a new first axis.

    Raises
    ------
    ShapeError
        If the arrays of ``xs`` have several lengths, or ``f`` gives a value that is not like the one it got.
    ArgumentError
        If neither ``xs`` nor ``length`` is given, ``length`` is no number of steps, or ``f`` gives no pair.

    Examples
    --------
    >>> import numpy, accel
    >>> total, sums = accel.scan(lambda c, x: (c + x, c + x), numpy.asarray(0.0), numpy.asarray([1.0, 2.0, 3.0]))
    >>> float(total), sums
    (6.0, array([1., 3., 6.]))
    """
    return _scan("accel.scan", f, init, xs, length, reverse)


def _scan(
    name: str, f: Callable[[Any, Any], Any], init: Any, xs: Any, length: int | None, reverse: bool
) -> tuple[Any, Any]:
    callables(name, f)
    backend, like = owner(name, (init, xs)), first((init, xs))
    count = _length(xs, length)
    init = _as_arrays(name, init, like)

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        out = f(carry, x)
        if not isinstance(out, tuple) or len(out) != 2:
            raise ArgumentError(
                f"{name} takes a function that gives a pair (value, result), got {type(out).__name__}."
            )
        after = _as_arrays(name, out[0], (carry, x))
        _same_form(name, carry, after)
        return after, _as_arrays(name, out[1], (carry, x))

    transforms = _transforms(backend)
    if transforms is None:
        return _scanned(step, init, xs, count, reverse)
    try:
        carry, ys = transforms.scan(step, constant(init), constant(xs), count, reverse)
        return carry, ys
    except Exception as error:
        blame(name, f, error)
        raise


def _length(xs: Any, length: int | None) -> int:
    lengths: set[int] = set()
    for x in arrays((xs,)):
        if not x.shape:
            raise ShapeError("accel.scan goes along the first axis of xs, and got a 0-d array in it.")
        lengths.add(x.shape[0])
    if length is not None:
        if not isinstance(length, int) or length < 0:
            raise ArgumentError(f"length of accel.scan is a number of steps, 0 or more, got {length!r}.")
        lengths.add(length)
    if not lengths:
        raise ArgumentError("accel.scan needs xs or length to know how many steps to make; got neither.")
    if len(lengths) > 1:
        raise ShapeError(
            f"accel.scan takes arrays of one length, got {' and '.join(map(str, sorted(lengths)))} along the first axis."
        )
    return lengths.pop()


def _scanned(
    step: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any, count: int, reverse: bool
) -> tuple[Any, Any]:
    leaves, together, _ = flatten(xs)
    if not count:
        # The results of no step are as those of one would be; zeros stand in for the item that is not there.
        _, y = step(
            init, together([xp.zeros(x.shape[1:], dtype=x.dtype, device=xp.device(x)) for x in leaves])
        )
        none, build, _ = flatten(y)
        empty = [xp.zeros((0, *y.shape), dtype=y.dtype, device=xp.device(y)) for y in none]
        return init, build(empty)
    carry, results = init, []
    build = together
    for i in reversed(range(count)) if reverse else range(count):
        carry, y = step(carry, together([x[i, ...] for x in leaves]))
        parts, build, _ = flatten(y)
        results.append(parts)
    if reverse:
        results.reverse()
    stacked = [xp.stack(list(parts)) for parts in zip(*results, strict=True)]
    return carry, build(stacked)


def fori_loop(lower: Any, upper: Any, body_fn: Callable[[Any, Any], Any], init: Any) -> Any:
    """Call a function on its own result once for each number of a range.

    Parameters
    ----------
    lower, upper : int or array of integers, shape ()
        The numbers from ``lower`` on, below ``upper``.
    body_fn : callable
        Takes the number, a 0-d array of the default integer dtype, and the value; gives the next value, alike.
    init : container of arrays
        The first value.

    Returns
    -------
    container of arrays
        The last value; ``init`` if there are no numbers.

    Raises
    ------
    DTypeError
        If an end is no integer.
    ShapeError
        If an end is not 0-d, or ``body_fn`` gives something that is not like what it got.

    Notes
    -----
    It has a backward derivative where both ends are Python integers.

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.fori_loop(0, 4, lambda i, x: x + i, numpy.asarray(0.0)))
    6.0
    """
    name = "accel.fori_loop"
    callables(name, body_fn)
    like = first((init, lower, upper))
    start, end = _integer(name, lower, like), _integer(name, upper, like)
    if isinstance(lower, int) and isinstance(upper, int):

        def step(carry: tuple[Any, Any], _: Any) -> tuple[tuple[Any, Any], None]:
            i, value = carry
            return (_next(i), body_fn(i, value)), None

        return _scan(name, step, (start, init), None, max(upper - lower, 0), reverse=False)[0][1]
    last = xp.astype(end, start.dtype)
    return _while(
        name,
        lambda carry: carry[0] < last,
        lambda carry: (_next(carry[0]), body_fn(*carry)),
        (start, init),
    )[1]


def _next(i: Any) -> Any:
    return xp.add(i, 1)


def _transforms(backend: registry.Backend) -> Any:
    """Give the transforms that take up control flow: the backend's own, or those of the compiler that the caller is traced by."""
    active = current()
    if active is not None and backend is active.lender:
        return active.transforms
    if checking.active() and not compiling.get():
        # Values that are looked at must be there.
        return None
    return backend.hook("transforms")


def _condition(name: str, value: Any, like: Any) -> Any:
    value = _one(name, value, like)
    if not xp.isdtype(value.dtype, "bool"):
        raise DTypeError(f"{name} takes a bool to go by, got {value.dtype}; compare it first, as in x != 0.")
    return value


def _integer(name: str, value: Any, like: Any) -> Any:
    value = _one(name, value, like)
    if not xp.isdtype(value.dtype, "integral"):
        raise DTypeError(f"{name} takes an integer to go by, got {value.dtype}.")
    return value


def _one(name: str, value: Any, like: Any) -> Any:
    value = _as_array(name, value, like)
    if value.shape != ():
        raise ShapeError(f"{name} takes one value to go by, got an array of shape {tuple(value.shape)}.")
    return value


def _as_array(name: str, value: Any, like: Any) -> Any:
    if registry.owner(type(value)) is not None:
        return value
    if not isinstance(value, bool | int | float | complex):
        raise ArgumentError(f"{name} takes arrays and numbers, got {type(value).__name__}.")
    kind = "integral" if isinstance(value, int) else "real floating"
    dtype = None if isinstance(value, bool | complex) else default_names()[kind]
    return xp.asarray(value, dtype=dtype, device=None if like is None else xp.device(like))


def _as_arrays(name: str, values: Any, beside: Any) -> Any:
    """Make arrays of the default dtypes of the Python numbers in a container, as they are on no backend part of a loop's value."""
    leaves, together, _ = flatten(values)
    like = first((beside,))
    return together([_as_array(name, leaf, like) for leaf in leaves])
