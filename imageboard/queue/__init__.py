"""The queue in Valkey: how it is reached, who is called, and what waits in it.

    connections   clients for a server named by its address, or found through its sentinels
    wake_up       "look at this board": the folded calls to render workers and publisher
    holders       whoever stays at a board, told without a call
    worker        listens to a queue: a process that does what it is called for
    queues        their names, what waits in them and who listens: RQ's own keys, read here alone

The truth about what is to be done is in PostgreSQL: whoever loses the queue loses a call.
"""
