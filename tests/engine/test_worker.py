"""The worker with backends that hold a lock: what is computed, what is dropped, what is survived."""

import dataclasses
import threading

import msgspec
import numpy as np
import pytest

from shiftlab.document import Document
from shiftlab.engine.messages import Luts, Request, Snapshot
from shiftlab.engine.worker import Abandoned, Worker
from shiftlab.network.spec import Conv, NetworkSpec
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Scene

PATIENCE = 10
LUTS = Luts(np.zeros(256, np.uint32), np.zeros(256, np.uint32), 0, 0)
ONE = Network(NetworkSpec(name="one", layers=(Conv(channels=2),)))
OTHER = Network(NetworkSpec(name="other", layers=(Conv(channels=3),)))


def request(sequence, network=ONE):
    return Request(sequence, Document(Scene(), Scene(), (network,)), (), LUTS)


class Backend:
    """Answers when it is let; notes what it was asked and on which thread."""

    def __init__(self):
        self.gate = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.asked = []
        self.threads = set()
        self.error = None
        self.slow = False

    def __call__(self, request, check):
        self.asked.append(request.sequence)
        self.threads.add(threading.current_thread())
        self.entered.release()
        assert self.gate.acquire(timeout=PATIENCE)
        check(slow=self.slow)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return Snapshot(request, (), {})

    def let(self, count=1):
        self.gate.release(count)

    def wait_entered(self):
        assert self.entered.acquire(timeout=PATIENCE)


class Box:
    """Collects from the worker's thread; `wait` gives the next."""

    def __init__(self):
        self.things = []
        self._taken = 0
        self._there = threading.Semaphore(0)

    def __call__(self, thing):
        self.things.append(thing)
        self._there.release()

    def wait(self):
        assert self._there.acquire(timeout=PATIENCE)
        self._taken += 1
        return self.things[self._taken - 1]


@pytest.fixture
def backend():
    return Backend()


@pytest.fixture
def results():
    return Box()


@pytest.fixture
def failures():
    return Box()


@pytest.fixture
def worker(backend, results, failures):
    worker = Worker(lambda: backend, results, failures)
    yield worker
    backend.let(10_000)
    assert worker.close(PATIENCE)


def test_a_request_is_answered_on_the_workers_thread(worker, backend, results):
    worker.submit(request(1))
    backend.let()
    assert results.wait().request.sequence == 1
    assert backend.threads == {worker.thread}
    assert worker.thread is not threading.current_thread()
    assert not worker.thread.daemon


def test_of_a_thousand_moves_two_are_computed_and_one_waits(worker, backend, results):
    worker.submit(request(0))
    backend.wait_entered()
    for sequence in range(1, 1001):
        worker.submit(request(sequence))
        assert worker.waiting == 1
    backend.let(2)
    assert results.wait().request.sequence == 0
    assert results.wait().request.sequence == 1000
    assert backend.asked == [0, 1000]
    assert (worker.submitted, worker.computed, worker.waiting) == (1001, 2, 0)


def test_a_request_under_way_is_finished_when_a_newer_one_waits(worker, backend, results):
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2))
    backend.let()
    assert results.wait().request.sequence == 1


def test_it_is_abandoned_when_the_network_changed(worker, backend, results, failures):
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2, OTHER))
    backend.let(2)
    assert results.wait().request.sequence == 2
    assert [one.request.sequence for one in results.things] == [2]
    assert not failures.things


def test_what_is_slow_gives_way_to_anything_newer(worker, backend, results, failures):
    backend.slow = True
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2))
    backend.let(2)
    assert results.wait().request.sequence == 2
    assert len(results.things) == 1
    assert not failures.things


def test_other_weights_are_no_other_network(worker, backend, results):
    trained = dataclasses.replace(ONE, weights=Weights({"conv1.weight": np.ones((2, 1, 3, 3), np.float32)}))
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2, trained))
    backend.let()
    assert results.wait().request.sequence == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("conv2 wants 3 channels, not 8"), "conv2 wants 3 channels, not 8"),
        (RuntimeError("shapes cannot be multiplied (1x8 and 9x2)\nat line 3"), "RuntimeError: shapes cannot be"),
        (MemoryError(), "out of memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes"), "out of memory"),
    ],
)
def test_an_exception_is_one_message_and_the_next_request_works(worker, backend, results, failures, error, message):
    backend.error = error
    worker.submit(request(1))
    backend.let()
    failure = failures.wait()
    assert failure.message.startswith(message)
    assert "\n" not in failure.message
    assert failure.request.sequence == 1
    assert type(error).__name__ in failure.traceback
    worker.submit(request(2))
    backend.let()
    assert results.wait().request.sequence == 2
    assert len(failures.things) == 1


