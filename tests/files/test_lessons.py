"""Lessons are read as a whole, or refused in one line that names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiftlab.files import lesson_state
from shiftlab.files.lesson_checks import SUBJECTS, condition
from shiftlab.files.lesson_state import READERS, Held, State
from shiftlab.files.lessons import ORDER, Figure, LessonError, lessons_in, load, parse, shipped
from shiftlab.resources import resource

GOOD = """---
title: A lesson
about: What it is about.
---

## One

First. Second?
Third!

> Do this.

```state
network: three-blocks
to: 32, 33
view: left
```

```check
shift: at least 1.5
error pool1: exact
```

Done: pool1 is {error pool1} at {shift} px.

## Two

Some text.

> And that.

```check
view: now
```

Done: it was done.
"""


def read(text: str):
    return parse(text, Path("a-lesson.md"))


def changed(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after, 1)


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.startswith(start))


def test_a_lesson_is_read():
    lesson = read(GOOD)
    assert (lesson.title, lesson.about, lesson.key) == ("A lesson", "What it is about.", "a-lesson")
    one, two = lesson.steps
    assert one.title == "One"
    assert one.text == "First. Second? Third!"
    assert one.todo == "Do this."
    assert one.line == line_of(GOOD, "## One")
    assert one.state == State(network="three-blocks", to=(32.0, 33.0), view="left")
    assert [(c.subject, c.relation, c.value, c.name) for c in one.checks] == [
        ("shift", "at least", 1.5, ""),
        ("error", "exact", None, "pool1"),
    ]
    assert one.checks[1].line == line_of(GOOD, "error pool1")
    assert one.done == ("pool1 is ", Figure("error", 0, "pool1"), " at ", Figure("shift"), " px.")
    assert two.state == one.state, "a step that sets nothing begins as the one before"


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("---\ntitle", "title", 1, "begins with '---'"),
        ("about: What it is about.\n", "", 3, "'about' is missing"),
        ("about: What", "author: Who", 3, "only title and about"),
        ("title: A lesson", "title:", 2, "title has 1 to"),
        ("## One", "# One", 6, "only steps follow"),
        ("## Two", "### Two", 26, "no such heading"),
        ("First. Second?", "First. And then. Second?", 8, "3 sentences at most, not 4"),
        ("> Do this.\n", "", 6, "has not got something to do"),
        ("Some text.\n", "", 26, "has not got a text"),
        ("```state", "```set", 13, "a block is 'state' or 'check'"),
        ("network: three-blocks", "network: four-blocks", 14, "no network 'four-blocks'"),
        ("network: three-blocks", "network: ../up.json", 14, "names another folder"),
        ("network: three-blocks", "nerwork: three-blocks", 14, "no setting is called 'nerwork'"),
        ("network: three-blocks", "network", 14, "a setting is 'key: value'"),
        ("to: 32, 33", "to: 32", 15, "to is a place"),
        ("to: 32, 33", "network: seed", 15, "'network' is set twice"),
        ("to: 32, 33", "size: 0", 15, "size is a whole number from 1 to 512"),
        ("to: 32, 33", "pattern: cow", 15, "no pattern 'cow'"),
        ("to: 32, 33", "canvas: 8x8", 15, "canvas is 'ROWSxCOLS'"),
        ("to: 32, 33", "pin: pool9 channel 0 at 1, 1", 15, "no stage 'pool9'"),
        ("to: 32, 33", "dock: cellar", 15, "dock can be"),
        ("to: 32, 33", "map: gold", 15, "map can be accuracy, probability, margin, consistency; not 'gold'"),
        ("view: left", "view: right", 16, "view can be now, reference, changed, left"),
        ("shift: at least 1.5", "shift: far", 20, "'shift' wants a number"),
        ("shift: at least 1.5", "shft: at least 1", 20, "no check is called 'shft'"),
        ("shift: at least 1.5", "shift", 20, "a check is 'subject: what is wanted'"),
        ("shift: at least 1.5", "shift pool1: 3", 20, "takes no name"),
        ("shift: at least 1.5", "error: exact", 20, "needs the name of a stage"),
        ("shift: at least 1.5", "size: multiple of 2", 20, "no multiple of 2"),
        ("error pool1: exact", "error pool9: exact", 21, "three-blocks has no stage 'pool9'"),
        ("view: now", "view: later", 33, "'view' can be"),
        ("{error pool1}", "{error pool9}", 24, "no stage 'pool9'"),
        ("{error pool1}", "{eror pool1}", 24, "is no figure"),
        ("Done: it was done.\n", "", 26, "does not say what was seen"),
        ("```check\nview: now\n```\n", "", 26, "has no check"),
        ("view: now\n```", "view: now", 32, "is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(before, after, line, words):
    with pytest.raises(LessonError) as raised:
        read(changed(before, after))
    said = str(raised.value)
    assert said.startswith(f"a-lesson.md, line {line}: "), said
    assert words in said
    assert "\n" not in said
    assert raised.value.line == line


def test_a_lesson_without_a_step():
    with pytest.raises(LessonError, match="line 4: there is no step"):
        read("---\ntitle: T\nabout: A\n---\n")


def test_a_stage_that_a_person_will_build_is_not_refused():
    text = changed("error pool1: exact", "layer: polyphase\nerror polyphase1: exact").replace("{error pool1}", "exact")
    assert read(text).steps[0].checks[2].name == "polyphase1"


def test_a_new_reference_place_takes_the_pattern_along():
    steps = read(GOOD.replace("view: now", "row: 3").replace("Some text.", "Some.\n\n```state\nat: 3, 4\n```\n")).steps
    assert (steps[1].state.at, steps[1].state.to) == ((3.0, 4.0), None)


def test_another_network_lets_go_of_the_pin():
    text = changed("to: 32, 33", "pin: pool1 channel 2 at 3, 4")
    text = text.replace("Some text.", "Some.\n\n```state\nnetwork: seed\n```\n")
    first, second = read(text).steps
    assert first.state.pin == Held(0, "pool1", 2, (3, 4))
    assert second.state.pin is None


def test_files_that_are_no_text(tmp_path):
    path = tmp_path / "x.md"
    with pytest.raises(LessonError, match=r"x\.md, line 1: it cannot be read"):
        load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LessonError, match="not text in UTF-8"):
        load(path)
    path.write_bytes(b"a" * 300_000)
    with pytest.raises(LessonError, match="too large"):
        load(path)


def test_a_network_beside_the_lesson(tmp_path):
    path = tmp_path / "own.md"
    text = changed("network: three-blocks", "network: own.json")
    path.write_text(text, "utf-8")
    with pytest.raises(LessonError, match=r"line 14: .*own\.json cannot be read"):
        load(path)
    (tmp_path / "own.json").write_text('{"name": "own", "layers": [{"kind": "maxpool"}]}', "utf-8")
    assert load(path).steps[0].state.network == "own.json"
    assert lesson_state.spec_of("own.json", tmp_path).name == "own"


def test_the_manual_of_the_format_is_no_lesson(tmp_path):
    (tmp_path / "FORMAT.md").write_text("# no lesson", "utf-8")
    (tmp_path / "b.md").write_text(GOOD, "utf-8")
    (tmp_path / "move-the-cat.md").write_text(GOOD, "utf-8")
    assert [path.name for path in lessons_in(tmp_path)] == ["move-the-cat.md", "b.md"]


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_our_lessons_are_short(path):
    lesson = load(path)
    assert path.stem in ORDER
    assert 3 <= len(lesson.steps) <= 6


def test_the_manual_names_every_setting_and_every_check_and_its_example_is_a_lesson():
    manual = resource("lessons", "FORMAT.md").read_text("utf-8")
    for name in (*READERS, *SUBJECTS):
        assert f"| `{name}" in manual, name
    example = manual.split("````markdown\n")[1].split("````")[0]
    assert parse(example, Path("example.md")).steps


@pytest.mark.parametrize(
    ("text", "relation", "value"),
    [
        ("shift: 3", "is", 3.0),
        ("shift: at most 2", "at most", 2.0),
        ("shift: multiple of 8", "multiple", 8.0),
        ("shift: no multiple of 2", "no multiple", 2.0),
        ("shift: fractional", "fractional", None),
        ("rows: −3", "is", -3.0),
        ("stayed globalavg1: off", "off", None),
        ("view: not now", "is not", "now"),
        ("first break: none", "none", None),
        ("answer: tie", "is", "tie"),
    ],
)
def test_conditions(text, relation, value):
    made = condition(text)
    assert (made.relation, made.value) == (relation, value)


def test_a_condition_of_b():
    made = condition("error B blur1: below 0.2", 7)
    assert (made.side, made.name, made.line) == (1, "blur1", 7)
