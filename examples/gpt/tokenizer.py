"""Tokenizers: text as numbers, byte by byte or in pieces that were learnt from a text."""

from __future__ import annotations

import codecs
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from accel.errors import ArgumentError, BackendUnavailableError

END = "<|endoftext|>"
"""The text of the token that stands between documents, in the words of GPT-2."""


ENDS = (END, "<|end_of_text|>")
"""The same in the words of public models, the first known one first."""


class Tokenizer(ABC):
    """What turns text into tokens and back.

    ``size`` tokens exist, numbered from 0; ``end`` stands between documents.
    """

    size: int
    end: int

    @abstractmethod
    def encode_all(self, documents: Sequence[str]) -> Iterable[Any]:
        """Give the tokens of each document, as int32 arrays of NumPy."""

    @abstractmethod
    def bytes_of(self, token: int) -> bytes:
        """Give the bytes that a token stands for."""

    @abstractmethod
    def to_json(self) -> str:
        """Give all of the tokenizer as one string, from which `from_json` makes it again."""

    def encode(self, text: str) -> Any:
        """Give the tokens of a text, as an int32 array of NumPy."""
        (tokens,) = self.encode_all([text])
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """Give the text of tokens; bytes that are not UTF-8 become U+FFFD."""
        return b"".join(map(self.bytes_of, tokens)).decode("utf-8", errors="replace")

    def stream(self, tokens: Iterable[int]) -> Iterable[str]:
        """Give text as tokens come: a character whose bytes are spread over several appears with the last of them."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for token in tokens:
            yield decoder.decode(self.bytes_of(token))
        yield decoder.decode(b"", final=True)


class Bytes(Tokenizer):
    """One token for each byte of UTF-8, and 256 for the end of a text."""

    size = 257
    end = 256

    def encode_all(self, documents: Sequence[str]) -> Iterable[Any]:
        """Give the tokens of each document, as int32 arrays of NumPy."""
        for document in documents:
            # What a terminal hands over may hold halves of surrogate pairs, which UTF-8 does not know.
            yield np.frombuffer(document.encode("utf-8", errors="replace"), dtype=np.uint8).astype(np.int32)

    def bytes_of(self, token: int) -> bytes:
        """Give the bytes that a token stands for."""
        if token >= self.end:  # a model may have more tokens than the tokenizer
            return END.encode() if token == self.end else b""
        return bytes([token])

    def to_json(self) -> str:
        """Give all of the tokenizer as one string."""
        return json.dumps({"kind": "bytes"})


class BPE(Tokenizer):
    """Byte pair encoding over bytes, by the ``tokenizers`` package (R. Sennrich, B. Haddow, A. Birch, ACL 2016).

    Parameters
    ----------
    written : str
        A tokenizer in the JSON of that package, which is also the ``tokenizer.json`` that comes with public models.
    """

    def __init__(self, written: str) -> None:
        self._inner = _package().Tokenizer.from_str(written)
        self.size = self._inner.get_vocab_size()
        ends = [self._inner.token_to_id(name) for name in ENDS]
        known = [token for token in ends if token is not None]
        if not known:
            raise ArgumentError(f"the tokenizer has no token {END!r}, which is to stand between documents.")
        self.end = known[0]
        self._special = set(self._inner.get_added_tokens_decoder())
        for piece, token in self._inner.get_vocab().items():
            if token not in self._special and not _ALPHABET.keys() >= {*piece}:
                raise ArgumentError(
                    f"the tokenizer has the token {piece!r}, which is not made of bytes as in GPT-2."
                )

    @classmethod
    def train(cls, documents: Sequence[str], size: int) -> BPE:
        """Learn the pieces of a text.

        Parameters
        ----------
        documents : sequence of str
            The text.
        size : int
            How many tokens there shall be at most: 256 bytes, the end of text, and learnt pairs.
        """
        if not 257 <= size <= 1 << 20:
            raise ArgumentError(
                f"a vocabulary of {size} is asked for; 256 bytes and the end of text need 257, and 1048576 is the most."
            )
        package = _package()
        inner = package.Tokenizer(package.models.BPE())
        inner.pre_tokenizer = package.pre_tokenizers.ByteLevel(add_prefix_space=False)
        inner.decoder = package.decoders.ByteLevel()
        trainer = package.trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=[END],
            initial_alphabet=sorted(_ALPHABET),
            show_progress=False,
        )
        inner.train_from_iterator(documents, trainer=trainer)
        return cls(inner.to_str())

    def encode_all(self, documents: Sequence[str]) -> Iterable[Any]:
        """Give the tokens of each document, as int32 arrays of NumPy."""
        cleaned = [d.encode("utf-8", errors="replace").decode() for d in documents]
        for found in self._inner.encode_batch(cleaned, add_special_tokens=False):
            yield np.asarray(found.ids, dtype=np.int32)

    def bytes_of(self, token: int) -> bytes:
        """Give the bytes that a token stands for."""
        piece = self._inner.id_to_token(token)
        if piece is None:
            return b""
        if token in self._special:
            return str(piece).encode()
        return bytes(_ALPHABET[character] for character in piece)

    def to_json(self) -> str:
        """Give all of the tokenizer as one string."""
        return json.dumps({"kind": "bpe", "written": self._inner.to_str()})


def _alphabet() -> dict[str, int]:
    """Give the characters by which byte-level vocabularies write bytes, after GPT-2.

    A byte that prints in Latin-1 is written as itself, the others as the characters from U+0100 on, in order.
    """
    prints = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in prints]
    return {chr(b): b for b in prints} | {chr(256 + i): b for i, b in enumerate(rest)}


_ALPHABET = _alphabet()


def from_json(written: str) -> Tokenizer:
    """Make the tokenizer that `Tokenizer.to_json` wrote.

    Raises
    ------
    ArgumentError
        If the string was not written by it.
    """
    try:
        facts = json.loads(written)
        kind = facts["kind"]
        if kind == "bytes":
            return Bytes()
        if kind == "bpe":
            return BPE(facts["written"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArgumentError(f"the tokenizer cannot be read ({error}).") from None
    raise ArgumentError(f"a tokenizer of the kind {kind!r} is not known; 'bytes' and 'bpe' are.")


def load(path: Path) -> BPE:
    """Read a ``tokenizer.json``, as it comes with public models.

    Raises
    ------
    ArgumentError
        If the file cannot be read or is not one.
    """
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"the tokenizer {path} cannot be read ({error}).") from None
    try:
        return BPE(written)
    except BackendUnavailableError:
        raise
    except Exception as error:  # the package raises bare Exception
        raise ArgumentError(
            f"{path} is not a byte-level tokenizer in the JSON of the tokenizers package ({error})."
        ) from None


def fit(tokenizer: Tokenizer, vocabulary: int) -> None:
    """Check that a model has a row for each token of a tokenizer.

    Raises
    ------
    ArgumentError
        If the tokenizer has more tokens than the model.
    """
    if tokenizer.size > vocabulary:
        raise ArgumentError(
            f"the tokenizer has {tokenizer.size} tokens and the model {vocabulary}; use the tokenizer that the model was trained with."
        )


def _package() -> Any:
    if find_spec("tokenizers") is None:
        raise BackendUnavailableError(
            "byte pair encoding needs the tokenizers package; write: pip install tokenizers, or take --tokenizer bytes."
        )
    import tokenizers
    import tokenizers.decoders
    import tokenizers.models
    import tokenizers.pre_tokenizers
    import tokenizers.trainers

    return tokenizers
