"""The command `stillboard`: one module per noun, loaded when it is called.

__main__.py   the entry point: reads the environment, turns errors into one line
registry.py   the names of the commands and where each lives
options.py    options that several commands share
programs.py   what tests call of this machine's programs, and Debian's packages with them
demo/         what `seed` stores to be shown: conversations, pictures, films
the others    one command, or one group of commands, each

A command talks to people and calls deploy or imageboard; it holds no rules of its own.
"""
