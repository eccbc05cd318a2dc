"""Which prediction came true."""

import pytest

from mnist_core.evaluation.findings import Finding
from mnist_core.lessons.answer import Answer
from mnist_core.lessons.reader import read_lessons

LESSONS = {lesson.id: lesson for lesson in read_lessons()[0]}


def came_true(answer, *accuracies):
    return answer.of([Finding(str(place), (accuracy,)) for place, accuracy in enumerate(accuracies)])


@pytest.mark.parametrize(
    ("lesson", "accuracies", "choice"),
    [
        ("01-epochs", (0.826, 0.89), "It rises by a point or more"),
        ("01-epochs", (0.826, 0.83), "It hardly changes"),
        ("01-epochs", (0.826, 0.81), "It falls: the network has seen it all"),
        ("02-neurons", (0.8, 0.86, 0.87), "Much from 10 to 128, little from 128 to 512"),
        ("02-neurons", (0.8, 0.84, 0.88), "Each step brings about the same"),
        ("02-neurons", (0.85, 0.87, 0.8), "The most neurons are the worst"),
        ("03-layers", (0.874, 0.873, 0.881, 0.875), "158 neurons"),
        ("03-layers", (0.874, 0.873, 0.876, 0.875), "They hardly differ"),
        ("04-hidden-layer", (0.927, 0.977), "About 5 of 7"),
        ("05-activations", (0.97, 0.95, 0.97, 0.97), "sigmoid"),
        ("06-labels", (0.9701, 0.9699), "The same network"),
        ("07-optimizers", (0.97, 0.92, 0.97, 0.96), "SGD"),
        ("08-pixels", (0.97, 0.97, 0.95), "It learns, but worse"),
        ("08-pixels", (0.97, 0.97, 0.971), "The same accuracy"),
        ("08-pixels", (0.97, 0.97, 0.1), "It learns nothing at all"),
        ("09-convolution", (0.97, 0.985), "About half"),
        ("09-convolution", (0.97, 0.969), "None"),
        ("10-batch-size", (0.97, 0.96), "Batch size 32"),
    ],
)
def test_the_choice_that_the_figures_tell(lesson, accuracies, choice):
    assert came_true(LESSONS[lesson].answer, *accuracies) == choice


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_each_lesson_knows_what_is_usual(lesson):
    assert lesson.answer and lesson.answer.usual in lesson.choices == lesson.answer.choices


def test_perfect_networks_and_equal_ones_are_no_trouble():
    for figure in ("change", "avoided", "last_step"):
        answer = Answer(("less", "more"), figure, (0.5,), 0, "less")
        assert came_true(answer, 1.0, 1.0) == "less" and came_true(answer, 0.0, 0.0) == "less"
