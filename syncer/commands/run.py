"""``syncer run``: the daemon."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import sys
from pathlib import Path

import structlog

from syncer.commands.console import Console, office_of
from syncer.core.texts import line_text
from syncer.daemon import Daemon
from syncer.errors import EXIT_DONE


def run(args: argparse.Namespace) -> int:
    """Watches and merges until it is told to stop."""
    console = Console(args)
    with office_of(args) as office:
        config = office.workspace.config
        office.live = args.live or config.excel.live
        configure_log(config.folders.state / "logs", config.log.level, quiet=args.quiet)
        console.say(
            f"正在看护 {office.workspace.root}（Ctrl+C 停止；日志在 {config.folders.state / 'logs'}）",
            f"watching {office.workspace.root} (Ctrl+C to stop; log in {config.folders.state / 'logs'})",
        )
        Daemon(office).run()
    return EXIT_DONE


def configure_log(folder: Path, level: str, *, quiet: bool) -> None:
    """Sends the structured log to rotating JSON lines in ``folder``, and to the terminal unless ``quiet``."""
    folder.mkdir(parents=True, exist_ok=True)
    rotating = logging.handlers.RotatingFileHandler(
        folder / "syncer.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8"
    )
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        _on_one_line,
    ]
    as_json = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=shared,
    )
    rotating.setFormatter(as_json)
    handlers: list[logging.Handler] = [rotating]
    if not quiet:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
                ],
                foreign_pre_chain=shared,
            )
        )
        handlers.append(terminal)
    logging.basicConfig(handlers=handlers, level=level.upper(), force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )


def _on_one_line(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keeps file names and reasons from ending a line of the log, or steering a terminal that shows it."""
    return {name: line_text(value) if isinstance(value, str) else value for name, value in event.items()}
