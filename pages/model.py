"""Model: a network's layers as a picture, as a table, and in Keras's own words."""

from concurrent.futures import Future

import streamlit as st

from mnist_core.engine_process import modified
from mnist_core.models import trained_models
from mnist_core.presets import PRESETS
from mnist_core.specs import ModelSpec
from mnist_core.studio import get_studio
from mnist_core.summaries import model_summary, preset_summary
from pages.components.labels import model_label
from pages.components.layers_table import layers_picture, layers_table
from pages.components.model_menu import follow_address, keep_in_address
from pages.components.waiting import rerun_when_done


def choose() -> tuple[ModelSpec, Future[str]]:
    """The menu of architectures and trained models; returns the architecture and the future text of its summary."""
    runs = {run.id: run for run in trained_models(get_studio().store)}
    options = [f"preset:{name}" for name in PRESETS] + list(runs)
    follow_address("model_choice", options, default="preset:fc")
    chosen = st.selectbox(
        "Network",
        options,
        key="model_choice",
        format_func=lambda option: model_label(runs[option]) if option in runs else f"{option[7:]} · not trained",
        help="The architectures first, then the trained models.",
        width=420,
    )
    keep_in_address("model_choice", chosen)
    engine = get_studio().engine
    if chosen in runs:
        path = runs[chosen].model_path
        return runs[chosen].spec.model, engine.ask(model_summary, path, modified(path))
    spec = PRESETS[chosen.removeprefix("preset:")]
    return spec, engine.ask(preset_summary, spec)


spec, summary = choose()
st.caption(f"{spec.description} {spec.source}")
layers_picture(spec)
table, text = st.columns(2, gap="medium")
with table:
    st.markdown(f"**{spec.num_params:,}** parameters")
    layers_table(spec)
with text, st.container(key="model_summary"):
    st.markdown("What `model.summary()` prints")
    if not summary.done():
        st.info("TensorFlow is loading. The summary appears in a moment.", icon=":material/hourglass_top:")
        rerun_when_done(summary)
    elif summary.exception():
        st.error(str(summary.exception()), icon=":material/error:")
    else:
        st.code(summary.result(), language=None)
        if "Optimizer params" in summary.result():
            st.caption("A trained model also carries its optimizer's parameters, so that it can be trained further.")
