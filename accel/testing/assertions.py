"""Assertions: that two results are the same or close, array for array, and that a mistake is refused alike everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import accel
import accel.policy as policy
import accel.registry as registry
from accel.dispatch import Spec, specs
from accel.errors import ArgumentError
from accel.testing.agreement import Allowance, alike, allowed, difference
from accel.testing.cases import Case
from accel.testing.rows import usable
from accel.testing.selection import chosen
from accel.testing.tolerance import Tolerance, rounding, tolerance
from accel.testing.ulp import eps, is_floating
from accel.transform.tree import is_array, leaves, mapped

__all__ = ["assert_close", "assert_raises_alike", "assert_same"]

SCALARS = (bool, int, float, complex)


def assert_same(
    actual: Any,
    desired: Any,
    *,
    signed_zeros: bool = True,
    check_namespace: bool = True,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_device: bool = True,
) -> None:
    """Assert that two results are the same: namespace, dtype, shape, device, and every bit of the values.

    Parameters
    ----------
    actual, desired : array, Python scalar, or tuples, lists and dicts of them
        What was got and what is wanted. Any nesting, named tuples too; both sides need the same one.
    signed_zeros : bool
        Whether 0.0 differs from -0.0.
    check_namespace, check_dtype, check_shape, check_device : bool
        False leaves the one fact open. Without ``check_namespace``, ``desired`` may be of another backend, or a Python
        number or list, which have no dtype to compare. Devices are compared within one backend.

    Raises
    ------
    AssertionError
        At the first difference, in the order above. For values it shows how many elements differ, the worst one, its index, both
        values and their distance.

    Notes
    -----
    nan is the same as nan, whatever its sign and payload. Devices that flush subnormal numbers fail here for such numbers, and pass
    `assert_close`.

    Examples
    --------
    >>> import numpy
    >>> from accel.testing import assert_same
    >>> assert_same(numpy.add(1.0, [2.0]), numpy.asarray([3.0]))
    >>> assert_same(numpy.asarray([0.0]), numpy.asarray([-0.0]))
    Traceback (most recent call last):
    AssertionError: actual is not desired: 1 of 1 elements differ; the worst is at [0]:
      actual   np.float64(0.0)
      desired  np.float64(-0.0)
      apart    the sign of zero
      allowed  nothing
    """
    __tracebackhide__ = True
    facts = Facts(check_namespace, check_dtype, check_shape, check_device)
    limits = Allowance(zeros=signed_zeros, subnormal=True)
    compare(actual, desired, facts, lambda x, host: limits, "is not")


def assert_close(
    actual: Any,
    desired: Any,
    *,
    op: str | None = None,
    case: Case | None = None,
    ulp: float | None = None,
    rtol: float | None = None,
    atol: Any = None,
    mode: str | None = None,
    check_namespace: bool = True,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_device: bool = True,
) -> None:
    """Assert that two results are close: namespace, dtype, shape, device, and values within a tolerance.

    Parameters
    ----------
    actual, desired : array, Python scalar, or tuples, lists and dicts of them
        What was got and what is wanted. Any nesting, named tuples too; both sides need the same one.
    op : str, optional
        The accel op that made both, such as ``"sin"`` or ``"linalg.svd"``: its promise is the tolerance. Without it, and without any
        of the next three, the tolerance is the default for functions, see `tolerance`.
    case : Case, optional
        The arguments that ``op`` had, with arrays of any backend: a conditioned op with one result, such as ``"sum"`` or ``"matmul"``,
        is then held to the bound of its spec for these arguments.
    ulp : float, optional
        Allowed distance in units in the last place of each element.
    rtol : float, optional
        Allowed distance as a part of the magnitude of each desired element.
    atol : float or array, optional
        Allowed distance; an array is broadcast to the values. It comes on top of ``rtol``.
    mode : str, optional
        Of `accel.matmul_precision`, for the table; by default the one in force.
    check_namespace, check_dtype, check_shape, check_device : bool
        False leaves the one fact open. Without ``check_namespace``, ``desired`` may be of another backend, or a Python
        number or list, which have no dtype to compare. Devices are compared within one backend.

    Raises
    ------
    AssertionError
        At the first difference, in the order above. For values it shows how many elements differ, the worst one, its index, both
        values, their distance, what was allowed, and why.
    ArgumentError
        If there is no such op or mode, or the table promises nothing for this dtype and device; name a tolerance then.

    Notes
    -----
    Of ``ulp`` and ``rtol`` with ``atol`` an element needs to keep one. Numbers from the table count twice, as either side may be off.
    Integers and booleans are compared exactly unless ``rtol`` or ``atol`` is given. nan is close to nan, an infinity to itself alone.
    Numbers within 4 times the smallest normal one of zero are close to each other, as devices flush them. The sign of a zero
    counts for ops whose promise is per element.

    Examples
    --------
    >>> import numpy
    >>> from accel.testing import assert_close
    >>> x = numpy.asarray([0.5, 1.0])
    >>> assert_close(numpy.sin(x), numpy.asarray([0.479425538604203, 0.8414709848078965]), op="sin")
    >>> assert_close(numpy.asarray([1.0, 2.001]), numpy.asarray([1.0, 2.0]), rtol=1e-4)
    Traceback (most recent call last):
    AssertionError: actual is not close to desired: 1 of 2 elements differ; the worst is at [1]:
      actual   np.float64(2.001)
      desired  np.float64(2.0)
      apart    2251799813685 ulp (0.001)
      allowed  0.0002: rtol=0.0001
    """
    __tracebackhide__ = True
    facts = Facts(check_namespace, check_dtype, check_shape, check_device)
    compare(actual, desired, facts, limits(op, ulp, rtol, atol, mode, case=case), "is not close to")


@dataclass(frozen=True)
class Facts:
    """Which facts about two arrays are compared before their values."""

    namespace: bool = True
    """Whether both are arrays of one backend."""

    dtype: bool = True
    shape: bool = True
    device: bool = True
    numbers: bool = True
    """Whether a Python number or list may be desired of an array, where the namespaces are left open."""


Limits = Callable[[Any, Any], Allowance]
"""From an array that was got and the desired values on the host to what may differ."""


def limits(
    op: str | None,
    ulp: float | None,
    rtol: float | None,
    atol: Any,
    mode: str | None,
    sides: int = 2,
    case: Case | None = None,
) -> Limits:
    """Give what may differ, from the numbers that a caller gave or else from the table."""
    if ulp is None and rtol is None and atol is None:
        mode = policy.matmul_mode() if mode is None else mode
        tolerance(op, "float32", mode=mode)  # refuses what it does not know, before there are arrays

        if case is not None and op is not None and specs[op].same == "conditioned":
            return _of_arguments(specs[op], case, sides, mode)

        def looked_up(x: Any, desired: Any) -> Allowance:
            found = tolerance(op, desired.dtype.name, device=_device(x), mode=mode)
            if found == Tolerance(None, None, found.reason):
                raise ArgumentError(f"{found.reason}; write the tolerance in ulp, rtol or atol.")
            return allowed(found, desired, sides)

        return looked_up
    given = {"ulp": ulp, "rtol": rtol, "atol": atol}
    for name, value in given.items():
        if value is not None and not np.all(np.asarray(value) >= 0):
            raise ArgumentError(f"a tolerance is a number of at least 0, got {value!r} for {name}.")
    reason = ", ".join(f"{n}={v!r}" for n, v in given.items() if v is not None and np.ndim(v) == 0)
    reason = reason or "atol"

    def named(x: Any, desired: Any) -> Allowance:
        bound = None
        if rtol is not None or atol is not None:
            size = np.abs(desired) if desired.dtype.kind in "fcV" else np.abs(desired.astype(np.float64))
            size = np.where(np.isfinite(size), size, 0).astype(np.float64)
            bound = (rtol or 0.0) * size + np.asarray(0.0 if atol is None else atol, dtype=np.float64)
        return Allowance(ulp or 0.0, bound, reason, zeros=False)

    return named


def _of_arguments(spec: Spec, case: Case, sides: int, mode: str) -> Limits:
    """Give the bound of a conditioned op for some arguments."""
    import accel.testing.condition as condition

    host = case.map(lambda x: np.asarray(accel.to_numpy(x)), is_array)
    reason = f"accel.{spec.name} is off by at most {spec.bound}, on either side"

    def worked_out(x: Any, desired: Any) -> Allowance:
        if not is_floating(desired.dtype.name):
            return Allowance(reason="integers and booleans are exact")
        bound = sides * condition.allowed(spec, host, desired)
        # The formula counts roundings of eps, and rounded factors are off by more.
        name = desired.dtype.name
        bound = bound * (1 + rounding(spec, name, _device(x), mode) / eps(name))
        return Allowance(0, bound, reason, zeros=False)

    return worked_out


def _device(x: Any) -> accel.Device | None:
    return accel.device(x) if is_array(x) else None


def compare(
    actual: Any,
    desired: Any,
    facts: Facts,
    limits: Limits,
    verb: str,
    where: tuple[str, str] = ("actual", "desired"),
) -> None:
    """Compare two trees, and raise AssertionError at the first difference.

    ``where`` is what the two are called, with the path to the part that is looked at.
    """
    __tracebackhide__ = True
    here, there = where
    if is_array(actual):
        _arrays(actual, desired, facts, limits, verb, where)
    elif isinstance(desired, tuple | list | dict):
        _containers(actual, desired, facts, limits, verb, where)
    elif is_array(desired):
        raise AssertionError(
            f"{here} is {_what(actual)}, not an array like {there}, {_what(desired)}: {actual!r}"
        )
    elif isinstance(actual, SCALARS) and isinstance(desired, SCALARS):
        if facts.dtype and type(actual) is not type(desired):
            raise AssertionError(
                f"{here} is {_what(actual)} ({actual!r}), {there} {_what(desired)} ({desired!r}); "
                "write check_dtype=False to compare the values alone."
            )
        _values(actual, np.asarray(actual), np.asarray(desired), limits, verb, where)
    elif not (type(actual) is type(desired) and actual == desired):
        raise AssertionError(f"{here} {verb} {there}: {actual!r}, where {desired!r} is wanted")


def _containers(
    actual: Any, desired: Any, facts: Facts, limits: Limits, verb: str, where: tuple[str, str]
) -> None:
    __tracebackhide__ = True
    here, there = where
    kind = next(kind for kind in (tuple, list, dict) if isinstance(desired, kind))
    fields = getattr(desired, "_fields", None)
    if not isinstance(actual, kind):
        raise AssertionError(f"{here} is {_what(actual)}, {there} {_what(desired)}: {actual!r}")
    if getattr(actual, "_fields", None) != fields:
        raise AssertionError(
            f"{here} has the fields {getattr(actual, '_fields', None)}, {there} has {fields}"
        )
    if isinstance(actual, dict) and set(actual) != set(desired):
        raise AssertionError(f"{here} has the keys {list(actual)}, {there} has {list(desired)}")
    if len(actual) != len(desired):
        raise AssertionError(f"{here} has {len(actual)} items, {there} has {len(desired)}")
    keys: Any = desired if kind is dict else range(len(desired))
    for n, key in enumerate(keys):
        step = f".{fields[n]}" if fields else f"[{key!r}]"
        compare(actual[key], desired[key], facts, limits, verb, (here + step, there + step))


def _arrays(
    actual: Any, desired: Any, facts: Facts, limits: Limits, verb: str, where: tuple[str, str]
) -> None:
    """Compare an array of some backend with what is desired there."""
    __tracebackhide__ = True
    here, there = where
    mine, other = registry.owner(type(actual)), registry.owner(type(desired)) if is_array(desired) else None
    if facts.namespace and mine is not other:
        raise AssertionError(
            f"{here} is {_what(actual)}, {there} is {_what(desired)}; write check_namespace=False to compare them all the same."
        )
    got = np.asarray(accel.to_numpy(actual))
    if other is None:
        wanted = _array_of(desired)
        if wanted is None or not facts.numbers:
            raise AssertionError(f"{here} is {_what(actual)}, {there} is {_what(desired)}: {desired!r}")
    else:
        wanted = np.asarray(accel.to_numpy(desired))
        if facts.dtype and got.dtype.name != wanted.dtype.name:
            raise AssertionError(
                f"{here} has dtype {got.dtype.name}, {there} {wanted.dtype.name}; write check_dtype=False to compare the values alone."
            )
    if got.shape != wanted.shape:
        if facts.shape:
            raise AssertionError(
                f"{here} has shape {got.shape}, {there} {wanted.shape}; write check_shape=False to let them broadcast."
            )
        try:
            got, wanted = np.broadcast_arrays(got, wanted)
        except ValueError:
            raise AssertionError(
                f"{here} has shape {got.shape}, {there} {wanted.shape}, and these do not broadcast"
            ) from None
    if facts.device and mine is other and accel.device(actual) != accel.device(desired):
        raise AssertionError(
            f"{here} is on {accel.device(actual)}, {there} on {accel.device(desired)}; write check_device=False to compare them "
            "all the same."
        )
    _values(actual, got, wanted, limits, verb, where)


def _array_of(x: Any) -> Any:
    """Make a NumPy array of Python numbers, or give None where there are others things in it."""
    try:
        made = np.asarray(x)
    except ValueError:  # of lists of several lengths
        return None
    return made if made.dtype.kind in "biufcO" and x is not None else None


def _values(x: Any, got: Any, wanted: Any, limits: Limits, verb: str, where: tuple[str, str]) -> None:
    __tracebackhide__ = True
    wanted, got = alike(wanted, got)
    found = difference(wanted, got, limits(x, wanted))
    if found is not None:
        raise AssertionError(f"{where[0]} {verb} {where[1]}: {found}")


def _what(x: Any) -> str:
    """Name what something is, in a few words."""
    owner = registry.owner(type(x))
    if owner is not None and is_array(x):
        return f"an array of {owner.name}"
    return "None" if x is None else f"a Python {type(x).__name__}"


def assert_raises_alike(
    fn: Callable[..., Any],
    *args: Any,
    error: type[BaseException] | tuple[type[BaseException], ...] | None = None,
    backends: Sequence[str] | None = None,
    **kwargs: Any,
) -> dict[str, Exception]:
    """Assert that a function refuses some arguments with the same error on every backend.

    Parameters
    ----------
    fn : callable
        The function.
    *args, **kwargs
        Its arguments, with NumPy arrays where arrays stand, in any nesting; each backend gets its own arrays of them.
    error : type or tuple of types, optional
        What the errors must be an instance of.
    backends : sequence of str, optional
        Names of backends or virtual backends; by default all backends that can be used here.

    Returns
    -------
    dict of str to Exception
        What each backend raised.

    Raises
    ------
    AssertionError
        If a backend raises nothing, another class, or another message. The names of backends, devices and array classes may differ
        within the messages, and how arrays and dtypes are printed.
    ArgumentError, BackendUnavailableError
        If a backend is named that there is not, or that cannot be used here.

    Examples
    --------
    >>> import numpy, accel
    >>> from accel.testing import assert_raises_alike
    >>> raised = assert_raises_alike(accel.sum, numpy.ones(3), axis=2, error=accel.errors.AxisError, backends=["numpy"])
    >>> print(raised["numpy"])
    accel.sum: axis 2 is out of range for x of 1 dimensions.
    """
    __tracebackhide__ = True
    raised: dict[str, Exception] = {}
    said: dict[str, str] = {}
    for row in chosen(backends, virtual=False):
        own = mapped(lambda x: row.put(x) if isinstance(x, np.ndarray) else x, (args, kwargs))  # noqa: B023 - used at once
        try:
            with np.errstate(all="ignore"):
                result = row.run(fn, *own)
        except Exception as caught:
            raised[row.name], said[row.name] = caught, plain(str(caught), row.backend, own)
        else:
            raise AssertionError(f"{_named(fn)} raised nothing on {row}, it gave {result!r}")
    first = next(iter(raised))
    for name, found in raised.items():
        shown = f"{_named(fn)} raised {type(found).__name__} on {name}: {found}"
        if error is not None and not isinstance(found, error):
            wanted = " or ".join(e.__name__ for e in (error if isinstance(error, tuple) else (error,)))
            raise AssertionError(f"{shown}\nwanted is {wanted}") from found
        if type(found) is not type(raised[first]) or said[name] != said[first]:
            raise AssertionError(
                f"{shown}\nbut on {first} it raised {type(raised[first]).__name__}: {raised[first]}"
            ) from found
    return raised


def _named(fn: Callable[..., Any]) -> str:
    return str(getattr(fn, "__qualname__", repr(fn)))


def plain(message: str, backend: str, arguments: Any) -> str:
    """Take out of a message what names the backend: its arrays, their classes and dtypes, its devices."""
    for x in leaves(arguments):
        if not is_array(x):
            continue
        cls = type(x)
        for text in (repr(x), str(x)):
            message = message.replace(text, "<array>")
        for text in (f"{cls.__module__}.{cls.__qualname__}", cls.__qualname__):
            message = re.sub(rf"(?<![\w.]){re.escape(text)}\b", "<class>", message)
        for text in (repr(x.dtype), str(x.dtype)):
            message = re.sub(
                rf"(?<![\w]){re.escape(text)}(?!\w)", f"<{np.asarray(accel.to_numpy(x)).dtype.name}>", message
            )
    for device in usable(backend):
        for text in (str(device), repr(device.native), str(device.native)):
            message = message.replace(text, "<device>")
    return re.sub(rf"(?<![\w]){re.escape(backend)}(?!\w)", "<backend>", message)
