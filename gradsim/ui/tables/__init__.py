"""The import sheet: how a table is understood, and the settings by which it is read otherwise."""
