from benchmarks.polyphony.picture import draw, front
from benchmarks.record import Record


def test_the_front_holds_the_points_that_no_faster_point_beats():
    points = [(3.0, -5.0), (1.0, -8.0), (2.0, -9.0), (4.0, -4.0), (5.0, -4.5)]
    assert front(points) == [(1.0, -8.0), (3.0, -5.0), (4.0, -4.0)]
    assert front([]) == []


def test_the_picture_is_higher_if_steps_were_timed(tmp_path):
    records = [
        Record("NADE", "jsb/test", "log_likelihood_exact", "nats", -7.7),
        Record("NADE", "jsb/test", "step_time", "ms", 0.2),
    ]
    sizes = []
    for count in (1, 2):
        draw(records[:count], tmp_path / "x.png")
        header = (tmp_path / "x.png").read_bytes()[16:24]
        sizes.append((int.from_bytes(header[:4]), int.from_bytes(header[4:])))
    assert sizes[0][0] == sizes[1][0]
    assert sizes[1][1] > 1.5 * sizes[0][1]
