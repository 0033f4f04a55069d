"""A siege: everything that adds up, at once, while honest people read and post.

`python -m tests.walk.siege --seconds 600` prints figures; exit status 1 when an honest reader or
poster was let down, an old thread is lost, or something is left to clean up by hand.

    __main__   the command
    run        the board under siege, from its start to the proof
    honest     twenty people on twenty addresses, who read and post
    attacks    what the others do, in a process of their own: one row an attack
    ammunition pictures that cost more than they weigh
"""
