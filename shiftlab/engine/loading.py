"""Bringing torch into the process on a worker's thread, while the window already stands.

This module names torch but does not import it: whoever imports the window must not wait for torch.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shiftlab.engine.worker import Compute

BACKEND = "shiftlab.engine.backend"
LIBRARIES = ("c10", "torch_cpu", "torch", "torch_python")
"""In the order in which they need one another. To load them takes most of an import's time, and unlike
the import it does not hold the interpreter's lock."""


def load_backend(device: str = "cpu") -> Compute:
    """Import torch and what computes with it, on this thread; pins torch to one thread here.

    The `make_backend` of a Worker.
    """
    preload()
    return importlib.import_module(BACKEND).Backend(device=device)


def preload() -> None:
    """Load torch's shared libraries without holding the interpreter's lock; nothing where torch is loaded."""
    # torch's own thread pool reads this when it is loaded; set later it has no effect.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "torch" in sys.modules:
        return
    for path in _libraries():
        try:
            ctypes.CDLL(str(path))
        except OSError:
            # The import proper loads it in its own way, or says what is wrong with it.
            return


def _libraries() -> list[Path]:
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "lib"
    prefix, suffix = {"win32": ("", ".dll"), "darwin": ("lib", ".dylib")}.get(sys.platform, ("lib", ".so"))
    found = (folder / f"{prefix}{name}{suffix}" for name in LIBRARIES)
    return [path for path in found if path.exists()]


def pin_thread() -> None:
    """Bind torch to one thread for what this thread computes; nothing where torch is not loaded.

    Setting it on the main thread does not bind another one: every thread that computes calls this.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        set_threads: Callable[[int], None] = torch.set_num_threads
        set_threads(1)
