"""`summary`, `code`, `export` and `snapshots`."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from mnist_core.cli.output import add_json, print_json, write_file
from mnist_core.cli.run_settings import add_settings, given_settings
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.models import about, drawings_file, early_end, find_model, find_run, in_script
from mnist_core.runs.progress import num_steps, steps_by_epoch
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import MARK, delete_snapshots, kept_snapshots
from mnist_core.runs.store import RunStore
from mnist_core.training.formats import BUNDLE, FORMATS, About, format_of
from mnist_core.training.keras_script import FORMS, as_python, script_sections
from mnist_core.training.script_data import needs_pictures
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import as_npz, pictures_besides


def add_export(commands: Any) -> None:
    """Adds the command `export` to the parser's."""
    parser = commands.add_parser("export", help="write a model in a format for use elsewhere, and check it")
    parser.set_defaults(command=_export)
    parser.add_argument("--model", required=True, help="a model's name, a run's id, or a path")
    parser.add_argument(
        "target", type=Path, help=f"the file to write; its ending says how: {', '.join([*FORMATS, BUNDLE])}"
    )
    parser.add_argument(
        "--format",
        default=".onnx",
        choices=[ending for ending, item in FORMATS.items() if item.load],
        help="what a .zip holds, with an example, pictures and how drawings are prepared (default: .onnx)",
    )
    add_json(parser, "one JSON object")


def add_summary(commands: Any) -> None:
    """Adds the command `summary` to the parser's."""
    parser = commands.add_parser("summary", help="print Keras's summary of a network")
    parser.set_defaults(command=_summary)
    _add_network(parser)
    add_json(parser, "one JSON object")


def add_code(commands: Any) -> None:
    """Adds the command `code` to the parser's."""
    parser = commands.add_parser("code", help="print the plain Keras script that does the same")
    parser.set_defaults(command=_code)
    _add_network(parser)
    parser.add_argument("--form", help=f"{', '.join(FORMS)} (default: as the architecture is written)")
    parser.add_argument(
        "--pictures",
        type=Path,
        help="also write what it learns from besides its dataset, which its script reads (.npz)",
    )
    add_settings(parser)
    add_json(parser, "one JSON object")


def _add_network(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--preset", help=f"an architecture: {', '.join(PRESETS)}")
    which.add_argument("--model", help="a model's name, a run's id, or a path")


def _export(options: argparse.Namespace) -> None:
    name = options.target.name.lower()
    is_bundle = name.endswith(BUNDLE) and not name.endswith(tuple(FORMATS))
    wanted = FORMATS[options.format] if is_bundle else format_of(name)
    wanted.check_installed()
    model_path = find_model(options.model, RunStore())
    from mnist_core.engine.bundle import bundle_for, file_for

    exported = (bundle_for if is_bundle else file_for)(model_path, wanted.ending, _about(model_path))
    write_file(options.target, exported.content)
    if options.json:
        print_json(
            {
                "file": str(options.target),
                "bytes": len(exported.content),
                "largest_difference": exported.largest_difference,
                "num_different": exported.num_different,
            }
        )
    else:
        print(f"{options.target}: {len(exported.content) / 1e6:.1f} MB. {exported.sentence}")


def _about(model_path: Path) -> About:
    """What is known of the model in a file: of a run's all, of any other its name."""
    try:
        return about(run_in(model_path.parent))
    except InvalidInput:
        return About(model_path.stem, "mnist", "A model from a file; what it learned from is not known here.")


def _code(options: argparse.Namespace) -> None:
    given = given_settings(options)
    if options.preset is not None:
        spec, earlier, ended = TrainingSpec(find_network(options.preset), **given), [], ""
    else:
        run = _run_of(options.model)
        spec, earlier = dataclasses.replace(run.spec, **given), in_script(run, RunStore())
        ended = early_end(run)
    script = as_python(script_sections(spec, options.form, [run.spec for run in earlier], ended))
    if options.pictures is not None:
        if not needs_pictures(spec):
            raise InvalidInput("It learns from nothing besides its dataset, so there are no pictures to write.")
        drawings = drawings_file(spec, RunStore(), by_path=True)
        write_file(options.pictures, as_npz(pictures_besides(spec, drawings)))
    if options.json:
        print_json({"name": spec.model.name, "code": script})
    else:
        print(script, end="")


def _run_of(name_or_path: str) -> Run:
    """A run by its name, its id, or the path of its folder or model; a record is enough, trained or not."""
    path = Path(name_or_path)
    folder = path.parent if path.suffix == ".keras" else path
    if len(path.parts) > 1:
        return run_in(folder)
    try:
        return RunStore().get(name_or_path)
    except InvalidInput:
        return find_run(name_or_path, RunStore())


def run_in(folder: Path) -> Run:
    """The run whose folder this is."""
    folder = folder.resolve()
    return RunStore(folder.parent).get(folder.name)


def find_network(name: str) -> ModelSpec:
    """A preset, or an architecture that was saved under this name."""
    saved = ArchitectureStore(RunStore().root).all()
    return saved[name] if name in saved else preset(name)


def _summary(options: argparse.Namespace) -> None:
    found = find_network(options.preset) if options.preset is not None else find_model(options.model, RunStore())
    from mnist_core.engine.build import build_model, load_model, summary_text

    model = load_model(found) if isinstance(found, Path) else build_model(found)
    if options.json:
        print_json({"name": model.name, "num_params": model.count_params(), "summary": summary_text(model)})
    else:
        print(summary_text(model))


def add_snapshots(commands: Any) -> None:
    """Adds the command `snapshots` to the parser's."""
    parser = commands.add_parser("snapshots", help="list the moments of a run whose weights are kept, or delete them")
    parser.set_defaults(command=_snapshots)
    parser.add_argument("--model", required=True, help="a run's id, or the path of its folder")
    parser.add_argument("--delete", action="store_true", help="delete them; the run and its model stay")
    add_json(parser, "one JSON object for each")


def _snapshots(options: argparse.Namespace) -> None:
    run = _run_of(options.model)
    if options.delete:
        delete_snapshots(run.folder)
        return
    events = RunStore().events(run)
    steps, ends = num_steps(events), steps_by_epoch(events)
    found = kept_snapshots(run.folder)
    if not found and not options.json:
        print(f"The run {run.id} has no snapshots.")
    for snapshot in found:
        epoch = ends.get(snapshot.step, round(snapshot.step / steps, 3) if steps else None)
        if options.json:
            print_json({"step": snapshot.step, "epoch": epoch, "bytes": snapshot.num_bytes})
        else:
            print(f"{run.id}{MARK}{snapshot.step}  epoch {epoch}  {snapshot.num_bytes / 1e6:.2f} MB")
