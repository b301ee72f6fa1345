"""What the last snapshots say of the stages, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shiftlab.document import StageKey
from shiftlab.engine.messages import Snapshot
from shiftlab.measure.cause import first_break
from shiftlab.measure.values import StageMeasure
from shiftlab.measure.words import Sentence, break_sentence, pair_sentence

UNSAID = Sentence("")


@dataclass(frozen=True)
class Reading:
    """Measures of every stage, and which stage breaks first.

    Attributes
    ----------
    measures : mapping of StageKey to StageMeasure
    first_break : StageKey or None
        Of network A.
    breaks : frozenset of StageKey
        The first break of each network, where it has one.
    causes_known : bool
    sentence : Sentence
        What is said above the strip.
    """

    measures: Mapping[StageKey, StageMeasure]
    first_break: StageKey | None = None
    breaks: frozenset[StageKey] = frozenset()
    causes_known: bool = False
    sentence: Sentence = UNSAID

    def measure(self, key: StageKey) -> StageMeasure | None:
        return self.measures.get(key)


def reading_of(snapshot: Snapshot, before: tuple[Snapshot, Reading] | None = None) -> Reading:
    """What a snapshot says; where it leaves the causes open and an earlier one of the same scenes knew them,
    what that one said."""
    if before is not None and before[1].causes_known and same_question(snapshot, before[0]):
        known = all(measure.causes_known for side in snapshot.sides for measure in side.measures)
        if not known:
            return before[1]
    measures = {(index, one.name): one for index, side in enumerate(snapshot.sides) for one in side.measures}
    firsts = {index: first_break(side.measures) for index, side in enumerate(snapshot.sides)}
    breaks = frozenset((index, name) for index, name in firsts.items() if name is not None)
    return Reading(
        measures=MappingProxyType(measures),
        first_break=next((key for key in breaks if key[0] == 0), None),
        breaks=breaks,
        causes_known=bool(measures) and all(one.causes_known for one in measures.values()),
        sentence=_sentence(snapshot),
    )


def _sentence(snapshot: Snapshot) -> Sentence:
    document, sides = snapshot.request.document, snapshot.sides
    if not sides:
        return Sentence("")
    first, *others = sides
    if others:
        return pair_sentence(first.measures, others[0].measures, document.displacement)
    return break_sentence(first.stages, first.measures, document.displacement, document.scene.size)


def same_question(one: Snapshot, other: Snapshot) -> bool:
    """Whether both speak of the same scenes and networks, so that their measures agree."""
    a, b = one.request.document, other.request.document
    return a is b or (a.scene == b.scene and a.reference == b.reference and a.networks == b.networks)
