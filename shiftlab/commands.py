"""What each command of the command line does with its options.

Results go to standard output, progress to standard error. Each command imports what it needs when it
runs, so that `shiftlab --help` is quick.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from shiftlab.arguments import CommandFailure, UsageError, document_of, writable

if TYPE_CHECKING:
    from shiftlab.document import Document

Result = TypeVar("Result")
Swept = tuple[Any, Any, Any]
"""Rows, columns, and the values (rows, columns)."""
SWEPT = ("value", "probability", "equivariance", "invariance")


def print_json(value: Mapping[str, Any]) -> None:
    """Results, to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def run_window(options: argparse.Namespace) -> int:
    """`shiftlab [FILE]`: the window."""
    if options.file is not None and not options.file.is_file():
        raise UsageError(f"{options.file}: no such file")
    document = document_of(options) if options.file is None else None

    from shiftlab import app

    return app.run_window(document, options.file)


def run_render(options: argparse.Namespace) -> int:
    """`shiftlab render OUT.png`: the figure of the window, with its Document inside."""
    out = writable(options.out, ".png")
    document = document_of(options) if options.file is None else opened(options.file)
    if options.view is not None:
        document = document.with_lenses(view=options.view)
    _require_qt()
    from shiftlab.engine.loading import load_backend
    from shiftlab.files.atomic import write_atomically
    from shiftlab.ui.figure.page import render_figure
    from shiftlab.ui.screenshot import computed, png_of, with_state
    from shiftlab.ui.theme import THEMES

    theme = THEMES[options.theme]
    snapshot = _finished(
        computed(document, theme, options.scale, lambda: load_backend(options.device)), "computing the figure:"
    )
    write_atomically(out, with_state(png_of(render_figure(document, snapshot, theme, options.scale)), document))
    return 0


