"""``syncer restore``: kept versions come back beside the present file; a unit or the ledger goes back to a moment, by her leave."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from syncer.commands.console import Console, office_of
from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.roster import roster_of
from syncer.core.state import Question
from syncer.core.values import show
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError, RefusedError
from syncer.restoring import ask, takes_out, way_back
from syncer.store.facts import Version
from syncer.workspace import Office

KINDS = {
    "issue": ("下发", "issued"),
    "save": ("保存", "saved"),
    "recheck": ("按新设置复查", "looked at again"),
    "copy": ("副本", "a copy"),
    "delivery": ("送达", "delivered"),
    "refused": ("没有采用", "refused"),
    "generated": ("生成文件被改动", "a generated file, edited"),
}


def run(args: argparse.Namespace) -> int:
    """Lists the versions of a unit, puts one beside its present file, or asks for the way back to a moment."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        ledger = ledger_in_force(office, office.clock().date())
        code = _unit(ledger, args.unit) if args.unit else ""
        if args.back_to:
            return _go_back(console, office, ledger, code, args.back_to, dry_run=args.dry_run)
        if not code:
            raise ConfigError(
                "请写明单位；要整本台账回到某一时刻，请用 --back-to / name a unit, or say --back-to for the whole ledger"
            )
        versions = office.store.versions(code)
        if args.version is None:
            return _list(console, office, versions)
        return _bring(console, office, args, versions)


def _unit(ledger: Ledger, name: str) -> str:
    code = roster_of(ledger).find(name)
    if code is None:
        raise ConfigError(f"《单位名录》里没有“{name}” / not in the roster")
    return code


def _list(console: Console, office: Office, versions: list[Version]) -> int:
    listed: list[dict[str, Any]] = []
    for version in versions:
        kept = office.kept.has(version.sha256)
        listed.append({**_json(version), "kept": kept})
        zh, en = KINDS.get(version.kind, (version.kind, version.kind))
        saved = version.saved_at.replace("T", " ")
        console.say(
            f"{version.id:6}  {saved}  {zh}  {version.file}{'' if kept else '  （原件已过保留期）'}",
            f"{version.id:6}  {saved}  {en}  {version.file}{'' if kept else '  (bytes no longer kept)'}",
        )
    console.emit({"version": 1, "exit": EXIT_DONE, "versions": listed})
    return EXIT_DONE


def _bring(console: Console, office: Office, args: argparse.Namespace, versions: list[Version]) -> int:
    """Writes the bytes of one version into a file that does not exist yet."""
    chosen = next((version for version in versions if version.id == args.version), None)
    if chosen is None:
        raise ConfigError(f"“{args.unit}”没有第{args.version}版 / no such version")
    if args.to is None:
        raise ConfigError("请用 --to 指定恢复到哪个文件 / say with --to where to put it")
    target = args.to.resolve()
    if target.exists():
        raise RefusedError(f"{target} 已经存在，没有改动；恢复的版本只放在旁边 / exists already, nothing was changed")
    data = office.kept.read(chosen.sha256)
    if data is None:
        raise RefusedError(f"第{chosen.id}版的内容已过保留期 / the bytes of this version are no longer kept")
    office.disk.write(target, data)
    console.say(
        f"第{chosen.id}版已放到 {target}（原文件没有改动）", f"version {chosen.id} is at {target}; nothing else changed"
    )
    console.emit({"version": 1, "exit": EXIT_DONE, "restored": _json(chosen), "path": str(target)})
    return EXIT_DONE


def _go_back(console: Console, office: Office, ledger: Ledger, unit: str, moment: datetime, *, dry_run: bool) -> int:
    """Asks for every cell and row that differs from then; with ``dry_run`` only lists them."""
    questions = way_back(office, ledger, moment, unit)
    if not dry_run:
        questions = ask(office, ledger, questions, unit)
    for question in questions:
        zh, en = _in_words(ledger, question)
        console.say(f"{question.id}  {zh}", f"{question.id}  {en}")
    number = len(questions)
    if not questions:
        console.say("与那时完全一样，没有要恢复的", "all is as it was then: nothing to restore")
    elif dry_run:
        console.say(f"共{number}处不同；没有改动，也没有列入待处理", f"{number} differences; nothing changed or asked")
    else:
        console.say(
            f"共{number}处已列入《待我处理》，逐条同意后才会恢复；现在没有改动任何内容",
            f"{number} items wait in the inbox: nothing changes until they are agreed to",
        )
    code = EXIT_PERSON if questions and not dry_run else EXIT_DONE
    listed = [_question_json(question) for question in questions]
    at = moment.isoformat(timespec="seconds")
    console.emit({"version": 1, "exit": code, "back_to": at, "asked": not dry_run, "items": listed})
    return code


def _in_words(ledger: Ledger, question: Question) -> tuple[str, str]:
    sheet = ledger.sheet(question.sheet)
    column = sheet.column(question.column) if sheet else None
    where = " ".join((ledger.unit_name(question.unit), sheet.name if sheet else question.sheet, question.row_key))
    now, then = show(question.current) or "（空）", show(question.incoming) or "（空）"
    if question.column:
        name = column.name if column else question.column.removeprefix("+")
        return f"{where} {name}：{now} → {then}", f"{where} {name}: {now} → {then}"
    if takes_out(question):
        return f"{where}：移出（{now}）", f"{where}: take out ({now})"
    return f"{where}：加回（{then}）", f"{where}: bring back ({then})"


def _question_json(question: Question) -> dict[str, str]:
    action = "cell" if question.column else "remove" if takes_out(question) else "add"
    return {
        "id": question.id,
        "action": action,
        "unit": question.unit,
        "sheet": question.sheet,
        "row": question.row_id,
        "row_key": question.row_key,
        "column": question.column,
        "current": show(question.current),
        "then": show(question.incoming),
    }


def _json(version: Version) -> dict[str, object]:
    return {
        "version": version.id,
        "kind": version.kind,
        "file": version.file,
        "saved_at": version.saved_at,
        "seen_at": version.seen_at,
        "code": version.code,
        "sha256": version.sha256,
    }
