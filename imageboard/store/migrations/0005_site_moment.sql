-- Pages that show several boards are drawn at their own pace: they are behind when the boards'
-- numbers add up to another sum than is noted here.
CREATE TABLE site_moment (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- Sums over all boards of change_no and of settings_change_no; -1: never drawn.
    change_no bigint NOT NULL DEFAULT -1,
    settings_change_no bigint NOT NULL DEFAULT -1
);
INSERT INTO site_moment DEFAULT VALUES;
