"""``syncer restore``: lists the kept versions of a unit's workbook, and brings one back beside the present file."""

from __future__ import annotations

import argparse

from syncer.commands.console import Console, office_of
from syncer.control import ledger_in_force
from syncer.core.roster import roster_of
from syncer.errors import EXIT_DONE, ConfigError, RefusedError
from syncer.store.facts import Version

KINDS = {
    "issue": ("下发", "issued"),
    "save": ("保存", "saved"),
    "recheck": ("按新设置复查", "looked at again"),
    "refused": ("没有采用", "refused"),
}


def run(args: argparse.Namespace) -> int:
    """Lists the versions, or writes the bytes of one into a file that does not exist yet."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        code = roster_of(ledger_in_force(office, office.clock().date())).find(args.unit)
        if code is None:
            raise ConfigError(f"《单位名录》里没有“{args.unit}” / not in the roster")
        versions = office.store.versions(code)
        if args.version is None:
            for version in versions:
                zh, en = KINDS.get(version.kind, (version.kind, version.kind))
                saved = version.saved_at.replace("T", " ")
                console.say(
                    f"{version.id:6}  {saved}  {zh}  {version.file}", f"{version.id:6}  {saved}  {en}  {version.file}"
                )
            console.emit({"version": 1, "exit": EXIT_DONE, "versions": [_json(version) for version in versions]})
            return EXIT_DONE
        chosen = next((version for version in versions if version.id == args.version), None)
        if chosen is None:
            raise ConfigError(f"“{args.unit}”没有第{args.version}版 / no such version")
        if args.to is None:
            raise ConfigError("请用 --to 指定恢复到哪个文件 / say with --to where to put it")
        target = args.to.resolve()
        if target.exists():
            raise RefusedError(
                f"{target} 已经存在，没有改动；恢复的版本只放在旁边 / exists already, nothing was changed"
            )
        kept = office.kept.find(chosen.sha256)
        if kept is None:
            raise RefusedError(f"第{chosen.id}版的内容已过保留期 / the bytes of this version are no longer kept")
        office.disk.write(target, kept.read_bytes())
    console.say(
        f"第{chosen.id}版已放到 {target}（原文件没有改动）", f"version {chosen.id} is at {target}; nothing else changed"
    )
    console.emit({"version": 1, "exit": EXIT_DONE, "restored": _json(chosen), "path": str(target)})
    return EXIT_DONE


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
