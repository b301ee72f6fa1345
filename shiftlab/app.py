"""The application: one window, from the first paint to the last thread."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from shiftlab import system

if TYPE_CHECKING:
    from shiftlab.document import Document
    from shiftlab.ui.keeping import Keeper
    from shiftlab.ui.window import Window

log = logging.getLogger("shiftlab")
HOME = "SHIFTLAB_HOME"
"""Environment variable: a folder for settings, autosaves and the log, in place of the system's."""
JOIN = 4.0
"""Seconds that what computes is given to end when the window closes."""
LOADING_JOIN = 30.0
"""The same while torch is being imported, which cannot be interrupted."""
SWITCH_INTERVAL = 0.0001
"""Seconds after which the worker yields the interpreter to the window."""


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m shiftlab.app [FILE]`: the window."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return run_window(None, Path(arguments[0]) if arguments else None)


def run_window(document: Document | None = None, path: Path | None = None) -> int:
    """Open the window, and return the exit code when it has been closed.

    Parameters
    ----------
    document : Document, optional
        What it opens with; by default the cat before three blocks.
    path : Path, optional
        A file that is opened in it.
    """
    # On the way to the first paint hardly anything becomes garbage: looking for it would take a tenth of the time.
    gc.disable()
    try:
        problem = _problem()
        if problem is not None:
            sys.stderr.write(f"shiftlab: {problem}\n")
            return 1
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        return _run(document, path)
    finally:
        gc.enable()


def _problem() -> str | None:
    """Why no window can be opened here, in one line; None where it can."""
    try:
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return system.advice(error) or f"Qt cannot be loaded: {' '.join(str(error).split())}"
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    if not os.environ.get("DISPLAY"):
        return "there is no display; 'shiftlab render OUT.png' makes the same picture without one"
    missing = system.missing_packages(window=True)
    if missing:
        return f"Qt needs libraries that are missing. On Debian or Ubuntu: apt install {' '.join(missing)}"
    return None


def folder() -> Path:
    """Where settings, autosaves and the log of this user are."""
    from shiftlab.ui.settings import settings_folder

    return Path(os.environ[HOME]) if os.environ.get(HOME) else settings_folder()


def _run(document: Document | None, path: Path | None) -> int:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from shiftlab.opening import opening_document
    from shiftlab.ui.appearance import Appearance
    from shiftlab.ui.reports import ExceptionReports
    from shiftlab.ui.settings import Settings
    from shiftlab.ui.window import Window

    sys.setswitchinterval(SWITCH_INTERVAL)
    # Ctrl+C in the terminal ends the process at once; the autosave stays to be restored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    home = folder()
    _log_to(home)
    # As an argument: `setStyle` would hand the style back, and make the largest of Qt's types for that.
    application = QApplication([*sys.argv[:1], "-style", "Fusion"])
    application.setApplicationName("ShiftLab")
    settings = Settings(home / "shiftlab.ini")
    hints = application.styleHints()
    appearance = Appearance(settings.theme, hints.colorScheme(), application)
    hints.colorSchemeChanged.connect(appearance.system_changed, Qt.ConnectionType.QueuedConnection)
    window = Window(document or opening_document(), settings, appearance)
    reports = ExceptionReports(window.reported.emit)
    reports.install()
    keepers: list[Keeper | None] = []
    window.when_closing(lambda: _leave(window, keepers[0] if keepers else None))
    window.later.add_first(_collect)
    if path is not None:
        keepers.append(_keeper(window, home))
        window.filing.open(path)
    else:
        window.later.add(lambda: keepers.append(_keeper(window, home)))
    window.later.add(window.set_icon)
    window.show()
    code = application.exec()
    if application.platformName() == "offscreen":
        # Its clipboard outlives Python, and would hand what was copied to an interpreter that has gone.
        application.clipboard().clear()
    reports.remove()
    window.deleteLater()
    application.processEvents()
    return code


def _collect() -> None:
    """Look for garbage from now on, but not among what there is: modules and the window live as long as the process."""
    gc.freeze()
    gc.enable()


def _log_to(home: Path) -> None:
    """Send what is logged to a file; where that cannot be, nowhere: a log must not keep the window from opening."""
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    logger = logging.getLogger("shiftlab")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        home.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(home / "shiftlab.log", encoding="utf-8", mode="w")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    levels = {QtMsgType.QtWarningMsg: logging.WARNING, QtMsgType.QtCriticalMsg: logging.ERROR}
    qt = logging.getLogger("shiftlab.qt")
    qInstallMessageHandler(lambda kind, _context, message: qt.log(levels.get(kind, logging.INFO), "%s", message))


def _keeper(window: Window, home: Path) -> Keeper | None:
    """Start to keep the session, and offer what a killed run left; None where nothing can be kept."""
    from shiftlab.files.autosave import Autosave
    from shiftlab.ui.keeping import Keeper

    try:
        autosave = Autosave(home / "runs")
    except OSError as error:
        log.warning("no autosave: %s", error)
        window.notice.say(f"The autosave does not work: {error.strerror or error}", kind="autosave")
        return None
    keeper = Keeper(window.lab, autosave)
    keeper.failed.connect(lambda line: window.notice.say(line, kind="autosave"))
    try:
        keeper.crash_file = autosave.crash_log.open("w", encoding="utf-8")
        faulthandler.enable(keeper.crash_file)
    except OSError as error:
        log.warning("no crash log: %s", error)
    keeper.offer(window.notice.say, window.show_text)
    return keeper


def _leave(window: Window, keeper: Keeper | None) -> bool:
    """Stop everything, then let the window close. What does not stop in time is left behind with the process."""
    window.setEnabled(False)
    window.hide()
    if not window.stop(LOADING_JOIN if window.bridge.loading else JOIN):
        _abandon(keeper)
    if keeper is not None:
        keeper.finish()
    return True


def _abandon(keeper: Keeper | None) -> NoReturn:
    """Save the session, dump the stacks, and leave: a thread that never ends would hold the process for good."""
    log.error("a computation did not end; leaving without it")
    if keeper is not None:
        keeper.rescue()
        if keeper.crash_file is not None:
            faulthandler.dump_traceback(keeper.crash_file, all_threads=True)
            keeper.crash_file.flush()
    logging.shutdown()
    os._exit(1)


if __name__ == "__main__":
    raise SystemExit(main())
