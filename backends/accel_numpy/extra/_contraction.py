"""Sums of products on NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from accel.extra.plan import Pair, Plan, planned

__all__ = ["einsum"]

Array: TypeAlias = Any  # scalars are among them

FEW = 512
"""A product of a matrix and a vector with fewer multiplications costs less than the call of BLAS that makes it."""

MANY = 5000
"""Outer products with more elements than this are made twice as fast by np.einsum as by np.multiply."""

SHORT = 64
"""The same for the terms of an inner product."""


# np.einsum multiplies all operands at once unless it is asked to think, and then thinks at each call.
def einsum(subscripts: str, /, *operands: Array, optimize: Any = True) -> Array:
    run = _program(subscripts, optimize, tuple([x.shape for x in operands]))
    dtype = operands[0].dtype
    for x in operands:
        if x.dtype is not dtype:
            return _cast(run, operands)
    return _cast(run, operands) if dtype.itemsize == 2 else run(*operands)


def _cast(run: Callable[..., Array], operands: tuple[Array, ...]) -> Array:
    dtype = np.result_type(*operands)
    working = np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind in "fV" else dtype
    return np.asarray(
        run(*(x.astype(dtype, copy=False).astype(working, copy=False) for x in operands))
    ).astype(dtype, copy=False)


@lru_cache(maxsize=4096)
def _program(subscripts: str, optimize: Any, shapes: tuple[tuple[int, ...], ...]) -> Callable[..., Array]:
    """Turn a plan into a function of the operands."""
    plan = planned(subscripts, optimize, shapes)
    if len(plan.pairs) > 1 and not plan.singles and _even(plan):
        # One pass over all operands, where no product is smaller than the whole.
        return lambda *operands: np.einsum(subscripts, *operands)
    places = [pair.places for pair in plan.pairs]
    steps = [_step(pair, fresh) for pair, fresh in zip(plan.pairs, _fresh(plan), strict=True)]
    if len(steps) == 1 and not plan.singles and plan.order is None:
        only = steps[0]
        return only if places == [(0, 1)] else lambda one, two: only(two, one)
    todo = [(*pair, step) for pair, step in zip(places, steps, strict=True)]

    def run(*operands: Array) -> Array:
        arrays = list(operands)
        for single in plan.singles:
            x = arrays[single.place]
            for a, b in single.diagonals:
                x = np.diagonal(x, axis1=a, axis2=b)
            if single.summed:
                x = np.sum(x, axis=single.summed, dtype=x.dtype)
            arrays[single.place] = x if single.kept is None else x.reshape(single.kept)
        for i, j, step in todo:
            out = step(arrays[i], arrays[j])
            del arrays[max(i, j)], arrays[min(i, j)]
            arrays.append(out)
        return arrays[0] if plan.order is None else arrays[0].transpose(plan.order)

    return run


def _even(plan: Plan) -> bool:
    """Tell whether each product is of all indices."""
    return len({math.prod(pair.sizes) for pair in plan.pairs}) == 1 and all(
        pair.kind == "multiply" or math.prod(pair.sizes[1::2]) == 1 for pair in plan.pairs
    )


def _fresh(plan: Plan) -> list[tuple[bool, bool]]:
    """Tell of the factors of each product whether they were made on the way, so that they may be written to."""
    count = len(plan.pairs) + 1
    made: list[bool] = [False] * count
    found = []
    for pair in plan.pairs:
        found.append((made[pair.places[0]], made[pair.places[1]]))
        made = [each for place, each in enumerate(made) if place not in pair.places] + [True]
    return found


def _step(pair: Pair, fresh: tuple[bool, bool]) -> Callable[[Array, Array], Array]:
    """Make the function for one product, whose factors may be written to if they are fresh."""
    matrices, m, k, n = pair.sizes
    slim = m == 1 or n == 1
    direct = pair.kind != "multiply" and slim and matrices > 1
    if direct and (m * k * n < FEW if pair.kind == "matmul" else k < SHORT or _inner(pair)):
        return _at_once(pair.letters)
    if pair.kind == "multiply" and not slim and matrices * m * n > MANY:
        return _at_once(pair.letters)
    product = PRODUCTS[pair.kind]
    (order1, order2), (shape1, shape2), shape = pair.orders, pair.shapes, pair.shape
    if pair.kind == "multiply" and fresh[0] and n == 1:
        product = _into_first
    elif pair.kind == "multiply" and fresh[1] and m == 1:
        product = _into_second
    if order1 is order2 is shape1 is shape2 is shape is None:
        return product
    if pair.kind == "matmul" and shape1 is shape2 is shape is None and _turned(order1) and _turned(order2):
        # BLAS takes twice as long for small matrices that are both turned round.
        return lambda one, two: np.matmul(two, one).swapaxes(-1, -2)

    def step(one: Array, two: Array) -> Array:
        if order1 is not None:
            one = one.transpose(order1)
        if order2 is not None:
            two = two.transpose(order2)
        if shape1 is not None:
            one = one.reshape(shape1)
        if shape2 is not None:
            two = two.reshape(shape2)
        out = product(one, two)
        return out if shape is None else out.reshape(shape)

    return step


def _turned(order: tuple[int, ...] | None) -> bool:
    """Tell whether an order of axes turns matrices round, and does nothing else."""
    if order is None:
        return False
    *rest, row, column = range(len(order))
    return order == (*rest, column, row)


PRODUCTS: dict[str, Callable[[Array, Array], Array]] = {
    "matmul": np.matmul,
    "multiply": np.multiply,
    "vecdot": lambda one, two: np.vecdot(np.conj(one) if one.dtype.kind == "c" else one, two),
}


def _into_first(one: Array, two: Array) -> Array:
    return np.multiply(one, two, out=one) if isinstance(one, np.ndarray) else np.multiply(one, two)


def _into_second(one: Array, two: Array) -> Array:
    return _into_first(two, one)


def _inner(pair: Pair) -> bool:
    """Tell whether the terms of the sums do not lie side by side, so that BLAS would want a copy."""
    return pair.orders != (None, None)


def _at_once(letters: str) -> Callable[[Array, Array], Array]:
    return lambda one, two: np.einsum(letters, one, two)
