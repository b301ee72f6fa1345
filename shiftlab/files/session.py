"""A session file is a Document: `.shiftlab`, a bounded zip of document.json and blobs named by their content.

A file carries its type and version. Loading migrates an older version, or refuses with the path of the
bad field; it builds the whole Document or nothing. Trained weights are kept, seeded ones as their seed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, cast

import msgspec

from shiftlab.document import Document
from shiftlab.files import schema
from shiftlab.files.archive import MOST_BYTES, SessionError, pack, shortened, unpack
from shiftlab.files.atomic import write_atomically
from shiftlab.files.restoring import restored
from shiftlab.files.saving import saved
from shiftlab.files.suffix import SUFFIX as SUFFIX


def save(document: Document, path: Path) -> None:
    """Write a session file; the old one stays as it was where that fails.

    Raises
    ------
    SessionError
        Where the document is larger than a session may be.
    OSError
        Where it cannot be written.
    """
    write_atomically(path, to_bytes(document))


def load(path: Path) -> Document:
    """Read a session file.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    OSError
        Where the file cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SessionError(f"the session is larger than {MOST_BYTES // 2**20} MB")
    return from_bytes(content)


def to_bytes(document: Document) -> bytes:
    """A session's bytes; equal documents give equal bytes.

    Raises
    ------
    SessionError
        Where the document is larger than a session may be.
    """
    made, blobs = saved(document)
    try:
        encoded = msgspec.json.encode(made)
    except OverflowError as error:
        raise SessionError(f"$: {error}") from error
    _decoded(encoded)  # what could not be read again is not written
    return pack(msgspec.json.format(encoded, indent=1), blobs)


def from_bytes(content: bytes) -> Document:
    """The Document of a session's bytes.

    Raises
    ------
    SessionError
        One line with the path of what is wrong.
    """
    text, stored = unpack(content)
    return restored(_decoded(text), stored)


def _decoded(text: bytes) -> schema.SavedDocument:
    """document.json, of our version, with every number finite."""
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"$: document.json is not JSON: {str(error)[:100]}") from error
    if not isinstance(raw, dict) or cast(dict[str, Any], raw).get("type") != schema.TYPE:
        raise SessionError(f"$.type: not a ShiftLab document (it must be {schema.TYPE!r})")
    fields = _migrated(cast(dict[str, Any], raw))
    try:
        _require_finite(fields, "$")
        return msgspec.convert(fields, type=schema.SavedDocument)
    except msgspec.ValidationError as error:
        message, _, path = str(error).rpartition(" - at ")
        where, what = (path.strip("`"), message) if message else ("$", str(error))
        raise SessionError(f"{where}: {shortened(what)}") from error
    except (OverflowError, RecursionError) as error:
        raise SessionError(f"$: {shortened(str(error))}") from error


def _migrated(fields: dict[str, Any]) -> dict[str, Any]:
    version = fields.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < min((schema.VERSION, *schema.MIGRATIONS)):
        raise SessionError(f"$.version: not a version of ShiftLab's documents: {shortened(repr(version))}")
    if version > schema.VERSION:
        raise SessionError(
            f"$.version: the session is of version {shortened(str(version))}, newer than the {schema.VERSION} "
            "that this ShiftLab reads"
        )
    for older in range(version, schema.VERSION):
        fields = {**schema.MIGRATIONS[older](fields), "version": older + 1}
    return fields


def _require_finite(value: Any, path: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise SessionError(f"{path}: must be a finite number, not {value}")
    elif isinstance(value, dict):
        for name, part in cast(dict[str, Any], value).items():
            _require_finite(part, f"{path}.{name[:100]}")
    elif isinstance(value, list):
        for index, part in enumerate(cast(list[Any], value)):
            _require_finite(part, f"{path}[{index}]")
