"""What the coordinator decided, read from the inbox book as she saved it: sorted, filtered, with columns of her own.

Columns are found by their headers, rows by their id. An answer counts where it is new: one that stood there already when
we wrote this edition, or was read from it before, is not given twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.inbox.choices import CHOICES, take_of, word_of
from syncer.core.inbox.lines import Inbox, InboxLine
from syncer.core.model import Book, Table
from syncer.core.values import Scalar, column_letter, fold, show

ID, KIND, UNIT, SHEET, ROW, COLUMN, TEXT = "编号", "类型", "单位", "表", "行", "列", "说明"
BASE, CURRENT, INCOMING = "上次内容", "目前内容", "报来内容"
ANSWER, VALUE, NOTE, HINT = "处理意见", "另填值", "备注", "提示"
WHO, SAVED_AT, FILE, PLACE = "填报人", "保存时间", "来源文件", "位置"
RESULT, RULED_AT, RULED_BY, UNDO = "处理结果", "处理时间", "由谁", "撤销"
OPTIONS, CHECK = "下拉", "校验"  # hidden

_WHAT = frozenset({ID, KIND, UNIT, SHEET, ROW, COLUMN, TEXT, BASE, CURRENT, INCOMING})
_ANSWERS = frozenset({ANSWER, VALUE, NOTE, HINT, RESULT, RULED_AT, RULED_BY, UNDO})
OURS = _WHAT | _ANSWERS | {WHO, SAVED_AT, FILE, PLACE, OPTIONS, CHECK}
_CONTENTS = (UNIT, ROW, COLUMN, CURRENT, INCOMING)  # as `InboxLine.contents`
_HEADER_WITHIN = 20  # rows
_COMPARED = 200  # signs of a long content


@dataclass(frozen=True, slots=True)
class Entry:
    """What she may write into one row."""

    answer: str = ""
    value: Scalar = None
    undo: str = ""
    note: str = ""
    extra: tuple[tuple[str, Scalar], ...] = ()  # her own columns that hold something, by header

    @property
    def decided(self) -> tuple[str, str, str]:
        """Returns what of it is a decision, as it is compared."""
        return fold(self.answer), fold(show(self.value)), fold(self.undo)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the book as read. ``contents`` tells whether the row beside the id is still the id's own."""

    row: int  # 1-based
    id: str
    check: str
    contents: tuple[str, ...]
    entry: Entry
    has_note: bool = True  # whether the column was there to write into


@dataclass(frozen=True, slots=True)
class Read:
    """Everything she may have written into one book, her own columns in their order."""

    answers: tuple[Answer, ...]
    columns: tuple[str, ...]
    edition: int  # which of ours she had before her; 0: not known
    others: tuple[str, ...] = ()  # sheets of hers


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer that holds: ``take`` as in `syncer.core.inbox.choices`, or ``undo``. ``id`` may be that of a group."""

    id: str
    digest: str
    take: str = ""
    value: Scalar = None
    note: str = ""
    extra: tuple[tuple[str, Scalar], ...] = ()
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Unused:
    """An answer that could not be used: what of it still stands in its row, and why, in plain words."""

    hint: str
    answer: str = ""
    value: Scalar = None
    check: str = ""  # of the line as it was then: the hint goes when the line is another


@dataclass(frozen=True, slots=True)
class Judged:
    """What one saved book comes to."""

    decisions: tuple[Decision, ...] = ()
    unused: Mapping[str, Unused] = field(default_factory=dict)  # by id
    settled: frozenset[str] = frozenset()  # ids whose earlier hint no longer stands
    notices: tuple[str, ...] = ()  # what belongs to no row
    notes: Mapping[str, Entry] = field(default_factory=dict)  # ids whose note or own columns changed
    entries: Mapping[str, Entry] = field(default_factory=dict)  # as this book has them


def read_answers(book: Book) -> Read | None:
    """Returns what stands in the book; ``None`` where no sheet of it has the headers that make it the inbox."""
    answers: list[Answer] = []
    columns: dict[str, None] = {}
    others: list[str] = []
    for table in book.tables:
        head = _header(table)
        if head is None:
            others += [table.name] if table.rows else []
            continue
        row, at = head
        own = {name: place for name, place in at.items() if name not in OURS}
        columns |= dict.fromkeys(own)
        answers += _rows(table, row, at, own)
    stamp = book.stamp
    edition = stamp.revision if stamp and stamp.book == "inbox" else 0
    found = len(others) < sum(1 for table in book.tables if table.rows)
    return Read(tuple(answers), tuple(columns), edition, tuple(others)) if found else None


def _header(table: Table) -> tuple[int, dict[str, int]] | None:
    """Returns the header's row and where each column stands; our own names are known however they are spaced."""
    ours = {fold(name): name for name in OURS}
    for number, cells in enumerate(table.rows[:_HEADER_WITHIN], 1):
        names = [ours.get(fold(show(cell)), show(cell).strip()) for cell in cells]
        if ID in names and (ANSWER in names or UNDO in names):
            return number, _places(table, number, names)
    return None


