"""What pages ask of the process that loads models."""

from mnist_core.server.questions import augmented_rows, measure_speed


def test_the_preview_shows_the_pictures_and_what_becomes_of_them():
    rows = augmented_rows("mnist", "light")
    assert rows.shape == (5, 8, 28, 28) and (rows[0] != rows[1]).any()


def test_this_computer_can_be_measured():
    speed = measure_speed()
    assert speed.matmul_flops > 1e8 and speed.bfloat16_gain > 0
