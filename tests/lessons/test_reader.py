"""Reading lesson files: those that ship, and wrong ones."""

import dataclasses

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.lessons.reader import SHIPPED_LESSONS, read_lesson, read_lessons

LESSONS, PROBLEMS = read_lessons()


GOOD = """title = "T"
text = "Text."
question = "Q?"
choices = ["a", "b"]
explanation = "Because."
[settings]
preset = "fc"
[[runs]]
label = "one"
[[runs]]
label = "two"
epochs = 2
"""


def test_all_ten_lessons_load():
    assert PROBLEMS == [] and len(LESSONS) == 10
    assert len(LESSONS) == len(list(SHIPPED_LESSONS.glob("*.toml")))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_each_lesson_asks_and_can_be_run(lesson):
    assert lesson.question.endswith("?") and len(lesson.choices) >= 2 and lesson.explanation
    assert len(lesson.experiments) >= 2
    for experiment in lesson.experiments:
        assert experiment.spec.model.problems() == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_runs_of_a_lesson_share_their_chance(lesson):
    """Two runs that differ in their seed as well would compare chance, not the setting."""
    assert len({experiment.spec.seed for experiment in lesson.experiments}) == 1
    assert len({dataclasses.replace(e.spec, seed=0) for e in lesson.experiments}) == len(lesson.experiments)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("question =", "question"), "at line 3"),
        (('title = "T"', 'title = ""'), r"mine.toml, line 1: a text named 'title'"),
        (('choices = ["a", "b"]', 'choices = ["a"]'), "line 4: a list named 'choices' of two or more different"),
        (("epochs = 2", "epochs = 0"), "line 12: Epochs: 0 is out of range"),
        (("epochs = 2", "epocs = 2"), "line 12: There is no setting epocs"),
        (('label = "two"', 'label = "one"'), "line 11: two runs have the same label"),
        (('preset = "fc"', 'preset = "magic"'), "line 7: Preset: 'magic' is not known"),
        (('preset = "fc"', 'preset = "fc"\nbatch_size = 0'), "line 8: Batch size: 0 is out of range"),
        (('preset = "fc"', 'layers = [{layer = "Dense"}]'), "line 7: Layer 1: Dense needs one row"),
        (('preset = "fc"', 'preset = "fc"\nlayers = []'), "line 8: A run has a preset or layers, not both"),
        (('preset = "fc"', "epochs = 1"), "line 8: Each run needs the name of a preset"),
        (('choices = ["a", "b"]', 'choices = ["a", "a"]'), "different choices"),
        (('label = "one"', "label = 1"), "line 9: Each run needs a label"),
        (('label = "two"', 'label = "two"\nnotes = 97'), "line 12: The notes' figure is a text"),
        (("[[runs]]", "[[rums]]"), "line 8: 'rums' is not part of a lesson"),
        (("[settings]", "[answer]\n[settings]"), "line 6: the answer needs a figure: change"),
        (("[settings]", '[answer]\nfigure = "best"\nusual = "c"\n[settings]'), "line 8: 'usual' must be one of"),
        (("[settings]", '[answer]\nfigure = "best"\nmargin = 1\nusual = "a"\n[settings]'), "line 7: .* 3 choices"),
        (("[settings]", '[answer]\nfigure = "change"\nbounds = "x"\nusual = "a"\n[settings]'), "line 8: the bounds"),
        (("[settings]", '[answer]\nfigure = "best"\nusual = "a"\nodd = 1\n[settings]'), "line 9: 'odd' is not"),
        (("title =", "titel ="), "line 1: 'titel' is not part of a lesson"),
        (('text = "Text."', 'text = """\nepochs = 3\n[[runs]]\n"""\ntitel = 1'), "line 6: 'titel'"),
    ],
)
def test_a_wrong_file_is_reported_with_its_line(tmp_path, change, sentence):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(InvalidInput, match=sentence):
        read_lesson(path)


def test_a_teachers_own_lesson_joins_and_a_wrong_one_hides_no_other(tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "wrong.toml").write_bytes(b"\xff")
    lessons, problems = read_lessons(SHIPPED_LESSONS, tmp_path, tmp_path / "none")
    assert len(lessons) == 11 and len(problems) == 1 and "wrong.toml" in problems[0]


def test_two_files_of_one_name_are_reported(tmp_path):
    """Their runs could not be told apart."""
    name = next(SHIPPED_LESSONS.glob("*.toml")).name
    (tmp_path / name).write_text(GOOD)
    lessons, problems = read_lessons(SHIPPED_LESSONS, tmp_path)
    assert len(lessons) == 10 and f"{name} has the file name of another lesson" in problems[0]
