"""Logarithm, exponential and the normal distribution, made of + - * / sqrt and comparisons alone: the same bits on every backend.

Each product that something is added to goes through `accel.composition.kept`, lest a compiler round the two only once. Scaling by a
power of two is exact and needs no care. What may depend on parameters alone is divided by `quotient`: of a division by one number for
all elements a compiler may make a product with its reciprocal. Numbers are float32 or float64; the arithmetic is that of their dtype.

Coefficients: of the logarithm and the exponential, FDLIBM (Sun Microsystems, 1993; e_log.c, e_exp.c and their float versions); of the
normal quantile, M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988), PPND16 for float64 and PPND7 for float32; of the normal
distribution function, W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation 23 (1969).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import accel as xp
import accel.registry as registry
from accel.composition import kept

__all__ = [
    "TABLES",
    "Table",
    "distribution",
    "exponential",
    "logarithm",
    "quantile",
    "quotient",
    "reciprocal",
    "table",
]


@dataclass(frozen=True)
class Table:
    """The numbers of one dtype."""

    name: str
    bits: int
    """Of the random word that a number is made of."""
    digits: int
    """Of those, the ones that are used."""
    steps: tuple[int, ...]
    """Powers of two by which numbers are brought near to 1."""
    ln2: tuple[float, float]
    """log(2), in a part of few digits, by which whole numbers can be multiplied exactly, and the rest."""
    log: tuple[float, ...]
    exp: tuple[float, ...]
    least: float
    """Below this the exponential is 0."""
    center: tuple[tuple[float, ...], tuple[float, ...]]
    tail: tuple[tuple[float, ...], tuple[float, ...]]
    far: tuple[tuple[float, ...], tuple[float, ...]]


TABLES = {
    "float32": Table(
        name="float32",
        bits=32,
        digits=32,
        steps=(64, 32, 16, 8, 4, 2, 1),
        ln2=(0.693145751953125, 1.42860682030941723e-06),
        log=(0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841),
        exp=(1.6666625440e-1, -2.7667332906e-3),
        least=-87.0,
        center=(
            (3.3871327179, 50.434271938, 159.29113202, 59.109374720),
            (1.0, 17.895169469, 78.757757664, 67.187563600),
        ),
        tail=((1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103), (1.0, 0.73700164250, 0.12021132975)),
        far=(
            (6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997),
            (1.0, 0.24197894225, 0.012258202635),
        ),
    ),
    "float64": Table(
        name="float64",
        bits=64,
        digits=53,
        steps=(512, 256, 128, 64, 32, 16, 8, 4, 2, 1),
        ln2=(6.93147180369123816490e-01, 1.90821492927058770002e-10),
        log=(
            6.666666666666735130e-01,
            3.999999999940941908e-01,
            2.857142874366239149e-01,
            2.222219843214978396e-01,
            1.818357216161805012e-01,
            1.531383769920937332e-01,
            1.479819860511658591e-01,
        ),
        exp=(
            1.66666666666666019037e-01,
            -2.77777777770155933842e-03,
            6.61375632143793436117e-05,
            -1.65339022054652515390e-06,
            4.13813679705723846039e-08,
        ),
        least=-708.0,
        center=(
            (
                3.3871328727963666080e0,
                1.3314166789178437745e2,
                1.9715909503065514427e3,
                1.3731693765509461125e4,
                4.5921953931549871457e4,
                6.7265770927008700853e4,
                3.3430575583588128105e4,
                2.5090809287301226727e3,
            ),
            (
                1.0,
                4.2313330701600911252e1,
                6.8718700749205790830e2,
                5.3941960214247511077e3,
                2.1213794301586595867e4,
                3.9307895800092710610e4,
                2.8729085735721942674e4,
                5.2264952788528545610e3,
            ),
        ),
        tail=(
            (
                1.42343711074968357734e0,
                4.63033784615654529590e0,
                5.76949722146069140550e0,
                3.64784832476320460504e0,
                1.27045825245236838258e0,
                2.41780725177450611770e-1,
                2.27238449892691845833e-2,
                7.74545014278341407640e-4,
            ),
            (
                1.0,
                2.05319162663775882187e0,
                1.67638483018380384940e0,
                6.89767334985100004550e-1,
                1.48103976427480074590e-1,
                1.51986665636164571966e-2,
                5.47593808499534494600e-4,
                1.05075007164441684324e-9,
            ),
        ),
        far=(
            (
                6.65790464350110377720e0,
                5.46378491116411436990e0,
                1.78482653991729133580e0,
                2.96560571828504891230e-1,
                2.65321895265761230930e-2,
                1.24266094738807843860e-3,
                2.71155556874348757815e-5,
                2.01033439929228813265e-7,
            ),
            (
                1.0,
                5.99832206555887937690e-1,
                1.36929880922735805310e-1,
                1.48753612908506148525e-2,
                7.86869131145613259100e-4,
                1.84631831751005468180e-5,
                1.42151175831644588870e-7,
                2.04426310338993978564e-15,
            ),
        ),
    ),
}

CENTER = 0.425
"""How far from 1/2 the middle formula of the quantile goes; this squared is 0.180625."""
ROOT_OF_TWO = 1.4142135623730951

# For |x| <= 0.67448975, up to the root of 32, and beyond; numerators and denominators in order of rising powers.
_NEAR = (
    (
        1.8154981253343561249e4,
        1.0676894854603709582e3,
        1.6102823106855587881e2,
        2.2352520354606839287e0,
        6.5682337918207449113e-2,
    ),
    (4.5507789335026729956e4, 1.0260932208618978205e4, 9.7609855173777669322e2, 4.7202581904688241870e1, 1.0),
)
_MIDDLE = (
    (
        9.8427148383839780218e3,
        1.1602651437647350124e4,
        6.8481904505362823326e3,
        2.4945375852903726711e3,
        5.9727027639480026226e2,
        9.3506656132177855979e1,
        8.8831497943883759412e0,
        3.9894151208813466764e-1,
        1.0765576773720192317e-8,
    ),
    (
        1.9685429676859990727e4,
        3.8912003286093271411e4,
        3.4900952721145977266e4,
        1.8615571640885098091e4,
        6.4855582982667607550e3,
        1.5193775994075548050e3,
        2.3538790178262499861e2,
        2.2266688044328115691e1,
        1.0,
    ),
)
_FAR = (
    (
        2.9112874951168792e-5,
        1.421619193227893466e-3,
        2.2235277870649807e-2,
        1.274011611602473639e-1,
        2.1589853405795699e-1,
        2.307344176494017303e-2,
    ),
    (
        7.29751555083966205e-5,
        3.78239633202758244e-3,
        6.59881378689285515e-2,
        4.68238212480865118e-1,
        1.28426009614491121e0,
        1.0,
    ),
)
_ROOT_OF_A_HALF_PI = 0.3989422804014327
_NARROW = 0.67448975
_WIDE = 5.656854248


def table(dtype: Any) -> Table:
    """Give the numbers for a dtype of float32 or float64."""
    return TABLES["float64" if xp.float64 == dtype else "float32"]


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """Evaluate a polynomial by Horner's rule; the coefficients are in order of rising powers."""
    y = xp.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        y = xp.add(kept(xp.multiply(y, x)), c)
    return y


