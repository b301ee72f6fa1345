"""The conditions that notice that something was done: how a lesson writes them down.

One condition is one line, `subject [B] [stage]: what is wanted`. They are only read here; whoever sees
the lab asks whether they hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Relation = Literal[
    "is", "is not", "at least", "at most", "above", "below", "exact", "off", "multiple", "no multiple",
    "fractional", "whole", "apart", "none",
]  # fmt: skip
NUMBER = r"[-−]?\d+(?:\.\d+)?"


@dataclass(frozen=True)
class Condition:
    """One thing that must be so.

    Attributes
    ----------
    subject : 'shift', 'error', 'view', ...
    relation : how it is compared
    value : a number or a word, None where the relation needs none
    side : 0 for network A, 1 for B
    name : a stage or a class, '' where the subject has none
    line : of the lesson's file
    """

    subject: str
    relation: Relation
    value: float | str | None = None
    side: int = 0
    name: str = ""
    line: int = 0


Naming = Literal["none", "stage", "last", "class"]


@dataclass(frozen=True)
class Subject:
    """What may be said of something: numbers or words, and whether it is named ('error pool1')."""

    naming: Naming = "none"
    words: tuple[str, ...] | None = ()
    """Words it may be; () for a number, None for any word."""
    relations: tuple[Relation, ...] = ()
    """Relations that stand alone ('exact')."""
    sided: bool = False


SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        "shift": Subject(relations=("fractional", "whole", "apart")),
        "rows": Subject(),
        "cols": Subject(),
        "row": Subject(),
        "col": Subject(),
        "size": Subject(),
        "networks": Subject(),
        "error": Subject("stage", relations=("exact", "off"), sided=True),
        "stayed": Subject("stage", relations=("exact", "off"), sided=True),
        "field": Subject("last", sided=True),
        "probability": Subject("class", sided=True),
        "first break": Subject(words=None, relations=("none",), sided=True),
        "pin": Subject(words=None, relations=("none",), sided=True),
        "view": Subject(words=("now", "reference", "changed", "left")),
        "border": Subject(words=("zero", "wrap")),
        "form": Subject(words=("grid", "fractional")),
        "padding": Subject(words=("zeros", "circular", "reflect", "replicate", "valid", "full"), sided=True),
        "dock": Subject(words=None, relations=("none",)),
        "pattern": Subject(words=None),
        "network": Subject(words=None, sided=True),
        "layer": Subject(words=None, sided=True),
        "weights": Subject(words=("changed",), sided=True),
        "answer": Subject(words=None, sided=True),
    }
)
ALONE: Mapping[str, Relation] = MappingProxyType(
    {"exact": "exact", "off": "off", "fractional": "fractional", "whole": "whole", "apart": "apart", "none": "none"}
)
NUMERIC: tuple[tuple[str, Relation], ...] = (
    ("at least", "at least"),
    ("at most", "at most"),
    ("above", "above"),
    ("below", "below"),
    ("no multiple of", "no multiple"),
    ("multiple of", "multiple"),
    ("", "is"),
)
STEPS: tuple[Relation, ...] = ("multiple", "no multiple")


def condition(text: str, line: int = 0) -> Condition:
    """A condition from its line.

    Raises
    ------
    ValueError
        One line that says what is wrong with it.
    """
    left, colon, right = (part.strip() for part in text.partition(":"))
    if not colon or not right:
        raise ValueError(f"a check is 'subject: what is wanted', not {text.strip()!r}")
    subject, side, name = _subject(left)
    rules = SUBJECTS[subject]
    wanted = " ".join(right.split())
    if wanted in ALONE and ALONE[wanted] in rules.relations:
        return Condition(subject, ALONE[wanted], None, side, name, line)
    if rules.words == ():
        relation, value = _number(subject, wanted)
        return Condition(subject, relation, value, side, name, line)
    return _word(subject, wanted, side, name, line)


def _subject(left: str) -> tuple[str, int, str]:
    """(subject, side, name) of what stands before the colon."""
    known = sorted(SUBJECTS, key=len, reverse=True)
    subject = next((one for one in known if left == one or left.startswith(f"{one} ")), None)
    if subject is None:
        raise ValueError(f"no check is called {left!r}; there are {', '.join(SUBJECTS)}")
    rules, rest = SUBJECTS[subject], left.removeprefix(subject).split()
    side = 0
    if rest and rest[0] in ("A", "B") and rules.sided:
        side = "AB".index(rest.pop(0))
    name = " ".join(rest)
    if name and rules.naming == "none":
        raise ValueError(f"{subject!r} takes no name, but there is {name!r}")
    if not name and rules.naming in ("stage", "class"):
        raise ValueError(f"{subject!r} needs the name of a {rules.naming}: '{subject} NAME: …'")
    return subject, side, name


def _number(subject: str, wanted: str) -> tuple[Relation, float]:
    for words, relation in NUMERIC:
        match = re.fullmatch(f"{words} ?({NUMBER})", wanted)
        if match is None:
            continue
        value = float(match[1].replace("−", "-"))
        if relation in STEPS and (subject not in ("shift", "rows", "cols") or value <= 0):
            raise ValueError(f"{subject!r} can be no multiple of {value:g}")
        return relation, value
    alone = "".join(f", '{one}'" for one in SUBJECTS[subject].relations)
    raise ValueError(f"{subject!r} wants a number, 'at least 8' for example{alone}; not {wanted!r}")


def _word(subject: str, wanted: str, side: int, name: str, line: int) -> Condition:
    relation: Relation = "is"
    if wanted.startswith("not "):
        relation, wanted = "is not", wanted.removeprefix("not ")
    words = SUBJECTS[subject].words
    if words is not None and wanted not in words:
        raise ValueError(f"{subject!r} can be {', '.join(words)}; not {wanted!r}")
    return Condition(subject, relation, wanted, side, name, line)
