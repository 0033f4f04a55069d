"""Readers told of replies while their browser is closed, through the services of its maker.

    __main__    entry point, `python -m writer.courier`: listens to the queue `push`
    jobs        what RQ calls by name: tell all whose turn it is
    delivering  the story of it: who is to be told, and what becomes of each message
    services    one message to a push service, at a public address alone

A queue and a process of their own: no post and no page waits for them. Who is to be told of what
is in PostgreSQL (`imageboard/store/push_subscriptions.py`), and catch-up calls while there is
somebody. Only a board with STILLBOARD_PUSH runs it.
"""
