"""`python -m workloads`: measure, and write the page."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from workloads import ALL
from workloads.measurement import measure
from workloads.page import machine, page, summary


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names of workloads; all without")
    parser.add_argument("--rounds", type=int, default=15, help="samples of each contender in a run")
    parser.add_argument("--runs", type=int, default=2, help="how often everything is done anew")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, os.cpu_count() or 1}))
    parser.add_argument("--small", action="store_true", help="small sizes: only to see that everything runs")
    parser.add_argument("--write", type=Path, help="write the page to this Markdown file")
    parser.add_argument("--record", type=Path, help="write the numbers to this JSON file, which --page reads")
    parser.add_argument("--page", type=Path, help="measure nothing: take the numbers of this JSON file")
    args = parser.parse_args()
    names = [w.name for w in ALL if not args.names or any(part in w.name for part in args.names)]
    if args.page:
        records = json.loads(args.page.read_text(encoding="utf-8"))
    else:
        records = {
            "made": {**machine(), "rounds": args.rounds, "runs": args.runs},
            "workloads": {name: {} for name in names},
        }
        steps = measure(
            records["workloads"],
            rounds=args.rounds,
            threads=args.threads,
            runs=args.runs,
            small=args.small,
        )
        for _ in steps:
            if args.record:
                args.record.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    text = page(records)
    if args.write:
        args.write.write_text(text, encoding="utf-8")
        print("\n".join(summary(records)))
    else:
        print(text)


if __name__ == "__main__":
    main()
