"""The command line: parse, dispatch, one error boundary. Commands are imported only when they run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from syncer import __version__
from syncer.collecting import collect_seldom
from syncer.errors import EXIT_BUG, EXIT_DONE, EXIT_INTERRUPTED, SyncerError, trouble

TYPE_CHECKING = False  # as in `typing`, which takes longer to load than what follows
if TYPE_CHECKING:  # whoever only asks for help pays for no module he does not need
    from datetime import date, datetime
    from pathlib import Path
    from typing import Any


_Verb = Callable[..., argparse.ArgumentParser]


class _Unasked:
    """Stands for the parser of a verb that was not asked for: to make them all takes longer than to print the help."""

    def __getattr__(self, _: str) -> Callable[..., _Unasked]:
        """Whatever is said of its arguments, nobody gives it any."""
        return lambda *_, **__: self


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Returns the parser of a command line; of the verbs, only those that are named there are parsed any further."""

    def made(**about: Any) -> argparse.ArgumentParser | _Unasked:
        return argparse.ArgumentParser(**about) if about["prog"].rpartition(" ")[2] in arguments else _Unasked()

    parser = argparse.ArgumentParser(
        prog="syncer",
        description="把各单位的 Excel 台账合成一本真台账。 / One true ledger out of the units' Excel workbooks.",
    )
    parser.add_argument("--version", action="version", version=f"syncer {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    _add_common(common, nothing=argparse.SUPPRESS)
    _add_common(parser)
    dated = argparse.ArgumentParser(add_help=False)
    dated.add_argument("--as-of", type=_day, metavar="DATE", help="按这一天计算 / compute as of this day, 2026-11-20")
    verbs: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(  # type: ignore[call-overload]
        dest="verb", metavar="COMMAND", required=True, parser_class=made
    )

    def verb(name: str, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, parents=[common, *parents])

    for add in (_beginning, _work, _decisions, _past, _settings, _open_books, _messages):
        add(verb, dated)
    return parser


def _beginning(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    demo = verb("demo", "造一个示例单位并走完全程 / a sample bureau, end to end")
    demo.add_argument("directory", nargs="?", type=_path, default="demo", metavar="DIR")
    init = verb("init", "新建工作区 / make a workspace")
    init.add_argument("directory", type=_path, metavar="DIR")
    init.add_argument("--year", type=int, help="台账年度 / the ledger's year (default: this year)")
    init.add_argument("--sample", action="store_true", help="示例计划移到本年度 / the sample plan, moved to the year")
    issue = verb("issue", "下发还没有的单位工作簿 / make missing unit workbooks", dated)
    issue.add_argument("--unit", action="append", default=[], help="只下发这些单位 / only these units")
    adopt = verb("adopt", "导入单位原有的台账 / take over ledgers that an office has already", dated)
    adopt.description = (
        "第一步：syncer adopt 文件或文件夹… 读原有的台账（什么栏目都行，不改动它们），写出《台账导入方案》；"
        "打开它核对黄色的格，保存并关闭。第二步：syncer adopt --apply 照方案写入各单位工作簿，并写出《台账导入报告》，"
        "列明没有找到位置的内容。 / First: name files or folders; a proposal book is written for you to correct. "
        "Then: --apply puts their content into the units' workbooks and reports what found no place."
    )
    adopt.add_argument("paths", nargs="*", type=_path, metavar="FILE|DIR", help="原有的台账 / ledgers")
    adopt.add_argument("--apply", action="store_true", help="照导入方案写入 / carry the proposal out")


def _work(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    sync = verb("sync", "读取、合并、发布一遍 / one pass", dated)
    sync.add_argument("--dry-run", action="store_true", help="只说会做什么 / say what would be done")
    run = verb("run", "常驻：有人保存就合并 / the daemon")
    run.add_argument("--live", action="store_true", help="更新正在 Excel 里打开的汇总台账 / follow in the open Excel")
    check = verb("check", "只检查，不改动任何文件 / validate only", dated)
    check.add_argument("paths", nargs="+", type=_path, metavar="FILE|DIR")
    report = verb("report", "周报 / reports", dated)
    report.add_argument("kind", choices=("weekly",))
    report.add_argument("--week", metavar="2026-W47", help="哪一周 / which week (default: this one)")
    report.add_argument("--final", action="store_true", help="正式印发 / issue it")


def _decisions(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    verb("status", "各单位情况 / how the units stand", dated)
    verb("inbox", "等您处理的事项 / what waits for a decision", dated)
    resolve = verb("resolve", "处理一项，或撤销 / decide on one matter, or take it back", dated)
    resolve.add_argument("id", metavar="ID", help="编号，可只写开头 / its id, or the beginning of it")
    answer = resolve.add_mutually_exclusive_group(required=True)
    answer.add_argument(
        "--take",
        metavar="current|incoming|base|accept|reject|VALUE",
        type=_storable,
        help="取哪一个，或直接写内容 / which one to take, or a value",
    )
    answer.add_argument("--undo", action="store_true", help="撤销以前的处理 / take a ruling back")


def _past(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    history = verb("history", "一条任务或记录的来历 / what happened to a row", dated)
    history.add_argument("key", help="任务编号、行标识或记录的名称 / task number, row id, or what a record is called")
    history.add_argument("--column", default="", help="只看这一列 / only this column")
    history.add_argument("--unit", default="", help="只看这个单位 / only this unit")
    restore = verb("restore", "找回留存的某一版，或回到某一时刻 / bring a kept version back, or go back to a moment")
    restore.add_argument("unit", nargs="?", default="", help="单位 / unit")
    restore.add_argument(
        "--version", type=int, metavar="N", help="第几版（不写则列出）/ which one (default: list them)"
    )
    restore.add_argument("--to", type=_path, metavar="FILE", help="放到哪里 / where to put it")
    restore.add_argument(
        "--back-to",
        type=_moment,
        metavar="TIME",
        help="这个单位（不写单位则整本台账）回到这一时刻，逐条列入《待我处理》 / ask for all that differs from then",
    )
    restore.add_argument("--dry-run", action="store_true", help="只列出不同之处 / only list what differs")


def _settings(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    template = verb("template", "台账设置：查看、比较、同意 / show, compare, agree to changes", dated)
    template.add_argument(
        "action",
        choices=("show", "diff", "apply"),
        help="show 查看；diff 与现行设置比较；apply 同意所有搁置的改动 / show, compare with what is in force, agree to all held back",
    )
    template.add_argument("file", nargs="?", type=_path, help="工作簿（默认：工作区的台账设置）/ a workbook")


def _open_books(verb: _Verb, dated: argparse.ArgumentParser) -> None:
    excel = verb("excel", "Excel 里正打开着的工作簿 / a workbook that stands open in Excel", dated)
    excel.add_argument(
        "action",
        choices=("pull", "push", "highlight"),
        help="pull 检查还没保存的内容；push 写入创建办的格子；highlight 标出有问题的格子 / "
        "check as it stands; write the coordinator's cells; mark problem cells",
    )
    excel.add_argument("file", type=_path, metavar="FILE", help="打开着的那个文件 / the file that stands open")
    excel.add_argument("--clear", action="store_true", help="highlight：去掉标记 / take the marks away")
    doctor = verb("doctor", "检查这台电脑 / check this computer")
    doctor.add_argument("--excel", action="store_true", required=True, help="检查与 Excel 的连接 / the bridge to Excel")


def _messages(verb: _Verb, _: argparse.ArgumentParser) -> None:
    explain = verb("explain", "解释一个代码，不写则列出全部 / explain a code (default: list them all)")
    explain.add_argument("code", nargs="?", default="", help="如 CHK-001，或一类：CHK / such as CHK-001, or an area")
    explain.add_argument("--page", type=_path, metavar="FILE", help="全部写成一页 Markdown / all of them as a page")


def _add_common(parser: argparse.ArgumentParser, *, nothing: str | None = None) -> None:
    """Adds what every command takes, before or after its verb; ``nothing`` is what stands for "not given"."""
    add = parser.add_argument
    add(
        "-C",
        dest="workspace",
        metavar="DIR",
        type=_path,
        default=nothing,
        help="工作区 / workspace (default: found upward)",
    )
    flag = nothing or False
    add("--json", action="store_true", default=flag, help="只在标准输出打印一个 JSON 对象 / one JSON object on stdout")
    add("-q", "--quiet", action="store_true", default=flag, help="只说必须说的 / say only what matters")
    add("-v", "--verbose", action="store_true", default=flag, help="说得详细些 / say more")
    language = nothing or "zh_CN"
    add("--lang", choices=("zh_CN", "en"), default=language, help="语言 / language (default: zh_CN)")


def _path(text: str) -> Path:
    from pathlib import Path  # noqa: PLC0415

    return Path(text)


def _storable(text: str) -> str:
    from syncer.core.texts import storable  # noqa: PLC0415 - its patterns cost more than the rest of the help

    return storable(text)


def _day(text: str) -> date:
    from datetime import date  # noqa: PLC0415

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: 请写成 2026-11-20 / write it as 2026-11-20") from None


def _moment(text: str) -> datetime:
    from datetime import datetime  # noqa: PLC0415

    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: 请写成 2026-11-20T15:00 / write it as 2026-11-20T15:00") from None


def run(arguments: Sequence[str]) -> int:
    """Runs one command; returns its exit code."""
    args = _parser(arguments).parse_args(arguments)
    command = import_module(f"syncer.commands.{args.verb}")
    collect_seldom()
    try:
        return int(command.run(args))
    except SyncerError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_DONE
    except Exception as error:  # noqa: BLE001 - the one boundary: whatever gets here is our bug, not the clerk's
        busy = trouble(error)
        if busy is None:
            return _our_bug(error, arguments)
        _complain(str(busy))
        return busy.exit_code


def _complain(text: str) -> None:
    """Prints what went wrong; it may quote file names and what was typed."""
    from syncer.core.texts import line_text  # noqa: PLC0415

    for line in text.split("\n"):
        print(line_text(line), file=sys.stderr)


def _our_bug(error: Exception, arguments: Sequence[str]) -> int:
    """Writes what a bug report needs into a file and names it."""
    import platform  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    with tempfile.NamedTemporaryFile("w", prefix="syncer-bug-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"syncer {__version__} · Python {platform.python_version()} · {platform.platform()}\n")
        log.write(f"syncer {' '.join(arguments)}\n\n{''.join(traceback.format_exception(error))}")
    print(
        f"程序出错了，不是您的问题。请把这个文件发给维护人员：{log.name}\nOur bug: please send {log.name}",
        file=sys.stderr,
    )
    return EXIT_BUG