def test_a_result_that_cannot_be_delivered_is_a_failure(backend, failures):
    def refuse(_):
        raise RuntimeError("the window is gone")

    worker = Worker(lambda: backend, refuse, failures)
    try:
        worker.submit(request(1))
        backend.let()
        assert failures.wait().message == "RuntimeError: the window is gone"
    finally:
        assert worker.close(PATIENCE)


def test_a_failure_that_cannot_be_delivered_is_logged(backend, results, caplog):
    def refuse(_):
        raise RuntimeError("the window is gone")

    worker = Worker(lambda: backend, results, refuse)
    backend.error = ValueError("the cause")
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2))
    backend.let(2)
    assert results.wait().request.sequence == 2
    assert worker.close(PATIENCE)
    assert "the cause" in caplog.text
    assert "the window is gone" in caplog.text


def test_a_backend_that_cannot_be_made_is_tried_again(backend, results, failures):
    attempts = []

    def make():
        attempts.append(threading.current_thread())
        if len(attempts) == 1:
            raise ImportError("libtorch_cpu.so: file too short")
        return backend

    states = Box()
    worker = Worker(make, results, failures, states)
    try:
        assert failures.wait().message == "ImportError: libtorch_cpu.so: file too short"
        worker.submit(request(1))
        backend.let()
        assert results.wait().request.sequence == 1
        assert states.things == ["loading", "loading", "ready"]
    finally:
        assert worker.close(PATIENCE)


def test_requests_are_taken_while_the_backend_is_made(backend, results, failures):
    made = threading.Event()
    states = Box()

    def make():
        assert made.wait(PATIENCE)
        return backend

    worker = Worker(make, results, failures, states)
    try:
        assert states.wait() == "loading"
        for sequence in range(5):
            worker.submit(request(sequence))
        assert worker.waiting == 1
        made.set()
        assert states.wait() == "ready"
        backend.let()
        assert results.wait().request.sequence == 4
    finally:
        assert worker.close(PATIENCE)


def test_closing_in_the_midst_of_a_request_delivers_nothing(backend, results, failures):
    worker = Worker(lambda: backend, results, failures)
    worker.submit(request(1))
    backend.wait_entered()
    worker.submit(request(2))
    assert not worker.close(0)
    backend.let()
    assert worker.close(PATIENCE)
    assert not results.things
    assert not failures.things
    worker.submit(request(3))
    assert worker.waiting == 0
    assert worker.submitted == 2


def test_a_computation_that_never_returns_times_out(backend, results, failures):
    worker = Worker(lambda: backend, results, failures)
    worker.submit(request(1))
    backend.wait_entered()
    assert worker.close(0.05) is False
    assert worker.thread.is_alive()
    backend.let()
    assert worker.close(PATIENCE)


def test_an_idle_worker_says_so(worker, backend, results):
    assert worker.idle
    worker.submit(request(1))
    backend.wait_entered()
    assert not worker.idle
    backend.let()
    results.wait()


class Settling(Backend):
    """Settles when it is let once more."""

    def __init__(self):
        super().__init__()
        self.settled = Box()

    def settle(self, check):
        assert self.gate.acquire(timeout=PATIENCE)
        try:
            check(slow=True)
        except Abandoned:
            self.settled("left")
            raise
        self.settled("done")


def test_what_rests_is_settled_after_its_answer(results, failures):
    backend = Settling()
    worker = Worker(lambda: backend, results, failures)
    try:
        for sequence, at_rest in ((1, False), (2, True)):
            worker.submit(msgspec.structs.replace(request(sequence), at_rest=at_rest))
            backend.let()
            assert results.wait().request.sequence == sequence
        assert not backend.settled.things
        backend.let()
        assert backend.settled.wait() == "done"
        worker.submit(msgspec.structs.replace(request(3), at_rest=True))
        backend.let()
        results.wait()
        worker.submit(request(4))
        backend.let(2)
        assert backend.settled.wait() == "left"
        assert results.wait().request.sequence == 4
        assert not failures.things
    finally:
        backend.let(100)
        assert worker.close(PATIENCE)
