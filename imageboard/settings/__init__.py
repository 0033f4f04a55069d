"""What can be set: for the machine in its environment, for a board in the database.

    rows         what a setting is: one row; forms and questions are made of it
    readers      how its text is read, within which bounds
    process      Settings: those of the environment
    environment  the same in other words: parts of URLs, files with a value, misspelt names
    board        BoardSettings: those of one board, with where each shows

To add one, add a row to process.py or board.py, then write the tables of docs/settings.md anew:
`python -m tests.house_rules.written_tables`. Pure, but for files that the environment names.
"""

from imageboard.settings.board import BoardRow, BoardSettings, Shows
from imageboard.settings.process import ProcessRow, Settings
from imageboard.settings.readers import SECRET_BYTES_MIN, Network
from imageboard.settings.rows import FormField, Row, as_typed, form_fields

__all__ = [
    "SECRET_BYTES_MIN",
    "BoardRow",
    "BoardSettings",
    "FormField",
    "Network",
    "ProcessRow",
    "Row",
    "Settings",
    "Shows",
    "as_typed",
    "form_fields",
]