def _places(table: Table, header: int, names: Sequence[str]) -> dict[str, int]:
    """Returns where each column stands. One that holds something without a name, or under a name used before, gets one."""
    at: dict[str, int] = {}
    width = max(len(cells) for cells in table.rows[header - 1 :])
    for column in range(1, width + 1):
        name = names[column - 1] if column <= len(names) else ""
        if name and name not in at:
            at[name] = column
        elif any(table.cell(row, column) is not None for row in range(header + 1, len(table.rows) + 1)):
            at[f"{name or '无标题'}（{column_letter(column)}列）"] = column
    return at


def _rows(table: Table, header: int, at: Mapping[str, int], own: Mapping[str, int]) -> Iterator[Answer]:
    for number in range(header + 1, len(table.rows) + 1):

        def cell(name: str, number: int = number) -> Scalar:
            return table.cell(number, at[name]) if name in at else None

        extra = tuple((name, value) for name, c in own.items() if (value := table.cell(number, c)) is not None)
        entry = Entry(show(cell(ANSWER)).strip(), cell(VALUE), show(cell(UNDO)).strip(), show(cell(NOTE)), extra)
        row_id = show(cell(ID)).strip()
        if row_id or entry != Entry():
            contents = tuple(show(cell(name)) for name in _CONTENTS)
            yield Answer(number, row_id, show(cell(CHECK)).strip(), contents, entry, NOTE in at)


def judge(read: Read, inbox: Inbox, shown: Mapping[str, Entry]) -> Judged:
    """Decides what her answers come to. ``shown``: what stood in this edition before, where it was not blank.

    Nothing is guessed: an answer that is unclear, or given on contents that have changed since, is not used and said so.
    """
    waiting, done = {line.id: line for line in inbox.waiting}, {line.id: line for line in inbox.done}
    rows, notices = _by_id(read.answers, shown, waiting.keys() | done.keys())
    notices += [f"您加的工作表“{name}”不能带到新的一版；加有它的那一份已留存。" for name in read.others]
    decisions: list[Decision] = []
    unused: dict[str, Unused] = {}
    settled: set[str] = set()
    notes: dict[str, Entry] = {}
    for name, answer in rows.items():
        before = shown.get(name, Entry())
        entry = answer.entry if answer.has_note else replace(answer.entry, note=before.note)
        if name in waiting.keys() | done.keys() and (entry.note, entry.extra) != (before.note, before.extra):
            notes[name] = entry
        if entry.decided == before.decided:
            continue
        settled.add(name)
        if entry.decided == Entry().decided:
            continue
        verdict = _undone(answer, waiting, done) if entry.undo else _answered(answer, waiting.get(name), done.get(name))
        if isinstance(verdict, Decision):
            decisions.append(verdict)
        elif isinstance(verdict, Unused):
            if line := waiting.get(name) or done.get(name):
                unused[name] = replace(verdict, check=line.check)
            else:
                notices.append(f"{name}：{verdict.hint}")
    entries = {name: answer.entry for name, answer in rows.items() if answer.entry != Entry()}
    return Judged(tuple(decisions), unused, frozenset(settled), tuple(notices), notes, entries)


def _by_id(
    answers: Iterable[Answer], shown: Mapping[str, Entry], known: Iterable[str]
) -> tuple[dict[str, Answer], list[str]]:
    """Returns the row of each id; of a row that was copied the one she wrote into."""
    by_fold = {fold(name): name for name in known}
    rows: dict[str, Answer] = {}
    notices: list[str] = []
    for answer in answers:
        name = by_fold.get(fold(answer.id), answer.id)
        before = shown.get(name, Entry()).decided
        if not name:
            notices.append(f"第{answer.row}行没有编号，所填的“{_words(answer.entry)}”没有采用。")
        elif name not in rows or rows[name].entry.decided in {before, Entry().decided}:
            rows[name] = replace(answer, id=name)
        elif answer.entry.decided not in {before, Entry().decided, rows[name].entry.decided}:
            notices.append(f"{name}有两行，处理意见不一致：采用了靠上的一行，“{_words(answer.entry)}”没有采用。")
    return rows, notices


