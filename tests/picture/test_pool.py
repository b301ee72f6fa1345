"""The pool hands out what nobody holds, and never what somebody does."""

import numpy as np

from shiftlab.picture.pool import MOST_SHAPES, Pool


def test_an_array_that_was_let_go_is_used_again():
    pool = Pool()
    first = pool.empty((5, 7), np.uint32)
    address = first.ctypes.data
    assert first.flags.c_contiguous
    del first
    assert pool.empty((5, 7), np.uint32).ctypes.data == address
    assert pool.kept_bytes == 5 * 7 * 4


def test_an_array_that_is_held_is_left_alone_even_through_a_view():
    pool = Pool()
    view = pool.empty((5, 7), np.uint32)[1:, 2:].T
    other = pool.empty((5, 7), np.uint32)
    memory = memoryview(other)
    del other
    third = pool.empty((5, 7), np.uint32)
    assert not np.shares_memory(view, third)
    assert not np.shares_memory(np.asarray(memory), third)


def test_shapes_and_types_do_not_mix():
    pool = Pool()
    assert pool.empty((4, 4), np.uint8).dtype == np.uint8
    assert pool.empty((4, 4), np.float32).dtype == np.float32


def test_scratch_of_many_shapes_lies_in_little_memory():
    pool = Pool()
    for height in range(1, 60):
        for width in range(1, 60):
            scratch = pool.scratch((4, height, width), np.float32)
            assert scratch.shape == (4, height, width)
            assert scratch.flags.c_contiguous
            assert scratch.flags.writeable
            del scratch
    assert pool.kept_bytes <= 1 << 17
    first, second = pool.scratch((3, 5), np.uint8), pool.scratch((5, 3), np.uint8)
    assert not np.shares_memory(first, second)


def test_memory_is_bounded():
    pool = Pool(limit=10_000)
    for side in range(1, 60):
        pool.empty((side, side), np.uint8)
    assert pool.kept_bytes <= 10_000
    held = [pool.empty((100, 100), np.uint8) for _ in range(3)]
    assert len({one.ctypes.data for one in held}) == 3


def test_shapes_are_bounded():
    pool = Pool()
    for side in range(1, 2 * MOST_SHAPES):
        pool.empty((1, side), np.uint8)
    last = range(MOST_SHAPES, 2 * MOST_SHAPES)
    assert pool.kept_bytes == sum(last)


def test_what_is_let_go_anywhere_is_found_again():
    pool = Pool()
    held = [pool.empty((8,), np.uint8) for _ in range(12)]
    for where in (7, 3, 11, 0, 4):
        address = held[where].ctypes.data
        held[where] = None
        held[where] = pool.empty((8,), np.uint8)
        assert held[where].ctypes.data == address
    assert pool.kept_bytes == 12 * 8
    assert len({one.ctypes.data for one in held}) == 12
