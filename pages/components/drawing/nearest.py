"""The training pictures that a drawing resembles."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core import NUM_TRAIN_IMAGES
from mnist_core.datasets import DATASETS
from mnist_core.server.questions import Answer
from mnist_core.server.studio import get_studio
from pages.components.doors import inside_address
from pages.components.gallery import Tile, gallery
from pages.components.waiting import result_of

NUM_NEAREST = 8


def show_nearest(dataset: str, model: str, picture: NDArray[np.float32], answered: Answer | None) -> None:
    """The nearest training pictures, and the average of the class that was read.

    Args:
        dataset: A name in `DATASETS`.
        model: The id of the model whose inside a click on a picture opens.
        picture: float32, shape (28, 28), in [0, 1].
        answered: What the model says; where it says nothing, the commonest class counts.
    """
    engine = get_studio().engine
    meanwhile = f"Looking through the {NUM_TRAIN_IMAGES:,} training pictures…"
    nearest = result_of(engine.nearest_images(dataset, picture, NUM_NEAREST), meanwhile)
    averages = result_of(engine.average_images(dataset), meanwhile) if nearest else None
    if nearest is None or averages is None:
        return
    names = DATASETS[dataset].class_names
    label = answered.label if answered else int(np.bincount(nearest.labels).argmax())
    with st.container(key="draw_alike"):
        st.caption("The training pictures with the least difference from your drawing, pixel by pixel, nearest first.")
        found = zip(nearest.images, nearest.labels, nearest.places, strict=True)
        gallery([Tile(image, names[of], link=inside_address(model, f"train-{at}")) for image, of, at in found], size=64)
        st.caption(f"The average of all training pictures of {names[label]}.")
        gallery([Tile(averages[label], f"average {names[label]}")], size=64)
