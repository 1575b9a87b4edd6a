"""What belongs to this machine: ``syncer.toml`` in the workspace root.

Only folders, scan intervals, limits, retention and the database stand here; everything about the office itself (columns,
units, the week's times) is in 台账设置.xlsx. Any key can also come from the environment, which wins over the file:
``SYNCER_DATABASE__URL`` is ``url`` under ``[database]``.

Import this module late: pydantic costs some 0.2 s.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator
from datetime import time
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncer.errors import ConfigError
from syncer.whereabouts import CONFIG_NAME, PREFIX, STATE, absolute


def _folder(default: str) -> Any:
    return Field(default=Path(default), description="文件夹名或完整路径|the name of a folder or a full path")


def _number(default: float, low: float, high: float, unit_zh: str, unit_en: str) -> Any:
    bounds_zh, bounds_en = f"{low:g} 到 {high:g} 之间", f"from {low:g} to {high:g}"
    kind_zh, kind_en = ("整数", "a whole number") if isinstance(default, int) else ("数", "a number")
    description = f"{bounds_zh}的{kind_zh}（{unit_zh}）|{kind_en} {bounds_en} ({unit_en})"
    return Field(default=default, ge=low, le=high, allow_inf_nan=False, description=description)


class Section(BaseModel):
    """One ``[section]`` of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Folders(Section):
    """Where things lie. In the file relative to the workspace or absolute; always absolute once loaded."""

    control: Path = _folder("01创建办专用")
    units: Path = _folder("02各单位填报")
    master: Path = _folder("03汇总台账")
    weekly: Path = _folder("04周报通报")
    feedback: Path = _folder("05填报提示")
    evidence: Path = _folder("06佐证材料")
    inbox: Path = _folder("07收件箱")
    system: Path = _folder("99系统勿动")
    state: Path = _folder(STATE)

    def under(self, workspace: Path) -> Folders:
        """Returns the same folders with every relative one set under ``workspace``."""
        return Folders(**{name: absolute(workspace, path) for name, path in self})


class Watch(Section):
    """How saves are noticed."""

    mode: Literal["auto", "native", "polling"] = Field(
        default="auto", description="auto、native、polling 三者之一|one of auto, native, polling"
    )
    settle_seconds: float = _number(0.5, 0.05, 60, "秒", "seconds")
    share_settle_seconds: float = _number(2.0, 0.05, 300, "秒", "seconds")
    rescan_seconds: float = _number(30.0, 0.2, 3600, "秒", "seconds")
    nightly_hash: time = Field(default=time(2, 0), description='时刻，如 "02:00"|a time of day such as "02:00"')


class Reading(Section):
    """Limits of the child processes that read workbooks."""

    workers: int = _number(2, 1, 32, "个", "processes")
    seconds: float = _number(8.0, 1, 600, "秒", "seconds a file")
    memory_mib: int = _number(512, 128, 16384, "MiB", "MiB a process")


class Retention(Section):
    """How long kept versions of the workbooks can be restored."""

    versions_days: int = _number(400, 1, 36500, "天", "days")


class Delivery(Section):
    """Writing back into the units' workbooks what is not theirs."""

    enabled: bool = Field(default=True, description="true 或 false|true or false")
    quiet_seconds: float = _number(120.0, 0, 86400, "秒", "seconds")


class Backup(Section):
    """The daily copy of the database and the kept bytes."""

    folder: str = Field(
        default="",
        description="空着（不备份），或文件夹名、完整路径|empty (no backup), the name of a folder or a full path",
    )
    at: time = Field(default=time(1, 30), description='时刻，如 "01:30"|a time of day such as "01:30"')
    keep: int = _number(14, 1, 3650, "份", "backups")


class Database(Section):
    """Where the state lives; the default is SQLite in the state folder."""

    # Not shown in messages or repr: it may carry a password.
    url: str = Field(
        default="",
        pattern=r"^(|[a-z][a-z0-9+]*://.*)$",
        repr=False,
        description='空着，或数据库地址，如 "postgresql+psycopg://…"|empty, or a database URL such as "postgresql+psycopg://…"',
    )


class Excel(Section):
    """The bridge into the Excel that has our books open."""

    live: bool = Field(default=False, description="true 或 false|true or false")


