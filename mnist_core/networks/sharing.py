"""An architecture as a file, and as a link."""

import json
from urllib.parse import quote

from mnist_core.errors import InvalidInput
from mnist_core.files import pack_text, read_json, unpack_text
from mnist_core.networks.spec import ModelSpec

MAX_ARCHITECTURE_BYTES = 100_000
NOT_AN_ARCHITECTURE = "This is not an architecture: a JSON file saved by this page was expected."


def architecture_file(spec: ModelSpec) -> bytes:
    """An architecture as the content of a JSON file."""
    return json.dumps(spec.to_json(), indent=1, ensure_ascii=False).encode()


def read_architecture(content: bytes) -> ModelSpec:
    """Reads what `architecture_file` gives.

    Raises:
        InvalidInput: if it is not an architecture, or is far too large.
    """
    if len(content) > MAX_ARCHITECTURE_BYTES:
        raise InvalidInput(f"{NOT_AN_ARCHITECTURE} This file has {len(content):,} bytes.")
    try:
        return ModelSpec.from_json(read_json(content))
    except InvalidInput:
        raise
    except ValueError:  # no JSON, no text, or a number of thousands of digits
        raise InvalidInput(NOT_AN_ARCHITECTURE) from None


def architecture_code(spec: ModelSpec) -> str:
    """An architecture as a text that fits into a link."""
    return pack_text(json.dumps(spec.to_json(), separators=(",", ":")))


def read_architecture_code(code: str) -> ModelSpec:
    """Reads what `architecture_code` gives.

    Raises:
        InvalidInput: if it is not the code of an architecture, such as half a link.
    """
    try:
        return read_architecture(unpack_text(code, MAX_ARCHITECTURE_BYTES))
    except ValueError:
        raise InvalidInput("The link holds no whole architecture. Copy it again, to its end.") from None


def architecture_link(spec: ModelSpec, address: str) -> str:
    """A link that opens an architecture.

    Args:
        spec: The architecture.
        address: Where the page to open it is, such as "http://localhost:8501/build".
    """
    return f"{address}?network={quote(architecture_code(spec))}"
