"""Build, without a browser."""

from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import architecture_code
from mnist_core.networks.spec import ModelSpec
from tests.pages.screens import open_page, said, texts


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


def test_a_setting_out_of_range_is_said_at_its_layer_and_not_taken(studio):
    at = open_page("build")
    number = at.session_state["build_layers"][1].number
    at.number_input(f"build_units_{number}").set_value(99_999).run()
    assert "Neurons: 99999 is out of range" in said(at.container("build_layer_2").error[0])
    assert at.number_input(f"build_units_{number}").value == 128
    at.number_input(f"build_units_{number}").set_value(64).run()
    assert not at.container("build_layer_2").error


def test_a_name_that_is_taken_asks_before_anything_is_overwritten(studio):
    studio.architectures.save(ModelSpec("mine", PRESETS["cnn"].layers))
    at = open_page("build")
    at.text_input("build_name").set_value("mine").run()
    at.button("build_save").click().run()
    assert "Another network is kept as mine" in texts(at)
    assert studio.architectures.all()["mine"].layers == PRESETS["cnn"].layers
    at.button("build_replace").click().run()
    assert studio.architectures.all()["mine"].layers == PRESETS["fc"].layers
    assert not at.warning
