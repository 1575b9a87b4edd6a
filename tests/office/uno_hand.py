"""The clerk's hand: starts one LibreOffice and does in it, over UNO, what the lines on stdin say.

Run by a Python that has ``uno``, which the tests' own has not; so it imports nothing of ours and nothing from an index.
Arguments: path of soffice, folder for its profile. One JSON list ``[verb, [arguments]]`` a line comes in, one JSON object
``{"value": …}`` or ``{"error": …}`` a line goes out. When stdin ends, however the test ended, LibreOffice is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uno

START_SECONDS = 90
QUIT_SECONDS = 10

# Chinese input as on a section's PC ("2026年3月5日" typed is a date), no first-start or recovery dialogs.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>zh-CN</value></prop></item>
 <item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
 <item oor:path="/org.openoffice.Office.Recovery/AutoSave"><prop oor:name="Enabled" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""

# com.sun.star.sheet.CellFlags
_VALUE, _DATETIME, _STRING, _FORMULA = 1, 2, 4, 16
_CONTENT = _VALUE | _DATETIME | _STRING | _FORMULA


class Office:
    """One running soffice with a profile of its own."""

    def __init__(self, soffice: str, profile: Path) -> None:
        self._profile = profile
        self._pipe = f"syncer-{os.getpid()}"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        command = [soffice, "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
        command += [f"-env:UserInstallation={profile.as_uri()}", f"--accept=pipe,name={self._pipe};urp;"]
        # With LC_ALL=C LibreOffice cannot open a file with a Chinese name.
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def desktop(self) -> Any:
        """Returns the running office's desktop as soon as it answers."""
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                context = resolver.resolve(f"uno:pipe,name={self._pipe};urp;StarOffice.ComponentContext")
            except Exception as fault:
                if self._process.poll() is not None:
                    raise RuntimeError(f"soffice ended at once, exit {self._process.returncode}") from fault
                if time.monotonic() > deadline:
                    raise RuntimeError(f"soffice did not answer within {START_SECONDS} s") from fault
                time.sleep(0.1)
            else:
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)

    def quit(self, desktop: Any) -> None:
        """Ends LibreOffice the ordinary way."""
        desktop.terminate()
        self._process.wait(QUIT_SECONDS)

    def kill(self) -> None:
        """Leaves no process, profile or pipe behind, whatever state the office is in."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)
        Path(f"/tmp/OSL_PIPE_{os.getuid()}_{self._pipe}").unlink(missing_ok=True)


class Hand:
    """What can be done; every public method is a verb. Rows are 1-based, cells and ranges as on screen ("D5", "B5:F9")."""

    def __init__(self, desktop: Any) -> None:
        self._desktop = desktop
        self._doc: Any = None

    def open(self, path: str) -> None:
        # Hidden=True would lose freeze panes, zoom and grid lines on save; with --headless False shows nothing either.
        self._doc = self._load(path, Hidden=False)

    def save(self) -> None:
        self._doc.store()

    def save_as(self, path: str, filter_name: str) -> None:
        self._doc.storeAsURL(uno.systemPathToFileUrl(path), _properties(FilterName=filter_name))

    def close(self) -> None:
        document, self._doc = self._doc, None
        if document is not None:
            document.close(True)

    def sheets(self) -> list[str]:
        return list(self._doc.Sheets.ElementNames)

    def add_sheet(self, name: str, position: int | None) -> None:
        sheets = self._doc.Sheets
        sheets.insertNewByName(name, sheets.Count if position is None else position)

    def set(self, sheet: str, cell: str, value: str | float, as_text: bool) -> None:
        target = self._range(sheet, cell)
        if as_text:
            target.String = str(value)
        elif isinstance(value, str):
            target.FormulaLocal = value
        else:
            target.Value = value

    def get(self, sheet: str, cell: str) -> str | float | None:
        target = self._range(sheet, cell)
        kind = target.Type.value
        if kind == "EMPTY":
            return None
        is_number = kind == "VALUE" or (kind == "FORMULA" and target.FormulaResultType2 == _VALUE)
        return float(target.Value) if is_number else str(target.String)

    def shown(self, sheet: str, cell: str) -> str:
        return str(self._range(sheet, cell).String)

    def clear(self, sheet: str, area: str) -> None:
        self._range(sheet, area).clearContents(_CONTENT)

    def last_row(self, sheet: str) -> int:
        return self._used(sheet)[1] + 1

    def sort(self, sheet: str, column: str, header_row: int, descending: bool, selection: str | None) -> None:
        page = self._sheet(sheet)
        last_column, last_row = self._used(sheet)
        area = page.getCellRangeByName(selection) if selection else None
        area = area or page.getCellRangeByPosition(0, header_row, last_column, last_row)
        key = uno.createUnoStruct("com.sun.star.table.TableSortField")
        key.Field = page.getCellRangeByName(f"{column}1").RangeAddress.StartColumn - area.RangeAddress.StartColumn
        key.IsAscending = not descending
        keys = uno.Any("[]com.sun.star.table.TableSortField", (key,))
        # IsSortColumns means that columns change places; false sorts rows.
        area.sort(_properties(SortFields=keys, ContainsHeader=False, IsSortColumns=False, BindFormatsToContent=True))

    def insert_row(self, sheet: str, before: int) -> None:
        self._sheet(sheet).Rows.insertByIndex(before - 1, 1)

    def delete_row(self, sheet: str, row: int) -> None:
        self._sheet(sheet).Rows.removeByIndex(row - 1, 1)

    def copy_row_insert(self, sheet: str, source: int, before: int) -> None:
        page = self._sheet(sheet)
        self.insert_row(sheet, before)
        moved = source + 1 if source >= before else source
        page.copyRange(page.getCellByPosition(0, before - 1).CellAddress, page.Rows.getByIndex(moved - 1).RangeAddress)

    def validation_at(self, sheet: str, cell: str) -> dict[str, Any]:
        rule = self._range(sheet, cell).Validation
        return {
            "type": rule.Type.value,
            "operator": rule.getOperator().value,
            "formula1": rule.getFormula1(),
            "formula2": rule.getFormula2(),
            "alert": rule.ErrorAlertStyle.value,
            "shows_error": rule.ShowErrorMessage,
            "error_title": rule.ErrorTitle,
            "error": rule.ErrorMessage,
            "prompt_title": rule.InputTitle,
            "prompt": rule.InputMessage,
        }

    def custom_properties(self) -> dict[str, Any]:
        bag = self._doc.DocumentProperties.UserDefinedProperties
        pairs = ((p.Name, bag.getPropertyValue(p.Name)) for p in bag.PropertySetInfo.Properties)
        return {name: value if isinstance(value, (bool, int, float, str)) else str(value) for name, value in pairs}

    def follow(self, sheet: str, cell: str) -> dict[str, Any]:
        field = self._range(sheet, cell).TextFields.createEnumeration().nextElement()
        before = {id(doc): doc for doc in self._open_documents()}
        reached = self._desktop.loadComponentFromURL(field.URL, "_default", 0, _properties())
        if reached is None:
            raise RuntimeError(f"the link leads nowhere: {field.URL}")
        controller = reached.CurrentController
        area = reached.CurrentSelection.RangeAddress
        found = {
            "url": reached.URL,
            "sheet": controller.ActiveSheet.Name,
            "row": area.StartRow + 1,
            "column": area.StartColumn + 1,
        }
        if len(self._open_documents()) > len(before):
            reached.close(True)
        return found

    def _open_documents(self) -> list[Any]:
        documents, found = self._desktop.Components.createEnumeration(), []
        while documents.hasMoreElements():
            found.append(documents.nextElement())
        return found

    def to_pdf(self, path: str, pdf: str) -> None:
        document = self._load(path, Hidden=True, ReadOnly=True)
        try:
            is_book = document.supportsService("com.sun.star.sheet.SpreadsheetDocument")
            filter_name = "calc_pdf_Export" if is_book else "writer_pdf_Export"
            document.storeToURL(uno.systemPathToFileUrl(pdf), _properties(FilterName=filter_name))
        finally:
            document.close(True)

    def _load(self, path: str, **options: Any) -> Any:
        document = self._desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(path), "_blank", 0, _properties(**options)
        )
        if document is None:
            raise RuntimeError(f"LibreOffice does not open {path}")
        return document

    def _sheet(self, sheet: str) -> Any:
        return self._doc.Sheets.getByName(sheet)

    def _range(self, sheet: str, area: str) -> Any:
        return self._sheet(sheet).getCellRangeByName(area)

    def _used(self, sheet: str) -> tuple[int, int]:
        """Returns the last column and row with content, 0-based; formats do not count."""
        areas = self._sheet(sheet).queryContentCells(_CONTENT).RangeAddresses
        return max((a.EndColumn for a in areas), default=0), max((a.EndRow for a in areas), default=0)


def _properties(**values: Any) -> tuple[Any, ...]:
    made = []
    for name, value in values.items():
        entry = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        entry.Name, entry.Value = name, value
        made.append(entry)
    return tuple(made)


def _answer(hand: Hand, line: str) -> dict[str, Any]:
    verb, arguments = json.loads(line)
    try:
        return {"value": getattr(hand, verb)(*arguments)}
    except Exception as fault:  # noqa: BLE001 - UNO raises exceptions of its own types; the test hears of every one
        return {"error": f"{verb}{tuple(arguments)}: {type(fault).__name__}: {fault}"}


def main() -> None:
    """Serves lines until stdin ends or ``quit`` comes."""
    office = Office(sys.argv[1], Path(sys.argv[2]))
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        # In a thread of its own: it must see the end of stdin even while a UNO call hangs.
        for line in sys.stdin:
            lines.put(line)
        office.kill()
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    try:
        desktop = office.desktop()
        hand = Hand(desktop)
        print(json.dumps({"value": "ready"}), flush=True)
        while (line := lines.get()) != "quit\n":
            print(json.dumps(_answer(hand, line)), flush=True)
        hand.close()
        office.quit(desktop)
    except Exception as fault:  # noqa: BLE001 - the last word to the test, whatever it was
        print(json.dumps({"error": f"{type(fault).__name__}: {fault}"}), flush=True)
    finally:
        office.kill()


if __name__ == "__main__":
    main()
