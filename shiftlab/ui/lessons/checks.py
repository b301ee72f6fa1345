"""Whether the conditions of a step hold, and the words of what was seen. No Qt here.

What a condition asks of the maps is known only once the document has been answered; until then it does
not hold. A step is never done before anything was done: something must differ from its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiftlab.document import Document
from shiftlab.engine.messages import HeadValues, Side, Snapshot
from shiftlab.files.lesson_checks import Condition
from shiftlab.files.lessons import Figure, Step
from shiftlab.measure.cause import first_break, total_error
from shiftlab.measure.values import Figure as Measured
from shiftlab.measure.values import StageMeasure
from shiftlab.measure.words import gauge, number
from shiftlab.network import geometry
from shiftlab.network.spec import NetworkError, NetworkSpec, pads
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui.figure.words import vector

SAME = 1e-6
"""Numbers of a scene nearer than this are the same."""
TIE = 1e-6
"""Probabilities nearer than this are a tie: the logits of an untouched head are equal."""


@dataclass(frozen=True)
class Seen:
    """What is known of the lab at a moment.

    Attributes
    ----------
    document : the present one
    start : the one that the step began with
    snapshot : the newest answer, or None
    dock, start_dock : the dock that is open now, and was at the beginning: '', 'bench', 'measures fields'
    """

    document: Document
    start: Document
    snapshot: Snapshot | None = None
    dock: str = ""
    start_dock: str = ""

    @property
    def answered(self) -> Snapshot | None:
        """The newest answer, if it speaks of the present document."""
        if self.snapshot is None:
            return None
        asked, now = self.snapshot.request.document, self.document
        same = asked is now or (
            asked.scene == now.scene and asked.reference == now.reference and asked.networks == now.networks
        )
        return self.snapshot if same else None

    @property
    def touched(self) -> bool:
        """Whether anything is other than at the beginning."""
        return self.dock != self.start_dock or (self.document is not self.start and self.document != self.start)

    def side(self, index: int) -> Side | None:
        answered = self.answered
        return None if answered is None or index >= len(answered.sides) else answered.sides[index]


def done(step: Step, seen: Seen) -> bool:
    """Whether something was done, and all conditions of the step hold."""
    return seen.touched and all(holds(one, seen) for one in step.checks)


def holds(condition: Condition, seen: Seen) -> bool:
    """Whether one condition holds; False while it is not known."""
    match condition.subject:
        case "shift":
            return _shift(condition, seen.document)
        case "error" | "stayed":
            return _measured(condition, seen)
        case "first break":
            return _first_break(condition, seen)
        case "answer":
            return _answer(condition, seen)
        case "layer":
            kinds = [layer.kind for layer in _spec(condition, seen).active] if _has(condition, seen) else []
            return bool(kinds) and (condition.value in kinds) == (condition.relation == "is")
        case "pin":
            return _pin(condition, seen.document)
        case "padding":
            return _padding(condition, seen)
        case "weights":
            before, now = seen.start.networks, seen.document.networks
            side = condition.side
            changed = side < min(len(before), len(now)) and before[side].weights != now[side].weights
            return changed == (condition.relation == "is")
        case _:
            return _plain(condition, seen)


def _plain(condition: Condition, seen: Seen) -> bool:
    """What is a word or a number of the document."""
    word = _word_of(condition, seen)
    if condition.subject == "dock" and word is not None and " " not in str(condition.value):
        word = word.partition(" ")[0]
    if word is not None:
        if condition.relation == "none":
            return word == ""
        return (word == condition.value) == (condition.relation == "is")
    value = _number_of(condition, seen)
    return value is not None and compare(condition, value)


def _word_of(condition: Condition, seen: Seen) -> str | None:
    document = seen.document
    match condition.subject:
        case "view":
            return document.lenses.view
        case "form":
            return document.lenses.form
        case "border":
            return document.scene.border
        case "dock":
            return seen.dock
        case "pattern":
            return document.scene.placed[0].pattern.name if document.scene.placed else ""
        case "network":
            return _spec(condition, seen).name if _has(condition, seen) else ""
        case _:
            return None


def _number_of(condition: Condition, seen: Seen) -> float | None:
    document = seen.document
    placed, by = document.scene.placed, document.displacement
    match condition.subject:
        case "row":
            return placed[0].at[0] if placed else None
        case "col":
            return placed[0].at[1] if placed else None
        case "size":
            return float(placed[0].size) if placed else None
        case "rows":
            return by.rows if isinstance(by, Displacement) else None
        case "cols":
            return by.cols if isinstance(by, Displacement) else None
        case "networks":
            return float(len(document.networks))
        case "field":
            return field_of(document, condition.side, condition.name)
        case "probability":
            head = _head(condition.side, seen)
            return None if head is None else _probability(head, condition.name)
        case _:
            return None


def compare(condition: Condition, value: float) -> bool:
    """A number against the one that is wanted."""
    wanted = condition.value
    if not isinstance(wanted, float):
        return False
    match condition.relation:
        case "is":
            return abs(value - wanted) < SAME
        case "at least":
            return value >= wanted - SAME
        case "at most":
            return value <= wanted + SAME
        case "above":
            return value > wanted
        case "below":
            return value < wanted
        case "multiple":
            return _divides(wanted, value) and abs(value) > SAME
        case "no multiple":
            return not _divides(wanted, value)
        case _:
            return False


def _divides(step: float, value: float) -> bool:
    return abs(value - step * round(value / step)) < SAME


def _shift(condition: Condition, document: Document) -> bool:
    """The shift in both directions; its size is that of the larger part."""
    by = document.displacement
    if condition.relation == "apart":
        return isinstance(by, NoDisplacement) and _apart(document)
    if not isinstance(by, Displacement) or not isinstance(condition.value, float | None):
        return False
    match condition.relation:
        case "fractional":
            return not by.integer
        case "whole":
            return by.integer and not by.zero
        case "multiple" if condition.value is not None:
            step = condition.value
            return not by.zero and _divides(step, by.rows) and _divides(step, by.cols)
        case "no multiple" if condition.value is not None:
            return not (_divides(condition.value, by.rows) and _divides(condition.value, by.cols))
        case _:
            return compare(condition, max(abs(by.rows), abs(by.cols)))


def _apart(document: Document) -> bool:
    """Whether the same patterns as at the reference stand elsewhere, moved by more than one vector."""
    now, then = document.scene.placed, document.reference.placed
    return len(now) == len(then) and any(one.at != other.at for one, other in zip(now, then, strict=True))


def _measure(side: Side | None, name: str) -> StageMeasure | None:
    return None if side is None else next((one for one in side.measures if one.name == name), None)


def _figure(measure: StageMeasure, subject: str, document: Document) -> Measured:
    """The error in the form that the gauges show, or the one of staying put."""
    if subject == "stayed":
        return measure.invariance
    return measure.equivariance_fractional if document.lenses.form == "fractional" else total_error(measure)


def _measured(condition: Condition, seen: Seen) -> bool:
    measure = _measure(seen.side(condition.side), condition.name)
    if measure is None:
        return False
    figure = _figure(measure, condition.subject, seen.document)
    if figure.value is None:
        return False
    if condition.relation in ("exact", "off"):
        return figure.exact == (condition.relation == "exact")
    return compare(condition, figure.value)


def _first_break(condition: Condition, seen: Seen) -> bool:
    side = seen.side(condition.side)
    if side is None or not all(one.causes_known for one in side.measures):
        return False
    found = first_break(side.measures)
    if condition.relation == "none":
        return found is None
    return found is not None and (found == condition.value) == (condition.relation == "is")


def _head(side: int, seen: Seen) -> HeadValues | None:
    found = seen.side(side)
    return None if found is None else found.head


def _probability(head: HeadValues, name: str) -> float | None:
    return head.probabilities[head.classes.index(name)] if name in head.classes else None


def answer_of(head: HeadValues, reference: bool = False) -> str:
    """The class of the largest probability, or 'tie' where two have it."""
    values = np.array(head.reference_probabilities if reference else head.probabilities)
    best = values.max()
    if (values >= best - TIE).sum() > 1:
        return "tie"
    return head.classes[int(values.argmax())]


def _answer(condition: Condition, seen: Seen) -> bool:
    head = _head(condition.side, seen)
    if head is None:
        return False
    answer = answer_of(head)
    if condition.value in ("kept", "changed"):
        agrees = (answer == answer_of(head, reference=True)) == (condition.value == "kept")
        return agrees == (condition.relation == "is")
    return (answer == condition.value) == (condition.relation == "is")


def _pin(condition: Condition, document: Document) -> bool:
    pin = document.lenses.pin
    if pin is None:
        return condition.relation == "none"
    if condition.relation == "none":
        return False
    here = pin.network == condition.side and condition.value in (pin.stage, "anything")
    return here == (condition.relation == "is")


def _has(condition: Condition, seen: Seen) -> bool:
    return condition.side < len(seen.document.networks)


def _spec(condition: Condition, seen: Seen) -> NetworkSpec:
    return seen.document.networks[condition.side].spec


def _padding(condition: Condition, seen: Seen) -> bool:
    if not _has(condition, seen):
        return False
    modes = {getattr(layer, "padding_mode", "") for layer in _spec(condition, seen).active if pads(layer)}
    return (modes == {condition.value}) == (condition.relation == "is")


def field_of(document: Document, side: int, name: str) -> float | None:
    """The larger side of what a cell of a stage sees; of the last stage with places where none is named."""
    if side >= len(document.networks):
        return None
    try:
        stages = geometry.stages(document.networks[side].spec, document.scene.size)
    except NetworkError:
        return None
    fields = {one.name: one.receptive_field for one in stages if one.receptive_field is not None}
    if not fields:
        return None
    found = fields.get(name) if name else list(fields.values())[-1]
    return None if found is None else float(max(found))


def words(step: Step, seen: Seen) -> str:
    """The words of what was seen, with its figures."""
    return "".join(one if isinstance(one, str) else _shown(one, seen) for one in step.done)


def _shown(figure: Figure, seen: Seen) -> str:
    document = seen.document
    match figure.subject:
        case "shift":
            by = document.displacement
            return vector(by.rows, by.cols) if isinstance(by, Displacement) else "no one shift"
        case "at":
            at = document.scene.placed[0].at if document.scene.placed else None
            return "nowhere" if at is None else f"({number(at[0])}, {number(at[1])})"
        case "network":
            return document.networks[min(figure.side, len(document.networks) - 1)].spec.name
        case "field":
            field = field_of(document, figure.side, figure.name)
            return "nothing" if field is None else f"{number(field)} px"
        case "answer" | "probability":
            return _head_words(figure, seen)
        case _:
            measure = _measure(seen.side(figure.side), figure.name)
            return "not known" if measure is None else gauge(_figure(measure, figure.subject, document))


def _head_words(figure: Figure, seen: Seen) -> str:
    head = _head(figure.side, seen)
    if head is None:
        return "not known"
    if figure.subject == "answer":
        answer = answer_of(head)
        return "a tie" if answer == "tie" else answer
    value = _probability(head, figure.name)
    return "not known" if value is None else f"{100 * value:.1f} %"
