"""What to do with a segmentation as a whole: the decision as a value beside its sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Whole:
    """What to do with the segmentation as a whole.

    Parameters
    ----------
    refit : bool
        Whether the next quarter needs new segments; False in a first quarter, in which nothing is decided.
    why : str
        Why, in one sentence, and in a second one which segments are gone.
    """

    refit: bool
    why: str

    @property
    def sentence(self) -> str:
        """Decision and reason as people read them."""
        return f"{'Refit' if self.refit else 'Keep'}: {self.why}"
