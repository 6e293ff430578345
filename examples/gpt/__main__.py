"""The program: ``python examples/gpt train``, and so on."""

import sys
from pathlib import Path

# Started as a folder or a file, Python looks for modules beside this one and not for the package it is in.
sys.path[:] = [
    str(Path(__file__).resolve().parents[1]),
    *(p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent),
]

from gpt.command import main

if __name__ == "__main__":
    sys.exit(main())
