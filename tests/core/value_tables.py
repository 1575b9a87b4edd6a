"""Tables of written forms as plain text: ``what is typed ⇒ what it is read as``, under the column it stands in.

Written for people of the office: ``tests/core/values/numbers.txt`` begins with the few signs they need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from syncer.core.model import Column, ColumnType
from syncer.core.reading.cells import Reading
from syncer.core.values import Scalar, show

FOLDER = Path(__file__).parent / "values"
_HEAD = re.compile(r"\[(?P<kind>\S+)(?P<rest>.*)\]")
_KIND = re.compile(r"〔(数|日期|时刻|时长|错误)〕(.+)")
_NOTE = "CELL-009"


@dataclass(frozen=True, slots=True)
class Form:
    """One line of a table."""

    file: str
    line: int
    column: Column
    typed: Scalar
    written: str
    expected: str  # "12", "12 注", "空 注 015", "问 008"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.written}"


def tables() -> list[Form]:
    """Returns every line of every table of cells."""
    return [form for path in sorted(FOLDER.glob("*.txt")) if path.stem != "deadlines" for form in read_table(path)]


def read_table(path: Path) -> list[Form]:
    """Returns the lines of one table."""
    forms: list[Form] = []
    column = Column("x", "某栏")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if head := _HEAD.fullmatch(line.strip()):
            column = _column(head["kind"], head["rest"].split())
        elif "⇒" in line and not line.startswith("#"):
            written, _, expected = line.partition("⇒")
            written = written.removesuffix(" ")
            forms.append(Form(path.name, number, column, _typed(written), written, " ".join(expected.split())))
    return forms


def _column(kind: str, words: list[str]) -> Column:
    """``[整数 人]``, ``[日期 关键列]``, ``[选项 选项:是否]``, ``[编号 列名:身份证号]``."""
    named = dict(word.split(":", 1) for word in words if ":" in word)
    plain = [word for word in words if ":" not in word and word != "关键列"]
    return Column(
        "x",
        named.get("列名", "某栏"),
        ColumnType(kind),
        options=named.get("选项", ""),
        measure=plain[0] if plain else "",
        key="关键列" in words,
    )


def _typed(written: str) -> Scalar:
    found = _KIND.fullmatch(written)
    if not found:
        return written.replace("\\n", "\n")
    match found[1]:
        case "数":
            return float(found[2]) if re.search(r"[.e]", found[2]) else int(found[2])
        case "日期":
            moment = datetime.fromisoformat(found[2])
            return moment if ":" in found[2] else moment.date()
        case "时刻":
            return time.fromisoformat(found[2])
        case _:
            hours, minutes = found[2].split(":")
            return timedelta(hours=int(hours), minutes=int(minutes))


def told(reading: Reading) -> str:
    """Returns a reading as a table writes it."""
    code = "" if reading.code == _NOTE else reading.code.removeprefix("CELL-")
    if not reading.settled:
        return f"问 {code}"
    value = "空" if reading.value is None else show(reading.value).replace("\n", "\\n")
    return f"{value} 注 {code}".rstrip() if reading.code else value


def of_its_type(value: Scalar, kind: ColumnType) -> bool:
    """Tells whether a value that counts is of its column's type."""
    match kind:
        case _ if value is None:
            return True
        case ColumnType.TEXT | ColumnType.LONG_TEXT:
            return True  # what is typed into a text column as a number or date stays one
        case ColumnType.INTEGER:
            return type(value) is int
        case ColumnType.NUMBER | ColumnType.PERCENT:
            return type(value) in {int, float}
        case ColumnType.DATE:
            return type(value) is date
        case _:
            return isinstance(value, (str, date))
