"""The one error that bad input gets."""


class TrainingError(Exception):
    """Input that no model can be trained from; the message names the file or option and what is expected."""


def first_line(problem: Exception) -> str:
    """What an exception says, without the details that some libraries add in further lines."""
    return str(problem).strip().split("\n", 1)[0]
