"""One step of training, slowly: what went in, how wrong it was, and what became of a weight."""

import numpy as np
import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.formatting import in_percent
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import kept_step
from mnist_core.training.slow_step import SlowStep, WeightStep
from pages.components.gallery import Tile, gallery

NUM_PICTURES = 8


def slow_step_panel(run: Run) -> None:
    """Shows the step that was done slowly last, where there is one."""
    step = kept_step(run.folder)
    if step is None:
        return
    key = "train_slowly" if run.is_paused else "train_slowly_past"
    with st.expander(f"Step {step.steps_before + 1:,}, slowly", expanded=run.is_paused, key=key):
        _forward(step, DATASETS[run.spec.dataset].class_names)
        _update(step, run.id)


def _forward(step: SlowStep, class_names: tuple[str, ...]) -> None:
    labels = step.labels[:NUM_PICTURES]
    is_digit = labels < len(class_names)
    names = [class_names[label] if known else "no digit" for label, known in zip(labels, is_digit, strict=True)]
    places = np.where(is_digit, labels, 0)
    rows = np.arange(len(labels))
    before, after = step.probabilities[rows, places], step.probabilities_after[rows, places]
    st.markdown(f"**1 · Forward.** A batch of {step.num_pictures:,} pictures goes through the network.")
    tiles = [
        Tile(
            picture,
            f"{name}: {in_percent(float(old), 1)} → {in_percent(float(new), 1)}" if known else name,
        )
        for picture, name, old, new, known in zip(
            step.pictures[:NUM_PICTURES], names, before, after, is_digit, strict=True
        )
    ]
    gallery(tiles, size=64)
    st.caption("Below each picture what it shows, and the probability of that before this step and after it.")
    losses = -np.log(np.clip(before[is_digit], 1e-7, 1))
    if len(losses):
        st.markdown(
            "**2 · Loss.** How wrong it was on a picture is −ln of the probability of what it shows: for these "
            + ", ".join(f"{loss:.2f}" for loss in losses)
            + ". The loss of the step is the mean over the whole batch."
        )


def _update(step: SlowStep, run_id: str) -> None:
    st.markdown(
        "**3 · Gradients.** Going back through the network, each weight is told how the loss changes with it: its "
        "gradient. **4 · Update.** The optimizer moves each weight against its gradient. Choose one:"
    )
    names = [f"{name}, {' × '.join(map(str, shape))}" for name, shape in step.variables]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        variable = st.selectbox(
            "Weights of", range(len(names)), format_func=names.__getitem__, key=f"slowly_variable_{run_id}", width=260
        )
        gradients = np.abs(step.column(variable, "gradient"))
        largest = int(gradients.argmax())
        place = st.number_input(
            f"Which (0–{len(gradients) - 1})",
            0,
            len(gradients) - 1,
            largest,
            key=f"slowly_place_{run_id}_{variable}_{step.steps_before}",
            help="At first the one with the largest gradient.",
            width=160,
        )
    shape = step.variables[variable][1]
    position = ", ".join(str(int(index)) for index in np.unravel_index(place, shape))
    st.caption(f"The weight at [{position}] of {step.variables[variable][0]}.")
    lines = in_numbers(step, step.weight(variable, place))
    st.table(
        {"": [line[0] for line in lines], "how": [line[1] for line in lines], "value": [line[2] for line in lines]},
        hide_index=True,
        border="horizontal",
    )


def in_numbers(step: SlowStep, weight: WeightStep) -> list[tuple[str, str, str]]:
    """What became of a weight, line by line: what it is, how it was worked out, and its value.

    Of Adam and of plain gradient descent each number follows from those above it; what other optimizers remember is
    told without how.
    """
    rate = f"{step.learning_rate:.6g}"
    lines = [("weight w", "", _number(weight.before)), ("gradient g", "", _number(weight.gradient))]
    mean, square, velocity = (weight.averages.get(name) for name in ("mean", "square", "velocity"))
    if step.optimizer == "Adam" and mean and square:
        beta_1, beta_2, epsilon = (step.constants[name] for name in ("beta_1", "beta_2", "epsilon"))
        count = step.steps_before + 1
        mean_now, square_now = mean[1] / (1 - beta_1**count), square[1] / (1 - beta_2**count)
        lines += [
            ("average m", f"{beta_1:g} · {_number(mean[0])} + {1 - beta_1:.4g} · g", _number(mean[1])),
            ("average v", f"{beta_2:g} · {_number(square[0])} + {1 - beta_2:.4g} · g²", _number(square[1])),
            ("m corrected", f"m / (1 − {beta_1:g}^{count})", _number(mean_now)),
            ("v corrected", f"v / (1 − {beta_2:g}^{count})", _number(square_now)),
            ("new w", f"w − {rate} · m / (√v + {epsilon:g})", _number(weight.after)),
        ]
    elif step.optimizer == "SGD" and velocity:
        momentum = step.constants.get("momentum", 0.0)
        lines += [
            ("last correction", "", _number(velocity[0])),
            ("correction", f"{momentum:g} · last − {rate} · g", _number(velocity[1])),
            ("new w", "w + correction", _number(weight.after)),
        ]
    elif step.optimizer == "SGD":
        lines.append(("new w", f"w − {rate} · g", _number(weight.after)))
    else:
        words = {"mean": "average of gradients", "square": "average of their squares", "velocity": "last correction"}
        for name, (old, new) in weight.averages.items():
            lines.append((words[name], f"before: {_number(old)}", _number(new)))
        lines.append(("new w", f"as {step.optimizer} does, learning rate {rate}", _number(weight.after)))
    return lines


def _number(value: float) -> str:
    return f"{value:.6g}"
