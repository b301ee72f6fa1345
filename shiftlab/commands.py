"""What each command of the command line does with its options.

Results go to standard output, progress to standard error. Each command imports what it needs when it
runs, so that `shiftlab --help` is quick.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from shiftlab.arguments import (
    CommandFailure,
    UsageError,
    lab_of,
    network_in,
    without_options,
    writable,
    write,
)

if TYPE_CHECKING:
    from shiftlab.document import Document
    from shiftlab.network.info import StageInfo

Result = TypeVar("Result")
Swept = tuple[Any, Any, Any]
"""Rows, columns, and the values (rows, columns)."""
SWEPT = ("value", "probability", "equivariance", "invariance")
ERRORS = SWEPT[2:]
REACH = 16
TOLERANCE = 1e-5


def print_json(value: Mapping[str, Any]) -> None:
    """Results, to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def run_window(options: argparse.Namespace) -> int:
    """`shiftlab [FILE]`: the window."""
    if options.file is not None:
        without_options(options)
        if not options.file.is_file():
            raise UsageError(f"{options.file}: {'a folder' if options.file.is_dir() else 'no such file'}")
    document = lab_of(options) if options.file is None else None

    from shiftlab import app

    return app.run_window(document, options.file)


def run_render(options: argparse.Namespace) -> int:
    """`shiftlab render OUT.png`: the figure of the window, with its Document inside."""
    out = writable(options.out, ".png")
    document = lab_of(options)
    if options.view is not None:
        document = document.with_lenses(view=options.view)
    _require_qt()
    from shiftlab.engine.loading import load_backend
    from shiftlab.ui.figure.page import render_figure
    from shiftlab.ui.screenshot import computed, png_of, with_state
    from shiftlab.ui.theme import THEMES

    theme = THEMES[options.theme]
    snapshot = _finished(
        computed(document, theme, options.scale, lambda: load_backend(options.device)), "computing the figure:"
    )
    write(out, with_state(png_of(render_figure(document, snapshot, theme, options.scale)), document))
    return 0


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
    weights = None if options.weights is None else writable(options.weights, ".safetensors")
    document = lab_of(options)
    import torch

    from shiftlab.network.initial import materialise
    from shiftlab.network.modules import Forward
    from shiftlab.scene.raster import rasterise

    torch.set_num_threads(1)
    network, canvas = network_in(document), document.scene.size
    image = rasterise(document.scene, network.spec.channels)
    with torch.inference_mode():
        forward = Forward(network, canvas, device=options.device)
        maps = forward.maps(torch.from_numpy(image).to(options.device))
    write(out, _npz({"input": image} | {name: stage[0].cpu().numpy() for name, stage in maps.items()}))
    if weights is not None:
        from safetensors.numpy import save

        write(weights, save(dict(materialise(network, canvas).arrays)))
    return 0


def _npz(arrays: Mapping[str, Any]) -> bytes:
    import numpy as np

    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def run_rf(options: argparse.Namespace) -> int:
    """`shiftlab rf`: static facts of every stage."""
    from shiftlab.measure.tables import rf_json

    document = lab_of(options, runs=False)
    print_json(rf_json(network_in(document).spec, document.scene.size))
    return 0


def run_measure(options: argparse.Namespace) -> int:
    """`shiftlab measure`: errors and causes between --at and --to, a curve of them, or a check for someone's CI."""
    _require_sensible_measure(options)
    document = lab_of(options)
    import torch

    from shiftlab.measure.tables import as_csv, as_json

    torch.set_num_threads(1)
    network = network_in(document)
    if options.stage is not None:
        _require_stage(options.stage, network.spec.stage_names)
    if options.curve is not None:
        return _run_curve(options, document)

    from shiftlab.measure.lab import measure_pair

    stages, measures = measure_pair(network, document.scene, document.reference, device=options.device)
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
    limit = TOLERANCE if options.tolerance is None else options.tolerance
    if figure.value > limit:
        raise CommandFailure(
            f"{options.stage} is not {options.expect}: its error is {figure.value:.6g}, above {limit:g}"
        )
    return 0


