"""A picture that carries the state it shows: the Document in a text chunk of its PNG.

The chunk's keyword is 'shiftlab' and its text a session's bytes in base64, so that QImage.text, Pillow
and every other reader of PNG text can copy it along. Chunks are read here, not by an image library, so
that nothing is decoded and nothing unbounded is inflated.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from shiftlab.document import Document
from shiftlab.files import session
from shiftlab.files.archive import SessionError

KEYWORD = "shiftlab"
MOST_TEXT = 7_500_000
"""Characters a state may take: libpng, and with it nearly every reader, drops chunks above 8 MB."""
MOST_BYTES = 256 * 2**20
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def to_text(document: Document) -> str:
    """The Document as ASCII text, as it stands in the chunk.

    Raises
    ------
    SessionError
        Where it is too large to travel inside a picture (large trained weights).
    """
    text = base64.b64encode(session.to_bytes(document)).decode("ascii")
    if len(text) > MOST_TEXT:
        raise SessionError(
            f"the state takes {len(text) / 1e6:.1f} MB, more than the {MOST_TEXT / 1e6:.1f} MB that fit into a "
            "picture; save a session instead"
        )
    return text


def from_text(text: str | bytes) -> Document:
    """The Document of such a text.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    """
    if len(text) > MOST_TEXT:
        raise SessionError("the picture's state is larger than ShiftLab writes")
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SessionError("the picture's state is damaged") from error
    return session.from_bytes(content)


def embed(png: bytes, document: Document) -> bytes:
    """The same picture with the Document in it, in place of one it may have carried.

    Raises
    ------
    SessionError
        Where `png` is no PNG, or the state is too large.
    """
    text = to_text(document).encode("ascii")
    parts = [_SIGNATURE]
    for kind, body, raw in _chunks(png):
        if _keyword(kind, body) == KEYWORD:
            continue
        parts.append(raw)
        if kind == b"IHDR":
            parts.append(_chunk(b"tEXt", KEYWORD.encode("ascii") + b"\0" + text))
    return b"".join(parts)


def extract(source: bytes | Path) -> Document | None:
    """The Document that a PNG, or the file of one, carries; None where it carries none.

    Raises
    ------
    SessionError
        Where it is no whole PNG, or the state in it is damaged or of a newer version.
    OSError
        Where the file cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    else:
        content = source
    if len(content) > MOST_BYTES:
        raise SessionError(f"the picture is larger than {MOST_BYTES // 2**20} MB")
    for kind, body, _ in _chunks(content):
        if _keyword(kind, body) == KEYWORD:
            return from_text(_text(kind, body))
    return None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(kind, body, the whole chunk) up to and with IEND; checksums are checked."""
    if not png.startswith(_SIGNATURE):
        raise SessionError("not a PNG")
    at = len(_SIGNATURE)
    while True:
        if at + 12 > len(png):
            raise SessionError("the PNG is cut off")
        length, kind = struct.unpack_from(">I4s", png, at)
        end = at + 12 + length
        if end > len(png):
            raise SessionError("the PNG is cut off")
        body = png[at + 8 : end - 4]
        if zlib.crc32(kind + body) != struct.unpack_from(">I", png, end - 4)[0]:
            raise SessionError("the PNG is damaged: a checksum is wrong")
        yield kind, body, png[at:end]
        if kind == b"IEND":
            return
        at = end


def _keyword(kind: bytes, body: bytes) -> str | None:
    if kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return None
    return body.partition(b"\0")[0].decode("latin-1")


def _text(kind: bytes, body: bytes) -> bytes:
    """The text of a text chunk (https://www.w3.org/TR/png-3/#11textinfo), inflated no further than a state goes."""
    rest = body.partition(b"\0")[2]
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:])
    compressed, method_and_on = rest[:1] == b"\1", rest[2:]
    text = method_and_on.partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(text) if compressed else text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_TEXT + 1)
    except zlib.error as error:
        raise SessionError("the picture's state is damaged") from error
