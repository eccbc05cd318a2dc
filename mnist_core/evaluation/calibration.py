"""Honest confidence: a temperature that makes probabilities true, and a bound below which a drawing is no digit.

A network is mostly surer than it is right. Dividing its logits by one number, the temperature, changes no answer and
makes 90 % mean nine in ten (Guo et al., On Calibration of Modern Neural Networks, 2017). It is fitted on drawings that
the network has not learned from, and kept beside the model.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput
from mnist_core.files import write_atomically

CALIBRATION_FILE = "calibration.json"
NUM_BINS = 15
MIN_PICTURES = 200
REJECTED_SHARE = 0.01
"""The share of real digits that may be rejected."""

JSON_KEYS = {
    "rejection_threshold": "threshold",
    "expected_calibration_error": "error",
    "inherited_from": "taken_over",
}
"""What some attributes of a `Calibration` are called in its file."""

TEMPERATURES = np.exp(np.linspace(np.log(0.2), np.log(5), 321))
Probabilities = NDArray[np.float32]


@dataclass(frozen=True)
class Bin:
    """The answers of a like confidence.

    Attributes:
        confidence: Mean probability of the answers.
        accuracy: Share of them that is right.
        count: How many there are.
    """

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Calibration:
    """What is known of a model's confidence.

    Attributes:
        temperature: What its logits are divided by; above 1 it was too confident.
        rejection_threshold: An answer of less than this probability is "not a digit".
        error_before: Expected calibration error without the temperature, 0 to 1.
        expected_calibration_error: The same with it, on drawings by other people than those it was fitted on, where
            there were enough.
        bins: The reliability diagram, with the temperature.
        source: What it was fitted on, in a few words.
        inherited_from: The name of the model that was measured, where another was trained further from it and was not
            measured; "" where the model itself was.
    """

    temperature: float
    rejection_threshold: float
    error_before: float
    expected_calibration_error: float
    bins: tuple[Bin, ...]
    source: str
    inherited_from: str = ""

    def to_json(self) -> dict[str, Any]:
        """The content of `calibration.json`."""
        return {JSON_KEYS.get(name, name): value for name, value in dataclasses.asdict(self).items()}


def apply_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Probabilities (N, 10) as they are once the logits behind them are divided by the temperature."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def reliability(probabilities: Probabilities, labels: NDArray[np.int64]) -> tuple[Bin, ...]:
    """Confidence against accuracy, in bins of equal width; those without an answer are left out."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    places = np.minimum((confidence * NUM_BINS).astype(int), NUM_BINS - 1)
    return tuple(
        Bin(float(confidence[places == i].mean()), float(right[places == i].mean()), int((places == i).sum()))
        for i in range(NUM_BINS)
        if (places == i).any()
    )


def expected_calibration_error(bins: tuple[Bin, ...]) -> float:
    """The expected calibration error: how far confidence and accuracy lie apart, weighed by the answers in each bin."""
    total = sum(item.count for item in bins)
    return sum(item.count * abs(item.confidence - item.accuracy) for item in bins) / max(total, 1)


def fit_temperature(probabilities: Probabilities, labels: NDArray[np.int64]) -> float:
    """The temperature at which the labels are most probable, from 0.2 to 5."""
    places = np.arange(len(labels))
    losses = [
        -np.log(np.maximum(apply_temperature(probabilities, float(t))[places, labels], 1e-30)).mean()
        for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def calibrate(
    probabilities: Probabilities, labels: NDArray[np.int64], writers: NDArray[np.str_], source: str
) -> Calibration:
    """Fits a calibration.

    Args:
        probabilities: float32, shape (N, 10), of drawings that the model has not learned from, without temperature.
        labels: int64, shape (N,).
        writers: Who drew each, shape (N,). Where there are two or more, the error reported is that of a temperature
            fitted on one half of the people and tried on the other.
        source: What the drawings are, in a few words.

    Raises:
        InvalidInput: if there are too few.
    """
    if len(labels) < MIN_PICTURES or len(set(labels.tolist())) < probabilities.shape[1]:
        raise InvalidInput(
            f"{len(labels):,} pictures of {len(set(labels.tolist()))} different digits are too few to calibrate by. "
            f"Give at least {MIN_PICTURES} pictures, with every digit among them."
        )
    temperature = fit_temperature(probabilities, labels)
    calibrated = apply_temperature(probabilities, temperature)
    people = sorted(set(writers.tolist()))
    tried, truths = [calibrated], [labels]
    if len(people) > 1:
        first = np.isin(writers, people[::2])
        tried, truths = [], []
        for half in (first, ~first):
            tried.append(apply_temperature(probabilities[~half], fit_temperature(probabilities[half], labels[half])))
            truths.append(labels[~half])
    after = reliability(np.concatenate(tried), np.concatenate(truths))
    return Calibration(
        temperature=round(temperature, 4),
        rejection_threshold=round(float(np.quantile(calibrated.max(axis=1), REJECTED_SHARE)), 4),
        error_before=expected_calibration_error(reliability(probabilities, labels)),
        expected_calibration_error=expected_calibration_error(after),
        bins=reliability(calibrated, labels),
        source=source,
    )


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration of the model in a folder, or None where it has none or the file is damaged."""
    try:
        values = json.loads((folder / CALIBRATION_FILE).read_text(encoding="utf-8"))
        bins = tuple(Bin(**item) for item in values.pop("bins"))
        names = {key: name for name, key in JSON_KEYS.items()}
        found = Calibration(**{names.get(key, key): value for key, value in values.items()}, bins=bins)
        is_sound = 0.05 < float(found.temperature) < 20 and 0 <= float(found.rejection_threshold) <= 1
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if is_sound else None


def is_rejected(calibration: Calibration | None, probability: float) -> bool:
    """Whether an answer of this probability, 0 to 1, counts as no digit: never where a model is not calibrated."""
    return calibration is not None and float(probability) < calibration.rejection_threshold


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Keeps a calibration beside its model.

    Raises:
        InvalidInput: if it cannot be written.
    """
    try:
        write_atomically(folder / CALIBRATION_FILE, json.dumps(calibration.to_json(), indent=1).encode())
    except OSError as error:
        raise InvalidInput(f"The calibration cannot be saved in {folder} ({error.strerror}).") from error


def roc_auc(of_digits: NDArray[np.float32], of_others: NDArray[np.float32]) -> float:
    """The area under the ROC curve: how often a digit is surer than something else, ties counting half."""
    order = np.sort(of_others)
    below = np.searchsorted(order, of_digits, "left") + np.searchsorted(order, of_digits, "right")
    return float(below.mean() / (2 * len(order)))
