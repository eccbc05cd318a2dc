"""Train, without a browser."""

import time

import pytest

from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.paths import RECORD_FILE
from mnist_core.training.spec import TrainingSpec
from tests.pages.screens import finished, open_page, said, texts
from tests.settings import EVERY_SETTING


@pytest.mark.parametrize("name", PRESETS)
def test_layers_shapes_and_parameters_are_seen_before_training(studio, name):
    at = open_page("train")
    at.selectbox("train_preset").set_value(name).run()
    assert f"**{PRESETS[name].num_params:,}** parameters" in texts(at)
    assert list(at.table[0].value["Layer"]) == [layer.kind for layer in PRESETS[name].layers]


def test_train_puts_a_run_into_the_queue_and_opens_it(studio):
    at = open_page("train")
    at.number_input("train_epochs").set_value(3).run()
    at.selectbox("train_optimizer").set_value("sgd").run()
    at.button("train_start").click().run()
    (run,) = studio.store.listing().runs
    assert (run.spec.epochs, run.spec.optimizer, run.spec.learning_rate) == (3, "sgd", 0.01)
    assert at.query_params["run"] == run.id
    assert "queued" in at.container("train_status").markdown[0].value


@pytest.mark.parametrize(
    ("widget", "key", "value", "sentence"),
    [
        ("number_input", "train_epochs", 0, "Epochs: 0 is out of range"),
        ("number_input", "train_epochs", -3, "Epochs: -3 is out of range"),
        ("text_input", "train_learning_rate", "-1", "Learning rate: -1 is out of range"),
        ("text_input", "train_learning_rate", "abc", "Learning rate: 'abc' is not a number"),
        ("text_input", "train_learning_rate", "", "Learning rate: '' is not a number"),
        ("text_input", "train_seed", "99999999999999999999", "Seed: 99999999999999999999 is out of range"),
        ("text_input", "train_seed", "1.5", "Seed: 1.5 is not a whole number"),
    ],
)
def test_bad_input_gets_a_sentence_and_cannot_be_started(studio, widget, key, value, sentence):
    at = open_page("train")
    getattr(at, widget)(key).set_value(value).run()
    assert sentence in said(at.error[0])
    assert at.button("train_start").disabled
    assert studio.store.listing().runs == ()


def test_a_name_that_is_too_long_is_refused_and_nothing_is_saved(studio):
    at = open_page("train")
    at.text_input("train_name").set_value("x" * 200).run()
    at.button("train_start").click().run()
    assert "Give 1 to 60 characters" in texts(at) and studio.store.listing().runs == ()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_tried(studio, tmp_path):
    (tmp_path / "home").write_text("a file where a folder should be")
    at = open_page("train")
    assert "cannot be written" in texts(at)
    at.button("train_start").click().run()
    assert "cannot be saved" in said(at.error[0]) and not at.exception


def test_a_finished_run_shows_its_figures_and_its_epochs(studio, spec):
    run = finished(studio, spec)
    at = open_page("train", run=run.id)
    status = at.container("train_status").markdown[0].value
    assert "finished" in status and "91.23 %" in status
    table = at.container("train_metrics").table[0].value
    assert list(table["val_accuracy"]) == ["0.9000"]


def test_a_failed_run_says_why(studio, spec):
    run = studio.store.end(studio.store.create(spec), "failed", error="The training process ended unexpectedly.")
    at = open_page("train", run=run.id)
    assert said(at.error[0]) == "The training process ended unexpectedly."


def test_a_run_deleted_while_it_is_shown_is_a_sentence(studio, spec):
    run = finished(studio, spec)
    at = open_page("train", run=run.id)
    studio.store.delete(run.id)
    at.run()
    assert not at.exception and "does not exist any more" in texts(at)


def test_a_run_with_a_damaged_record_is_named_and_hides_no_other(studio, spec):
    good, bad = finished(studio, spec), finished(studio, spec)
    (bad.folder / RECORD_FILE).write_text("not a record")
    at = open_page("train")
    assert bad.id in texts(at) and at.button(f"open_{good.id}")


def test_an_active_run_cannot_be_deleted_from_the_list(studio, spec):
    run = studio.store.create(spec)
    assert open_page("train").button(f"delete_{run.id}").disabled


def test_a_name_is_shown_as_it_was_typed(studio, spec):
    """Markdown in a name would turn it into headings, links or pictures."""
    run = studio.store.end(studio.store.create(spec, name="# big ![x](http://x)"), "stopped")
    at = open_page("train", run=run.id)
    assert any("\\# big \\!\\[x\\]" in element.value for element in at.markdown)


def test_many_runs_are_shown_in_pages(studio, spec):
    for _ in range(12):
        studio.store.end(studio.store.create(spec), "stopped")
    assert sum(button.key.startswith("open_") for button in open_page("train").button) == 8


def test_settings_survive_a_change_of_page(studio):
    at = open_page("train")
    at.selectbox("train_preset").set_value("cnn").run()
    at.switch_page("model.py").run()
    at.switch_page("train.py").run()
    assert at.selectbox("train_preset").value == "cnn"


def test_every_setting_of_a_run_can_be_chosen_on_the_page(studio):
    """A setting that only the command line has would be forgotten by the page."""
    at = open_page("train")
    at.selectbox("train_optimizer").set_value("sgd").run()
    keys = {widget.key for kind in (at.selectbox, at.number_input, at.text_input) for widget in kind}
    settings = set(TrainingSpec.__dataclass_fields__) - {"model", "continues", "changes"}
    assert {f"train_{setting}" for setting in settings} <= keys


def test_every_setting_of_a_run_comes_back_on_the_form(studio):
    """A setting that "Use its settings" forgot would change what is repeated, and nobody would see."""
    spec = TrainingSpec(PRESETS["cnn"], **EVERY_SETTING)
    run = studio.store.create(spec)
    studio.store.end(run, "finished")
    at = open_page("train", run=run.id)
    at.button("train_again").click().run()
    at.button("train_start").click().run()
    repeated = studio.store.listing().runs[0]
    assert repeated.id != run.id and repeated.spec == spec


def test_a_runs_settings_fill_the_form(studio):
    spec = TrainingSpec(PRESETS["cnn"], **EVERY_SETTING)
    run = studio.store.end(studio.store.create(spec), "stopped")
    at = open_page("train", run=run.id)
    at.button("train_again").click().run()
    at.button("train_start").click().run()
    assert studio.store.listing().runs[0].spec == spec


def test_a_run_of_an_unknown_architecture_can_be_repeated(studio):
    spec = TrainingSpec(ModelSpec("fc", PRESETS["cnn"].layers))
    run = studio.store.end(studio.store.create(spec), "stopped")
    at = open_page("train", run=run.id)
    at.button("train_again").click().run()
    assert at.selectbox("train_preset").value == "fc (changed)" and not at.exception


def test_four_impatient_presses_start_one_run(studio, monkeypatch):
    at = open_page("train")
    real, begin = time.monotonic, time.monotonic()
    # Slowly, as a busy machine takes longer for each press than an impatient person.
    monkeypatch.setattr("time.monotonic", lambda: begin + (real() - begin) / 100)
    for _ in range(4):
        at.button("train_start").click().run()
    assert len(studio.store.listing().runs) == 1
    monkeypatch.setattr("time.monotonic", lambda: real() + 60)
    at.button("train_start").click().run()
    assert len(studio.store.listing().runs) == 2
