"""Where everything is kept, and what each file is called."""

from pathlib import Path

RECORD_FILE = "run.json"
LOG_FILE = "metrics.jsonl"

DRAWINGS_FOLDER = "drawings"
"""Where drawings files are kept, below the folder of runs."""

OTHER_FOLDERS = ("architectures", "lessons", DRAWINGS_FOLDER)
"""What lies among the runs and is none."""

SHIPPED_MODELS = Path(__file__).parent.parent / "saved_model"
"""The trained models that come with the project, each a run's folder."""

MODEL_FILE = "model.keras"
"""The model in a run's folder."""
