"""Plan: a sum of products over named indices, taken apart into products of two arrays that matrix multiplication can do.

It is made once for a string of subscripts and the shapes of the operands. Each step is a permutation of axes, a reshape, and then a
product of stacks of matrices, whose rows are the indices of the first operand alone, whose columns are those of the second alone,
whose stack is the indices of both that stay, and which sums over those of both that do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from string import ascii_letters
from typing import Any, TypeAlias

from accel.errors import ArgumentError, ShapeError

__all__ = ["Functions", "Plan", "carried_out", "planned"]

Labels: TypeAlias = tuple[str, ...]
Axes: TypeAlias = tuple[int, ...]

FEW = 7
"""Up to so many operands every order of the products is tried; each one more takes three times as long."""


@dataclass(frozen=True)
class Single:
    """What is done to one operand before any product.

    Attributes
    ----------
    place : int
        Which operand.
    diagonals : tuple of pairs of int
        Pairs of axes of which the diagonal is taken, one after the other; it becomes the last axis.
    summed : tuple of int
        Axes to sum over.
    kept : tuple of int or None
        The shape without axes of length 1 that are broadcast, or None where there are none.
    """

    place: int
    diagonals: tuple[tuple[int, int], ...]
    summed: Axes
    kept: Axes | None


@dataclass(frozen=True)
class Pair:
    """A product of two of the arrays that there are by then; the result is put behind the others.

    Attributes
    ----------
    places : tuple of two ints
        Which arrays, the left factor first.
    kind : str
        ``"matmul"``, ``"vecdot"`` or ``"multiply"``.
    orders : tuple
        Order of the axes of each factor, or None where it stays.
    shapes : tuple
        Shape of each factor after that, or None where it stays.
    shape : tuple of int or None
        Shape of the result, or None where it is that of the product.
    sizes : tuple of four ints
        How many matrices, rows, terms of each sum, and columns.
    letters : str
        The whole step as subscripts, of the factors as they come.
    """

    places: tuple[int, int]
    kind: str
    orders: tuple[Axes | None, Axes | None]
    shapes: tuple[Axes | None, Axes | None]
    shape: Axes | None
    sizes: tuple[int, int, int, int]
    letters: str


@dataclass(frozen=True)
class Plan:
    """All steps.

    Attributes
    ----------
    singles, pairs : tuple
        In order.
    order : tuple of int or None
        The order of axes of the result, or None where it is that of the last step.
    work : int
        Number of multiplications.
    """

    singles: tuple[Single, ...]
    pairs: tuple[Pair, ...]
    order: Axes | None
    work: int


@dataclass(frozen=True)
class Functions:
    """What carries a plan out, as the standard's functions of these names do.

    Attributes
    ----------
    diagonal, matmul, multiply, permute_dims, reshape, sum, vecdot : callable
        ``diagonal(x, a, b)`` takes that of two axes; ``vecdot`` need not conjugate.
    """

    diagonal: Callable[[Any, int, int], Any]
    matmul: Callable[[Any, Any], Any]
    multiply: Callable[[Any, Any], Any]
    permute_dims: Callable[[Any, Axes], Any]
    reshape: Callable[[Any, Axes], Any]
    sum: Callable[[Any, Axes], Any]
    vecdot: Callable[[Any, Any], Any]


def carried_out(plan: Plan, operands: tuple[Any, ...], using: Functions) -> Any:
    """Compute the result of a plan, of operands of one dtype."""
    arrays = list(operands)
    for single in plan.singles:
        x = arrays[single.place]
        for a, b in single.diagonals:
            x = using.diagonal(x, a, b)
        if single.summed:
            x = using.sum(x, single.summed)
        arrays[single.place] = x if single.kept is None else using.reshape(x, single.kept)
    for pair in plan.pairs:
        one, two = (arrays[place] for place in pair.places)
        for place in sorted(pair.places, reverse=True):
            del arrays[place]
        if pair.orders[0] is not None:
            one = using.permute_dims(one, pair.orders[0])
        if pair.orders[1] is not None:
            two = using.permute_dims(two, pair.orders[1])
        if pair.shapes[0] is not None:
            one = using.reshape(one, pair.shapes[0])
        if pair.shapes[1] is not None:
            two = using.reshape(two, pair.shapes[1])
        if pair.kind == "matmul":
            out = using.matmul(one, two)
        elif pair.kind == "vecdot":
            out = using.vecdot(one, two)
        else:
            out = using.multiply(one, two)
        arrays.append(out if pair.shape is None else using.reshape(out, pair.shape))
    return arrays[0] if plan.order is None else using.permute_dims(arrays[0], plan.order)


# Reading the subscripts


def _read(subscripts: Any, shapes: tuple[Axes, ...]) -> tuple[list[Labels], Labels]:
    """Give the labels of the axes of each operand and of the result; those of an ellipsis are numbered from the last."""
    if not isinstance(subscripts, str):
        raise ArgumentError(f"subscripts is a string such as 'ij,jk->ik', got {subscripts!r}.")
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ArgumentError(
            f"subscripts {subscripts!r} name {len(terms)} operands, and {len(shapes)} are given."
        )
    read = [
        _term(term, len(shape), subscripts, f"operands[{i}]")
        for i, (term, shape) in enumerate(zip(terms, shapes, strict=True))
    ]
    widest = max((sum(label.startswith(".") for label in labels) for labels in read), default=0)
    dots = tuple(f".{n}" for n in range(widest, 0, -1))
    every = [label for labels in read for label in labels]
    if not arrow:
        once = sorted({label for label in every if every.count(label) == 1 and not label.startswith(".")})
        return read, (*dots, *once)
    out = _labels(right, subscripts, dots)
    for label in out:
        if label not in every:
            raise ArgumentError(
                f"subscripts {subscripts!r} ask for the index {label!r}, which no operand has."
            )
        if out.count(label) > 1:
            raise ArgumentError(f"subscripts {subscripts!r} name the index {label!r} twice in the result.")
    if dots and "..." not in right:
        raise ArgumentError(
            f"subscripts {subscripts!r} have an ellipsis in the operands and none in the result; write '->...' or name the axes."
        )
    return read, out


def _term(term: str, ndim: int, subscripts: str, name: str) -> Labels:
    """Give the labels of the axes of one operand."""
    named = len(term) - 3 * term.count("...")
    if named > ndim or ("..." not in term and named != ndim):
        raise ShapeError(
            f"subscripts {subscripts!r} name {named} axes of {name} with {term!r}, and it has {ndim}."
        )
    return _labels(term, subscripts, tuple(f".{n}" for n in range(ndim - named, 0, -1)))


def _labels(term: str, subscripts: str, dots: Labels) -> Labels:
    """Split a term into labels, with some for its ellipsis."""
    before, ellipsis, after = term.partition("...")
    for letter in before + after:
        if not letter.isalpha():
            raise ArgumentError(
                f"subscripts {subscripts!r} hold {letter!r}; they are made of letters, commas, '...' and '->'."
            )
    return (*before, *(dots if ellipsis else ()), *after)


def _lengths(subscripts: str, read: list[Labels], shapes: tuple[Axes, ...]) -> dict[str, int]:
    """Give the length of each index; along an ellipsis 1 is broadcast."""
    found: dict[str, tuple[int, int]] = {}
    for i, (labels, shape) in enumerate(zip(read, shapes, strict=True)):
        for label, length in zip(labels, shape, strict=True):
            known, whose = found.setdefault(label, (length, i))
            if known == length:
                continue
            if label.startswith(".") and 1 in (known, length):
                found[label] = (length, i) if known == 1 else (known, whose)
                continue
            what = (
                f"axis {label} (counted from the last) of the ellipsis"
                if label[0] == "."
                else f"index {label!r}"
            )
            raise ShapeError(
                f"the {what.replace(' .', ' -')} of subscripts {subscripts!r} has length {known} in operands[{whose}] and {length} "
                f"in operands[{i}]."
            )
    return {label: length for label, (length, _) in found.items()}


# Making the plan


@lru_cache(maxsize=4096)
def planned(subscripts: str, optimize: bool | str, shapes: tuple[Axes, ...]) -> Plan:
    """Make the plan of a sum of products, or give the one that was made before.

    Parameters
    ----------
    subscripts : str
        As in `einsum`.
    optimize : bool or str
        As in `einsum`.
    shapes : tuple of shapes
        Those of the operands.
    """
    if optimize not in (True, False, "greedy", "optimal"):
        raise ArgumentError(f"optimize is True, False, 'greedy' or 'optimal', got {optimize!r}.")
    read, out = _read(subscripts, shapes)
    lengths = _lengths(subscripts, read, shapes)
    singles, terms = [], []
    for place, (labels, shape) in enumerate(zip(read, shapes, strict=True)):
        others = {label for other, each in enumerate(read) if other != place for label in each}
        single, left = _prepared(place, labels, shape, lengths, others | set(out))
        terms.append(left)
        if single is not None:
            singles.append(single)
    path = _path(terms, out, lengths, optimize)
    pairs, work = [], 0
    for i, j in path:
        pair, left, cost = _pair(terms, i, j, out, lengths)
        pairs.append(pair)
        work += cost
        terms = [term for place, term in enumerate(terms) if place not in (i, j)] + [left]
    order = tuple(terms[0].index(label) for label in out)
    return Plan(tuple(singles), tuple(pairs), None if order == tuple(range(len(order))) else order, work)


def _prepared(
    place: int, labels: Labels, shape: Axes, lengths: dict[str, int], wanted: set[str]
) -> tuple[Single | None, Labels]:
    """Take the diagonals of an operand, sum over what is its own, and drop what is broadcast."""
    axes, diagonals = list(labels), []
    sizes = list(shape)
    for label in sorted(set(labels)):
        while axes.count(label) > 1:
            a = axes.index(label)
            b = axes.index(label, a + 1)
            diagonals.append((a, b))
            for axis in (b, a):
                del axes[axis]
                length = sizes.pop(axis)
            axes.append(label)
            sizes.append(length)
    summed = tuple(a for a, label in enumerate(axes) if label not in wanted)
    left = [(label, n) for label, n in zip(axes, sizes, strict=True) if label in wanted]
    kept = [(label, n) for label, n in left if n == lengths[label]]
    if not (diagonals or summed or len(kept) < len(left)):
        return None, labels
    reshaped = None if len(kept) == len(left) else tuple(n for _, n in kept)
    return Single(place, tuple(diagonals), summed, reshaped), tuple(label for label, _ in kept)


def _pair(
    terms: list[Labels], i: int, j: int, out: Labels, lengths: dict[str, int]
) -> tuple[Pair, Labels, int]:
    """Plan the product of two arrays."""
    wanted = {label for place, term in enumerate(terms) if place not in (i, j) for label in term} | set(out)
    one, two = terms[i], terms[j]
    both = [label for label in one if label in two]
    stack = tuple(label for label in both if label in wanted)
    summed = tuple(label for label in both if label not in wanted)
    rows = tuple(label for label in one if label not in both)
    columns = tuple(label for label in two if label not in both)
    if summed and _turned(rows, columns, out):
        i, j, one, two, rows, columns = j, i, two, one, columns, rows
    # The sum goes in the order of the larger factor, which is then not copied.
    larger = one if _size(one, lengths) >= _size(two, lengths) else two
    summed = tuple(label for label in larger if label in summed)
    left = (*stack, *rows, *columns)
    if not summed:
        # In the order of the result at once; indices that are summed over later come first.
        left = tuple(sorted(left, key=lambda label: out.index(label) if label in out else -1))
    lead = tuple(lengths[label] for label in stack)
    m, k, n = (_size(labels, lengths) for labels in (rows, summed, columns))
    shapes: tuple[Axes, Axes]
    if not summed:
        kind, made = "multiply", None
        wishes = (
            tuple(label for label in left if label in one),
            tuple(label for label in left if label in two),
        )
        shapes = _spread(left, one, lengths), _spread(left, two, lengths)
    else:
        kind = "matmul" if rows or columns else "vecdot"
        wishes = (*stack, *rows, *summed), (*stack, *summed, *columns)
        if kind == "vecdot":
            shapes, made = ((*lead, k), (*lead, k)), lead
        elif not columns and not stack:
            shapes, made = ((m, k), (k,)), (m,)
        elif not rows and not stack:
            shapes, made = ((k,), (k, n)), (n,)
        else:
            shapes, made = ((*lead, m, k), (*lead, k, n)), (*lead, m, n)
    given = [tuple(lengths[label] for label in labels) for labels in wishes]
    result = tuple(lengths[label] for label in left)
    pair = Pair(
        (i, j),
        kind,
        (_order(one, wishes[0]), _order(two, wishes[1])),
        (_changed(given[0], shapes[0]), _changed(given[1], shapes[1])),
        None if made is None else _changed(made, result),
        (_size(stack, lengths), m, k, n),
        _letters(one, two, left),
    )
    return pair, left, _size((*stack, *summed, *rows, *columns), lengths)


def _spread(left: Labels, term: Labels, lengths: dict[str, int]) -> Axes:
    return tuple(lengths[label] if label in term else 1 for label in left)


def _changed(before: Axes, after: Axes) -> Axes | None:
    return None if before == after else after


def _letters(*terms: Labels) -> str:
    """Write two factors and their product as subscripts."""
    known = {label: ascii_letters[i] for i, label in enumerate(dict.fromkeys((*terms[0], *terms[1])))}
    one, two, out = ("".join(known[label] for label in term) for term in terms)
    return f"{one},{two}->{out}"


def _turned(rows: Labels, columns: Labels, out: Labels) -> bool:
    """Tell whether the result is in order with the factors exchanged."""
    ranks = [[out.index(label) for label in part if label in out] for part in (rows, columns)]
    return bool(ranks[0] and ranks[1]) and min(ranks[1]) < min(ranks[0])


def _order(labels: Labels, wanted: Labels) -> Axes | None:
    return None if labels == wanted else tuple(labels.index(label) for label in wanted)


def _size(labels: Labels, lengths: dict[str, int]) -> int:
    return math.prod(lengths[label] for label in labels)


# Choosing the order of the products


def _path(
    terms: list[Labels], out: Labels, lengths: dict[str, int], optimize: bool | str
) -> Iterator[tuple[int, int]]:
    """Give the places of two arrays again and again; their product goes behind the others."""
    count = len(terms)
    if count < 3 or optimize is False:
        # Left to right: after the first product the result stands last.
        for step in range(count - 1):
            yield (0, 1) if step == 0 else (count - step - 1, 0)
    elif optimize == "optimal" or (optimize is True and count <= FEW):
        yield from _by_number(_best(terms, out, lengths), count)
    elif optimize is True and find_spec("opt_einsum"):
        yield from _asked(terms, out, lengths)
    else:
        yield from _greedy(terms, out, lengths)


Tree: TypeAlias = "int | tuple[Tree, Tree]"


def _best(terms: list[Labels], out: Labels, lengths: dict[str, int]) -> Tree:
    """Find the tree of products with the fewest multiplications and the smallest results."""
    count = len(terms)
    indices = [frozenset(term) for term in terms]
    every = (1 << count) - 1

    def labels(members: int) -> frozenset[str]:
        return frozenset().union(*(indices[i] for i in range(count) if members >> i & 1))

    inside = {members: labels(members) for members in range(1, every + 1)}
    wanted = frozenset(out)
    left = {
        members: each & (wanted | inside.get(every ^ members, frozenset()))
        for members, each in inside.items()
    }
    best: dict[int, tuple[int, Tree]] = {1 << i: (0, i) for i in range(count)}
    for members in range(1, every + 1):
        if members in best:
            continue
        found: tuple[int, Tree] | None = None
        part = (members - 1) & members
        while part > members ^ part:
            rest = members ^ part
            cost = best[part][0] + best[rest][0]
            if found is None or cost < found[0]:
                cost += _size(tuple(left[part] | left[rest]), lengths)
                if found is None or cost < found[0]:
                    found = (cost, (best[part][1], best[rest][1]))
            part = (part - 1) & members
        assert found is not None
        best[members] = (found[0] + _size(tuple(left[members]), lengths), found[1])
    return best[every][1]


def _by_number(tree: Tree, count: int) -> Iterator[tuple[int, int]]:
    """Turn a tree into places among the arrays that there are at each step."""
    standing: list[Tree] = list(range(count))

    def steps(node: Tree) -> Iterator[tuple[Tree, Tree]]:
        if isinstance(node, tuple):
            yield from steps(node[0])
            yield from steps(node[1])
            yield node

    for one, two in steps(tree):
        # In the order of the operands, in which their axes mostly lie as a product wants them.
        i, j = sorted((standing.index(one), standing.index(two)))
        yield (i, j)
        standing = [each for place, each in enumerate(standing) if place not in (i, j)] + [(one, two)]


def _greedy(terms: list[Labels], out: Labels, lengths: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Make the product next that shrinks the arrays the most, or swells them the least."""
    standing = [frozenset(term) for term in terms]
    while len(standing) > 1:
        best: tuple[Any, int, int, frozenset[str]] | None = None
        for i in range(len(standing)):
            for j in range(i + 1, len(standing)):
                others = frozenset(out).union(*(s for k, s in enumerate(standing) if k not in (i, j)))
                union = standing[i] | standing[j]
                left = union & others
                sizes = [_size(tuple(each), lengths) for each in (left, standing[i], standing[j], union)]
                rank = (sizes[0] - sizes[1] - sizes[2], sizes[3])
                if best is None or rank < best[0]:
                    best = (rank, i, j, left)
        assert best is not None
        _, i, j, left = best
        yield (i, j)
        standing = [each for place, each in enumerate(standing) if place not in (i, j)] + [left]


def _asked(terms: list[Labels], out: Labels, lengths: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Ask opt_einsum, which has better searches for many operands."""
    from opt_einsum.paths import auto  # here alone, as accel needs no package to be there

    path = auto([frozenset(term) for term in terms], frozenset(out), lengths)
    standing = len(terms)
    for step in path:
        places = tuple(step)
        # Of a step with more operands than two the first two go first, and their product then stands last.
        while len(places) > 1:
            i, j = places[:2]
            yield (i, j)
            standing -= 1
            moved = [place - (place > i) - (place > j) for place in places[2:]]
            places = (*moved, standing - 1) if moved else ()
