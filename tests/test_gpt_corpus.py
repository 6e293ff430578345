"""The corpus of the GPT example and its tokenizers: the same text, tokens and batches wherever one is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from gpt import corpus, tokenizer
from gpt.corpus import Text, Tokens
from hypothesis import given
from hypothesis import strategies as st

import accel
from accel.errors import ArgumentError

pytest.importorskip("tokenizers")
LEARNT = tokenizer.BPE.train(["def f(x):\n    return x + x\n" * 20, "naïve € 漢字"], 300)


def test_the_standard_library_is_read_in_order_without_what_is_held_back() -> None:
    whole = corpus.standard_library()
    assert whole.documents == corpus.standard_library().documents
    assert whole.size > 3_000_000
    email = corpus.standard_library(("email",))
    assert 100_000 < email.size < 2_000_000
    assert not {*email.documents[:5]} & {*whole.documents}


def test_no_file_of_other_peoples_packages_is_read() -> None:
    source = Path(pytest.__file__).read_text(encoding="utf-8")
    assert source not in corpus.standard_library().documents


def test_a_split_is_by_file_and_loses_none() -> None:
    text = Text(tuple(f"document {i}" for i in range(37)))
    learnt, held = text.split()
    assert sorted((*learnt.documents, *held.documents)) == sorted(text.documents)
    assert not {*learnt.documents} & {*held.documents}
    assert 1 <= len(held.documents) <= 5


def test_a_single_document_is_cut() -> None:
    learnt, held = Text(("x" * 90 + "y" * 10,)).split()
    assert (learnt.documents, held.documents) == (("x" * 90,), ("y" * 10,))


def test_two_documents_are_split_too() -> None:
    learnt, held = Text(("a", "b")).split()
    assert (learnt.documents, held.documents) == (("a",), ("b",))


def test_files_that_are_not_utf_8_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe bad")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "d.png").write_text("not text", encoding="utf-8")
    assert corpus.files([tmp_path]).documents == ("good",)
    with pytest.raises(ArgumentError, match="no text in UTF-8"):
        corpus.files([tmp_path / "b.txt"])
    with pytest.raises(ArgumentError, match="no file or folder"):
        corpus.files([tmp_path / "z.txt"])
    with pytest.raises(ArgumentError, match="no package 'nosuch'"):
        corpus.standard_library(("nosuch",))


@pytest.mark.parametrize("each", [tokenizer.Bytes(), LEARNT], ids=["bytes", "bpe"])
@given(text=st.text(max_size=60))
def test_text_comes_back_from_its_tokens(each: tokenizer.Tokenizer, text: str) -> None:
    tokens = each.encode(text)
    assert tokens.dtype == np.int32
    assert all(0 <= t < each.size for t in tokens)
    assert each.decode(tokens) == text
    assert "".join(each.stream(tokens)) == text
    again = tokenizer.from_json(each.to_json())
    assert (again.size, again.end) == (each.size, each.end)
    assert again.encode(text).tolist() == tokens.tolist()


@pytest.mark.parametrize("each", [tokenizer.Bytes(), LEARNT], ids=["bytes", "bpe"])
def test_every_token_has_its_bytes(each: tokenizer.Tokenizer) -> None:
    assert each.bytes_of(each.end) == b"<|endoftext|>"
    assert {each.bytes_of(t) for t in range(each.size)} >= {bytes([b]) for b in range(256)}


def test_what_was_learnt_makes_text_shorter() -> None:
    text = "return x + x\n"
    assert len(LEARNT.encode(text)) < len(text) / 2


def test_the_same_text_teaches_the_same_tokenizer() -> None:
    documents = corpus.standard_library(("json", "email")).documents
    first = tokenizer.BPE.train(documents, 400)
    assert first.size == 400
    assert tokenizer.BPE.train(documents, 400).to_json() == first.to_json()


def test_halves_of_surrogate_pairs_do_no_harm() -> None:
    for each in (tokenizer.Bytes(), LEARNT):
        assert each.decode(each.encode("a\ud800b")) == "a?b"


@pytest.mark.parametrize("written", ["", "{}", '{"kind": "runes"}', '{"kind": "bpe"}', "[1]"])
def test_what_is_no_tokenizer_is_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="tokenizer"):
        tokenizer.from_json(written)
    (tmp_path / "tokenizer.json").write_text(written, encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"tokenizer\.json"):
        tokenizer.load(tmp_path / "tokenizer.json")


def test_a_tokenizer_that_is_not_of_bytes_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models

    inner = Tokenizer(models.BPE(vocab={"▁a": 0, "<|endoftext|>": 1}, merges=[]))
    (tmp_path / "tokenizer.json").write_text(inner.to_str(), encoding="utf-8")
    with pytest.raises(ArgumentError, match="'▁a', which is not made of bytes"):
        tokenizer.load(tmp_path / "tokenizer.json")


def test_tokens_that_only_the_model_has_are_no_text() -> None:
    assert tokenizer.Bytes().bytes_of(300) == b""
    assert LEARNT.bytes_of(5000) == b""


def test_a_vocabulary_has_room_for_all_bytes() -> None:
    with pytest.raises(ArgumentError, match="need 257"):
        tokenizer.BPE.train(["text"], 256)


def test_a_tokenizer_that_does_not_fit_is_refused() -> None:
    tokenizer.fit(LEARNT, LEARNT.size)
    with pytest.raises(ArgumentError, match=f"{LEARNT.size} tokens and the model 257"):
        tokenizer.fit(LEARNT, 257)


def test_byte_pair_encoding_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(accel.errors.BackendUnavailableError, match="pip install tokenizers"):
        tokenizer.BPE.train(["text"], 300)


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    tokens = Tokens.of(corpus.standard_library(("json",)), tokenizer.Bytes())
    first = tokens.batch(3, 7, (2, 4), 16)
    assert first.shape == (2, 4, 17)
    assert first.dtype == np.int32
    np.testing.assert_array_equal(first, tokens.batch(3, 7, (2, 4), 16))
    assert (first != tokens.batch(3, 8, (2, 4), 16)).any()
    assert (first != tokens.batch(4, 7, (2, 4), 16)).any()


def test_windows_are_pieces_of_the_text_up_to_its_end() -> None:
    tokens = Tokens(np.arange(20, dtype=np.uint16))
    found = np.concatenate([tokens.batch(0, step, (8,), 4) for step in range(40)])
    np.testing.assert_array_equal(found, found[:, :1] + np.arange(5))
    assert (found.min(), found.max()) == (0, 19)
    spread = tokens.spread(4, 4)
    assert (spread.min(), spread.max()) == (0, 19)
    with pytest.raises(ArgumentError, match="20 tokens and a window takes 21"):
        tokens.batch(0, 0, (1,), 20)


def test_documents_are_parted_by_the_end_of_text() -> None:
    tokens = Tokens.of(Text(("ab", "c")), tokenizer.Bytes())
    assert tokens.values.tolist() == [97, 98, 256, 99, 256]
    assert tokens.values.dtype == np.uint16
