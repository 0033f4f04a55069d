-- own --
-- The number of the session that this is asked in.
SELECT pg_backend_pid()

-- tell --
-- What holds for all that this session does, unless a transaction says otherwise.
SELECT set_config('statement_timeout', %(statement_ms_max)s, false),
    set_config('lock_timeout', %(lock_wait_ms_max)s, false),
    set_config('idle_in_transaction_session_timeout', %(idle_in_transaction_ms_max)s, false),
    set_config('synchronous_commit', %(synchronous_commit)s, false)
