"""Model: a network's layers as a picture, as a table, and in Keras's own words."""

from concurrent.futures import Future
from dataclasses import dataclass

import streamlit as st

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import early_end, in_script
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.doors import in_address, keep_in_address, open_inside
from pages.components.labels import model_label
from pages.components.messages import escape_markdown, show_problem
from pages.components.model_menu import follow_address, listed_models
from pages.components.networks.code_panel import code_panel
from pages.components.networks.export_panel import export_panel
from pages.components.networks.import_panel import import_menu, show_import_notes
from pages.components.networks.layers_table import layers_picture, layers_table
from pages.components.waiting import rerun_when_done
from pages.components.widgets import pressed


@dataclass(frozen=True)
class Choice:
    """What the menu stands at: its name there, the run as it was or would be by default, and that run if it is real."""

    name: str
    spec: TrainingSpec
    summary: Future[str]
    run: Run | None


def choose() -> Choice:
    """The menu of architectures and trained models."""
    runs = listed_models(in_address("model"), st.session_state.get("model_choice"))
    networks = {
        **{f"preset:{name}": spec for name, spec in PRESETS.items()},
        **{f"own:{name}": spec for name, spec in get_studio().architectures.all().items() if not spec.problems()},
    }
    options = [*networks, *runs]
    follow_address("model_choice", options, default="preset:fc")
    chosen = st.selectbox(
        "Network",
        options,
        key="model_choice",
        format_func=lambda option: (
            model_label(runs[option]) if option in runs else f"{networks[option].name} · not trained"
        ),
        help="The architectures first, then the trained models.",
        width=420,
    )
    keep_in_address("model", chosen, "model_choice_last")
    engine = get_studio().engine
    if chosen in runs:
        run = runs[chosen]
        return Choice(chosen, run.spec, engine.summary(run.model_path), run)
    spec = TrainingSpec(networks[chosen])
    return Choice(chosen, spec, engine.summary(spec.model), None)


def show_summary(summary: Future[str]) -> None:
    """The text of Keras's summary, or that it is on its way."""
    st.markdown("What `model.summary()` prints")
    if not summary.done():
        st.info("TensorFlow is loading. The summary appears in a moment.", icon=":material/hourglass_top:")
        rerun_when_done(summary)
    elif summary.exception():
        show_problem(summary.exception())
    else:
        st.code(summary.result(), language=None)
        if "Optimizer params" in summary.result():
            st.caption("A trained model also carries its optimizer's parameters, so that it can be trained further.")


with st.container(horizontal=True, vertical_alignment="bottom"):
    choice = choose()
    import_menu()
model = choice.spec.model
st.caption(escape_markdown(f"{model.description} {model.source}"))
if choice.run and choice.run.is_imported:
    show_import_notes(choice.run)
layers, code = st.tabs(["Layers", "Keras code"])
with layers:
    layers_picture(model)
    if pressed(
        "See inside", icon=":material/visibility:", key="model_inside",
        help="Opens the view of what each of its layers makes of a drawing.",
    ):  # fmt: skip
        open_inside(choice.name)
    table, text = st.columns(2, gap="medium")
    with table:
        st.markdown(f"**{model.num_params:,}** parameters")
        layers_table(model)
        if choice.run:
            export_panel(choice.run)
    with text, st.container(key="model_summary"):
        show_summary(choice.summary)
with code:
    if choice.run:
        code_panel(choice.spec, "model", in_script(choice.run, get_studio().store), early_end(choice.run))
    else:
        code_panel(choice.spec, "model")
