"""What accel finds on this machine: every backend and device, usable or not, why, and what would help.

``python -m accel doctor`` prints it for a person, ``--json`` for a program::

    {
      "schema": 1,
      "accel": {"version": str, "location": str},
      "python": {"version": str, "executable": str, "platform": str},
      "environment": {str: str},                      variables that steer accel
      "backends": [
        {
          "name": str,                                root package of the array class; name of the entry point
          "module": str,                              the namespace
          "distribution": str | null, "distribution_version": str | null,
          "kinds": [str] | null,                      kinds of device it may have, the preferred first; null: does not say
          "usable": bool,                             at least one device is
          "reason": str | null, "fix": str | null,    why not, and the command or step that would help
          "installed": bool,                          the library is there to be imported, if perhaps not with success
          "versions": {str: str},                     the library, and what the backend says beside
          "devices": [
            {
              "name": str, "kind": str, "index": int, "description": str,
              "emulated": bool,                       only imitates its kind; never chosen automatically
              "usable": bool, "reason": str | null, "fix": str | null
            }
          ],
          "notes": [{"text": str, "fix": str | null}],
          "seconds": float | null                     to load it and try its devices; null: it never came to an end
        }
      ],
      "choice": {                                     where neither an argument nor an array names a device
        "device": str | null, "description": str | null, "rule": str | null,
        "passed_over": [str],
        "reason": str | null, "fix": str | null       why none can be chosen, and what would help
      },
      "required": [{"name": str, "usable": bool, "device": str | null, "emulated": bool | null, "reason": str | null}],
      "problems": [{"text": str, "fix": str}]         of the installation as a whole
    }

Later versions of accel may add keys; a key that changes or goes raises ``schema``.

Exit status: 0, or 1 if a name given by ``--require`` is not usable or if accel finds no device at all (the reason is on standard
error), or 2 if the command itself is wrong.

If another distribution has overwritten ``accel/__main__.py`` (the chemistry package ``accel`` does), ``python -m accel.doctor`` still works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence

import accel.placement as placement
import accel.registry as registry
from accel.doctor import installation
from accel.doctor.examination import DEVICE_NAME, Record, plan
from accel.doctor.isolation import examine_apart, examine_here
from accel.doctor.text import report

__all__ = ["add_arguments", "examine", "report", "run"]

LIMIT = 60.0
"""Seconds that a step may take: importing a library from a slow network disk and starting a GPU take tens of seconds."""


def examine(required: Sequence[str] = (), *, limit: float | None = None) -> Record:
    """Examine every backend and device.

    Parameters
    ----------
    required : sequence of str
        Names of backends or devices that ought to be usable.
    limit : float, optional
        None examines the running process: what it has imported and set up counts, and a library that aborts ends it. A number
        makes the examination in a process of its own, in which each step may take so many seconds.

    Returns
    -------
    dict
        As the module's docstring lists it. Every backend is loaded, so it may take seconds.

    Examples
    --------
    >>> import accel.doctor
    >>> found = accel.doctor.examine()
    >>> [b["usable"] for b in found["backends"] if b["name"] == "numpy"]
    [True]
    """
    tasks = plan(tuple(required))
    records = examine_here(tasks) if limit is None else examine_apart(tasks, limit, _progress)
    by_task = dict(zip(tasks, records, strict=True))
    backends = [record for task, record in by_task.items() if task.startswith("backend ")]
    choice = by_task["choice"]
    if choice["device"] is None:
        choice["fix"] = _way_out([d["name"] for b in backends for d in b["devices"] if d["usable"]])
    return {
        "schema": 1,
        "accel": {"version": installation.version(), "location": installation.location()},
        "python": {
            "version": platform.python_version(),
            "executable": sys.executable,
            "platform": f"{platform.system()} {platform.machine()}",
        },
        "environment": {name: os.environ[name] for name in (placement.VARIABLE,) if name in os.environ},
        "backends": backends,
        "choice": choice,
        "required": [record for task, record in by_task.items() if task.startswith("required ")],
        "problems": installation.problems(),
    }


def _way_out(usable: list[str]) -> str | None:
    """Say how to choose by hand where accel cannot: a device that is named is looked for in its backend alone."""
    variable = placement.VARIABLE
    if not usable:
        return f"unset {variable}" if variable in os.environ else None
    if variable in os.environ:
        return f"unset {variable}, or set it to one of: {', '.join(usable)}"
    return f"export {variable}={usable[-1]}"


def _progress(doing: str) -> None:
    """Say on a terminal what is being done, on a line that is wiped."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{doing} ..." if doing else "\r\x1b[K")
        sys.stderr.flush()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.add_argument(
        "--json", action="store_true", help="print a report for programs instead of one for people"
    )
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="NAME",
        type=_device_name,
        help="exit with status 1 unless this backend or device is usable: jax, gpu, jax:cpu:3; may be repeated",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=LIMIT,
        metavar="SECONDS",
        help="how long a single step may take, such as importing a library (default: %(default)g)",
    )


def _device_name(text: str) -> str:
    if DEVICE_NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no name of a backend or device; write [backend:]kind[:index], such as 'gpu' or 'jax:cpu:3', "
            f"or a backend ({', '.join(registry.names())})"
        )
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command; give its exit status."""
    found = examine(arguments.require, limit=arguments.timeout)
    _progress("")
    if arguments.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        sys.stdout.write(report(found, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    missing = [
        f"accel doctor: {r['name']} is not usable: {r['reason']}"
        for r in found["required"]
        if not r["usable"]
    ]
    if found["choice"]["device"] is None:
        missing.append(f"accel doctor: no device can be chosen: {found['choice']['reason']}")
    sys.stdout.flush()
    sys.stderr.writelines(f"{line}\n" for line in missing)
    return 1 if missing else 0