def _require_stage(name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise UsageError(f"--stage {name}: there is none; there are {', '.join(names) or 'no stages'}")


def _require_reach(options: argparse.Namespace, document: Document) -> None:
    """Beyond the canvas a pattern is out of sight, or back where it was."""
    most = max(document.scene.size)
    if options.reach is not None and not 1 <= options.reach <= most:
        raise UsageError(f"--reach must be 1 to {most}, the canvas's longer side, not {options.reach}")


def _require_sensible_measure(options: argparse.Namespace) -> None:
    if options.json and options.csv:
        raise UsageError("--json and --csv: one or the other")
    if options.expect is not None and options.stage is None:
        raise UsageError("--expect needs --stage NAME")
    if options.expect is not None and options.curve is not None:
        raise UsageError("--expect goes with --to, not with --curve")
    if options.curve is not None and options.to is not None:
        raise UsageError("--curve starts at --at and needs no --to")
    if options.reach is not None and options.curve is None:
        raise UsageError("--reach goes with --curve")
    if options.stage is not None and options.expect is None and options.curve is None:
        raise UsageError("--stage goes with --expect or --curve")
    if options.tolerance is not None and options.expect is None:
        raise UsageError("--tolerance goes with --expect")
    if options.tolerance is not None and not options.tolerance >= 0:
        raise UsageError(f"--tolerance must be 0 or more, not {options.tolerance:g}")


def _run_curve(options: argparse.Namespace, document: Document) -> int:
    from shiftlab.measure.curves import curve_json, curve_rows, error_curve
    from shiftlab.measure.lab import AtReference
    from shiftlab.measure.tables import csv_text
    from shiftlab.network.modules import Forward

    _require_reach(options, document)
    forward = Forward(document.networks[0], document.scene.size, device=options.device)
    shifts = None if options.reach is None else range(options.reach + 1)
    curve = _finished(error_curve(AtReference(forward, document.reference), options.curve, shifts), "shift")
    if options.stage is not None:
        curve = curve.of(options.stage)
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
    picture = writable(out.with_suffix(".png"), ".png")
    if options.to is not None:
        raise UsageError("--to: a sweep starts at --at and moves the pattern itself")
    document = lab_of(options)
    _require_reach(options, document)
    what, info = _what_is_swept(options, document)
    if what in ERRORS and options.channel is not None:
        raise UsageError(f"--channel goes with value and probability; the {what} error is of all channels")
    if what not in ERRORS and options.reach is not None:
        raise UsageError(f"--reach goes with equivariance and invariance; a {what} is swept over every place")
    _require_qt()
    import torch

    torch.set_num_threads(1)
    try:
        swept = (_swept_shifts if what in ERRORS else _swept_places)(options, document, info.name, what)
    except ValueError as error:
        raise UsageError(str(error)) from error
    rows, cols, values = swept
    write(out, _npz({"values": values, "rows": rows, "cols": cols}))
    _write_heat_map(options, picture, document, swept, what, info)
    return 0


def _what_is_swept(options: argparse.Namespace, document: Document) -> tuple[str, StageInfo]:
    """Which number of which stage: where nothing is said, the head's probability, or how far the last map moves along.

    Raises
    ------
    UsageError
        Where that stage has no such number.
    """
    from shiftlab.network import geometry

    spec = network_in(document).spec
    infos = geometry.stages(spec, document.scene.size)
    if not infos:
        raise UsageError(f"{spec.name} has no stage to sweep")
    if options.stage is not None:
        _require_stage(options.stage, [one.name for one in infos])
    last, headed = infos[-1], infos[-1].stride is None
    placed = [one for one in infos if one.stride is not None]
    chosen = next((one for one in infos if one.name == options.stage), None)
    if chosen is None:
        chosen = placed[-1] if options.what == "equivariance" and placed else last
    if options.what is None:
        return ("equivariance" if chosen.stride is not None else "probability" if chosen is last else "value"), chosen
    if options.what == "probability" and not (headed and chosen is last):
        head = f"{last.name} has one" if headed else f"{spec.name} ends without one"
        raise UsageError(f"--what probability: it goes with a head, which {chosen.name} is not; {head}")
    if options.what == "equivariance" and chosen.stride is None:
        raise UsageError(f"--what equivariance: {chosen.name} has no places that could move along")
    return options.what, chosen


def _swept_shifts(options: argparse.Namespace, document: Document, stage: str, what: str) -> Swept:
    from shiftlab.measure.curves import error_map
    from shiftlab.measure.lab import AtReference
    from shiftlab.network.modules import Forward

    forward = Forward(document.networks[0], document.scene.size, device=options.device)
    place = AtReference(forward, document.reference)
    reach = REACH if options.reach is None else options.reach
    shifts = range(-reach, reach + 1)
    found = _finished(error_map(place, stage, shifts, shifts, cast(Any, what)), "shift")
    if not (found.values >= 0).any():
        one = place.measure(place.reference.moved((1, 1)))[place.forward.index(stage)]
        raise CommandFailure(f"{stage} has no {what} error at any shift: {getattr(one, what).reason}")
    return found.rows.astype(int), found.cols.astype(int), found.values


def _swept_places(options: argparse.Namespace, document: Document, stage: str, what: str) -> Swept:
    import numpy as np

    from shiftlab.measure.places import over_places

    found = _finished(over_places(document.networks[0], document.reference, stage, options.device), "row")
    channels = found.values.shape[2]
    channel = options.channel or 0
    if not 0 <= channel < channels:
        raise UsageError(f"--channel {channel}: {stage} has {channels}, 0 to {channels - 1}")
    values = found.values.astype(np.float64)
    if what == "probability":
        powers = np.exp(values - values.max(axis=2, keepdims=True))
        values = powers / powers.sum(axis=2, keepdims=True)
    return found.rows, found.cols, values[:, :, channel]


def _write_heat_map(
    options: argparse.Namespace, out: Path, document: Document, swept: Swept, what: str, info: StageInfo
) -> None:
    from shiftlab.ui.figure.heat_page import render_heat
    from shiftlab.ui.screenshot import png_of
    from shiftlab.ui.theme import THEMES

    rows, cols, values = swept
    over_shifts = what in ERRORS
    ground = None if over_shifts else document.scene.size
    chance = 1 / info.channels if what == "probability" and info.channels > 1 else None
    title = f"{what} error of {info.name}" if over_shifts else _title_of(options.channel or 0, document, what, info)
    image = render_heat(values, (int(rows[0]), int(cols[0])), title, THEMES[options.theme], ground, chance)
    write(out, png_of(image))


def _title_of(channel: int, document: Document, what: str, info: StageInfo) -> str:
    """'probability of cat (dense1)', where the classes have names; else the channel's number."""
    classes = document.networks[0].spec.classes
    if what == "probability" and channel < len(classes):
        return f"{what} of {classes[channel]} ({info.name})"
    return f"{what} of {info.name}, channel {channel}"
