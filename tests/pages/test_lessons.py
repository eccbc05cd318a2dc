"""Lessons, without a browser."""

from tests.pages.screens import open_page, texts


def test_a_lesson_is_run_after_a_prediction_only(studio):
    at = open_page("lessons")
    assert at.button("lesson_start").disabled
    at.radio[0].set_value(at.radio[0].options[0]).run()
    at.button("lesson_start").click().run()
    runs = studio.store.listing().runs
    assert len(runs) == 2 and {run.tag for run in runs} == {"01-epochs/1 epoch", "01-epochs/5 epochs"}


def test_a_wrong_lesson_of_a_teacher_is_named_with_its_line(studio):
    folder = studio.store.root / "lessons"
    folder.mkdir(parents=True)
    (folder / "wrong.toml").write_text('title = "x"\ntext = 5\n')
    at = open_page("lessons")
    assert "wrong.toml, line 2" in texts(at) and at.button("lesson_start")
