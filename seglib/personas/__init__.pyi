__all__ = [
    "Personas",
    "describe",
]

from .personas import Personas, describe
