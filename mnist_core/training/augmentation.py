"""How training pictures are varied, so that a network learns what a digit looks like, not where its pixels lay."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class AugmentationInfo:
    """One strength of variation. Each picture gets its own amounts, at random, anew in every epoch.

    Attributes:
        name: The name used in code and in saved runs.
        title: The name people read.
        description: One sentence on what it does.
        shift: How far a picture is moved at most, in pixels of 28.
        scale: How much its size changes at most, as a share of it.
        slant: How far its top leans over at most, as a share of its height.
        rotation: How far it is turned at most, in degrees.
        ink: How much its lines become thicker or thinner at most: 1 is a pixel on each side.
        elastic: How far parts of it are bent apart, as a standard deviation in pixels.
        hands: How many digits in the hands of the world are shown besides, as a share of the training pictures.
    """

    name: str
    title: str
    description: str
    shift: float = 0
    scale: float = 0
    slant: float = 0
    rotation: float = 0
    ink: float = 0
    elastic: float = 0
    hands: float = 0

    @property
    def is_none(self) -> bool:
        """Whether pictures stay as they are."""
        amounts = (self.shift, self.scale, self.slant, self.rotation, self.ink, self.elastic, self.hands)
        return not any(amounts)


LIGHT = AugmentationInfo(
    "light",
    "light",
    "Moves, turns and slants each picture a little, as another hand might.",
    shift=1.0,
    scale=0.08,
    slant=0.1,
    rotation=6,
    ink=0.2,
    elastic=0.3,
)

AUGMENTATIONS = {
    info.name: info
    for info in (
        AugmentationInfo("none", "none", "The network sees the same pictures in every epoch."),
        LIGHT,
        AugmentationInfo(
            "strong",
            "strong",
            "Moves, turns, slants and bends each picture, with thicker or thinner lines. Learns slower and reads more "
            "hands.",
            shift=1.8,
            scale=0.14,
            slant=0.22,
            rotation=11,
            ink=0.5,
            elastic=0.45,
        ),
        replace(
            LIGHT,
            name="hands",
            title="hands of the world",
            description="As light, and shows digits besides that are made stroke by stroke: slashed zeros, ones with a "
            "flag or a foot, crossed sevens and more.",
            hands=0.3,
        ),
    )
}
