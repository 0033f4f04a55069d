"""Load on a board from outside: over HTTP alone, importing nothing of it.

freshness   one client posts and looks for its post: answer and sent-to-visible times
"""
