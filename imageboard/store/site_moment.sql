-- now --
-- The moment at which the site is.
SELECT coalesce(sum(b.change_no), 0)::bigint AS change_no,
    coalesce(sum(b.settings_change_no), 0)::bigint AS settings_change_no, s.written_no,
    (SELECT coalesce(max(place), 0) FROM log_chain) AS log_no
FROM site s LEFT JOIN (
    SELECT change_no, settings_change_no FROM boards
    -- Else the sum would be one that stood for another moment.
    UNION ALL SELECT change_no, settings_change_no FROM gone_boards
) AS b ON true
GROUP BY s.written_no

-- shown --
-- Which moment each kind of the site's own pages shows, and for how many seconds.
SELECT kind, change_no, settings_change_no, written_no, log_no,
    extract(epoch FROM clock_timestamp() - drawn_at)::float8 AS age_s
FROM site_pages_shown

-- show --
-- These kinds show this moment now; of some files were drawn for it.
INSERT INTO site_pages_shown (kind, change_no, settings_change_no, written_no, log_no)
SELECT unnest(%(kinds)s::text[]), %(change_no)s, %(settings_change_no)s, %(written_no)s, %(log_no)s
ON CONFLICT (kind) DO UPDATE SET
    change_no = excluded.change_no,
    settings_change_no = excluded.settings_change_no,
    written_no = excluded.written_no,
    log_no = excluded.log_no,
    drawn_at = CASE WHEN excluded.kind = ANY (%(drawn)s::text[]) THEN excluded.drawn_at
        ELSE site_pages_shown.drawn_at END

-- touch --
-- Staff wrote something for the whole site.
UPDATE site SET written_no = written_no + 1
