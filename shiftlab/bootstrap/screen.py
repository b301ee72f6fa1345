"""Whether there is a screen, and one of our own where there is none."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shiftlab.bootstrap.console import SetupError


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown; only Linux can be without."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


@contextmanager
def xvfb() -> Iterator[str]:
    """An Xvfb of our own for as long as the block lasts; gives its DISPLAY.

    Raises
    ------
    SetupError
        Where it does not start within 20 seconds.
    """
    reading, writing = os.pipe()
    screen = ["-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), *screen], pass_fds=(writing,), stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        number = b""
        while not number.endswith(b"\n"):
            ready, _, _ = select.select([reading], [], [], 20)
            part = os.read(reading, 16) if ready else b""
            if not part:
                raise SetupError("Xvfb did not start; the tests in a real window cannot run")
            number += part
        yield f":{number.decode().strip()}"
    finally:
        os.close(reading)
        server.terminate()
        server.wait()
