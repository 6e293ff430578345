"""The command line: ``python -m accel COMMAND``, or ``accel COMMAND``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]

COMMANDS = {
    "doctor": ("accel.doctor", "say which backends and devices are usable, why not, and what would help"),
    "verify": (
        "accel.verify",
        "run conformance, accuracy and the ledger on this machine's devices, and report",
    ),
}
"""Name -> (module, what it does); a module has ``add_arguments(parser)`` and ``run(arguments)``, which gives the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="accel", description="One tensor-op API over native arrays.")
    parser.add_argument("--version", action="version", version=f"accel {import_module('accel').__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        implementation = import_module(module)
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        implementation.add_arguments(command)
        command.set_defaults(run=implementation.run)
    parsed = parser.parse_args(arguments)
    return int(parsed.run(parsed))


if __name__ == "__main__":
    sys.exit(main())
