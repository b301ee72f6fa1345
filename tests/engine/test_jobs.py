"""Jobs: progress, pause and step, cancelling, failure, with generators that hold a lock."""

import os
import sys
import threading

import pytest

from shiftlab.engine.jobs import NICE, Job
from shiftlab.engine.messages import Progress

PATIENCE = 10


class Reports:
    def __init__(self):
        self.all = []
        self._taken = 0
        self._there = threading.Semaphore(0)

    def __call__(self, report):
        self.all.append(report)
        self._there.release()

    def wait(self):
        assert self._there.acquire(timeout=PATIENCE)
        self._taken += 1
        return self.all[self._taken - 1]

    def until_ended(self):
        while not (report := self.wait()).ended:
            pass
        return report


class Sweep:
    """Yields 1 to `total`, each when it is let; notes that it was closed."""

    def __init__(self, total=5, gated=True):
        self.total, self.gate, self.gated = total, threading.Semaphore(0), gated
        self.closed = False
        self.begun = threading.Semaphore(0)

    def __call__(self):
        try:
            for done in range(1, self.total + 1):
                self.begun.release()
                if self.gated:
                    assert self.gate.acquire(timeout=PATIENCE)
                yield Progress(done, self.total, "positions")
            return "map"
        finally:
            self.closed = True


@pytest.fixture
def reports():
    return Reports()


def test_a_job_reports_each_step_and_its_result(reports):
    job = Job(Sweep(gated=False), reports, interval=0)
    end = reports.until_ended()
    assert (end.outcome, end.result, end.steps) == ("done", "map", 5)
    assert [one.progress.done for one in reports.all] == [1, 2, 3, 4, 5, 5]
    assert job.join(PATIENCE)
    assert job.latest == end


def test_reports_are_no_more_than_can_be_seen(reports):
    job = Job(Sweep(1000, gated=False), reports, interval=PATIENCE)
    end = reports.until_ended()
    assert (end.steps, len(reports.all)) == (1000, 2)
    assert job.join(PATIENCE)


def test_a_cancelled_job_keeps_what_it_reached(reports):
    sweep = Sweep()
    job = Job(sweep, reports, interval=0)
    sweep.gate.release(2)
    reports.wait()
    reports.wait()
    for _ in range(3):
        assert sweep.begun.acquire(timeout=PATIENCE)
    job.cancel()
    sweep.gate.release()
    end = reports.until_ended()
    assert (end.outcome, end.steps, end.progress.done) == ("cancelled", 3, 3)
    assert sweep.closed
    assert job.join(PATIENCE)


def test_a_job_can_begin_paused_and_be_stepped(reports):
    job = Job(Sweep(gated=False), reports, paused=True, interval=0)
    assert job.paused
    assert job.latest.steps == 0
    job.step()
    report = reports.wait()
    assert (report.outcome, report.steps) == ("paused", 1)
    job.step()
    assert reports.wait().steps == 2
    job.resume()
    assert reports.until_ended().result == "map"
    assert job.join(PATIENCE)


def test_pause_stops_after_the_step_under_way(reports):
    sweep = Sweep()
    job = Job(sweep, reports, interval=0)
    assert sweep.begun.acquire(timeout=PATIENCE)
    job.pause()
    sweep.gate.release(5)
    report = reports.wait()
    assert (report.outcome, report.steps) == ("paused", 1)
    job.resume()
    assert reports.until_ended().steps == 5
    assert job.join(PATIENCE)


def test_a_paused_job_can_be_closed(reports):
    job = Job(Sweep(), reports, paused=True)
    assert job.close(PATIENCE)
    assert reports.all[-1].outcome == "cancelled"


def test_a_failure_keeps_the_last_step(reports):
    def broken():
        yield Progress(1, 3)
        raise ValueError("the loss is not finite")

    job = Job(broken, reports, interval=0)
    end = reports.until_ended()
    assert (end.outcome, end.failure.message, end.progress.done) == ("failed", "the loss is not finite", 1)
    assert "broken" in end.failure.traceback
    assert job.join(PATIENCE)


def test_a_generator_that_cannot_be_made_is_a_failure(reports):
    def make():
        raise MemoryError

    job = Job(make, reports)
    assert reports.until_ended().failure.message.startswith("out of memory")
    assert job.join(PATIENCE)


def test_a_step_that_never_returns_times_out(reports):
    sweep = Sweep()
    job = Job(sweep, reports)
    assert sweep.begun.acquire(timeout=PATIENCE)
    assert job.close(0.05) is False
    sweep.gate.release()
    assert job.join(PATIENCE)


def test_a_report_that_cannot_be_delivered_does_not_end_the_job(caplog):
    def refuse(_):
        raise RuntimeError("the dock is gone")

    job = Job(Sweep(gated=False), refuse, interval=0)
    assert job.join(PATIENCE)
    assert job.latest.outcome == "done"
    assert "the dock is gone" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux alone")
def test_a_job_gives_way_to_the_other_threads():
    found = []

    def steps():
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        yield None

    job = Job(steps, lambda _report: None)
    assert job.join(10)
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert found == [min(mine + NICE, 19)]
