"""What is wrong with a file, in lines for people: the same in receipts, notes and summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.messages import excerpt_lines, say, translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.model import Problem


def problem_lines(problem: Problem, excerpt: str, language: str) -> Iterator[str]:
    """Yield what is wrong, the line *excerpt* of the file with a mark under the place, and what to do about it.

    Args:
        problem: The problem, already told in *language*.
        excerpt: The line that it is about, empty if there is none to be shown.
        language: Language of the words around it.
    """
    yield f"{translate(say('problem'), language)}: {problem_sentence(problem, language)} [{problem.code}]"
    if excerpt and problem.line is not None:
        yield from (f"  {line}" for line in excerpt_lines(excerpt, problem.line, problem.column, language))
    yield f"{translate(say('what to do'), language)}: {problem.fix}"


def problem_sentence(problem: Problem, language: str) -> str:
    """Return where and what the problem is, as a sentence."""
    cause = problem.cause if problem.cause.endswith((".", "!", "?", "؟")) else f"{problem.cause}."
    if problem.line is None:
        return cause
    if problem.column is None:
        return f"{translate(say('line {line}', line=problem.line), language)}: {cause}"
    place = say("line {line}, column {column}", line=problem.line, column=problem.column)
    return f"{translate(place, language)}: {cause}"