def _fixed_ratio(x: Any, fraction: tuple[Sequence[float], Sequence[float]]) -> Any:
    return kept(quotient(polynomial(x, fraction[0]), polynomial(x, fraction[1])))


def _ratio(x: Any, fraction: tuple[Sequence[float], Sequence[float]]) -> Any:
    return xp.divide(polynomial(x, fraction[0]), polynomial(x, fraction[1]))


def quotient(x: Any, y: Any) -> Any:
    """Multiply by a reciprocal, for a y that may be one number for all elements."""
    return xp.multiply(x, reciprocal(y))


def reciprocal(x: Any) -> Any:
    """Give 1 / x, and hide from a compiler that it is one."""
    return kept(xp.divide(1.0, x))


def _split(x: Any, t: Table) -> tuple[Any, Any]:
    """Give numbers from 1/2 to below 1, and by which powers of two they are to be multiplied."""
    split = _hook(x, "frexp")
    if split is not None:
        found: tuple[Any, Any] = split(x)
        return found
    m, e = x, xp.zeros_like(x)
    for step in t.steps:
        large = xp.greater_equal(m, 2.0 ** (step - 1))
        m = xp.where(large, xp.multiply(m, 2.0**-step), m)
        e = xp.where(large, xp.add(e, float(step)), e)
    for step in t.steps:
        small = xp.less(m, 2.0**-step)
        m = xp.where(small, xp.multiply(m, 2.0**step), m)
        e = xp.where(small, xp.subtract(e, float(step)), e)
    return m, e


def _scaled(x: Any, n: Any, t: Table) -> Any:
    """Multiply by 2 to powers of 0 and less."""
    scale = _hook(x, "ldexp")
    if scale is not None:
        return scale(x, n)
    for step in t.steps:
        deep = xp.less_equal(n, float(-step))
        x = xp.where(deep, xp.multiply(x, 2.0**-step), x)
        n = xp.where(deep, xp.add(n, float(step)), n)
    return x


