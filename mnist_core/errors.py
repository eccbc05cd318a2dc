"""The one exception whose text is meant for the person using the product."""

MAX_MESSAGE = 900
"""Characters of a message: of what came, its beginning and its end are enough."""


class InvalidInput(ValueError):
    """Something a person gave cannot be used.

    The message is one or two plain sentences: what came, what was expected, what to do. Pages show it with
    `st.error`; the command line prints it and exits with status 2.
    """

    def __init__(self, message: object = "") -> None:
        text = str(message)
        half = MAX_MESSAGE // 2
        super().__init__(text if len(text) <= MAX_MESSAGE else f"{text[:half]} … {text[-half:]}")


class TensorFlowMissing(InvalidInput):
    """TensorFlow cannot be loaded on this computer; the message says why, and what helps."""

    @classmethod
    def because(cls, reason: object) -> "TensorFlowMissing":
        """The sentence for people.

        Args:
            reason: What went wrong: an exception, or a few words.
        """
        first_line = str(reason).strip().partition("\n")[0].rstrip(".") or type(reason).__name__
        return cls(
            f"TensorFlow cannot be loaded on this computer, so no network can be trained or asked ({first_line}). It "
            "needs 64-bit Python 3.11 to 3.13, a processor with AVX and, on Windows, Microsoft's Visual C++ "
            "Redistributable. Install what is missing, then start the app again. Lessons, data and your runs can be "
            "looked at meanwhile."
        )
