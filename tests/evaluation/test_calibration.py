"""Honest confidence."""

import numpy as np
import pytest

from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import (
    apply_temperature,
    calibrate,
    expected_calibration_error,
    fit_temperature,
    is_rejected,
    read_calibration,
    reliability,
    roc_auc,
    write_calibration,
)

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 2, (4000, 10))


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


TRUE = softmax(LOGITS)
LABELS = np.array([RANDOM.choice(10, p=row / row.sum()) for row in TRUE.astype(float)])
TOO_SURE = softmax(3 * LOGITS)


def test_a_temperature_divides_the_logits():
    np.testing.assert_allclose(apply_temperature(TOO_SURE, 3), TRUE, atol=1e-4)
    np.testing.assert_allclose(apply_temperature(TRUE, 1), TRUE, atol=1e-6)


def test_the_temperature_that_made_a_network_too_sure_is_found():
    """Labels drawn by the true probabilities: no other temperature explains them better."""
    assert fit_temperature(TOO_SURE, LABELS) == pytest.approx(3, rel=0.07)
    assert fit_temperature(TRUE, LABELS) == pytest.approx(1, rel=0.07)


def test_no_temperature_changes_an_answer():
    assert (apply_temperature(TOO_SURE, 4).argmax(axis=1) == TOO_SURE.argmax(axis=1)).all()


def test_probabilities_of_nought_and_one_stay_finite():
    extreme = np.eye(10, dtype=np.float32)
    assert np.isfinite(apply_temperature(extreme, 2)).all()


def test_the_error_is_nought_where_ninety_percent_means_nine_in_ten():
    sure = np.full((10, 10), 0.1 / 9, np.float32)
    sure[:, 3] = 0.9
    labels = np.array([3] * 9 + [4])
    assert expected_calibration_error(reliability(sure, labels)) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(reliability(sure, np.full(10, 3))) == pytest.approx(0.1, abs=1e-6)


def test_calibrating_makes_the_error_small_and_is_kept(tmp_path):
    writers = np.array([f"w{i % 4}" for i in range(len(LABELS))])
    found = calibrate(TOO_SURE, LABELS, writers, "made-up answers")
    assert found.expected_calibration_error < 0.03 < 0.1 < found.error_before
    refused = (apply_temperature(TOO_SURE, found.temperature).max(axis=1) < found.rejection_threshold).mean()
    assert refused == pytest.approx(0.01, abs=0.003)
    write_calibration(tmp_path, found)
    assert read_calibration(tmp_path) == found


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"temperature": "hot", "bins": []}'])
def test_a_damaged_calibration_is_none(tmp_path, content):
    (tmp_path / "calibration.json").write_text(content)
    assert read_calibration(tmp_path) is None


def test_a_calibration_that_cannot_be_saved_is_a_sentence(tmp_path):
    found = calibrate(TRUE, LABELS, np.array(["a"] * len(LABELS)), "x")
    with pytest.raises(InvalidInput, match="cannot be saved"):
        write_calibration(tmp_path / "none", found)


def test_separation_is_the_share_of_pairs_in_the_right_order():
    assert roc_auc(np.array([0.9, 0.8]), np.array([0.1, 0.2])) == 1
    assert roc_auc(np.array([0.5, 0.5]), np.array([0.5])) == 0.5
    assert roc_auc(np.array([0.1, 0.9]), np.array([0.5])) == 0.5


def test_a_few_drawings_are_refused():
    """One drawing gave the lowest temperature there is, and an error of 0 that looked perfect."""
    with pytest.raises(InvalidInput, match="too few to calibrate"):
        calibrate(TOO_SURE[:5], LABELS[:5], np.array(["w"] * 5), "five")


def test_only_a_calibrated_model_refuses():
    found = calibrate(TRUE, LABELS, np.array(["a"] * len(LABELS)), "x")
    assert is_rejected(found, found.rejection_threshold - 0.01) and not is_rejected(found, found.rejection_threshold)
    assert not is_rejected(None, 0.0)
