"""Lessons: Markdown files with the states of the lab in them. The format is told in resources/lessons/FORMAT.md.

A lesson is read as a whole or refused in one line that names its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from shiftlab.files.lesson_checks import SUBJECTS, Condition, condition
from shiftlab.files.lesson_state import KEEP, State, setting, spec_of
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.resources import resource

LARGEST_FILE = 200_000
MOST_SENTENCES = 3
LONGEST_LINE = 100
"""Characters of a title or of what a lesson is about: one line of the dock, or two."""
FRONT = ("title", "about")
SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FIGURES = ("error", "stayed", "field", "probability")
CHANGES_NETWORK = ("network", "networks", "layer")
PLAIN_FIGURES = ("shift", "at", "answer", "network")


class LessonError(ValueError):
    """A lesson that cannot be read: one line, 'the-corner.md, line 12: …'."""

    def __init__(self, name: str, line: int, words: str) -> None:
        super().__init__(f"{name}, line {line}: {words}")
        self.name, self.line, self.words = name, line, words


@dataclass(frozen=True)
class Figure:
    """A figure in the words of what was seen: `{error B pool1}`."""

    subject: str
    side: int = 0
    name: str = ""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    title, text, todo : what is read, and what is to be done
    done : the words of what was seen, pieces of text and figures in turn
    state : the lab at its beginning
    checks : all of them must hold
    line : of its heading in the file
    """

    title: str
    text: str
    todo: str
    done: tuple[str | Figure, ...]
    state: State
    checks: tuple[Condition, ...]
    line: int


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was read from `path`."""

    path: Path
    title: str
    about: str
    steps: tuple[Step, ...]

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return self.path.stem


@dataclass
class _Draft:
    """A step while it is read; text and blocks with the lines they began at."""

    title: str
    line: int
    text: list[str] = field(default_factory=list[str])
    text_line: int = 0
    todo: list[str] = field(default_factory=list[str])
    done: str = ""
    done_line: int = 0
    blocks: dict[str, list[tuple[int, str]]] = field(default_factory=dict[str, list[tuple[int, str]]])
    builds: bool = False
    """Whether its checks ask for another network."""


ORDER = (
    "move-the-cat",
    "does-relu-break-it",
    "the-strides-grid",
    "a-pixel-or-two",
    "what-one-neuron-sees",
    "the-corner",
    "too-much-pooling",
    "what-padding-gives-away",
    "repairing-it",
)
"""Lessons in the order in which they build on each other; others follow by name."""
MANUAL = "FORMAT.md"


def shipped() -> tuple[Path, ...]:
    """The lessons that come with ShiftLab, in order."""
    return lessons_in(resource("lessons"))


def lessons_in(folder: Path) -> tuple[Path, ...]:
    """The Markdown files of a folder, but for the manual of the format."""
    found = {path.stem: path for path in sorted(folder.glob("*.md")) if path.name != MANUAL}
    first = [found[name] for name in ORDER if name in found]
    return (*first, *(path for name, path in found.items() if name not in ORDER))


def load(path: Path) -> Lesson:
    """The lesson in a file.

    Raises
    ------
    LessonError
        One line that names the file and the line.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise LessonError(path.name, 1, "the file is too large for a lesson")
        text = path.read_text("utf-8")
    except OSError as error:
        raise LessonError(path.name, 1, f"it cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LessonError(path.name, 1, "it is not text in UTF-8") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Lesson:
    """The lesson that `text` tells; `path` names it, and says where its own networks lie.

    Raises
    ------
    LessonError
        One line that names the file and the line.
    """
    return _Reader(path).lesson(text)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def _wrong(self, line: int, words: str) -> LessonError:
        return LessonError(self._path.name, line, words)

    def lesson(self, text: str) -> Lesson:
        lines = text.removeprefix("\ufeff").splitlines()
        front, first = self._front(lines)
        drafts = self._drafts(lines, first)
        if not drafts:
            raise self._wrong(max(len(lines), 1), "there is no step: a step begins with '## Its title'")
        steps: list[Step] = []
        state = State()
        for draft in drafts:
            state = self._state(draft, state)
            steps.append(self._step(draft, state))
        return Lesson(self._path, front["title"], front["about"], tuple(steps))

    def _front(self, lines: Sequence[str]) -> tuple[Mapping[str, str], int]:
        """What stands between the first two '---', and the index of the line after them."""
        if not lines or lines[0].strip() != "---":
            raise self._wrong(1, "a lesson begins with '---', title and about, and '---'")
        found: dict[str, str] = {}
        for index, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                for key in FRONT:
                    if key not in found:
                        raise self._wrong(index + 1, f"{key!r} is missing above")
                return MappingProxyType(found), index + 1
            if not line.strip():
                continue
            key, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or key not in FRONT:
                raise self._wrong(index + 1, f"only {' and '.join(FRONT)} stand here; not {line.strip()!r}")
            if not value or len(value) > LONGEST_LINE:
                raise self._wrong(index + 1, f"{key} has 1 to {LONGEST_LINE} characters")
            found[key] = value
        raise self._wrong(len(lines), "the '---' that ends title and about is missing")

    def _drafts(self, lines: Sequence[str], first: int) -> list[_Draft]:
        drafts: list[_Draft] = []
        rows = enumerate(lines[first:], start=first + 1)
        for number, line in rows:
            shown = line.strip()
            if shown.startswith("## "):
                drafts.append(_Draft(shown.removeprefix("## ").strip(), number))
            elif not shown:
                continue
            elif not drafts:
                raise self._wrong(number, "only steps follow: '## Its title'")
            else:
                self._line(drafts[-1], shown, number, rows)
        return drafts

    def _line(self, draft: _Draft, shown: str, number: int, rows: Iterator[tuple[int, str]]) -> None:
        if shown.startswith("```"):
            self._block(draft, shown.removeprefix("```").strip(), number, rows)
        elif shown.startswith(">"):
            draft.todo.append(shown.removeprefix(">").strip())
        elif shown.startswith("Done:"):
            if draft.done:
                raise self._wrong(number, "a step has one 'Done:'")
            draft.done, draft.done_line = shown.removeprefix("Done:").strip(), number
        elif shown.startswith("#"):
            raise self._wrong(number, f"a step begins with '## Its title'; {shown!r} is no such heading")
        elif draft.done:
            draft.done += f" {shown}"
        else:
            draft.text_line = draft.text_line or number
            draft.text.append(shown)

    def _block(self, draft: _Draft, kind: str, number: int, rows: Iterator[tuple[int, str]]) -> None:
        if kind not in ("state", "check"):
            raise self._wrong(number, f"a block is 'state' or 'check'; not {kind!r}")
        if kind in draft.blocks:
            raise self._wrong(number, f"a step has one {kind!r} block")
        inside: list[tuple[int, str]] = []
        for at, line in rows:
            if line.strip() == "```":
                draft.blocks[kind] = inside
                return
            if line.strip() and not line.strip().startswith("#"):
                inside.append((at, line.strip()))
        raise self._wrong(number, f"the '```' that ends this {kind!r} block is missing")

    def _state(self, draft: _Draft, before: State) -> State:
        values: dict[str, object] = dict(vars(before))
        seen: set[str] = set()
        pin_line = 0
        for number, line in draft.blocks.get("state", ()):
            key, colon, value = (part.strip() for part in line.partition(":"))
            if not colon:
                raise self._wrong(number, f"a setting is 'key: value'; not {line!r}")
            if key in seen:
                raise self._wrong(number, f"{key!r} is set twice in this step")
            seen.add(key)
            try:
                values.update(setting(key, value, self._path.parent))
            except ValueError as error:
                raise self._wrong(number, str(error)) from error
            pin_line = number if key == "pin" else pin_line
        if "experiment" not in seen:
            values["opens"] = False
            if "network" in seen:
                values["experiment"] = ""
        if "network" in seen and "pin" not in seen:
            values["pin"] = None
        state = State(**values)  # type: ignore[arg-type]
        if pin_line and state.pin is not None:
            self._known_stage(pin_line, state, state.pin.side, state.pin.stage)
        return state

    def _step(self, draft: _Draft, state: State) -> Step:
        if not draft.title or len(draft.title) > LONGEST_LINE:
            raise self._wrong(draft.line, f"a step's title has 1 to {LONGEST_LINE} characters")
        for words, what in ((draft.text, "a text"), (draft.todo, "something to do: '> Drag …'")):
            if not words:
                raise self._wrong(draft.line, f"the step {draft.title!r} has not got {what}")
        text = " ".join(draft.text)
        if (count := len(SENTENCE_END.findall(text))) > MOST_SENTENCES:
            raise self._wrong(draft.text_line, f"a step's text has {MOST_SENTENCES} sentences at most, not {count}")
        checks = self._checks(draft, state)
        if not draft.done:
            raise self._wrong(draft.line, f"the step {draft.title!r} does not say what was seen: 'Done: …'")
        done = tuple(self._done(draft, state))
        return Step(draft.title, text, " ".join(draft.todo), done, state, checks, draft.line)

    def _checks(self, draft: _Draft, state: State) -> tuple[Condition, ...]:
        if not draft.blocks.get("check"):
            raise self._wrong(draft.line, f"the step {draft.title!r} has no check that would notice that it was done")
        conditions: list[Condition] = []
        for number, line in draft.blocks["check"]:
            try:
                conditions.append(condition(line, number))
            except ValueError as error:
                raise self._wrong(number, str(error)) from error
        # Where another network is asked for, its stages are those of what a person will have built.
        draft.builds = any(one.subject in CHANGES_NETWORK for one in conditions)
        for one in conditions:
            if SUBJECTS[one.subject].naming in ("stage", "last") and one.name and not draft.builds:
                self._known_stage(one.line, state, one.side, one.name)
        return tuple(conditions)

    def _known_stage(self, number: int, state: State, side: int, stage: str) -> None:
        """Refuse a stage that the step's network has not got, where the step says which network it is."""
        specs = self._specs(number, state)
        if specs is None:
            return
        # A second network may come in during the step.
        spec = specs[min(side, len(specs) - 1)]
        if side < len(specs) and stage not in spec.stage_names:
            raise self._wrong(number, f"{spec.name} has no stage {stage!r}; it has {', '.join(spec.stage_names)}")

    def _specs(self, number: int, state: State) -> tuple[NetworkSpec, ...] | None:
        if state.network == KEEP:
            return None
        names = (state.network,) if state.network_b is None else (state.network, state.network_b)
        try:
            return tuple(spec_of(name, self._path.parent) for name in names)
        except NetworkError as error:
            raise self._wrong(number, str(error)) from error

    def _done(self, draft: _Draft, state: State) -> Iterator[str | Figure]:
        for index, piece in enumerate(PLACEHOLDER.split(draft.done)):
            if index % 2 == 0:
                if piece:
                    yield piece
                continue
            words = piece.split()
            subject = words.pop(0) if words else ""
            side = "AB".index(words.pop(0)) if words and words[0] in ("A", "B") else 0
            name = " ".join(words)
            if (subject in PLAIN_FIGURES and not name) or (subject in FIGURES and (name or subject == "field")):
                if subject in ("error", "stayed", "field") and name and not draft.builds:
                    self._known_stage(draft.done_line, state, side, name)
                yield Figure(subject, side, name)
                continue
            allowed = [*(f"{{{one}}}" for one in PLAIN_FIGURES), *(f"{{{one} NAME}}" for one in FIGURES)]
            raise self._wrong(draft.done_line, f"'{{{piece}}}' is no figure; there are {', '.join(allowed)}")
