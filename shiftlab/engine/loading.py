"""Bringing torch into the process on a worker's thread, while the window already stands.

This module names torch but does not import it: whoever imports the window must not wait for torch.
Three things would hold up the window for 100 to 300 ms each, and are kept from it: loading the shared
libraries with the interpreter's lock held, a garbage collection among the hundreds of thousands of new
objects of torch's modules, and the next one after that.
"""

from __future__ import annotations

import ctypes
import gc
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
LIBRARIES = ("c10", "torch_cpu", "torch")
"""In the order in which they need one another. torch_python is left to the import: what it does when it
is loaded may want the interpreter's lock."""


def load_backend(device: str = "cpu") -> Compute:
    """Import torch and what computes with it, on this thread; pins torch to one thread here.

    The `make_backend` of a Worker.
    """
    first = "torch" not in sys.modules
    preload()
    if first:
        _import_without_collecting(BACKEND)
    return importlib.import_module(BACKEND).Backend(device=device)


def _import_without_collecting(module: str) -> None:
    """Import a module with the garbage collector held, and take all there is then out of its sight.

    Modules live as long as the process. What else is alive at this moment is still freed when its last
    reference goes; only rings of such objects would stay.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module(module)
        gc.freeze()
    finally:
        if collecting:
            gc.enable()


def preload() -> None:
    """Load torch's shared libraries without holding the interpreter's lock; nothing where torch is loaded."""
    # torch's own thread pool reads this when it is loaded; set later it has no effect.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "torch" in sys.modules or sys.platform == "win32":
        return
    # ctypes.CDLL(path) would hold the lock while it loads; a foreign function is called without it.
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for path in _libraries():
        if not dlopen(os.fsencode(path), os.RTLD_NOW):
            # The import proper loads it in its own way, or says what is wrong with it.
            return


def _libraries() -> list[Path]:
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "lib"
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    found = (folder / f"lib{name}{suffix}" for name in LIBRARIES)
    return [path for path in found if path.exists()]


def pin_thread() -> None:
    """Bind torch to one thread for what this thread computes; nothing where torch is not loaded.

    Setting it on the main thread does not bind another one: every thread that computes calls this.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        set_threads: Callable[[int], None] = torch.set_num_threads
        set_threads(1)
