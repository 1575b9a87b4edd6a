"""How the cells of the master's tables look, and the numbers by which the workbook knows these looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlsxwriter.format import Format

from syncer.core.model import Light, Settings
from syncer.excel import master_rows as rows
from syncer.excel import master_units as units
from syncer.excel.row_xml import Style, Styles
from syncer.excel.writing import DATA, DATE_FORMAT, DURATION_FORMAT, MOMENT_FORMAT, TIME_FORMAT, Formats

_BACK = {"font_color": "595959", "bg_color": "F7F7F7"}  # unit rows stand back behind the task's
_DOUBTFUL = {"italic": True, "font_color": "8B1A1A"}  # calm, and seen in black and white too
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    rows.TEXT: {},
    rows.CENTRE: {"align": "center"},
    rows.NUMBER: {"align": "center"},
    rows.PERCENT: {"align": "center", "num_format": "0%"},
    rows.DATE: {"align": "center", "num_format": DATE_FORMAT},
    rows.MOMENT: {"align": "center", "num_format": MOMENT_FORMAT},
}


def look_styles(formats: Formats, settings: Settings) -> Styles:
    """Returns the style ids of every look. Called first, it gives the same ids whatever else the workbook holds."""
    return {key: _style(formats, props) for key, props in _looks(settings)}


def _looks(settings: Settings) -> Iterator[tuple[tuple[str, bool, bool], dict[str, Any]]]:
    for back in (False, True):
        for doubtful in (False, True):
            for look, props in _LOOKS.items():
                added = {**(_BACK if back else {}), **(_DOUBTFUL if doubtful else {})}
                yield (look, doubtful, back), {**DATA, **props, **added}
            for light in Light:  # a light looks the same in every row
                colour = settings.colour(light)
                yield (f"{rows.LIGHT}{light}", doubtful, back), {**DATA, "align": "center", "bg_color": colour}
    for look, calm in {**units.LOOKS, **units.light_looks({light: settings.colour(light) for light in Light})}.items():
        yield (look, False, False), {**calm}


def _style(formats: Formats, props: Mapping[str, Any]) -> Style:
    plain = formats(**props)
    shown_as = (DATE_FORMAT, MOMENT_FORMAT, TIME_FORMAT, DURATION_FORMAT)
    shown = [_id(style) for style in (plain, formats.like(plain, quote_prefix=True))]
    return Style(*shown, *(_id(formats.shown_as(plain, form)) for form in shown_as))


def _id(style: Format) -> str:
    """XlsxWriter numbers a format at its first use; this is one."""
    return str(style._get_xf_index())  # noqa: SLF001 - there is no other way to learn it
