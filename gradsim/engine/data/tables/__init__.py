"""Tables of the user's own: from the bytes of a file to samples, and how each step of that was understood.

Bytes become text in `text`, text rows in `rows`, cells values in `cells`, columns kinds in `columns`; `reader` makes
a table of it all, in one go where its inputs are plain numbers (`plain`), else column by column (`columnwise`).
`samples` makes samples of the table, and `dataset` is the data set that asks for it.
"""

from gradsim.engine.data.tables.dataset import TABLE_ENDINGS, Csv

__all__ = ["TABLE_ENDINGS", "Csv"]
