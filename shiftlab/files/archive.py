"""The zip around a session: which entries it may have, and how large they may be."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

DOCUMENT = "document.json"
MOST_JSON = 16 * 2**20
MOST_BYTES = 512 * 2**20
MOST_ENTRIES = 2000
_ALLOWED = re.compile(r"document\.json|blobs/[0-9a-f]{64}\.(png|safetensors)")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class SessionError(ValueError):
    """A session that cannot be read or written: one line with the path of the field that is wrong."""


def shortened(text: str) -> str:
    """One line of no more than 200 characters."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 200 else f"{one_line[:200]}…"


def pack(document: bytes, blobs: Mapping[str, bytes]) -> bytes:
    """The zip's bytes; equal contents give equal bytes.

    Raises
    ------
    SessionError
        Where it would be larger than `unpack` takes.
    """
    entries = {DOCUMENT: document, **{name: blobs[name] for name in sorted(blobs)}}
    _require_bounded({name: len(content) for name, content in entries.items()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=6 if name == DOCUMENT else 1)  # weights hardly shrink
    return out.getvalue()


def unpack(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """(document.json, blobs by name). Sizes and names are checked before anything is inflated.

    Raises
    ------
    SessionError
        Where it is no zip, is damaged, or has an entry that is too large or has no business there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            for info in infos:
                _require_plain(info)
            if len({info.filename for info in infos}) != len(infos):
                raise SessionError("the session holds two entries of one name")
            _require_bounded({info.filename: info.file_size for info in infos})
            entries = {info.filename: archive.read(info) for info in infos}
    except SessionError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError) as error:
        raise SessionError(f"not a whole ShiftLab session: {shortened(str(error)) or type(error).__name__}") from error
    if DOCUMENT not in entries:
        raise SessionError(f"not a ShiftLab session: {DOCUMENT} is missing")
    return entries.pop(DOCUMENT), entries


def _require_plain(info: zipfile.ZipInfo) -> None:
    if _ALLOWED.fullmatch(info.orig_filename) is None:
        raise SessionError(f"an entry that does not belong in a session: {info.orig_filename[:100]!r}")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
        raise SessionError(f"{info.filename} is encrypted or compressed in a way that sessions are not")


def _require_bounded(sizes: Mapping[str, int]) -> None:
    if len(sizes) > MOST_ENTRIES:
        raise SessionError(f"a session holds at most {MOST_ENTRIES} entries, not {len(sizes)}")
    if sizes.get(DOCUMENT, 0) > MOST_JSON:
        raise SessionError(f"{DOCUMENT} is larger than {MOST_JSON // 2**20} MB")
    if sum(sizes.values()) > MOST_BYTES:
        raise SessionError(f"the session holds more than {MOST_BYTES // 2**20} MB")
