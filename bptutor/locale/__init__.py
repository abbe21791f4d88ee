"""How things are said: messages and their translations, numbers as text. Knows nothing else."""

from bptutor.locale.figures import shortest, significant
from bptutor.locale.message import LANGUAGES, Message, UserError, catalogue

__all__ = ["LANGUAGES", "Message", "UserError", "catalogue", "shortest", "significant"]
