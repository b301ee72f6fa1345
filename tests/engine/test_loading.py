"""Torch comes in on the worker's thread; whoever imports the rest has not waited for it."""

import subprocess
import sys

TORCHLESS = """
import sys
import shiftlab.engine.store, shiftlab.engine.worker, shiftlab.engine.jobs, shiftlab.engine.messages
import shiftlab.engine.pictures, shiftlab.engine.ranges, shiftlab.engine.loading, shiftlab.document
assert "torch" not in sys.modules, "torch came along"
from shiftlab.engine.loading import pin_thread
pin_thread()
assert "torch" not in sys.modules
"""

LOADED = """
import gc, os, sys, threading
from shiftlab.engine.loading import load_backend
from shiftlab.engine.worker import Worker
import numpy as np
from shiftlab.engine.messages import Luts, Request
from shiftlab.opening import opening_document

told, answers, done = [], [], threading.Event()
def take(answer):
    answers.append(answer)
    done.set()
worker = Worker(load_backend, take, take, told.append)
table = np.zeros(256, np.uint32)
worker.submit(Request(1, opening_document(), (), Luts(table, table, 0, 0)))
assert done.wait(60)
assert worker.close(10)
assert told == ["loading", "ready"], told
assert len(answers[0].sides[0].measures) == 8, answers
assert gc.isenabled() and gc.get_freeze_count() > 0
from shiftlab.engine.loading import preload
preload()
assert os.environ["OMP_NUM_THREADS"] == "1"
"""


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)


def test_the_engine_leaves_torch_out():
    result = run(TORCHLESS)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_worker_brings_torch_in_and_answers():
    result = run(LOADED)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_program_that_ends_without_closing_its_worker_ends():
    program = "from shiftlab.engine.worker import Worker; Worker(lambda: None, print, print)"
    assert run(program).returncode == 0
