"""What staff and boards hold against spam: pure checks, a file each. No database, no web.

    rules        what staff write: which posts, and what becomes of them; read from forms
    matching     all rules that are in force, compiled: which of them a post hits
    known_files  by what files are known: rules and bans of files look for them alike
    disguises    text as readers take it, whatever letters, blanks and signs it is written with
    confusables  letters of other scripts that look like ours
    sketches     what a text says, in a few bytes: to know it again, and what is alike
    ranges       a list of ranges of addresses
    hosts        the names of hosts that a text leads to

Called by writer/spam.py for each post, and by the desk and the command to try a rule.
"""
