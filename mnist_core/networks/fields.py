"""Dataclass fields that know their limits.

A specification is a frozen dataclass whose fields say which values they take. The same facts then check the values
where they are made, build the widgets of a page and the options of the command line, so no limit is written twice.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.formatting import in_full

DECIMAL_COMMA = re.compile(r"\s*-?(0,\d+|\d+,(\d{1,2}|\d{4,}))\s*")
"""Numbers as much of the world writes them: 0,001 or 2,5."""


@dataclass(frozen=True)
class Limits:
    """What a field may hold.

    Attributes:
        label: The field's name as people read it.
        help: One or two plain sentences.
        choices: The values allowed, where they can be listed.
        minimum: Smallest value of a number.
        maximum: Largest value of a number.
        whole: Whether a number must be whole.
        above_minimum: Whether the minimum itself is left out.
        titles: How people read its values: those of a choice, or the usual ones of a number.
        descriptions: A sentence on each value, where there is one.
        only_with: Another field and its values beside which this one has a meaning, or None where it always has.
        unit: What a number counts, such as "seconds"; "" where the name says it.
    """

    label: str
    help: str
    choices: tuple[Any, ...] = ()
    minimum: float = 0
    maximum: float = 0
    whole: bool = False
    above_minimum: bool = False
    titles: Mapping[Any, str] = dataclasses.field(default_factory=dict)
    descriptions: Mapping[Any, str] = dataclasses.field(default_factory=dict)
    only_with: tuple[str, tuple[Any, ...]] | None = None
    unit: str = ""

    @property
    def label_with_unit(self) -> str:
        """The field's name as it stands above its widget."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def title(self, value: Any) -> str:
        """A value as people read it."""
        if value in self.titles:
            return self.titles[value]
        return in_full(value) if isinstance(value, float) else str(value)

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the field has a meaning beside these values of others, by their names."""
        return self.only_with is None or values.get(self.only_with[0]) in self.only_with[1]

    def check(self, value: Any) -> Any:
        """Returns the value as its field's type.

        Raises:
            InvalidInput: if the value is not allowed; the message says what came and what was expected.
        """
        if self.choices:
            if value not in self.choices or isinstance(value, bool) != isinstance(self.choices[0], bool):
                expected = ", ".join(str(choice) for choice in self.choices)
                raise InvalidInput(f"{self.label}: {value!r} is not one of {expected}.")
            return self.choices[self.choices.index(value)]
        return self._check_number(value)

    def _check_number(self, value: Any) -> int | float:
        expected = f"Give a {'whole ' if self.whole else ''}number {self._range()}."
        try:
            number = float(_with_point(value) if not self.whole else value)
        except (TypeError, ValueError, OverflowError):
            raise InvalidInput(f"{self.label}: {str(value)[:40]!r} is not a number. {expected}") from None
        too_small = number <= self.minimum if self.above_minimum else number < self.minimum
        if isinstance(value, bool) or not number <= self.maximum or too_small:
            raise InvalidInput(f"{self.label}: {value} is out of range. {expected}")
        if not self.whole:
            return number
        if number != int(number):
            raise InvalidInput(f"{self.label}: {value} is not a whole number. {expected}")
        return int(number)

    def _range(self) -> str:
        low, high = (f"{limit:,.10g}" for limit in (self.minimum, self.maximum))
        return f"above {low} and up to {high}" if self.above_minimum else f"from {low} to {high}"


def _with_point(value: Any) -> Any:
    """A text with a decimal comma as one with a point; "1,000" may be a thousand, and stays as it is."""
    return value.replace(",", ".") if isinstance(value, str) and DECIMAL_COMMA.fullmatch(value) else value


def choice(default: Any, choices: Iterable[Any], label: str, help: str, titles: Mapping[Any, str] | None = None) -> Any:
    """A dataclass field that takes one of a list of values.

    Args:
        default: The value where none is given.
        choices: The values; a registry by name also gives what people read, its entries' `title` and `description`.
        label: The field's name as people read it.
        help: One or two plain sentences.
        titles: How people read the values, where no registry says it.
    """
    known = dict(choices) if isinstance(choices, Mapping) else {}
    found = {name: info.title for name, info in known.items() if hasattr(info, "title")}
    sentences = {name: info.description for name, info in known.items() if hasattr(info, "description")}
    return _field(default, Limits(label, help, tuple(choices), titles=titles or found, descriptions=sentences))


def whole(default: int, minimum: int, maximum: int, label: str, help: str, *, unit: str = "") -> Any:
    """A dataclass field that takes a whole number of some unit from minimum to maximum, both included."""
    return _field(default, Limits(label, help, minimum=minimum, maximum=maximum, whole=True, unit=unit))


def number(
    default: float,
    minimum: float,
    maximum: float,
    label: str,
    help: str,
    *,
    above_minimum: bool = False,
    usual: Mapping[float, str] | None = None,
    only_with: tuple[str, tuple[Any, ...]] | None = None,
    unit: str = "",
) -> Any:
    """A dataclass field that takes a real number from minimum to maximum.

    Args:
        default: The value where none is given.
        minimum: Smallest value.
        maximum: Largest value.
        label: The field's name as people read it.
        help: One or two plain sentences.
        above_minimum: Whether the minimum itself is left out.
        usual: The values that a menu offers, with how people read them.
        only_with: Another field and its values beside which this one has a meaning.
        unit: What it counts.
    """
    limits = Limits(label, help, minimum=minimum, maximum=maximum, above_minimum=above_minimum)
    return _field(default, dataclasses.replace(limits, titles=usual or {}, only_with=only_with, unit=unit))


def _field(default: Any, limits: Limits) -> Any:
    return dataclasses.field(default=default, metadata={"limits": limits})


def limits_of(spec: Any) -> dict[str, Limits]:
    """The limits of each checked field of a dataclass, or of an instance of it, by field name."""
    return {field.name: field.metadata["limits"] for field in dataclasses.fields(spec) if "limits" in field.metadata}


def check_fields(spec: Any) -> None:
    """Checks each field of a frozen dataclass and stores it as its own type; for use in `__post_init__`.

    Raises:
        InvalidInput: at the first field whose value is not allowed.
    """
    for name, limits in limits_of(spec).items():
        object.__setattr__(spec, name, limits.check(getattr(spec, name)))