def opened(path: Path) -> Document:
    """The document of a session file, or of a screenshot.

    Raises
    ------
    UsageError
        Where there is none.
    """
    from shiftlab.files import session, state
    from shiftlab.files.archive import SessionError

    try:
        document = state.extract(path) if path.suffix.lower() == ".png" else session.load(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except SessionError as error:
        raise UsageError(f"{path}: {error}") from error
    if document is None:
        raise UsageError(f"{path}: a picture without a ShiftLab state in it")
    return document


def _require_qt() -> None:
    """Qt off screen, or the package that it lacks in one line."""
    from shiftlab import system

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        raise CommandFailure(system.advice(error) or f"Qt cannot be loaded: {error}") from error


def run_stages(options: argparse.Namespace) -> int:
    """`shiftlab stages OUT.npz`: input and maps, float32 (C, H, W), in order of flow."""
    out = writable(options.out, ".npz")
    document = document_of(options)
    import numpy as np
    import torch

    from shiftlab.network.initial import materialise
    from shiftlab.network.modules import Forward
    from shiftlab.scene.raster import rasterise

    torch.set_num_threads(1)
    network, canvas = document.networks[0], document.scene.size
    image = rasterise(document.scene, network.spec.channels)
    with torch.inference_mode():
        forward = Forward(network, canvas, device=options.device)
        maps = forward.maps(torch.from_numpy(image).to(options.device))
    arrays: dict[str, Any] = {name: stage[0].cpu().numpy() for name, stage in maps.items()}
    np.savez(out, input=image, **arrays)
    if options.weights is not None:
        from safetensors.numpy import save_file

        save_file(dict(materialise(network, canvas).arrays), writable(options.weights, ".safetensors"))
    return 0


def run_rf(options: argparse.Namespace) -> int:
    """`shiftlab rf`: static facts of every stage."""
    from shiftlab.measure.tables import rf_json

    document = document_of(options)
    print_json(rf_json(document.networks[0].spec, document.scene.size))
    return 0


def run_measure(options: argparse.Namespace) -> int:
    """`shiftlab measure`: errors and causes between --at and --to, a curve of them, or a check for someone's CI."""
    _require_sensible_measure(options)
    document = document_of(options)
    import torch

    from shiftlab.measure.tables import as_csv, as_json

    torch.set_num_threads(1)
    network = document.networks[0]
    if options.stage is not None and options.stage not in network.spec.stage_names:
        raise UsageError(f"--stage {options.stage}: there is none; there are {', '.join(network.spec.stage_names)}")
    if options.curve is not None:
        return _run_curve(options, document)

    from shiftlab.measure.lab import measure_pair

    stages, measures = measure_pair(network, document.scene, document.reference)
    if options.csv:
        sys.stdout.write(as_csv(stages, measures))
    else:
        print_json(as_json(stages, measures, document.displacement, plain=options.plain))
    if options.expect is None:
        return 0
    one = next(one for one in measures if one.name == options.stage)
    figure = one.equivariance if options.expect == "equivariant" else one.invariance
    if figure.value is None:
        raise CommandFailure(f"{options.stage} is not known to be {options.expect}: n/a, {figure.reason}")
    if figure.value > options.tolerance:
        raise CommandFailure(
            f"{options.stage} is not {options.expect}: its error is {figure.value:.6g}, above {options.tolerance:g}"
        )
    return 0


def _require_sensible_measure(options: argparse.Namespace) -> None:
    if options.expect is not None and options.stage is None:
        raise UsageError("--expect needs --stage NAME")
    if options.expect is not None and options.curve is not None:
        raise UsageError("--expect goes with --to, not with --curve")
    if options.curve is not None and options.to is not None:
        raise UsageError("--curve starts at --at and needs no --to")
    if options.reach is not None and (options.curve is None or options.reach < 1):
        raise UsageError("--reach is 1 or more and goes with --curve")
    if not options.tolerance >= 0:
        raise UsageError(f"--tolerance must be 0 or more, not {options.tolerance:g}")


def _run_curve(options: argparse.Namespace, document: Document) -> int:
    from shiftlab.measure.curves import curve_json, curve_rows, error_curve
    from shiftlab.measure.lab import AtReference
    from shiftlab.measure.tables import csv_text
    from shiftlab.network.modules import Forward

    forward = Forward(document.networks[0], document.scene.size, device=options.device)
    shifts = None if options.reach is None else range(options.reach + 1)
    curve = _finished(error_curve(AtReference(forward, document.reference), options.curve, shifts), "shift")
    if options.csv:
        sys.stdout.write(csv_text(*curve_rows(curve)))
    else:
        print_json(curve_json(curve))
    return 0


class _Counted(Protocol):
    """How far a long computation is."""

    @property
    def done(self) -> int: ...

    @property
    def total(self) -> int: ...


def _finished(steps: Generator[_Counted, None, Result], what: str) -> Result:
    """Run a core generator to its end; on a terminal its progress is shown on standard error."""
    from shiftlab.measure.jobs import result_of

    def told(step: _Counted) -> None:
        sys.stderr.write(f"\r{what} {step.done} of {step.total}")
        sys.stderr.flush()

    if not sys.stderr.isatty():
        return result_of(steps)
    found = result_of(steps, told)
    sys.stderr.write("\r\x1b[K")
    return found


def run_sweep(options: argparse.Namespace) -> int:
    """`shiftlab sweep OUT.npz`: a scalar for every place (or shift), and its heat map beside it."""
    out = writable(options.out, ".npz")
    if options.reach < 1:
        raise UsageError(f"--reach must be 1 or more, not {options.reach}")
    document = document_of(options)
    _require_qt()
    import numpy as np
    import torch

    from shiftlab.network import geometry

    torch.set_num_threads(1)
    spec = document.networks[0].spec
    infos = {info.name: info for info in geometry.stages(spec, document.scene.size)}
    stage = options.stage or next(reversed(infos))
    if stage not in infos:
        raise UsageError(f"--stage {stage}: there is none; there are {', '.join(infos)}")
    what = options.what or ("probability" if infos[stage].stride is None else "equivariance")
    try:
        if what in ("equivariance", "invariance"):
            rows, cols, values = _swept_shifts(options, document, stage, what)
        else:
            rows, cols, values = _swept_places(options, document, stage, what)
    except ValueError as error:
        raise UsageError(str(error)) from error
    np.savez(out, values=values, rows=rows, cols=cols)
    title = f"{what} error of {stage}" if what in SWEPT[2:] else f"{what} of {stage}, channel {options.channel}"
    _write_heat_map(options, out.with_suffix(".png"), document, (rows, cols, values), title)
    return 0


def _swept_shifts(options: argparse.Namespace, document: Document, stage: str, what: str) -> Swept:
    from shiftlab.measure.curves import error_map
    from shiftlab.measure.lab import AtReference
    from shiftlab.network.modules import Forward

    forward = Forward(document.networks[0], document.scene.size, device=options.device)
    place = AtReference(forward, document.reference)
    shifts = range(-options.reach, options.reach + 1)
    found = _finished(error_map(place, stage, shifts, shifts, cast(Any, what)), "shift")
    return found.rows.astype(int), found.cols.astype(int), found.values


def _swept_places(options: argparse.Namespace, document: Document, stage: str, what: str) -> Swept:
    import numpy as np

    from shiftlab.measure.places import over_places

    found = _finished(over_places(document.networks[0], document.reference, stage, options.device), "row")
    channels = found.values.shape[2]
    if not 0 <= options.channel < channels:
        raise UsageError(f"--channel {options.channel}: {stage} has {channels}, 0 to {channels - 1}")
    values = found.values.astype(np.float64)
    if what == "probability":
        powers = np.exp(values - values.max(axis=2, keepdims=True))
        values = powers / powers.sum(axis=2, keepdims=True)
    return found.rows, found.cols, values[:, :, options.channel]


def _write_heat_map(options: argparse.Namespace, out: Path, document: Document, swept: Swept, title: str) -> None:
    from shiftlab.files.atomic import write_atomically
    from shiftlab.ui.figure.heat_page import render_heat
    from shiftlab.ui.screenshot import png_of
    from shiftlab.ui.theme import THEMES

    rows, cols, values = swept
    over_shifts = rows[0] < 0
    ground = None if over_shifts else document.scene.size
    chance = 1 / max(len(document.networks[0].spec.classes), 2) if title.startswith("probability") else None
    image = render_heat(values, (int(rows[0]), int(cols[0])), title, THEMES[options.theme], ground, chance)
    write_atomically(out, png_of(image))
