"""Data: the pictures that networks learn from, and what is in them."""

import streamlit as st

from mnist_core.datasets import DATASETS, Dataset, load_dataset, scale
from mnist_core.evaluation.nearest_neighbours import average_images
from pages.components.doors import inside_address
from pages.components.gallery import Tile, gallery, numbers_table
from pages.components.widgets import pressed

NUM_SAMPLES = 25


kept_averages = st.cache_data(show_spinner="Averaging 60,000 pictures …", max_entries=len(DATASETS))(average_images)


def show_samples(data: Dataset) -> None:
    """25 training pictures with their names, others at each press."""
    seed = st.session_state.setdefault("data_seed", 0)
    if pressed("Show different ones", icon=":material/shuffle:", key="data_others"):
        seed = st.session_state.data_seed = seed + 1
    places = data.sample(NUM_SAMPLES, seed)
    model = "digits" if data.name == "mnist" else "dense_128"
    gallery(
        [
            Tile(data.x_train[i], data.class_names[data.y_train[i]], link=inside_address(model, f"train-{i}"))
            for i in places
        ]
    )
    st.caption("Click a picture to see what each layer of a network makes of it.")


def show_one(data: Dataset) -> None:
    """One picture, large, with every number in it."""
    with st.container(horizontal=True):
        part = st.selectbox(
            "Part",
            ["training", "test"],
            key="data_part",
            width=140,
            help="Training pictures are learned from; test pictures are kept for the end.",
        )
        images, labels = (data.x_train, data.y_train) if part == "training" else (data.x_test, data.y_test)
        place = st.number_input(
            f"Picture, 0 to {len(images) - 1:,}",
            0,
            len(images) - 1,
            value=0,
            step=1,
            key="data_place",
            width=200,
            help="The picture's place in the array, counted from 0.",
        )
    st.markdown(f"**{data.class_names[labels[place]]}** (label {labels[place]})")
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=260):
            gallery([Tile(images[place], "")], size=250)
        with st.container():
            numbers_table(images[place])


def show_figures(data: Dataset) -> None:
    """Shapes, types, ranges and counts."""
    arrays, (num_train, num_test) = data.arrays(), data.class_counts()
    left, right = st.columns(2, gap="medium")
    with left:
        st.table(
            {
                "Array": list(arrays),
                "Shape": [str(array.shape) for array in arrays.values()],
                "Type": [str(array.dtype) for array in arrays.values()],
                "Range": [f"{array.min()} to {array.max()}" for array in arrays.values()],
            },
            hide_index=True,
        )
        scaled = scale(data.x_train[:1000])
        st.markdown(
            f"Pixels are whole numbers from 0 (paper) to 255 (ink). Divided by 255 they become {scaled.dtype} from "
            f"{scaled.min():g} to {scaled.max():g}, which is what networks here are given."
        )
        st.markdown(
            "**Training** pictures are what the network learns from. **Validation** pictures are looked at after every "
            "epoch, to see how it does on pictures that it does not learn from; keep a share of the training pictures "
            "for it when you try many settings. **Test** pictures are for the end: once they have helped you choose, "
            "they no longer tell how well the network does on something new."
        )
    with right:
        st.table(
            {
                "Label": list(range(len(data.class_names))),
                "Class": list(data.class_names),
                "Training": [f"{count:,}" for count in num_train],
                "Test": [f"{count:,}" for count in num_test],
            },
            hide_index=True,
        )


name = st.selectbox(
    "Dataset",
    list(DATASETS),
    format_func=lambda name: DATASETS[name].title,
    key="data_dataset",
    width=220,
    persist_state="session",
    help="Both have 60,000 training and 10,000 test pictures of 28 by 28 grey pixels.",
)
st.caption(f"{DATASETS[name].description} {DATASETS[name].source}.")
data = load_dataset(name)
samples, one, averages, figures = st.tabs(["Samples", "One picture", "Average pictures", "Shapes and splits"])
with samples:
    show_samples(data)
with one:
    show_one(data)
with averages:
    st.caption(
        "The mean of all training pictures of each class: what they have in common is dark, what varies is pale."
    )
    gallery([Tile(mean, label) for mean, label in zip(kept_averages(name), data.class_names, strict=True)], size=112)
with figures:
    show_figures(data)
