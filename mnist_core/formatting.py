"""Numbers as people read them."""


def in_full(value: float) -> str:
    """A number as it can be typed again without becoming another: 0.001, 5, 1e-05."""
    return repr(float(value)).removesuffix(".0")


def in_percent(share: float, decimals: int = 0) -> str:
    """A share of 1 in per cent: "98 %", or with decimals "97.65 %"."""
    return f"{100 * share:.{decimals}f} %"


def as_file_name(name: str) -> str:
    """A name as it may stand in the name of a file: what is no letter, digit, "-" or "_" becomes "_"."""
    return "".join(character if character.isalnum() or character in "-_" else "_" for character in name)
