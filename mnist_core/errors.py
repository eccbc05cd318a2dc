"""The one exception whose text is meant for the person using the product."""


class InvalidInput(ValueError):
    """Something a person gave cannot be used.

    The message is one or two plain sentences: what came, what was expected, what to do. Pages show it with
    `st.error`; the command line prints it and exits with status 2.
    """
