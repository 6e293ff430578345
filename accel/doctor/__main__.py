"""The doctor alone: ``python -m accel.doctor`` works even where another package has overwritten ``accel/__main__.py``."""

from __future__ import annotations

import argparse
import sys

from accel.doctor import add_arguments, run

parser = argparse.ArgumentParser(
    prog="python -m accel.doctor", description="Examine every backend and device."
)
add_arguments(parser)
sys.exit(run(parser.parse_args()))
