"""Guided experiments: small files that name a question and the runs that answer it."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.lessons.answer import FIGURES, PLACES, Answer
from mnist_core.lessons.lesson import Experiment, Lesson
from mnist_core.networks.fields import limits_of
from mnist_core.networks.layers import layer_from_json
from mnist_core.networks.presets import preset
from mnist_core.networks.spec import MAX_LAYERS, ModelSpec
from mnist_core.training.spec import TrainingSpec

SHIPPED_LESSONS = Path(__file__).parent
TEXTS = ("title", "text", "question", "explanation")
KEYS = (*TEXTS, "choices", "answer", "settings", "runs")
MAX_RUNS = 12
MAX_CHARACTERS = 100_000


def read_lesson(path: Path) -> Lesson:
    """Reads a lesson's file.

    Raises:
        InvalidInput: if something in it is wrong; the message names the file and the line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            content = file.read(MAX_CHARACTERS + 1)
        if len(content) > MAX_CHARACTERS:
            raise InvalidInput(f"{path.name} is not a lesson: it is longer than {MAX_CHARACTERS:,} characters.")
        values = tomllib.loads(content)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read ({error.strerror}).") from None
    except RecursionError:
        raise InvalidInput(f"{path.name} is not a lesson: it is nested too deep.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} is not a lesson: {error}.") from None
    lines = key_lines(content)
    try:
        return _lesson(path.stem, values)
    except _Fault as fault:
        line = next((lines[place] for place in fault.places if place in lines), None)
        where = f"{path.name}, line {line}" if line else path.name
        raise InvalidInput(f"{where}: {fault.sentence}") from None


def read_lessons(*folders: Path) -> tuple[list[Lesson], list[str]]:
    """Reads every lesson in some folders.

    Args:
        folders: By default the one that ships. One that does not exist is empty.

    Returns:
        The lessons in the order of their files' names, and a sentence for each file that is wrong.
    """
    lessons: dict[str, Lesson] = {}
    problems = []
    for folder in folders or (SHIPPED_LESSONS,):
        for path in sorted(folder.glob("*.toml")):
            try:
                if path.stem in lessons:
                    raise InvalidInput(f"{path.name} has the file name of another lesson. Give it one of its own.")
                lessons[path.stem] = read_lesson(path)
            except InvalidInput as error:
                problems.append(str(error))
    return list(lessons.values()), problems


Place = tuple[str, int, str]
"""Where a value stands in a file: the table ("" for none), which of the tables of that name, and the key ("" for the
table's own line)."""


def key_lines(content: str) -> dict[Place, int]:
    """The line of each table and each of its keys in a TOML file that is known to be correct, counted from 1."""
    lines: dict[Place, int] = {}
    counts: Counter[str] = Counter()
    table, number, inside_text = "", 0, False
    for line_number, line in enumerate(content.splitlines(), 1):
        if not inside_text:
            if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line):
                table, number = header[1], counts[header[1]]
                counts[table] += 1
                lines[table, number, ""] = line_number
            elif key := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line):
                lines.setdefault((table, number, key[1]), line_number)
        inside_text ^= len(re.findall(r'"""|\'\'\'', line)) % 2 == 1
    return lines


class _Fault(Exception):
    """What is wrong in a lesson, and the places where its line may be found, the best first."""

    def __init__(self, sentence: str, *places: Place) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.places = places


def _lesson(name: str, values: dict[str, Any]) -> Lesson:
    for key in values:
        if key not in KEYS:
            raise _Fault(f"{key!r} is not part of a lesson, which has {', '.join(KEYS)}.", ("", 0, key), (key, 0, ""))
    for key in TEXTS:
        if not isinstance(values.get(key), str) or not values[key].strip():
            raise _Fault(f"a text named {key!r} is needed.", ("", 0, key))
    choices = values.get("choices")
    if not isinstance(choices, list) or len(choices) < 2 or len(set(map(str, choices))) < len(choices):
        raise _Fault("a list named 'choices' of two or more different choices is needed.", ("", 0, "choices"))
    experiments = _experiments(values)
    choices = tuple(str(choice) for choice in choices)
    return Lesson(
        id=name,
        **{key: values[key].strip() for key in TEXTS},
        choices=choices,
        experiments=experiments,
        answer=_answer(values["answer"], choices, len(experiments)) if "answer" in values else None,
    )