class Log(Section):
    """How much is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug、info、warning、error 四者之一|one of debug, info, warning, error"
    )


class Config(BaseSettings):
    """The whole of ``syncer.toml``, defaults filled in."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        # A half-filled section keeps the file's other keys instead of falling back to defaults.
        nested_model_default_partial_update=True,
    )

    folders: Folders = Folders()
    watch: Watch = Watch()
    reading: Reading = Reading()
    retention: Retention = Retention()
    delivery: Delivery = Delivery()
    backup: Backup = Backup()
    database: Database = Database()
    excel: Excel = Excel()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Lets the environment win over the file, which `load_config` hands in."""
        return env_settings, init_settings


def load_config(workspace: Path) -> Config:
    """Returns the configuration of a workspace, every folder absolute.

    Raises:
        ConfigError: the file is missing or unreadable, or a key is unknown or has a value it cannot have; the message
            lists every fault, Chinese first, and says what was expected.
    """
    file = workspace / CONFIG_NAME
    try:
        config = Config(**_read_toml(file))
    except ValidationError as fault:
        raise ConfigError("\n".join(_explain(file, error) for error in fault.errors())) from None
    folders = config.folders.under(workspace)
    if nested := list(_nested(folders)):
        raise ConfigError("\n".join(f"{file} {line}" for line in nested))
    return config.model_copy(update={"folders": folders})


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")  # Notepad may put a byte-order mark in front
        return tomllib.loads(text)
    except OSError as fault:
        raise ConfigError(
            f"读不到 {file}：{fault.strerror}。请检查 -C 指的文件夹。\nCannot read {file}: {fault.strerror}."
        ) from fault
    except UnicodeDecodeError as fault:
        raise ConfigError(
            f"{file} 不是 UTF-8 编码。请用记事本“另存为”，编码选 UTF-8。\n{file} is not UTF-8: save it again as UTF-8."
        ) from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(
            f"{file} 写法有误：{fault}。Windows 路径请用单引号，如 'D:\\汇总'。\n"
            f"{file} is not valid TOML: {fault}. Put Windows paths in single quotes, as in 'D:\\ledger'."
        ) from fault


def _explain(file: Path, error: ErrorDetails) -> str:
    """Returns one fault as two sentences, Chinese and English: where, what was found, what was expected."""
    section, key = (*(str(part) for part in error["loc"]), "")[:2]
    variable = f"{PREFIX}{section}__{key}".upper()
    place = f"环境变量 {variable}" if variable in os.environ else f"{file} [{section}] {key}".rstrip()
    if error["type"] == "extra_forbidden":
        return f"{place}：{_unknown(section, key)}"
    fields = _fields(section)
    if key not in fields:
        return f"{place}：这里应是一节 [{section}]，下面逐行写“名称 = 值”。 Expected a table [{section}] of keys and values."
    field = fields[key]
    zh, en = (field.description or "").split("|")
    found = repr(error["input"]) if field.repr else "***"
    return f"{place}：写的是 {found}，应为{zh}。 Found {found}, expected {en}."


def _unknown(section: str, key: str) -> str:
    known = _fields(section) if key else Config.model_fields
    near = difflib.get_close_matches(key or section, known, n=1)
    hint_zh, hint_en = (f"是不是想写 {near[0]}？", f"Did you mean {near[0]}?") if near else ("", "")
    return f"没有这一项。{hint_zh}可用的有 {'、'.join(known)}。 Unknown key. {hint_en}".rstrip()


def _fields(section: str) -> dict[str, Any]:
    """Returns the keys of a section; none where there is no such section."""
    field = Config.model_fields.get(section)
    return dict(field.default.__class__.model_fields) if field else {}


def _nested(folders: Folders) -> Iterator[str]:
    """Yields a line for every two folders of which one lies in the other: what we write would come back as input."""
    for (name, path), (other_name, other) in combinations(folders, 2):
        if path.is_relative_to(other) or other.is_relative_to(path):
            yield (
                f"[folders]：{name}（{path}）与 {other_name}（{other}）相同或互相包含，请分开。 "
                f"{name} and {other_name} must not be the same or lie in each other."
            )
