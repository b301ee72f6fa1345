"""The pages of the training, as records of actions.

Light on purpose: the window makes these before it is painted, so that the words of the experiments stand here again.
"""

from __future__ import annotations

from collections.abc import Callable

from shiftlab.ui.actions import Action

PAGES = (
    ("corner", "Corner", "Cats and dogs seen only in the upper left. Are they known elsewhere?"),
    ("face", "Face", "Real faces against scrambles of their parts. How much pooling is too much?"),
    ("twin", "Twin training", "The same training in two places. Do the weights move along?"),
    ("red-green", "Red and green", "Is it the order of the colours, or the place, that is learnt?"),
    ("own", "this network", "Your patterns, at places of your choice. Where does your network know them?"),
)


def training_actions(show: Callable[[str], None]) -> tuple[Action, ...]:
    """The records; `show` opens the dock at an experiment, or at 'own', the network of the lab."""
    return tuple(
        Action(f"training.{page}", f"Train: {words}", lambda page=page: show(page), "Window/Train", tooltip=tooltip)
        for page, words, tooltip in PAGES
    )
