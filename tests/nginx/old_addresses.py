"""Addresses that other engines had, and where each leads by one step: one at least of each row."""

OLD = (
    # threads
    ("/b/res/123-why-is-my-ripple.html", "/b/res/123.html"),
    ("/b/res/123-why-is-my-ripple+50.html", "/b/res/123+50.html"),
    ("/b/res/123-%D0%BF.html?x=1", "/b/res/123.html"),
    ("/b/res/123-1.html?seen=124", "/b/res/123.html"),
    ("/b/res/123-.html", "/b/res/123.html"),
    ("/b/archive/res/123.html", "/b/res/123.html"),
    ("/b/thread/123.html", "/b/res/123.html"),
    ("/b/thread/123+50.html", "/b/res/123+50.html"),
    ("/b/thread/123-why.html", "/b/res/123.html"),
    ("/b/thread/123", "/b/res/123.html"),
    ("/b/thread/123/why-is-my-ripple", "/b/res/123.html"),
    ("/b/thread/123/", "/b/res/123.html"),
    ("/b/last/123.html", "/b/res/123.html"),
    # lists
    ("/b/1.html", "/b/"),
    ("/b/1", "/b/"),
    ("/b/page/1/", "/b/"),
    ("/b/2", "/b/2.html"),
    ("/b/page/2/", "/b/2.html"),
    ("/b/catalog", "/b/catalog.html"),
    ("/*/", "/overboard/"),
    ("/%2A/catalog.html", "/overboard/catalog.html"),
    ("/*/2.html", "/overboard/2.html"),
    ("/ukko/", "/overboard/"),
    ("/ukko.html", "/overboard/"),
    ("/overboard.html", "/overboard/"),
    ("/catalog.html", "/overboard/catalog.html"),
    ("/index.rss", "/overboard/index.rss"),
    ("/rss.xml", "/overboard/index.rss"),
    ("/recent.html", "/"),
    # pages and logs
    ("/b/custompage/rules.html", "/b/rules.html"),
    ("/b/logs.html", "/b/log/"),
    ("/b/logs/11-28-2026.html", "/b/log/"),
    ("/b/banners.html", "/b/"),
    ("/logs.js?boardUri=b", "/log/"),
    ("/boards.js?page=2", "/"),
    # files
    ("/b/1700000000009.jpg", "/b/src/1700000000009.jpg"),
    ("/b/1700000000009s.jpg", "/b/thumb/1700000000009.jpg"),
    ("/data/b/image/1700/00/1700000000009.webm", "/b/src/1700000000009.webm"),
    ("/foolfuuka/boards/b/thumb/1700/00/1700000000009s.jpg", "/b/thumb/1700000000009.jpg"),
    # below a folder
    ("/vichan/b/res/123.html", "/b/res/123.html"),
    ("/chan/boards/b/res/123-why+50.html", "/b/res/123+50.html"),
    ("/vichan/b/res/123.json", "/b/res/123.json"),
    ("/vichan/b/src/1700000000009-1.png", "/b/src/1700000000009-1.png"),
    ("/vichan/%CE%BB/thumb/1700000000009.png", "/%CE%BB/thumb/1700000000009.png"),
    ("/vichan/b/catalog.html", "/b/catalog.html"),
    ("/vichan/b/2.html", "/b/2.html"),
    ("/vichan/b/", "/b/"),
    # programs
    ("/player.php?v=/b/src/1700000000009-1.webm&t=x.webm&loop=0", "/b/src/1700000000009-1.webm"),
    ("/player.php?loop=0&v=%2Fb%2Fsrc%2F1700000000009.mp4", "/b/src/1700000000009.mp4"),
    ("/player.php?v=//evil.example/1.webm", "/"),
    ("/search.php?search=tea+pot&board=b", "/search?q=tea+pot&board=b"),
    ("/search.php?search=tea", "/search?q=tea"),
    ("/search.php", "/search"),
    ("/b.php?board=b", "/b/banner"),
    ("/log.php?page=2", "/log/"),
    ("/log.php?board=b&page=2", "/b/log/"),
    ("/banned.php", "/"),
    # what pages were made up with
    ("/static/spoiler.png", "/apple-touch-icon.png"),
    ("/static/flags/de.png?v=2", "/apple-touch-icon.png"),
    ("/stylesheets/dark.css", "/"),
    ("/js/inline-expanding.js", "/"),
    ("/main.js?v=3", "/"),
    # escapes stay as they came
    ("/%CE%BB/thread/5", "/%CE%BB/res/5.html"),
)

#: Alike, and no engine's; or nothing that may lead anywhere.
NOBODYS = (
    "/b/thread/",
    "/b/thread/x",
    "/b/thread/123.exe",
    "/b/res/123",
    "//evil.example/thread/123",
    "/%5Cevil.example/x/thread/123",
    "/\\evil.example/thread/123",
    "/evil.example/thread/123",
    "/b/12345.jpg",
    "/a/b/",
    "/a/b/rules.html",
    "/a/b/c/d/e/res/1.html",
    "/b/2.php",
    "/player.phpx",
)

#: Of boards that came here under another name.
RENAMED = (("c", "random"), ("λ", "B_"), ("B_$", "b"), ("b", "c"))
OF_RENAMED = (
    ("/c/res/123.html", "/random/res/123.html"),
    ("/c/res/123+50.html", "/random/res/123+50.html"),
    ("/c/res/123-why-is-my-ripple+50.html?x=1", "/random/res/123+50.html"),
    ("/c/res/123.json", "/random/res/123.json"),
    ("/c/thread/123/why", "/random/res/123.html"),
    ("/c/1.html", "/random/"),
    ("/c/2.html", "/random/2.html"),
    ("/c/catalog.html", "/random/catalog.html"),
    ("/c/", "/random/"),
    ("/c/src/1795500951406-0.png", "/random/src/1795500951406-0.png"),
    ("/c/thumb/1795500951406.png", "/random/thumb/1795500951406.png"),
    ("/vichan/c/res/123.html", "/random/res/123.html"),
    ("/player.php?v=/c/src/1795500951406.webm&t=x", "/random/src/1795500951406.webm"),
    ("/search.php?search=tea&board=c", "/search?q=tea&board=random"),
    ("/%CE%BB/res/77.html", "/B_/res/77.html"),
    ("/B_$/thread/12", "/b/res/12.html"),
    # What is nowhere on a board that has the name now may be of the one that had it.
    ("/b/res/987654.html", "/c/res/987654.html"),
)
#: Steps up, other hosts, and boards that begin alike.
NOT_OF_RENAMED = (
    "/c/..//evil.example/",
    "/c/a/../../mod",
    "/c//evil.example/x.html",
    "/cc/res/123.html",
    "/C/res/123.html",
    "/x/c",
)
