"""Guided experiments: small files that name a question and the runs that answer it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.layers import layer_from_json
from mnist_core.presets import preset
from mnist_core.runs import Run
from mnist_core.settings import limits_of
from mnist_core.specs import MAX_LAYERS, ModelSpec, TrainingSpec

LESSONS_FOLDER = Path(__file__).parent / "lesson_files"
TEXTS = ("title", "text", "question", "explanation")
MAX_RUNS = 12


@dataclass(frozen=True)
class Experiment:
    """One run of a lesson.

    Attributes:
        label: What tells it from the others.
        spec: What is trained.
        notes: What the course notes reported for it, or "".
    """

    label: str
    spec: TrainingSpec
    notes: str


@dataclass(frozen=True)
class Lesson:
    """A question, and the experiments that answer it.

    Attributes:
        id: Name of its file, without the ending.
        title: A few words.
        text: What it is about, in Markdown.
        question: What to predict.
        choices: The predictions on offer.
        explanation: What there is to learn, shown with the results.
        experiments: The runs.
    """

    id: str
    title: str
    text: str
    question: str
    choices: tuple[str, ...]
    explanation: str
    experiments: tuple[Experiment, ...]

    def tag(self, experiment: Experiment) -> str:
        """What the runs of an experiment are marked with."""
        return f"{self.id}/{experiment.label}"


def read_lesson(path: Path) -> Lesson:
    """Reads a lesson's file.

    Raises:
        InvalidInput: if something in it is wrong; the message names the file and the line.
    """
    try:
        content = path.read_text(encoding="utf-8")
        values = tomllib.loads(content)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} is not a lesson: {error}.") from None
    for name in TEXTS:
        if not isinstance(values.get(name), str) or not values[name].strip():
            raise InvalidInput(f"{path.name}, line {_line(content, name)}: a text named {name!r} is needed.")
    choices = values.get("choices")
    if not isinstance(choices, list) or len(choices) < 2 or len(set(map(str, choices))) < len(choices):
        raise InvalidInput(
            f"{path.name}, line {_line(content, 'choices')}: a list of two or more different choices is needed."
        )
    return Lesson(
        id=path.stem,
        **{name: values[name].strip() for name in TEXTS},
        choices=tuple(str(choice) for choice in choices),
        experiments=_experiments(path.name, content, values),
    )


def read_lessons(*folders: Path) -> tuple[list[Lesson], list[str]]:
    """Reads every lesson in some folders.

    Args:
        folders: By default the one that ships. One that does not exist is empty.

    Returns:
        The lessons in the order of their files' names, and a sentence for each file that is wrong.
    """
    lessons, problems = [], []
    for folder in folders or (LESSONS_FOLDER,):
        for path in sorted(folder.glob("*.toml")):
            try:
                lessons.append(read_lesson(path))
            except InvalidInput as error:
                problems.append(str(error))
    return lessons, problems


def newest_runs(lesson: Lesson, runs: tuple[Run, ...]) -> dict[str, Run]:
    """The newest run of each experiment that has one, by its label.

    Args:
        lesson: The lesson.
        runs: All runs, newest first.
    """
    by_tag: dict[str, Run] = {}
    for run in runs:
        by_tag.setdefault(run.tag, run)
    tags = {experiment.label: lesson.tag(experiment) for experiment in lesson.experiments}
    return {label: by_tag[tag] for label, tag in tags.items() if tag in by_tag}


def _experiments(file: str, content: str, values: dict[str, Any]) -> tuple[Experiment, ...]:
    runs = values.get("runs")
    common = values.get("settings", {})
    if not isinstance(runs, list) or not 1 <= len(runs) <= MAX_RUNS or not isinstance(common, dict):
        raise InvalidInput(f"{file}, line {_line(content, 'runs')}: 1 to {MAX_RUNS} [[runs]] are needed.")
    found: list[Experiment] = []
    for number, run in enumerate(runs):
        try:
            found.append(_experiment({**common, **run} if isinstance(run, dict) else {}))
        except InvalidInput as error:
            raise InvalidInput(f"{file}, line {_run_line(content, number)}: {error}") from None
    if len({experiment.label for experiment in found}) < len(found):
        raise InvalidInput(f"{file}, line {_line(content, 'label')}: two runs have the same label.")
    return tuple(found)


def _experiment(values: dict[str, Any]) -> Experiment:
    settings = dict(values)
    label, notes = settings.pop("label", None), settings.pop("notes", "")
    if not isinstance(label, str) or not label.strip() or "/" in label or not isinstance(notes, str):
        raise InvalidInput("Each run needs a label, without a slash.")
    layers, name = settings.pop("layers", None), settings.pop("preset", None)
    if layers is not None and name is not None:
        raise InvalidInput("A run has a preset or layers, not both.")
    if layers is not None:
        if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
            raise InvalidInput(f"The layers are no list, or more than {MAX_LAYERS}.")
        model = ModelSpec(label[:60], tuple(layer_from_json(layer) for layer in layers)).check()
    elif isinstance(name, str):
        model = preset(name)
    else:
        raise InvalidInput("Each run needs a preset or layers.")
    unknown = settings.keys() - limits_of(TrainingSpec).keys()
    if unknown:
        raise InvalidInput(f"There is no setting {', '.join(sorted(unknown))}.")
    return Experiment(label.strip(), TrainingSpec(model, **settings), notes)


def _line(content: str, key: str) -> int:
    """The line in which a key stands, or the first."""
    found = re.search(rf"(?m)^\s*(\[\[)?{key}\b", content)
    return content.count("\n", 0, found.start()) + 1 if found else 1


def _run_line(content: str, number: int) -> int:
    """The line in which a run begins."""
    starts = [match.start() for match in re.finditer(r"(?m)^\s*\[\[runs\]\]", content)]
    return content.count("\n", 0, starts[number]) + 1 if number < len(starts) else 1
