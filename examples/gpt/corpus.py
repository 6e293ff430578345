"""Corpora: the source files of Python's standard library, or a user's own text, as tokens to learn from."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import accel
from accel.errors import ArgumentError
from gpt.tokenizer import Tokenizer

HELD_BACK = ("email", "test")
"""Packages left out of the usual corpus: text of the same kind that no model has seen, for fine-tuning."""

NOT_THE_LIBRARY = ("site-packages", "dist-packages", "lib-dynload", "__pycache__")
"""Folders inside the library's own that hold other people's code, or none."""

EVERY = 10
"""One file in so many is kept for validation."""


@dataclass(frozen=True)
class Text:
    """Documents of a corpus.

    Parameters
    ----------
    documents : tuple of str
        One for each file, in the order of their names.
    """

    documents: tuple[str, ...]

    def split(self) -> tuple[Text, Text]:
        """Give the documents to learn from and those for validation: every tenth, by file, so that none is in both.

        A text of a single document is cut: its last tenth, by characters, is for validation.
        """
        if len(self.documents) == 1:
            (only,) = self.documents
            cut = len(only) - len(only) // EVERY
            return Text((only[:cut],)), Text((only[cut:],))
        held = max(1, len(self.documents) // EVERY)
        step = len(self.documents) // held
        validation = self.documents[step - 1 :: step]
        return Text(tuple(d for i, d in enumerate(self.documents) if i % step != step - 1)), Text(validation)

    @property
    def size(self) -> int:
        """Number of characters."""
        return sum(map(len, self.documents))


def standard_library(packages: Sequence[str] = (), *, bytes_at_most: int | None = None) -> Text:
    """Read the source files of the standard library of the Python that runs this.

    Parameters
    ----------
    packages : sequence of str, optional
        Top-level packages to read, such as ``("email",)``. Without them: everything but `HELD_BACK`.
    bytes_at_most : int, optional
        Read files in the order of their names until this many bytes are reached.

    Returns
    -------
    Text
        Files that are not UTF-8, and empty ones, are skipped.

    Raises
    ------
    ArgumentError
        If a package is not there, or nothing is.
    """
    root = Path(sysconfig.get_path("stdlib"))
    if packages:
        for name in packages:
            if not (root / name).is_dir():
                raise ArgumentError(
                    f"the standard library in {root} has no package {name!r}; name one of its folders, such as 'email' or 'json'."
                )
        folders = [root / name for name in packages]
        found = {path for folder in folders for path in folder.rglob("*.py")}
    else:
        found = {path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in HELD_BACK}
    names = {path.relative_to(root).as_posix(): path for path in found}
    kept = [
        names[name]
        for name in sorted(names)
        if not {*names[name].relative_to(root).parts} & {*NOT_THE_LIBRARY}
    ]
    return _read(kept, root, bytes_at_most)


def files(paths: Iterable[Path], *, bytes_at_most: int | None = None) -> Text:
    """Read a user's own text: files, and the ``.txt``, ``.md`` and ``.py`` files of folders.

    Raises
    ------
    ArgumentError
        If a path does not exist, or nothing in UTF-8 is found.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix in (".txt", ".md", ".py") and p.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise ArgumentError(f"there is no file or folder {path}; name text to learn from.")
    return _read(found, ", ".join(map(str, paths)), bytes_at_most)


def _read(paths: Iterable[Path], where: object, bytes_at_most: int | None) -> Text:
    documents, total = [], 0
    for path in paths:
        if bytes_at_most is not None and total >= bytes_at_most:
            break
        try:
            data = path.read_bytes()
            document = data.decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if document:
            documents.append(document)
            total += len(data)
    if not documents:
        raise ArgumentError(f"{where} holds no text in UTF-8; name files or folders that do.")
    return Text(tuple(documents))


@dataclass(frozen=True)
class Tokens:
    """A corpus in tokens.

    Parameters
    ----------
    values : numpy.ndarray, (n,), uint16 or int32
        Tokens of all documents, each followed by the tokenizer's end of text.
    """

    values: Any

    @classmethod
    def of(cls, text: Text, tokenizer: Tokenizer) -> Tokens:
        """Turn documents into tokens."""
        dtype = np.uint16 if tokenizer.size <= 1 << 16 else np.int32
        end = np.asarray([tokenizer.end], dtype=dtype)
        parts = [
            part for piece in tokenizer.encode_all(text.documents) for part in (piece.astype(dtype), end)
        ]
        return cls(np.concatenate(parts))

    @property
    def digest(self) -> str:
        """Fingerprint of the tokens."""
        return hashlib.sha256(self.values.data).hexdigest()[:16]

    def batch(self, seed: int, step: int, shape: tuple[int, ...], length: int) -> Any:
        """Draw windows at random places.

        The places are made of the seed and the step alone, by `accel.random`: the same on every backend, and for a run
        that was interrupted the same as if it had not been.

        Parameters
        ----------
        seed, step : int
            What the batch is a function of.
        shape : tuple of int
            How many windows, such as ``(batch,)`` or ``(accumulate, batch)``.
        length : int
            Tokens of a window; one more is read, which the last one is to predict.

        Returns
        -------
        numpy.ndarray, (*shape, length + 1), int32

        Raises
        ------
        ArgumentError
            If the corpus is shorter than a window.
        """
        room = self._room(length)
        key = accel.random.fold_in(accel.random.key(seed, device="numpy"), step)
        start = accel.to_numpy(accel.random.randint(key, shape, 0, room, dtype=accel.int32))
        return self._windows(start, length)

    def spread(self, windows: int, length: int) -> Any:
        """Give windows at even distances from start to end, the same at each call: for validation.

        Returns
        -------
        numpy.ndarray, (windows, length + 1), int32
        """
        room = self._room(length)
        return self._windows(np.linspace(0, room - 1, windows).astype(np.int64), length)

    def _room(self, length: int) -> int:
        room = len(self.values) - length
        if room < 1:
            raise ArgumentError(
                f"the text has {len(self.values)} tokens and a window takes {length + 1}; give more text or a smaller --length."
            )
        return room

    def _windows(self, start: Any, length: int) -> Any:
        return self.values[np.asarray(start)[..., None] + np.arange(length + 1)].astype(np.int32)
