"""HTML that staff wrote at an old board is kept whole and shown as its text: nothing of it runs."""

from __future__ import annotations

import json
import re

import pytest

from tests.importing.conftest import Site

pytestmark = pytest.mark.slow

_HOSTILE = (
    '<h1 style="position:fixed" onclick="alert(1)">Sold</h1><script>alert(\'s\')</script>'
    '<img src="x" onerror="alert(2)"><svg/onload=alert(3)><iframe srcdoc="&lt;script&gt;alert(4)">'
    '</iframe><a href="javascript:alert(5)">a</a><form action="//evil.test"><input name="p"></form>'
    "<style>body{display:none}</style><base href=//evil.test><!-- <b>c</b> --><math>"
    '<mi//xlink:href="data:x,<script>alert(6)</script>">&lt;script&gt;alert(7)&lt;/script&gt;<b>end'
)
_SPELLED = _HOSTILE.replace("\\", "\\\\").replace("'", "\\'")
_DUMP = f"""
INSERT INTO boards (uri,title,subtitle) VALUES ('raw','Raw','');
INSERT INTO posts_raw (id,thread,body,body_nomarkup,time,bump) VALUES
 (1,NULL,'{_SPELLED}','{_SPELLED}\\n<tinyboard raw html>1</tinyboard>',1795500950,1795500950),
 (2,1,'x','plain',1795500951,NULL);
INSERT INTO news (id,name,time,subject,body) VALUES (1,'C',1795400000,'N','{_SPELLED}');
INSERT INTO pages (id,board,name,title,type,content) VALUES
 (1,'raw','rules','R','html','{_SPELLED}');
"""


def test_hostile_html_of_staff_is_kept_and_never_served(site: Site) -> None:
    move = site.bring(site.move(_DUMP.encode()))
    assert move.report.kept_html == {"/raw/1": _HOSTILE}
    (trouble,) = (each for why, each in move.report.troubles.items() if "wrote HTML" in why)
    assert trouble.examples == ["/raw/1"]
    page = move.report.write(site.folder / "imports", "today")
    (line,) = (page.parent / "today-html.jsonl").read_text().splitlines()
    assert json.loads(line) == {"post": "/raw/1", "html": _HOSTILE}
    assert "<script>alert" not in page.read_text()

    site.loop.site_pages.render()
    for path in (
        "raw/res/1.html",
        "raw/index.html",
        "raw/rules.html",
        "raw/index.rss",
        "index.html",
    ):
        served = (site.web_root.read(path) or b"").decode()
        assert served, path
        # The one that was written to be read.
        assert set(re.findall(r"alert\((.)\)", served)) <= {"7"}, path
        assert "<script>" not in served
        assert "evil.test" not in served
    post = site.read("raw/res/1.json")["posts"][0]
    assert post["raw"].startswith("Sold")
    assert "<script>alert(7)</script>" in post["raw"]
    assert "<script" not in post["com"]
    assert site.findings() == []
