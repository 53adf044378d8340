"""The one error that bad input gets."""


class TrainingError(Exception):
    """Input that no model can be trained from; the message names the file or option and what is expected."""
