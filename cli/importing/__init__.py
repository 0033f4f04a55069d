"""`stillboard import`: boards from elsewhere, into this one.

group.py        the command's name; `import stillboard`, `import undo`
coming.py       what the commands that bring boards have in common
vichan.py, threads.py, asagi.py, documents.py    a command for each engine
"""

from cli.importing import asagi, documents, threads, vichan
from cli.importing.group import importing

__all__ = ["asagi", "documents", "importing", "threads", "vichan"]
