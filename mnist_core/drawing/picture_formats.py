"""The kinds of picture files that phones, scanners, tablets and drawing programs give, and what other files are."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from mnist_core.errors import InvalidInput

PAGE_SIZE = 1400
"""Longer side, in pixels, that a page of a PDF is rendered with."""

MAX_PIXELS = 24_000_000
"""The most pixels of a file that must be read whole before it can be made smaller."""


@dataclass(frozen=True)
class PictureFormat:
    """A kind of picture file that is read.

    Attributes:
        name: What people call it.
        endings: What the names of its files end in, without the dot.
        is_it: Whether the first bytes of a file are those of this kind.
        decoders: The names that Pillow gives it; none for what Pillow does not read.
        max_pixels: The most pixels that are opened.
    """

    name: str
    endings: tuple[str, ...]
    is_it: Callable[[bytes], bool]
    decoders: tuple[str, ...]
    max_pixels: int = MAX_PIXELS


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _of_family(*brands: bytes) -> Callable[[bytes], bool]:
    """Whether a file is a box file, as films and newer photographs are, and of one of these brands."""
    return lambda head: head[4:8] == b"ftyp" and any(brand in head[8:32] for brand in brands)


FORMATS = (
    PictureFormat("PNG", ("png",), _begins(b"\x89PNG\r\n\x1a\n"), ("PNG",)),
    # A JPEG is made smaller while it is read. MPO is one with a second picture behind it, such as a map of depths.
    PictureFormat("JPEG", ("jpg", "jpeg", "mpo"), _begins(b"\xff\xd8\xff"), ("JPEG",), 200_000_000),
    PictureFormat("AVIF", ("avif",), _of_family(b"avif", b"avis"), ("AVIF",), 50_000_000),
    PictureFormat("HEIC", ("heic", "heif"), _of_family(b"hei", b"hev", b"mif1", b"msf1"), ("HEIF",), 50_000_000),
    PictureFormat("WebP", ("webp",), lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", ("WEBP",)),
    PictureFormat("GIF", ("gif",), _begins(b"GIF87a", b"GIF89a"), ("GIF",)),
    PictureFormat("BMP", ("bmp",), _begins(b"BM"), ("BMP",)),
    PictureFormat("TIFF", ("tif", "tiff"), _begins(b"II*\0", b"MM\0*"), ("TIFF",), 50_000_000),
    PictureFormat("PDF", ("pdf",), lambda head: b"%PDF-" in head, ()),
)

ENDINGS = tuple(ending for kind in FORMATS for ending in kind.endings)
"""What the names of files may end in."""

KINDS = f"{', '.join(kind.name for kind in FORMATS[:-1])} or {FORMATS[-1].name}"
"""The names of all kinds in a row."""

OTHERS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("a drawing of lines (SVG)", lambda head: b"<svg" in head.lower()),
    ("a JPEG XL picture", _begins(b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    ("a JPEG 2000 picture", _begins(b"\0\0\0\x0cjP  ")),
    ("a Photoshop file", _begins(b"8BPS")),
    ("a film", lambda head: head[4:8] == b"ftyp" or head.startswith((b"\x1a\x45\xdf\xa3", b"RIFF"))),
    ("a ZIP archive, or a document that is one", _begins(b"PK\x03\x04")),
    ("a web page", lambda head: b"<html" in head.lower() or b"<!doctype html" in head.lower()),
)
"""What else people give, with the first bytes of it."""

HEAD = 512
"""So many bytes tell what a file is."""


def format_of(content: bytes, name: str) -> PictureFormat:
    """Which kind of picture a file is, by its content.

    Args:
        content: The file's.
        name: What to call it in messages.

    Raises:
        InvalidInput: if it is none that is read; the message says what it is, where that is known.
    """
    head = content[:HEAD]
    for kind in FORMATS:
        if kind.is_it(head):
            return kind
    other = next((other for other, is_it in OTHERS if is_it(head)), None)
    if other:
        raise InvalidInput(f"{name} is {other}, which is not read here. Save it as PNG or JPEG.")
    raise InvalidInput(f"{name} is not a picture. Give a file of one of these kinds: {KINDS}.")


def open_heif() -> None:
    """Lets Pillow open HEIC files, which it does not by itself."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def first_page(content: bytes, name: str) -> tuple[Image.Image, int]:
    """The first page of a PDF as a picture, and how many pages there are.

    Raises:
        InvalidInput: if it cannot be opened, or has no page.
    """
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
            if not len(document):
                raise InvalidInput(f"{name} has no page.")
            page = document[0]
            longer = max(page.get_size())
            picture = page.render(scale=PAGE_SIZE / max(longer, 1.0), fill_color=(255, 255, 255, 255)).to_pil()
            return picture.convert("RGB"), len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise InvalidInput(f"{name} is locked with a password. Save it without one, or as a picture.") from None
        raise InvalidInput(f"{name} cannot be read as a PDF: it is damaged or cut short.") from error
