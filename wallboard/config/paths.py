"""Which value a dotted path leads to in an entity, by its type: what a rule may look at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from msgspec import inspect

from wallboard.config.findings import guess
from wallboard.entities import KINDS


class NoPath(ValueError):
    """Raised when a path leads nowhere in the entities of a kind; its text says where it ends."""


def types_at(kind: str, path: str) -> list[inspect.Type]:
    """Return the types that the value at `path` of an entity of `kind` may have. Raises NoPath."""
    types = [_of_kind(kind)]
    walked = ""
    for step in path.split("."):
        inner: list[inspect.Type] = []
        known: set[str] = set()
        for one in types:
            match one:
                case inspect.StructType():
                    names = {field.name: field.type for field in one.fields}
                    known |= names.keys()
                    if step in names:
                        inner += _plain(names[step])
                case inspect.DictType():
                    inner += _plain(one.value_type)
                case inspect.AnyType():
                    inner.append(one)
        if not inner:
            where = f"{walked} of a {kind}" if walked else f"a {kind}"
            raise NoPath(
                f"{where} has no {step!r}; {guess(step, known)}"
                if known
                else f"{where} has nothing inside it"
            )
        types = inner
        walked = f"{walked}.{step}" if walked else step
    return types


def is_number(types: list[inspect.Type]) -> bool:
    """Whether a value of these types can be compared with a limit."""
    return any(isinstance(one, inspect.IntType | inspect.FloatType | inspect.AnyType) for one in types)


def mismatch(types: list[inspect.Type], value: object) -> str:
    """Why a value of these types can never equal `value`; '' when it can."""
    if any(_can_be(one, value) for one in types):
        return ""
    literals = [choice for one in types if isinstance(one, inspect.LiteralType) for choice in one.values]
    if literals:
        return f"is never so; it is one of {', '.join(repr(choice) for choice in literals)}"
    names = sorted({_NAMES[type(one)] for one in types if type(one) in _NAMES})
    if names:
        return f"is never so; it is {' or '.join(names)}"
    return "is a list or a table and cannot be compared"


@cache
def _of_kind(kind: str) -> inspect.Type:
    return inspect.type_info(KINDS[kind])


def _plain(kind: inspect.Type) -> list[inspect.Type]:
    return list(_unwrapped(kind))


def _unwrapped(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        yield from _unwrapped(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _unwrapped(one)
    else:
        yield kind


def _can_be(kind: inspect.Type, value: object) -> bool:
    match kind:
        case inspect.LiteralType():
            return value in kind.values
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType() | inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.AnyType():
            return True
    return False


_NAMES: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.IntType: "a number",
    inspect.FloatType: "a number",
}