def _words(entry: Entry) -> str:
    return " ".join(filter(None, (entry.answer, show(entry.value), entry.undo, entry.note))) or "内容"


def _undone(
    answer: Answer, waiting: Mapping[str, InboxLine], done: Mapping[str, InboxLine]
) -> Decision | Unused | None:
    line = done.get(answer.id)
    if fold(answer.entry.undo) != fold(UNDO):
        return Unused(f"“{UNDO}”一栏只能选“{UNDO}”，没看懂“{answer.entry.undo}”。")
    if line is None:
        return None if answer.id in waiting else Unused("这一项已不在已处理之列，没有撤销。")
    if answer.check != line.check:
        return Unused("处理结果后来又有变化，没有撤销；请看过再定。")
    return Decision(answer.id, answer.check, note=answer.entry.note, extra=answer.entry.extra, undo=True)


def _answered(answer: Answer, line: InboxLine | None, done: InboxLine | None) -> Decision | Unused | None:
    entry = answer.entry
    if line is None:
        if done is None:
            return Unused(f"这一项已经了结（单位已自行改好，或编号不对），“{_words(entry)}”没有采用。")
        return _again(entry, done)
    if answer.check != line.check or not _alike(answer.contents, line.contents):
        said = f"上次选了“{_words(entry)}”，但"
        return Unused(
            f"{said}内容已经变了，请重新看过再定。（只排了部分列、或改了别的格也会这样；要改的内容请填“{VALUE}”）"
        )
    take = take_of(line.kind, entry.answer)
    offered = _offered(entry, line)
    if offered and entry.value is None:
        return Decision(line.id, line.check, "value", offered, entry.note, entry.extra)
    if not take and not offered:
        return Unused(_not_understood(entry, line), entry.answer, entry.value)
    if take == "value" and entry.value is None:
        return Unused(f"选了“{entry.answer}”，请在“{VALUE}”里填上内容。", entry.answer)
    if take != "value" and entry.value is not None:
        return Unused(f"选了“{entry.answer}”，“{VALUE}”里又有内容，请去掉一个。", entry.answer, entry.value)
    return Decision(line.id, line.check, take, entry.value, entry.note, entry.extra)


def _again(entry: Entry, done: InboxLine) -> Unused | None:
    """An answer to what is decided already: the same is fine, another one has to be undone first."""
    offered = _offered(entry, done)
    take, value = ("value", offered) if offered else (take_of(done.kind, entry.answer), show(entry.value))
    given = {(q.ruling, fold(show(q.value))) for q in done.questions}
    if given == {(take, fold(value) if take == "value" else "")}:
        return None
    return Unused(f"已按“{done.result}”处理，后来选的“{_words(entry)}”没有采用；要改请先撤销。")


def _offered(entry: Entry, line: InboxLine) -> str:
    """Returns which of a line's own answers she chose; ``""`` if none."""
    return next((word for word in line.offers if fold(word) == fold(entry.answer)), "")


def _not_understood(entry: Entry, line: InboxLine) -> str:
    words = "、".join((*line.offers, *CHOICES.get(line.kind, {})))
    if not words:
        return "这一项只供查看，没有可选的处理意见。"
    if not entry.answer:
        return f"填了“{VALUE}”，但没有选“{ANSWER}”。可选：{words}。"
    return f"没看懂“{entry.answer}”。可选：{words}。"


def _alike(typed: Sequence[str], written: Sequence[str]) -> bool:
    """Whether a row still shows what we wrote; spaces and very long tails apart, no program keeps those alike."""
    return all(fold(a)[:_COMPARED] == fold(b)[:_COMPARED] for a, b in zip(typed, written, strict=True))


def answer_word(line: InboxLine, decision: Decision) -> str:
    """Returns a decision as she chose it, for saying why it could not be carried out."""
    if decision.undo:
        return UNDO
    named = show(decision.value) if decision.take == "value" else ""
    return named if named in line.offers else word_of(line.kind, decision.take)
