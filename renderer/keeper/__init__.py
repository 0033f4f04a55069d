"""What the clock does: each second, each minute.

__main__   entry point, `python -m renderer.keeper`: pass after pass until it is told to stop
catch_up   wakes boards, the site and the publisher where they were left behind
expiry     forgets addresses, receipts, sessions, uploads that no post holds
sampling   looks whether pages picked by chance are what the database holds
press      compresses pages thoroughly once they rest
figures    what is looked up and shown as metrics: lag, queues, disks, backups
"""
