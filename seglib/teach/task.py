"""A task of an exercise: what is asked, the solution, slips that are often made, and the reference."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from seglib.core.errors import Finding, InputRefused
from seglib.methods.one_thread import one_thread
from seglib.teach.values import Gap, gap, plain

if TYPE_CHECKING:
    from seglib.teach.shop import Shop

Code = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Slip:
    """A wrong way that many take, with the hint that leads back.

    Parameters
    ----------
    hint : str
    code : callable of shop and answer
        Sets the answers as somebody does who makes the slip.
    """

    hint: str
    code: Code


def slip(hint: str) -> Callable[[Code], Slip]:
    """Mark code of a task as a slip.

    Examples
    --------
    >>> @slip("Count customers, not orders.")
    ... def orders(shop, answer):
    ...     answer.count = 3
    >>> orders.hint
    'Count customers, not orders.'
    """
    return lambda code: Slip(hint, code)


class Task:
    """One thing to do. The docstring of a subclass is the title, a blank line, and the text of the task.

    Attributes
    ----------
    number : str
        As in ``"3.1"``.
    idea : str
        The one idea that the task teaches.
    answers : tuple of str
        Names that the student's cell sets.
    points : int
    within, about : float
        Relative and absolute distance that counts as right.
    hint : str
        Said where no slip is recognised.
    """

    number: ClassVar[str]
    idea: ClassVar[str]
    answers: ClassVar[tuple[str, ...]]
    points: ClassVar[int] = 2
    within: ClassVar[float] = 1e-6
    about: ClassVar[float] = 0.0
    hint: ClassVar[str]

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        """Set the answers; the body is the cell of the teacher's notebook."""
        raise NotImplementedError

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        """Give the right values by name, from the student's own data."""
        raise NotImplementedError

    @classmethod
    def title(cls) -> str:
        """Return the title."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]

    @classmethod
    def text(cls) -> str:
        """Return the text below the title."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip()

    @classmethod
    def slips(cls) -> dict[str, Slip]:
        """Return the slips by name, in the order in which they stand."""
        return {name: each for name, each in vars(cls).items() if isinstance(each, Slip)}

    @classmethod
    def starter(cls) -> str:
        """Return what stands in the student's cell."""
        return "\n".join(f"answer.{name} = ..." for name in cls.answers)

    @classmethod
    def judge(cls, shop: Shop, given: dict[str, Any]) -> dict[str, Gap]:
        """Compare each answer with the reference on the student's own data."""
        right = kept(shop, f"{cls.number} right", lambda: cls.reference(shop))
        return {name: gap(given[name], right[name], cls.within, cls.about) for name in cls.answers}


def kept(shop: Shop, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Compute values once for a shop, and write them plainly."""
    if name not in shop.kept:
        with one_thread():
            made = make()
        shop.kept[name] = {key: plain(value) for key, value in made.items()}
    return shop.kept[name]


def run(code: Code, shop: Shop) -> dict[str, Any]:
    """Return what code of a task sets."""
    answer = SimpleNamespace()
    code(shop, answer)
    return vars(answer)


@dataclass(frozen=True, repr=False)
class Verdict:
    """What is said of a task.

    Parameters
    ----------
    task : type of Task
    state : str
        done, open or not yet.
    words : str
        How far off, and a hint; never the answer.
    """

    task: type[Task]
    state: str
    words: str = ""

    @property
    def points(self) -> int:
        """Return the points that this is worth."""
        return self.task.points if self.state == "done" else 0

    def text(self) -> str:
        """Say it in one line."""
        head = f"{self.task.number} {self.task.title()}: {self.state} ({self.points} of {self.task.points} points)."
        return f"{head} {self.words}".rstrip()

    def __repr__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.text()


def judged(task: type[Task], shop: Shop, given: dict[str, Any]) -> Verdict:
    """Say whether a task is done, how far off it is, and what may have gone wrong.

    Parameters
    ----------
    task : type of Task
    shop : Shop
        The student's data.
    given : dict of str to plain value
        What the student's cells have set.
    """
    missing = [f"answer.{name}" for name in task.answers if name not in given]
    if missing:
        return Verdict(task, "open", f"Not set yet: {', '.join(missing)}.")
    gaps = task.judge(shop, given)
    wrong = [name for name, each in gaps.items() if not each.same]
    if not wrong:
        return Verdict(task, "done")
    far = "; ".join(f"answer.{name}: {gaps[name].words}" for name in wrong)
    return Verdict(task, "not yet", f"{far}. Hint: {_hint(task, shop, given, wrong)}")


def _hint(task: type[Task], shop: Shop, given: dict[str, Any], wrong: list[str]) -> str:
    """Find the slip that gives the same wrong answers."""
    for name, each in task.slips().items():
        made = kept(shop, f"{task.number} {name}", partial(run, each.code, shop))
        if all(key in made and gap(given[key], made[key], task.within, task.about).same for key in wrong):
            return each.hint
    return task.hint


def body(code: Any) -> str:
    """Return the lines of a function's body, as a cell has them."""
    source = textwrap.dedent(inspect.getsource(code))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    lines = source.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))


@dataclass(frozen=True)
class Exercise:
    """The tasks that belong to one notebook of the workbench.

    Parameters
    ----------
    number : str
        As in ``"03"``.
    name : str
        Name of the workbench's notebook without its number.
    title : str
    reading : str
        What to read first, in Markdown.
    opening : str
        Code of the first cell: libraries and data.
    tasks : tuple of Task classes
    """

    number: str
    name: str
    title: str
    reading: str
    opening: str
    tasks: tuple[type[Task], ...]

    @classmethod
    def of(cls, module: ModuleType) -> Exercise:
        """Read an exercise from its module: the first line of the docstring is its title, the rest what to read."""
        title, _, reading = inspect.cleandoc(module.__doc__ or "").partition("\n")
        tasks = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Task)]
        mine = tuple(each for each in tasks if each.__module__ == module.__name__)
        number, name = module.NUMBER, module.__name__.rpartition(".")[2]
        return cls(number, name, title.rstrip("."), reading.strip(), inspect.cleandoc(module.OPENING), mine)

    @property
    def file(self) -> str:
        """Return the name of its notebook."""
        return f"{self.number}_{self.name}.ipynb"

    def task(self, number: str) -> type[Task]:
        """Find a task.

        Raises
        ------
        InputRefused
            P03, when there is no such task.
        """
        found = {each.number: each for each in self.tasks}
        if number not in found:
            do = f"known are: {', '.join(found)}"
            raise InputRefused(Finding("P03", "no such task", found=str(number)[:20], do=do))
        return found[number]
