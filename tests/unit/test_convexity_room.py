"""How maps and cuts share a room: maps as large as can be, cuts where they can be read."""

from __future__ import annotations

import pytest

from gradsim.ui.views.race.convexity_room import Room


@pytest.mark.parametrize(
    ("room", "count", "aspect", "beside", "column", "cuts"),
    [
        (Room(1900, 800, 100, 17), 2, 1.0, True, True, True),  # a view alone
        (Room(1600, 320, 100, 17), 2, 1.0, True, False, True),  # above another view
        (Room(700, 900, 100, 17), 1, 8.0, False, False, True),  # a ravine
        (Room(1000, 320, 140, 39), 2, 1.0, True, False, False),  # a projector of 1024 x 768
    ],
)
def test_where_cuts_are(room: Room, count: int, aspect: float, beside: bool, column: bool, cuts: bool) -> None:
    found = room.arranged(count, aspect)
    assert (found.is_beside, found.is_column, found.has_cuts) == (beside, column, cuts)


@pytest.mark.parametrize("width", [200, 700, 1024, 1920, 3840])
@pytest.mark.parametrize("high", [120, 300, 700, 1500])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("aspect", [0.1, 1.0, 8.0])
def test_maps_and_cuts_fill_the_room(width: int, high: int, count: int, aspect: float) -> None:
    found = Room(width, high, 100, 17).arranged(count, aspect)
    assert found.maps >= 1
    assert found.maps + found.cuts == (width if found.is_beside else high) or found.maps == 1
