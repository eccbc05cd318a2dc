"""Lessons, without a browser."""

from tests.pages.screens import open_page, texts


def test_a_lesson_is_run_after_a_prediction_only(studio):
    at = open_page("lessons")
    assert at.button("lesson_start").disabled
    at.radio[0].set_value(at.radio[0].options[0]).run()
    at.button("lesson_start").click().run()
    runs = studio.store.listing().runs
    assert len(runs) == 2 and {run.tag for run in runs} == {"01-epochs/1 epoch", "01-epochs/5 epochs"}


def test_each_experiment_can_be_repeated_with_other_chance(studio):
    at = open_page("lessons")
    at.radio[0].set_value(at.radio[0].options[0]).run()
    at.segmented_control("lesson_repeats_01-epochs").set_value(3).run()
    at.button("lesson_start").click().run()
    runs = studio.store.listing().runs[::-1]
    assert [run.spec.seed - runs[0].spec.seed for run in runs] == [0, 0, 1, 1, 2, 2]
    for run, accuracy in zip(runs, (0.8, 0.88, 0.82, 0.89, 0.84, 0.9), strict=True):
        studio.store.end(run, "finished", result={"test_accuracy": accuracy, "seconds": 1.0})
    at = open_page("lessons")
    at.radio[0].set_value(at.radio[0].options[0]).run()
    shown = at.table[0].value.map(lambda text: text.replace("\\", ""))
    assert list(shown["Test accuracy"]) == ["82.00 % ± 2.00", "89.00 % ± 1.00"]
    assert list(shown["Status"]) == ["3 runs", "3 runs"]


def test_a_wrong_lesson_of_a_teacher_is_named_with_its_line(studio):
    folder = studio.store.root / "lessons"
    folder.mkdir(parents=True)
    (folder / "wrong.toml").write_text('title = "x"\ntext = 5\n')
    at = open_page("lessons")
    assert "wrong.toml, line 2" in texts(at) and at.button("lesson_start")