def _hook(x: Any, name: str) -> Any:
    backend = registry.owner(type(x))
    return None if backend is None else backend.hook(name)


def logarithm(x: Any, less: Any = None) -> Any:
    """Natural logarithm of positive normal numbers.

    Parameters
    ----------
    x : array, float32 or float64
        The numbers.
    less : array, optional
        x - 1, where it is known better than x says.
    """
    t = table(x.dtype)
    m, e = _split(x, t)
    lower = xp.less(m, ROOT_OF_TWO / 2)
    m = xp.where(lower, xp.multiply(m, 2.0), m)
    e = xp.where(lower, xp.subtract(e, 1.0), e)
    f = xp.subtract(m, 1.0)
    if less is not None:
        f = xp.where(xp.equal(e, 0.0), less, f)
    s = xp.divide(f, xp.add(f, 2.0))
    z = kept(xp.multiply(s, s))
    r = kept(xp.multiply(z, polynomial(z, t.log)))
    h = kept(xp.multiply(xp.multiply(f, 0.5), f))
    low = xp.add(kept(xp.multiply(s, xp.add(h, r))), kept(xp.multiply(e, t.ln2[1])))
    return xp.subtract(xp.multiply(e, t.ln2[0]), xp.subtract(xp.subtract(h, low), f))


def exponential(x: Any) -> Any:
    """Exponential of numbers of 0 and less; 0 where it would be about as small as the least normal number."""
    t = table(x.dtype)
    under = xp.less(x, t.least)
    x = xp.where(under, 0.0, x)
    n = xp.round(xp.multiply(x, 1.4426950408889634))
    high = xp.subtract(x, xp.multiply(n, t.ln2[0]))
    low = kept(xp.multiply(n, t.ln2[1]))
    r = xp.subtract(high, low)
    z = kept(xp.multiply(r, r))
    c = xp.subtract(r, kept(xp.multiply(z, polynomial(z, t.exp))))
    y = kept(quotient(kept(xp.multiply(r, c)), xp.subtract(2.0, c)))
    # Of two constants in one sum a compiler makes one, so each step is kept.
    y = xp.subtract(1.0, kept(xp.subtract(kept(xp.subtract(low, y)), high)))
    return xp.where(under, 0.0, _scaled(kept(y), n, t))


def quantile(p: Any, middle: Any, *, far: bool = True) -> Any:
    """Give the absolute value of the number that a normal variable is below with probability p.

    Parameters
    ----------
    p : array, float32 or float64
        Between 0 and 1/2.
    middle : array
        1/2 - p, which p may not say as well.
    far : bool
        Whether p may be below exp(-25).
    """
    t = table(p.dtype)
    r = xp.subtract(CENTER**2, kept(xp.multiply(middle, middle)))
    center = xp.multiply(middle, _ratio(r, t.center))
    root = xp.sqrt(xp.negative(logarithm(p)))
    tail = _ratio(xp.subtract(root, 1.6), t.tail)
    if far:
        tail = xp.where(xp.less_equal(root, 5.0), tail, _ratio(xp.subtract(root, 5.0), t.far))
    return xp.where(xp.less_equal(middle, CENTER), center, tail)


def distribution(x: Any) -> Any:
    """Probability that a normal variable is below x, for x of 0 and less, and of a little more."""
    a = xp.abs(x)
    square = kept(xp.multiply(a, a))
    near = xp.add(kept(xp.multiply(x, _fixed_ratio(square, _NEAR))), 0.5)
    # The square is split into a part of few digits and a small one, since the exponential of a large number loses digits.
    coarse = xp.multiply(xp.floor(xp.multiply(xp.minimum(a, 64.0), 16.0)), 0.0625)
    rest = xp.multiply(xp.subtract(a, coarse), xp.add(a, coarse))
    density = xp.multiply(
        exponential(xp.multiply(xp.multiply(coarse, coarse), -0.5)), exponential(xp.multiply(rest, -0.5))
    )
    middle = _fixed_ratio(xp.minimum(a, 8.0), _MIDDLE)
    inverse = reciprocal(xp.maximum(a, 1.0))
    z = kept(xp.multiply(inverse, inverse))
    far = xp.multiply(inverse, xp.subtract(_ROOT_OF_A_HALF_PI, kept(xp.multiply(z, _fixed_ratio(z, _FAR)))))
    tail = xp.multiply(density, xp.where(xp.less_equal(a, _WIDE), middle, far))
    return xp.where(
        xp.less_equal(a, _NARROW), near, xp.where(xp.less_equal(x, 0.0), tail, xp.subtract(1.0, kept(tail)))
    )
