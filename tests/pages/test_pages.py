"""The screens without a browser: what they show and what they say about bad input."""

import dataclasses
from concurrent.futures import wait
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.drawing.strokes import Drawing
from mnist_core.formatting import in_percent
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import architecture_code
from mnist_core.networks.spec import ModelSpec
from mnist_core.paths import RECORD_FILE
from mnist_core.runs.models import shipped_models
from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from tests.settings import EVERY_SETTING

SITE = str(Path(__file__).parents[2] / "pages" / "_site.py")


@pytest.fixture(scope="module")
def engine():
    engine = EngineProcess()
    yield engine
    engine.close()


@pytest.fixture
def studio(tmp_path, monkeypatch, engine):
    """A studio of its own, whose queue takes runs but does not train them."""
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "home"))
    get_studio.cache_clear()
    get_studio().engine = engine
    yield get_studio()
    get_studio.cache_clear()


def wait_for(engine):
    """Until every question has an answer."""
    wait(list(engine._answers.values()), timeout=60)


def drawn():
    """A 1 on the canvas."""
    pixels = np.full((280, 280, 4), 255, np.uint8)
    pixels[60:220, 130:150, :3] = 0
    return pixels


def said(element):
    """What an element says, without the backslashes that keep Markdown from reading it."""
    return str(element.value).replace("\\", "")


def open_page(name, **query):
    at = AppTest.from_file(SITE, default_timeout=30)
    if name != "draw":
        at.run().switch_page(f"{name}.py")
    at.query_params.clear()
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def texts(at):
    """Everything that is said on the page, in one string."""
    kinds = (at.markdown, at.caption, at.text, at.info, at.warning, at.error)
    return "\n".join(said(element) for kind in kinds for element in kind)


@pytest.mark.parametrize("page", sorted(path.stem for path in Path(SITE).parent.glob("[!_]*.py")))
def test_each_page_opens_where_nothing_was_ever_trained(studio, page):
    open_page(page)


def test_the_first_page_says_what_to_do_and_offers_the_shipped_models(studio):
    at = open_page("draw")
    assert "Draw a digit" in at.container("draw_answer").html[0].value
    assert len(at.selectbox("draw_model").options) == len(shipped_models())
    assert at.html  # bars are there before the first stroke, so that nothing jumps


@pytest.mark.parametrize("model", ["fc", "cnn"])
def test_a_drawing_gets_an_answer_ten_numbers_and_the_picture(studio, model):
    at = open_page("draw", model=model)
    at.session_state["draw_pixels"] = drawn()
    at.run()
    wait_for(studio.engine)
    at.run()
    assert ">1<" in at.container("draw_answer").html[0].value
    bars = at.container("draw_probabilities").html[0].value
    assert bars.count("<tr") == 11 and bars.count("◀") == 1
    assert "data:image/png" in at.container("draw_seen").html[0].value


def test_own_runs_follow_the_shipped_models_newest_first(studio, spec):
    older, newer = studio.store.create(spec, name="older"), studio.store.create(spec, name="newer")
    for run in (older, newer):
        studio.store.save_model(run, shipped_models()[0].model_path.read_bytes())
        studio.store.end(run, "finished", result={"test_accuracy": 0.9})
    options = open_page("draw").selectbox("draw_model").options
    assert [option.split(" · ")[0] for option in options[-2:]] == ["newer", "older"]


def test_a_model_in_the_address_is_the_one_that_is_shown(studio):
    assert open_page("draw", model="softmax").selectbox("draw_model").value == "softmax"


def test_a_model_that_is_gone_is_said_and_replaced(studio):
    at = open_page("draw", model="20200101-000000-fc-abcdef")
    assert "not there any more" in texts(at) and at.selectbox("draw_model").value == shipped_models()[0].id


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


def finished(studio, spec, **result):
    run = studio.store.create(spec, name="My run")
    studio.store.append_event(run, {"event": "started", "steps": 10, "elapsed": 0.1})
    studio.store.append_event(
        run,
        {"event": "epoch", "epoch": 1, "loss": 0.5, "accuracy": 0.8, "val_loss": 0.4, "val_accuracy": 0.9,
         "seconds": 1.5, "elapsed": 2.0},
    )  # fmt: skip
    return studio.store.end(run, "finished", result={"test_accuracy": 0.9123, "seconds": 1.5, **result})


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


@pytest.mark.parametrize("option", [f"preset:{name}" for name in PRESETS] + [run.id for run in shipped_models()])
def test_each_network_shows_keras_own_summary(studio, option):
    at = open_page("model", model=option)
    wait_for(studio.engine)
    at.run()
    assert not at.exception
    assert "Total params" in at.container("model_summary").code[0].value
    assert at.table and at.selectbox("model_choice").value == option


