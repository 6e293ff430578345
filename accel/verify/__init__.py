"""Whether this machine's devices keep accel's promises: conformance, accuracy and the ledger, run for real.

``python -m accel verify`` runs them on every backend and device that it finds. ``--report`` writes a page for people, ``--json`` the same
for programs, and while it runs, for ``--resume``::

    {
      "schema": 1,
      "accel": {"version": str, "location": str},
      "python": {"version": str, "platform": str},
      "processor": str,
      "asked": {"backends": [str], "devices": [str], "ops": str, "examples": int, "points": int, "seed": int, "emulated": bool},
      "started": str, "seconds": float,               when it first started (ISO 8601), and how long it has run in all
      "planned": int, "complete": bool,               how many steps there are, and whether all of them were made
      "rows": [
        {
          "id": str,                                  "jax-jit on jax:gpu:0"
          "row": str, "backend": str, "device": str, "kind": str, "description": str,
          "emulated": bool,                           the device only imitates its kind
          "versions": {str: str}                      the library, and what the backend says beside
        }
      ],
      "not_run": [{"what": str, "reason": str}],
      "conformance": [
        {
          "row": str,                                 an id from above
          "op": str, "chapter": str,
          "part": "results" | "errors",               right calls, or wrong ones
          "status": "passed" | "failed" | "known" | "unsupported" | "not run",
          "examples": int, "left_out": int, "message": str,
          "call": str | null, "script": str | null,   the smallest counterexample, and a program that shows it
          "seconds": float
        }
      ],
      "accuracy": [
        {
          "row": str, "op": str, "dtype": str,
          "status": "passed" | "failed" | "not run",
          "points": int,                              how many; without any, the keys with numbers are absent
          "max_ulp": number, "mean_ulp": number, "promise": number | null,
          "worst": [number], "got": number, "truth": str,
          "curve": [[number, number]],                argument, worst error in its bin
          "message": str, "script": str | null, "seconds": float
        }
      ],
      "ledger": [
        {
          "row": str, "op": str, "status": "passed" | "failed" | "not run", "entries": int, "message": str,
          "failures": [{"case": str, "call": str, "message": str, "script": str}],
          "seconds": float
        }
      ],
      "deviations": [{"backend": str, "row": str, "op": str, "case": str, "reason": str, "link": str, "since": str}],
      "open": [{"op": str, "case": str, "call": str, "reason": str, "checked": str}]
    }

In place of a number that JSON has not stands ``"inf"``, ``"-inf"`` or ``"nan"``, and a complex number is written as Python writes it. Later
versions of accel may add keys; a key that changes or goes raises ``schema``.

Exit status: 0 if everything is as promised, 1 if not, 2 if the command itself is wrong, 3 if a backend or device that was named is not usable
or nothing could run at all, 130 after Ctrl-C or SIGTERM. What was done before that is reported, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from pathlib import Path

__all__ = ["add_arguments", "run"]

NEEDED = ("hypothesis", "mpmath", "pytest")
"""The packages of the extra ``testing``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument(
        "--backend",
        action="append",
        default=[],
        metavar="B",
        help="a backend to verify; may be repeated; by default every one that is usable here",
    )
    parser.add_argument(
        "--device",
        action="append",
        default=[],
        metavar="D",
        help="a device to verify: gpu, jax:cpu:3; may be repeated; by default one of each kind that a backend has",
    )
    parser.add_argument(
        "--ops", default="*", metavar="GLOB", help="ops to verify, as in 'linalg.*' or 'add,sub*'"
    )
    parser.add_argument(
        "--examples",
        type=_count,
        default=20,
        metavar="N",
        help="calls to draw for each op on each row (default: %(default)s)",
    )
    parser.add_argument(
        "--points",
        type=_count,
        default=2000,
        metavar="N",
        help="arguments at which the error of a function is measured (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=None, metavar="S", help="what the draws begin with (default: 0)"
    )
    parser.add_argument(
        "--emulated", action="store_true", help="verify devices that only imitate their kind, too"
    )
    parser.add_argument("--report", type=Path, metavar="OUT.html", help="write a page for people")
    parser.add_argument(
        "--json", type=Path, metavar="OUT.json", help="keep the results, as they come, in a file for programs"
    )
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="go on with what an earlier --json has kept, and skip what is done",
    )


def _count(text: str) -> int:
    if re.fullmatch("[0-9]{1,9}", text) is None or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of them; write 1 or more")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command; give its exit status."""
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        sys.stderr.write(
            f"accel verify needs {' and '.join(lacking)}, which this Python has not; write: pip install 'accel-xp[testing]'\n"
        )
        return 3
    from accel.verify.command import carry_out

    return carry_out(arguments)
