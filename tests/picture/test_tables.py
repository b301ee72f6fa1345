"""The look-up tables against their nodes."""

import numpy as np
import pytest

from shiftlab.picture.tables import DIVERGING_DARK, DIVERGING_LIGHT, ZERO, diverging, lut_from_rgb, packed


@pytest.mark.parametrize(("dark", "nodes"), [(True, DIVERGING_DARK), (False, DIVERGING_LIGHT)])
def test_ends_and_middle_are_the_nodes(dark, nodes):
    table = diverging(dark)
    assert [f"{table[at] & 0xFFFFFF:06X}" for at in (1, ZERO, 255)] == [nodes[0], nodes[4], nodes[8]]
    assert table.dtype == np.uint32
    assert (table >> 24 == 255).all()
    assert not table.flags.writeable


@pytest.mark.parametrize("dark", [True, False])
def test_lightness_runs_evenly_away_from_zero(dark):
    table = diverging(dark)[1:].astype(np.int64)
    rgb = np.stack([table >> 16 & 255, table >> 8 & 255, table & 255]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear
    lightness = 116 * np.where(luminance > 0.008856, np.cbrt(luminance), 7.787 * luminance + 16 / 116) - 16
    steps = np.diff(lightness[::16]) * (1 if dark else -1)
    assert (steps[:7] < 0).all()
    assert (steps[-7:] > 0).all()


def test_a_table_from_rows_of_colour():
    table = lut_from_rgb([[0, 0, 0], [255, 0, 10]])
    assert table[1] == packed(0, 0, 0)
    assert table[255] == packed(255, 0, 10)
    assert table[128] == packed(128, 0, 5)
    assert lut_from_rgb([[0, 0, 0, 255], [9, 9, 9, 255]])[255] == packed(9, 9, 9)


@pytest.mark.parametrize("rgb", [[[0, 0, 0]], [0, 0, 0], [[0, 0], [1, 1]]])
def test_what_is_no_table_is_refused(rgb):
    with pytest.raises(ValueError, match="colours must be"):
        lut_from_rgb(rgb)
