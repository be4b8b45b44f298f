"""Questions at a terminal, each with what would be taken without an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TextIO

from wallboard.errors import WallboardError

#: After this many answers that cannot be used somebody needs the documentation rather than a question.
_TRIES = 5


class Asker(Protocol):
    """Asks a person; `default` is taken for an empty answer, `wrong` says what an answer lacks."""

    def __call__(
        self, question: str, default: str = "", wrong: Callable[[str], str] = lambda answer: ""
    ) -> str: ...


def terminal(into: TextIO, out: TextIO) -> Asker:
    """Ask on `out` and read lines from `into`. Raises WallboardError at its end, or after five answers."""

    def ask(question: str, default: str = "", wrong: Callable[[str], str] = lambda answer: "") -> str:
        for _ in range(_TRIES):
            out.write(f"{question}{f' [{default}]' if default else ''}: ")
            out.flush()
            try:
                line = into.readline()
            except KeyboardInterrupt:
                raise WallboardError(f"Broken off at {question!r}: nothing was written.") from None
            if not line:
                raise WallboardError(f"No answer to {question!r}: nothing was written.")
            answer = line.strip() or default
            if not (why := wrong(answer)):
                return answer
            out.write(f"  {why}\n")
        raise WallboardError(f"No usable answer to {question!r}: nothing was written.")

    return ask
