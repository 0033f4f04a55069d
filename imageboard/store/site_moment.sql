-- shown --
-- The moment that the site's own pages show.
SELECT change_no, settings_change_no FROM site_moment

-- show --
-- They show this one.
UPDATE site_moment SET change_no = %(change_no)s, settings_change_no = %(settings_change_no)s
