"""Questions to a person at a terminal: few, each with an answer that Enter takes; nobody else is ever waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seglib.init.guess import NEEDS, Guess, Question
from seglib.init.roles import evidence

MOST_QUESTIONS, SHOWN = 5, 5


def ask(questions: Sequence[Question], read: Callable[[str], str], say: Callable[[str], None]) -> dict[str, str]:
    """Ask up to five questions; Enter, or an answer that is none of the options, takes what is assumed.

    Parameters
    ----------
    questions : sequence of Question
        What no column decides.
    read : callable
        Shows a prompt and returns what was typed, as ``input`` does.
    say : callable
        Shows a line.

    Returns
    -------
    dict
        Key of the plan to answer.

    Examples
    --------
    >>> from seglib.init.guess import Question
    >>> asked = Question("amounts", "are these cents?", ("main", "minor"), "main")
    >>> ask([asked], lambda prompt: "2", lambda line: None), ask([asked], lambda prompt: "", lambda line: None)
    ({'amounts': 'minor'}, {'amounts': 'main'})
    """
    answers = {}
    for question in questions[:MOST_QUESTIONS]:
        say(question.text)
        for number, option in enumerate(question.options, 1):
            say(f"  {number}  {option}{'  (Enter)' if option == question.default else ''}")
        try:
            typed = read("> ").strip()
        except EOFError:
            break
        answers[question.key] = _chosen(question, typed)
    return answers


def _chosen(question: Question, typed: str) -> str:
    if typed in question.options:
        return typed
    is_number = typed.isdigit() and 1 <= int(typed) <= len(question.options)
    return question.options[int(typed) - 1] if is_number else question.default


def open_questions(guessed: Guess) -> tuple[Question, ...]:
    """Ask for each column that was not found, naming those that may be it.

    Examples
    --------
    >>> open_questions(Guess({}))
    ()
    """
    made = []
    for key, names in guessed.open.items():
        need = next(need for need, fields in NEEDS.items() if key in fields)
        shown = "; ".join(evidence(guessed.looks[name]) for name in names[:SHOWN])
        made.append(Question(f"columns.{key}", f"which column says {need}? It may be {shown}", names, names[0]))
    return tuple(made)
