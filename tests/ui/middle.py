"""The document that most tests of the window begin with."""

from __future__ import annotations

from shiftlab.document import Document
from shiftlab.network import presets
from shiftlab.network.spec import NetworkSpec
from shiftlab.opening import opening_document


def middle(spec: NetworkSpec | None = None, **given: object) -> Document:
    """Three blocks, circular and seeded, and a cat of 34 px about (32, 32) of a wrapped canvas."""
    asked: dict[str, object] = {"size": 34, **given} if "pattern" not in given else given
    return opening_document(spec or presets.preset("three-blocks"), **asked)  # type: ignore[arg-type]
