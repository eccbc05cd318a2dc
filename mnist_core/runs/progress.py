"""What a run's events say about how far it is, for pages to show."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        epoch: The epoch under way, or the last one, from 1; 0 before the first step.
        epochs: How many there will be.
        step: Steps done in this epoch.
        steps: Steps in an epoch; 0 before the run has started.
        fraction: Share of all steps done, 0 to 1.
        seconds_left: Estimate for the rest, or None before there is anything to estimate from.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    fraction: float
    seconds_left: float | None


def measure_progress(epochs: int, events: list[dict[str, Any]]) -> Progress:
    """Reads from a run's events how far it is.

    Args:
        epochs: How many epochs were asked for.
        events: The run's events so far, oldest first.
    """
    moves = [event for event in events if event["event"] in ("progress", "epoch")]
    steps = num_steps(events)
    if not moves:
        return Progress(0, epochs, 0, steps, 0.0, None)
    last = moves[-1]
    steps = last.get("steps", steps)  # another number since the batch size was changed
    step = last["step"] if last["event"] == "progress" else steps
    fraction = min((last["epoch"] - 1 + step / max(steps, 1)) / epochs, 1.0)
    return Progress(last["epoch"], epochs, step, steps, fraction, _seconds_left(events, steps, epochs, fraction))


def _seconds_left(events: list[dict[str, Any]], steps: int, epochs: int, fraction: float) -> float | None:
    """From the pace since the first report, which leaves preparation, compiling and pauses out."""
    moves = [event for event in events if event["event"] in ("progress", "epoch")]
    first, last = moves[0], moves[-1]
    done_at_first = (first["epoch"] - 1 + first.get("step", steps) / max(first.get("steps", steps), 1)) / epochs
    if fraction - done_at_first < 0.002 or "elapsed" not in last or "elapsed" not in first:
        return None
    took = last["elapsed"] - first["elapsed"] - _seconds_paused(events)
    return float(max(took, 0.0) * (1 - fraction) / (fraction - done_at_first))


def _seconds_paused(events: list[dict[str, Any]]) -> float:
    """How long a run that has been resumed was paused in all."""
    seconds, since = 0.0, None
    for event in events:
        if event["event"] == "paused":
            since = event.get("elapsed")
        elif event["event"] == "resumed" and since is not None:
            seconds, since = seconds + event.get("elapsed", since) - since, None
    return seconds


def steps_by_epoch(events: list[dict[str, Any]]) -> dict[int, int]:
    """How many steps of the run were done at the end of each of its epochs, by the steps: {1688: 1, 3376: 2}."""
    steps, found = num_steps(events), {}
    for row in epoch_rows(events):
        found[int(row.get("steps_done", row["epoch"] * steps))] = int(row["epoch"])
    return found


def num_steps(events: list[dict[str, Any]]) -> int:
    """Steps in an epoch; 0 before the run has started."""
    return next((event["steps"] for event in events if event["event"] == "started"), 0)


def epoch_rows(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The "epoch" events of a run, one for each epoch that is complete."""
    return [event for event in events if event["event"] == "epoch"]
