"""A condition over the documented fields of an alert, in the syntax Alertmanager's users know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matcher:
    """`field op value`, where op is = != =~ !~ (text) or < <= > >= (numbers)."""

    field: str
    op: str
    value: str

    def __str__(self) -> str:
        return f"{self.field} {self.op} {self.value}"
