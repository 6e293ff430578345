"""`python -m lending`: measure, and write the page."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from workloads.page import machine

from lending.measurement import CONTENDERS, PRODUCTS, Times, break_even, measure

SIZES = [1_000, 10_000, 100_000, 1_000_000, 4_000_000]

INTRODUCTION = """\
# Lending NumPy arrays to a compiler

`accel.jit` of NumPy arrays lends them to JAX's compiler and gives NumPy arrays back ([transforms](transforms.md)). This page, made by
`nox -s lending`, shows when that pays: times of one call in float32, new results each time, of plain NumPy code, of the same
computation with accel's functions, of that one compiled, and of the compiled one on arrays of JAX's, which are lent by nobody: less than
that lending cannot take. One process, all processors, {rounds} rounds in which the contenders take
turns; shown is the median, and in brackets the time of plain NumPy code over it. Compiling is done before. The code is in `benchmarks/lending/`.

{machine}

"""

FLOORS = """\
Where the time is that of matrix products a compiler saves little: BLAS makes them for plain NumPy, and no faster for anybody. These are the
times of the products alone, in NumPy; in brackets the time of plain NumPy code over it, which is what would be reached if all else took no time.
Results of many megabytes lie in new pages of memory, which the system has to clear; NumPy asks it for large pages, and XLA does not."""


def page(times: dict[str, dict[int, Times]], rounds: int) -> str:
    """Write the page."""
    about = machine()
    lines = [
        INTRODUCTION.format(rounds=rounds, machine=f"Made on: {about['machine']}. {about['versions']}."),
        f"| computation | elements | {' | '.join(CONTENDERS)} |",
        f"| --- | ---: | {' | '.join('---:' for _ in CONTENDERS)} |",
    ]
    for name, sizes in times.items():
        for size, each in sizes.items():
            middle = [statistics.median(each[c]) for c in CONTENDERS]
            cells = [f"{t * 1e3:,.3f} ms ({middle[0] / t:.2f}x)" for t in middle]
            lines.append(f"| {name} | {size:,} | {' | '.join(cells)} |")
    lines += [
        "",
        FLOORS,
        "",
        f"| computation | elements | {PRODUCTS} | plain NumPy |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, sizes in times.items():
        for size, each in sizes.items():
            if PRODUCTS in each:
                alone, whole = (statistics.median(each[c]) for c in (PRODUCTS, CONTENDERS[0]))
                lines.append(
                    f"| {name} | {size:,} | {alone * 1e3:,.3f} ms ({whole / alone:.2f}x) | {whole * 1e3:,.3f} ms |"
                )
    lines += ["", "| computation | elements from which compiling pays |", "| --- | ---: |"]
    lines += [f"| {name} | {break_even(sizes)} |" for name, sizes in times.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lending", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="samples of each contender")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="about how many elements a result has"
    )
    parser.add_argument("--write", type=Path, help="write the page to this Markdown file")
    args = parser.parse_args()
    text = page(measure(args.sizes, args.rounds), args.rounds)
    if args.write:
        args.write.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
