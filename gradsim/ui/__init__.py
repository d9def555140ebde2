"""The window and its pictures: the only place that imports PySide6 and pyqtgraph."""
