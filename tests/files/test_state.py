"""A PNG carries its Document; other programs can read and copy it, and a damaged one is refused."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from shiftlab.document import Document
from shiftlab.files import state
from shiftlab.files.session import SessionError
from shiftlab.network.weights import Network, Weights
from tests.files.documents import SPEC, documents, full_document


def png(*, text: PngImagePlugin.PngInfo | None = None) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.arange(60, dtype=np.uint8).reshape(6, 10)).save(out, "PNG", pnginfo=text)
    return out.getvalue()


CARRYING = state.embed(png(), full_document())


@given(documents)
def test_any_document_comes_back(document: Document) -> None:
    assert state.extract(state.embed(png(), document)) == document


def test_the_picture_is_the_same_and_pillow_reads_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(CARRYING)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), np.arange(60, dtype=np.uint8).reshape(6, 10))
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert state.from_text(str(image.text[state.KEYWORD])) == full_document()
    assert state.extract(tmp_path / "a.png") == full_document()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("international", [False, True])
def test_every_kind_of_text_chunk_is_read(compressed: bool, international: bool) -> None:
    text = PngImagePlugin.PngInfo()
    add = text.add_itxt if international else text.add_text
    add(state.KEYWORD, state.to_text(full_document()), zip=compressed)
    assert state.extract(png(text=text)) == full_document()


def test_qt_and_we_read_each_other(tmp_path: Path) -> None:
    code = """
import sys
from PySide6.QtGui import QImage
image = QImage(sys.argv[1])
image.setText("again", image.text("shiftlab"))
assert image.save(sys.argv[2])
image.setText("shiftlab", image.text("shiftlab"))
assert image.save(sys.argv[3])
print(image.text("again") == open(sys.argv[4]).read())
"""
    (tmp_path / "a.png").write_bytes(CARRYING)
    (tmp_path / "text").write_text(state.to_text(full_document()))
    paths = [str(tmp_path / name) for name in ("a.png", "b.png", "c.png", "text")]
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert state.extract(tmp_path / "c.png") == full_document()


def test_a_second_state_replaces_the_first() -> None:
    other = full_document().back_to_reference()
    again = state.embed(CARRYING, other)
    assert state.extract(again) == other
    assert again.count(b"tEXtshiftlab") == 1


def test_a_picture_without_a_state_gives_none() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "shiftlab")
    assert state.extract(png(text=text)) is None


def test_weights_too_large_for_a_picture_are_said_to_be() -> None:
    rng = np.random.default_rng(0)
    large = Weights({"dense1.weight": rng.standard_normal((1500, 1500), np.float32)})
    document = full_document().with_networks((Network(SPEC, large),))
    with pytest.raises(SessionError, match="save a session instead"):
        state.embed(png(), document)


@pytest.mark.parametrize("content", [b"", b"hello", b"GIF89a", CARRYING[8:]])
def test_what_is_no_png_is_refused(content: bytes) -> None:
    with pytest.raises(SessionError, match="not a PNG"):
        state.extract(content)


@given(st.integers(8, len(CARRYING) - 1))
def test_a_cut_off_png_is_refused_unless_its_state_is_whole(length: int) -> None:
    try:
        document = state.extract(CARRYING[:length])
    except SessionError as error:
        if "cut off" not in str(error):
            pytest.fail(str(error))
    else:
        assert document == full_document()


@given(st.integers(8, len(CARRYING) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_gives_another_document(where: int, flip: int) -> None:
    damaged = bytearray(CARRYING)
    damaged[where] ^= flip
    try:
        document = state.extract(bytes(damaged))
    except SessionError:
        return
    assert document in (full_document(), None)


def test_a_text_bomb_is_inflated_no_further_than_a_state_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zlib.compress(bytes(200 * 2**20), 9)
    chunk = state._chunk(b"zTXt", b"shiftlab\0\0" + bomb)
    plain = png()
    seen: list[int] = []
    real = state.from_text
    monkeypatch.setattr(state, "from_text", lambda text: (seen.append(len(text)), real(text))[1])
    with pytest.raises(SessionError, match="larger than ShiftLab writes"):
        state.extract(plain[:33] + chunk + plain[33:])
    assert seen == [state.MOST_TEXT + 1]


def test_a_text_that_is_no_state_is_refused() -> None:
    for text in ("", "not base64!", "aGVsbG8="):
        info = PngImagePlugin.PngInfo()
        info.add_text(state.KEYWORD, text)
        with pytest.raises(SessionError):
            state.extract(png(text=info))