def _answer(values: Any, choices: tuple[str, ...], num_experiments: int) -> Answer:
    """Reads the table that says which prediction came true."""

    def fault(sentence: str, key: str = "") -> _Fault:
        return _Fault(sentence, ("answer", 0, key), ("answer", 0, ""), ("", 0, "answer"))

    if not isinstance(values, dict) or values.get("figure") not in (*FIGURES, *PLACES):
        raise fault(f"the answer needs a figure: {', '.join((*FIGURES, *PLACES))}.", "figure")
    if unknown := set(values) - {"figure", "bounds", "margin", "usual"}:
        raise fault(f"{min(unknown)!r} is not part of an answer.", min(unknown))
    if values.get("usual") not in choices:
        raise fault("'usual' must be one of the choices.", "usual")
    is_place = values["figure"] in PLACES
    bounds, margin = values.get("bounds", []), values.get("margin", 0)
    if not isinstance(bounds, list) or not all(isinstance(bound, int | float) for bound in bounds):
        raise fault("the bounds are a list of numbers.", "bounds")
    if list(bounds) not in (sorted(bounds), sorted(bounds, reverse=True)):
        raise fault("the bounds must rise or fall.", "bounds")
    if not isinstance(margin, int | float) or margin < 0:
        raise fault("the margin is a number of points.", "margin")
    num_choices = num_experiments + bool(margin) if is_place else len(bounds) + 1
    if len(choices) != num_choices:
        raise fault(f"with this answer {num_choices} choices are needed, not {len(choices)}.", "figure")
    return Answer(choices, values["figure"], tuple(map(float, bounds)), float(margin), values["usual"])


def _experiments(values: dict[str, Any]) -> tuple[Experiment, ...]:
    runs, common = values.get("runs"), values.get("settings", {})
    if not isinstance(common, dict):
        raise _Fault("the settings must be a table, [settings].", ("", 0, "settings"), ("settings", 0, ""))
    if not isinstance(runs, list) or not 1 <= len(runs) <= MAX_RUNS or not all(isinstance(run, dict) for run in runs):
        raise _Fault(f"1 to {MAX_RUNS} [[runs]] are needed.", ("runs", MAX_RUNS, ""), ("", 0, "runs"), ("runs", 0, ""))
    found: dict[str, Experiment] = {}
    for number, run in enumerate(runs):
        experiment = _experiment(number, {**common, **run})
        if experiment.label in found:
            raise _Fault(f"two runs have the same label, {experiment.label!r}.", ("runs", number, "label"))
        found[experiment.label] = experiment
    return tuple(found.values())


def _experiment(number: int, values: dict[str, Any]) -> Experiment:
    """Makes one run of a lesson from its own values and those common to all."""

    def fault(key: str, sentence: str) -> _Fault:
        return _Fault(sentence, ("runs", number, key), ("settings", 0, key), ("runs", number, ""))

    known = limits_of(TrainingSpec)
    for key in values:
        if key not in known and key not in ("label", "notes", "layers", "preset"):
            raise fault(key, f"There is no setting {key}. The settings are {', '.join(known)}.")
    label, notes = values.get("label"), values.get("notes", "")
    if not isinstance(label, str) or not label.strip() or "/" in label:
        raise fault("label", "Each run needs a label, without a slash.")
    if not isinstance(notes, str):
        raise fault("notes", "The notes' figure is a text, in quotes.")
    settings = {key: value for key, value in values.items() if key in known}
    for key, value in settings.items():
        try:
            known[key].check(value)
        except InvalidInput as error:
            raise fault(key, str(error)) from None
    return Experiment(label.strip(), TrainingSpec(_architecture(values, label, fault), **settings), notes)


def _architecture(values: dict[str, Any], label: str, fault: Callable[[str, str], _Fault]) -> ModelSpec:
    """The network of a run: a preset by its name, or layers."""
    layers, name = values.get("layers"), values.get("preset")
    if layers is not None and name is not None:
        raise fault("layers", "A run has a preset or layers, not both.")
    key = "preset" if layers is None else "layers"
    try:
        if isinstance(layers, list) and len(layers) <= MAX_LAYERS:
            return ModelSpec(label[:60], tuple(layer_from_json(layer) for layer in layers)).check()
        if isinstance(name, str):
            return preset(name)
    except InvalidInput as error:
        raise fault(key, str(error)) from None
    raise fault(key, f"Each run needs the name of a preset, or a list of at most {MAX_LAYERS} layers.")
