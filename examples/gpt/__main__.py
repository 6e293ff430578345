"""The program: ``python examples/gpt train``, and so on."""

import sys
from pathlib import Path


def start() -> int:
    """Run the command line of the package that this file is in."""
    # Started as a folder or a file, Python looks for modules beside this one and not for the package it is in.
    here = Path(__file__).resolve().parent
    sys.path[:] = [str(here.parent), *(p for p in sys.path if Path(p or ".").resolve() != here)]
    from gpt.command import main

    return main()


if __name__ == "__main__":
    sys.exit(start())