def test_a_model_file_that_is_a_text_file_is_a_sentence_on_each_page(studio, spec):
    run = studio.store.create(spec)
    studio.store.save_model(run, b"this is a text file")
    studio.store.end(run, "finished", result={"test_accuracy": 0.5})
    for page in ("draw", "number", "model"):
        at = open_page(page, model=run.id)
        at.session_state["draw_pixels"] = at.session_state["number_pixels"] = drawn()
        at.run()
        wait_for(studio.engine)
        at.run()
        assert "cannot be opened as a Keras model" in said(at.error[0]) and not at.exception


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
    settings = set(TrainingSpec.__dataclass_fields__) - {"model", "continues"}
    assert {f"train_{setting}" for setting in settings} <= keys


def test_an_architecture_is_edited_layer_by_layer(studio):
    at = open_page("build")
    number = at.session_state["build_layers"][1].number
    at.number_input(f"build_units_{number}").set_value(64).run()
    assert "28×28 → 784 → 64 → 32 → 10" in texts(at)
    at.selectbox(f"build_kind_{number}").set_value("Dropout").run()
    assert [item.layer.kind for item in at.session_state["build_layers"]] == ["Flatten", "Dropout", "Dense", "Dense"]
    at.button(f"build_remove_{number}").click().run()
    at.button("build_add").click().run()
    assert [item.layer.kind for item in at.session_state["build_layers"]] == ["Flatten", "Dense", "Dense", "Dense"]
    assert at.session_state["build_layers"][-1].layer.activation == "softmax"


def test_what_cannot_be_built_is_marked_at_its_layer_and_cannot_be_trained(studio):
    at = open_page("build")
    at.button(f"build_remove_{at.session_state['build_layers'][0].number}").click().run()
    assert "Put a Flatten before it" in said(at.container("build_layer_1").error[0])
    assert at.button("build_train").disabled
    at.button("build_clear").click().run()
    assert "no layers yet" in texts(at) and at.button("build_train").disabled and not at.exception


def test_a_saved_architecture_is_offered_for_training_and_on_the_model_page(studio):
    at = open_page("build")
    at.text_input("build_name").set_value("mine").run()
    at.button("build_save").click().run()
    assert list(studio.architectures.all()) == ["mine"]
    at.switch_page("train.py").run()
    at.selectbox("train_preset").set_value("mine").run()
    at.button("train_start").click().run()
    assert studio.store.listing().runs[0].spec.model.name == "mine"
    assert open_page("model", model="own:mine").table


def test_a_presets_name_is_not_overwritten(studio):
    at = open_page("build")
    at.text_input("build_name").set_value("fc").run()
    at.button("build_save").click().run()
    assert "belongs to a preset" in texts(at)


def test_a_link_opens_its_architecture_and_half_a_link_is_a_sentence(studio):
    code = architecture_code(ModelSpec("shared", PRESETS["cnn"].layers))
    at = open_page("build", network=code)
    assert at.text_input("build_name").value == "shared" and len(at.session_state["build_layers"]) == 7
    at = open_page("build", network=code[: len(code) // 2])
    assert "Copy it again, to its end" in texts(at)


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


def test_evaluation_shows_the_figures_of_the_record(studio):
    at = open_page("evaluate", model="softmax")
    wait_for(studio.engine)
    at.run()
    assert at.metric[0].value == in_percent(shipped("softmax").result["test_accuracy"], 2)
    assert not at.exception and at.table


def test_a_model_is_evaluated_on_a_set_of_drawings(studio):
    """A set could be trained on but not be looked at beside the datasets."""
    lines = [np.array([[140 + i, 60], [140, 220]], np.float32) for i in range(5)]
    labels = (1, 1, 1, 7, None)
    kept = [Drawing((line,), label, "ann") for line, label in zip(lines, labels, strict=True)]
    studio.drawings.add("class 3b", *kept)
    at = open_page("evaluate", model="digits")
    at.selectbox("evaluate_dataset_mnist").set_value("drawings/class 3b").run()
    wait_for(studio.engine)
    at.run()
    assert at.metric[0].value == "75.00 %" and at.metric[2].value == "1 of 4" and not at.exception
    studio.drawings.write("class 3b", [])
    at.run()
    assert at.selectbox("evaluate_dataset_mnist").value == "mnist" and not at.exception


def shipped(name):
    return next(run for run in shipped_models() if run.id == name)


def test_runs_are_compared_by_what_differs(studio, spec):
    for epochs in (1, 1):
        run = finished(studio, spec)
        studio.store.update(run, spec=dataclasses.replace(spec, epochs=epochs, seed=len(run.id) + epochs))
    at = open_page("compare")
    assert len(at.multiselect("compare_runs").value) == 3
    assert "Network" in at.container("compare_table").table[0].value.index


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


def test_a_setting_out_of_range_is_said_at_its_layer_and_not_taken(studio):
    at = open_page("build")
    number = at.session_state["build_layers"][1].number
    at.number_input(f"build_units_{number}").set_value(99_999).run()
    assert "Neurons: 99999 is out of range" in said(at.container("build_layer_2").error[0])
    assert at.number_input(f"build_units_{number}").value == 128
    at.number_input(f"build_units_{number}").set_value(64).run()
    assert not at.container("build_layer_2").error
