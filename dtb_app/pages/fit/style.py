"""How the sections of the Fit page stand: cards in rows that wrap, rows in a column."""

__all__ = ["CSS"]

CSS = """
:host { max-height: none !important; }
:host(.dtb-fit-column) { gap: 12px; height: auto; }
:host(.dtb-fit-row) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
"""
