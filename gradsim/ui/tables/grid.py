"""The grid of the import sheet: of each column how it was understood, and the first rows as they are written."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from gradsim.engine.data.tables.report import ColumnReport, TableError, TableReport
from gradsim.schema.errors import told
from gradsim.ui.label import tip
from gradsim.ui.theme import Look, font, mixed
from gradsim.words.numbers import exact

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

ROLES = {"input": "Input", "target": "Target", "order": "Train or test", "left out": "Left out"}
"""What the roles of columns are called."""
KINDS = {
    "number": "Numbers",
    "text": "Text",
    "true/false": "True or false",
    "constant": "Constant",
    "empty": "Empty",
}
MOST_LINES, MOST_VALUES = 4, 60
"""How many values of a column are told in its cell, and how many in its tooltip."""
LEAST_EM, USUAL_EM, MOST_EM = 5, 8, 15
"""How wide a column is, in heights of its letters."""
MOST_FITTED = 300
"""So many columns are as wide as what is in them; further ones have the usual width."""


class Fact(NamedTuple):
    """A row on top of the grid: what is told of each column."""

    label: str
    text: Callable[[ColumnReport, Look], str]


def _role(column: ColumnReport, look: Look) -> str:
    return look.tr(ROLES[column.role])


def _kind(column: ColumnReport, look: Look) -> str:
    return look.tr(KINDS[column.kind])


def _values(column: ColumnReport, look: Look) -> str:
    """Return the range of numbers; of text, its values, each with the number of its rows."""
    if column.values:
        lines = list(column.values)
        if column.counts:
            lines = [f"{value}  {count:,}" for value, count in zip(column.values, column.counts, strict=True)]
        return "\n".join(lines[:MOST_VALUES] + (["…"] if len(lines) > MOST_VALUES else []))
    if column.low is None or column.high is None:
        return ""
    low, high = _number(column.low), _number(column.high)
    return low if column.low == column.high else look.tr("{low} to {high}").format(low=low, high=high)


def _number(value: float) -> str:
    """Return a number of the table with up to six digits."""
    plain = value == 0.0 or 1e-4 <= abs(value) < 1e6
    return f"{value:.6g}".replace("-", "−") if plain else exact(value)


def _scale(column: ColumnReport, look: Look) -> str:
    scale = column.scale
    if scale is None or not (isfinite(scale.zero) and isfinite(scale.one)):
        return ""
    if (scale.zero, scale.one) == (0.0, 1.0):
        return look.tr("as it is")
    sign, zero = ("+", -scale.zero) if scale.zero < 0 else ("−", scale.zero)
    return f"(x {sign} {exact(zero) if zero < 1e4 else _number(zero)}) / {exact(scale.one)}"


def _missing(column: ColumnReport, look: Look) -> str:
    return f"{column.missing:,}" if column.missing else "–"


FACTS = (
    Fact("Used as", _role),
    Fact("Kind", _kind),
    Fact("Values", _values),
    Fact("Scaled to", _scale),
    Fact("Missing", _missing),
)


class TableModel(QAbstractTableModel):
    """A table's report as rows: the facts, then the first rows of the file."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.report = TableReport("")

    def show_report(self, report: TableReport) -> None:
        """Show another report."""
        self.beginResetModel()
        self.report = report
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(FACTS) + len(self.report.first)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many columns there are, as far as that was found out where the table is refused."""
        if parent.isValid():
            return 0
        return max([len(self.report.columns), *map(len, self.report.first)])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Horizontal:
                return self._name(section)
            if section < len(FACTS):
                return self._look.tr(FACTS[section].label)
            return self._look.tr("line {n}").format(n=f"{self.report.lines[section - len(FACTS)]:,}")
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            column = self.column(section)
            if column is None:
                return None
            lines = [column.name, *(told(note, self._look.tr) for note in filter(None, (column.why, *column.notes)))]
            return tip("\n".join(lines))
        return None

    def column(self, at: int) -> ColumnReport | None:
        """Return what is known of a column; None for nothing, as where the rows are not all of one length."""
        return self.report.columns[at] if at < len(self.report.columns) else None

    def _name(self, at: int) -> str:
        column = self.column(at)
        return column.name if column else str(at + 1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return _shortened(self.text(index.row(), index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.text(index.row(), index.column())
            return tip(text) if text else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._colour(index))
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(index)
        return None

    def text(self, row: int, at: int) -> str:
        """Return all that a cell says."""
        if row < len(FACTS):
            column = self.column(at)
            return FACTS[row].text(column, self._look) if column else ""
        cells = self.report.first[row - len(FACTS)]
        return cells[at] if at < len(cells) else ""

    def is_refused(self, row: int, at: int) -> bool:
        """Tell whether the table is refused for this cell, or for its column where the cell is not in the grid."""
        refusal = self.report.refusal
        if not isinstance(refusal, TableError) or refusal.place != at + 1:
            return False
        if refusal.line in self.report.lines:
            return row == len(FACTS) + self.report.lines.index(refusal.line)
        return row == FACTS.index(VALUES)

    def role(self, at: int) -> str:
        """Return what a column is used as, "" where that is not known."""
        column = self.column(at)
        return column.role if column else ""

    def _colour(self, index: Index) -> str:
        theme = self._look.theme
        if self.is_refused(index.row(), index.column()):
            return theme.alarm
        return theme.muted if self.role(index.column()) == "left out" else theme.ink

    def _ground(self, index: Index) -> QColor | None:
        theme = self._look.theme
        if self.is_refused(index.row(), index.column()):
            return mixed(theme.alarm, theme.card, 0.16)
        if self.role(index.column()) == "target":
            return mixed(theme.accent, theme.card, 0.10)
        return QColor(theme.ground) if index.row() < len(FACTS) else None


VALUES = FACTS[2]


def _shortened(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"])


class _RolePainter(QStyledItemDelegate):
    """Paints the first row as buttons: what a column is used as, and that it can be changed."""

    def __init__(self, look: Look, model: TableModel, parent: QTableView) -> None:
        super().__init__(parent)
        self._look, self._model = look, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        role = self._model.role(index.column())
        if index.row() or not role:
            super().paint(painter, option, index)
            return
        theme, px = self._look.theme, self._look.metrics.body
        room: QRect = option.rect.adjusted(px // 5, px // 6, -px // 5, -px // 6)
        pale = mixed(theme.accent, theme.card, 0.14).name()
        ground = {"target": theme.accent, "left out": theme.card}.get(role, pale)
        ink = {"target": theme.on_accent, "left out": theme.muted}.get(role, theme.ink)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dashed = Qt.PenStyle.DashLine if role == "left out" else Qt.PenStyle.SolidLine
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        edge = theme.ink if has_focus else theme.muted if role == "left out" else theme.accent
        painter.setPen(QPen(QColor(edge), 3.0 if has_focus else 1.5, dashed))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(room, px / 3, px / 3)
        painter.setPen(QColor(ink))
        painter.setFont(font(px, option.font.Weight.DemiBold))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{self._model.text(0, index.column())} ▾")
        painter.restore()


class Grid(QTableView):
    """Shows a report; a click on what a column is used as asks for another role of it."""

    asked = Signal(int, object)
    """Another role is to be chosen for the column at this index; the menu belongs to this place of the screen."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.rows = TableModel(look)
        self.setModel(self.rows)
        self.setItemDelegate(_RolePainter(look, self.rows, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(look.tr("The columns of the table"))
        theme, px = look.theme, look.metrics.body
        self.setStyleSheet(
            f"QTableView {{ gridline-color: {theme.line}; border: 1px solid {theme.line}; }}"
            f" QHeaderView {{ background: {theme.ground}; }}"
            f" QHeaderView::section {{ font-weight: 600; padding: {px // 5}px {px // 3}px;"
            f" border-right: 1px solid {theme.line}; border-bottom: 1px solid {theme.line}; }}"
            f" QTableCornerButton::section {{ background: {theme.ground}; border: none; }}"
            f" QTableView::item {{ padding: 0 {px // 3}px; }}"
        )
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().sectionClicked.connect(self._ask)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_clicked)

    def show_report(self, report: TableReport) -> None:
        """Show another report; what is in view stays so where it has the same columns."""
        at = self.horizontalScrollBar().value()
        current = self.currentIndex()
        self.rows.show_report(report)
        px = self._look.metrics.body
        high = QFontMetrics(font(px)).height()
        for row in range(self.rows.rowCount()):
            lines = [_shortened(self.rows.text(row, i)).count("\n") + 1 for i in range(self.rows.columnCount())]
            most = max(lines, default=1) if row < len(FACTS) else 1
            self.setRowHeight(row, most * high + px * 2 // 3)
        self.horizontalHeader().setDefaultSectionSize(USUAL_EM * px)
        for column in range(min(self.rows.columnCount(), MOST_FITTED)):
            self.resizeColumnToContents(column)
            wide = self.columnWidth(column) + px
            self.setColumnWidth(column, min(max(wide, LEAST_EM * px), MOST_EM * px))
        self.horizontalScrollBar().setValue(at)
        if current.isValid() and current.column() < len(report.columns):
            self.setCurrentIndex(self.rows.index(0, current.column()))
        self._show_refused()

    def _show_refused(self) -> None:
        """Bring the cell that is refused into view."""
        every = ((row, at) for row in range(self.rows.rowCount()) for at in range(self.rows.columnCount()))
        refused = next((place for place in every if self.rows.is_refused(*place)), None)
        if refused is not None:
            self.scrollTo(self.rows.index(*refused))

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def _on_clicked(self, index: Index) -> None:
        if index.row() == 0:
            self._ask(index.column())

    def _ask(self, column: int) -> None:
        if not self.rows.role(column):
            return
        place = self.visualRect(self.rows.index(0, column))
        self.asked.emit(column, self.viewport().mapToGlobal(place.bottomLeft()))
