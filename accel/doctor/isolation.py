"""Examinations in a process of their own, so that a library that hangs or aborts is reported instead of taking the doctor down.

One child makes all examinations one after another, as a program that uses several backends would: the memory that JAX leaves for CuPy, and a
TPU that serves a single process, are then seen as such a program sees them. Only where the child dies is a new one started, for
what is left. Each step may take a limited time; a watchdog inside the child writes down where it hangs before it ends it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from accel.doctor.examination import Record, blame, blank, examine

__all__ = ["examine_apart", "examine_here", "serve"]

GRACE = 5.0
"""Seconds that the parent grants beyond the limit, for the child's own watchdog to report first."""

PAUSE = 0.2
"""Seconds between two looks at whether a silent child still lives."""

REST = 1.0
"""Seconds in which what a dead child has said must arrive; processes that it left behind may hold the pipe open for ever."""

START = "import json, sys; sys.path[:] = json.loads(sys.stdin.readline()); from accel.doctor.isolation import serve; serve()"
"""The child's program: it sees the modules that its parent sees, in the same order."""


def examine_here(tasks: list[str]) -> Iterator[Record]:
    """Make the examinations in this process."""
    for task in tasks:
        *_, (_, record) = examine(task)
        yield record


def examine_apart(
    tasks: list[str], limit: float, progress: Callable[[str], None] = lambda doing: None
) -> Iterator[Record]:
    """Make the examinations in other processes.

    Parameters
    ----------
    tasks : list of str
        As `plan` lists them.
    limit : float
        How many seconds each step may take.
    progress : callable
        Is told what is being done.

    Yields
    ------
    dict
        One record for each task, in order.
    """
    left = list(tasks)
    while left:
        with tempfile.TemporaryFile("w+", errors="replace") as errors:
            child = _Child(left, limit, errors)
            try:
                record, doing = blank(left[0]), "starting Python"
                for message in child.messages():
                    record, doing = message["record"], message["doing"]
                    if doing:
                        progress(doing)
                        continue
                    yield record
                    left.pop(0)
                    if not left:
                        return
                    record, doing = blank(left[0]), "going on"
                reason = child.end(doing)
            finally:
                child.kill()
        yield blame(record, reason)
        left.pop(0)


class _Child:
    """A process that makes examinations and tells of each step on its standard output."""

    def __init__(self, tasks: list[str], limit: float, errors: IO[str]) -> None:
        self.limit = limit
        self.errors = errors
        self.over = False
        self.slow = False
        # -P: a file in the working directory must not stand in for a module of the standard library.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-X", "faulthandler", "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        assert self.process.stdin is not None
        with contextlib.suppress(OSError), self.process.stdin as stdin:
            stdin.write(f"{json.dumps(sys.path)}\n{json.dumps([tasks, limit])}\n")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def messages(self) -> Iterator[Any]:
        """Give what the child tells, until it ends or says nothing for too long."""
        deadline = time.monotonic() + self.limit + GRACE
        while time.monotonic() < deadline:
            over = self.process.poll() is not None
            if over:
                self.reader.join(REST)
            try:
                line = self.lines.get(timeout=0 if over else PAUSE)
            except queue.Empty:
                if over:
                    return
                continue
            deadline = time.monotonic() + self.limit + GRACE
            yield json.loads(line)
        self.slow = True

    def end(self, doing: str) -> str:
        """Say, once it tells nothing more, how it came to its end."""
        self.kill()
        self.errors.seek(0)
        said, where = _last_words(self.errors.read())
        status = self.process.returncode
        if self.slow or where.startswith("Timeout"):
            how = f"took longer than {self.limit:g} s and was ended"
        elif status < 0:
            how = f"killed the process ({signal.Signals(-status).name})"
        else:
            how = f"ended the process with status {status}"
        place = re.search(r'File "([^"<][^"]*)", line (\d+)', where)
        at = f", at {place[1]}:{place[2]}" if place else ""
        return f"{doing} {how}{at}" + (f"; last words: {said}" if said else "")

    def kill(self) -> None:
        """End the process if it still runs, and let go of its pipe."""
        if self.over:
            return
        self.over = True
        self.process.kill()
        self.process.wait()
        self.reader.join(REST)
        if not self.reader.is_alive() and self.process.stdout is not None:
            self.process.stdout.close()


def _last_words(text: str) -> tuple[str, str]:
    """Split what a dead process wrote into the last line of its own and Python's account of where it was."""
    said, mark, where = text.partition("Fatal Python error")
    if not mark:
        said, mark, where = text.partition("Timeout (")
        # The main thread comes last, the newest first: a device is tried in a thread that the main one waits for.
        stacks = where.split("(most recent call first)")
        where = (
            stacks[1]
            if "threading.py" in stacks[-1].partition("\n  File")[2].partition("\n")[0]
            else stacks[-1]
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines[-1] if lines else ""), mark + where


def serve() -> None:
    """Be the child: make the examinations that the parent asks for, and tell it of each step."""
    tasks, limit = json.loads(sys.stdin.readline())
    # Whatever the libraries print goes to the errors; the parent's channel is ours alone.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for task in tasks:
        for doing, record in examine(task):
            channel.write(json.dumps({"doing": doing, "record": record}, default=str) + "\n")
            channel.flush()
            faulthandler.cancel_dump_traceback_later()
            if doing:
                faulthandler.dump_traceback_later(limit, exit=True)
    channel.close()
    # A library may hang or crash at exit; everything has been told by now.
    os._exit(0)
