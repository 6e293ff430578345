"""A chart: the error of one function over its domain, one line for each row, as SVG that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

__all__ = ["Line", "chart", "key", "short"]

Line = tuple[str, Sequence[tuple[float, float]], int]
"""Name of a row; its curve: argument and worst error in its bin; the number of its style, the same in all charts."""

WIDTH, HEIGHT = 360, 176
LEFT, RIGHT, TOP, BOTTOM = 34, 352, 12, 150


def short(x: float, *, brief: bool = False) -> str:
    """Write a number in few signs; a brief one has an exponent from 1000 on."""
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    size = abs(x)
    if size == 0:
        text = "0"
    elif 0.001 <= size < (1000 if brief else 10000):
        text = f"{size:.4g}" if size >= 1000 else f"{size:.3g}"
    else:
        figure, _, exponent = f"{size:.1e}".partition("e")
        text = f"{figure.removesuffix('.0')}e{int(exponent)}"
    return text.replace("-", "−") if x >= 0 else f"−{text.replace('-', '−')}"


def chart(lines: Sequence[Line], promise: float | None, label: str) -> str:
    """Draw curves of errors.

    Parameters
    ----------
    lines : sequence of Line
        The curves; arguments are spaced evenly in their order, so that each part of the domain has its room.
    promise : float or None
        Drawn as a line of its own.
    label : str
        What the picture shows, for those who cannot see it.
    """
    finite = [y for _, curve, _ in lines for _, y in curve if math.isfinite(y)]
    top = max([*finite, promise or 0, 1.0]) * 1.12
    # Where one line would flatten all others, powers of ten are evenly spaced.
    steep = promise is not None and top > 5 * promise

    def height(y: float) -> float:
        share = 1.0 if not math.isfinite(y) else math.log1p(y) / math.log1p(top) if steep else y / top
        return BOTTOM - share * (BOTTOM - TOP)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}"><title>{escape(label)}</title>'
    ]
    ticks = _decades(top) if steep else _ticks(top)
    ticks = [t for n, t in enumerate(ticks) if n == 0 or height(ticks[n - 1]) - height(t) > 11]
    for tick in ticks:
        y = height(tick)
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{short(tick)}</text>')
    for place, argument in _arguments(lines[0][1]):
        anchor = "start" if place == 0 else "end" if place == 1 else "middle"
        x = LEFT + place * (RIGHT - LEFT)
        parts.append(f'<text x="{x:.1f}" y="{BOTTOM + 15}" text-anchor="{anchor}">{short(argument)}</text>')
    for _, curve, number in lines:
        step = (RIGHT - LEFT) / max(1, len(curve) - 1)
        points = " ".join(f"{LEFT + n * step:.1f},{height(y):.1f}" for n, (_, y) in enumerate(curve))
        parts.append(f'<polyline class="line s{number % 6}" points="{points}"/>')
    if promise is not None:
        y = height(promise)
        parts.append(f'<line class="promise" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="promised" x="{RIGHT}" y="{y - 4:.1f}" text-anchor="end">promise {short(promise)}</text>'
        )
    parts.append("</svg>")
    return "".join(parts)


def key(number: int) -> str:
    """Draw the key of a line."""
    return f'<svg viewBox="0 0 22 8" aria-hidden="true"><line class="line s{number % 6}" x1="0" x2="22" y1="4" y2="4"/></svg>'


def _ticks(top: float) -> list[float]:
    step = 10.0 ** math.floor(math.log10(top))
    step = next(s for s in (step / 5, step / 2, step, 2 * step) if top / s <= 5)
    return [n * step for n in range(int(top / step) + 1)]


def _decades(top: float) -> list[float]:
    most = int(math.log10(top))
    apart = -(-most // 5)
    return [0.0, *(10.0**n for n in range(0, most + 1, max(1, apart)))]


def _arguments(curve: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Choose the arguments to write below the axis, each with its place from 0 to 1."""
    if len(curve) < 5:
        return [(0.0, curve[0][0])]
    last = len(curve) - 1
    return [(k / 4, curve[round(k / 4 * last)][0]) for k in range(5)]
