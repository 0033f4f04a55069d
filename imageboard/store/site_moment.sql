-- shown --
-- The moment that the site's own pages show.
SELECT change_no, settings_change_no FROM site_moment

-- is_behind --
-- Whether any board has had a change that they do not show.
SELECT coalesce(sum(b.change_no), 0) <> s.change_no
    OR coalesce(sum(b.settings_change_no), 0) <> s.settings_change_no
FROM site_moment s LEFT JOIN boards b ON true
GROUP BY s.change_no, s.settings_change_no

-- show --
-- They show this one.
UPDATE site_moment SET change_no = %(change_no)s, settings_change_no = %(settings_change_no)s
