"""What is asked of PostgreSQL's servers themselves, whatever board they hold.

replication   who is primary, who follows, and how far
wal           slots and segments of the write-ahead log, for backups
"""
