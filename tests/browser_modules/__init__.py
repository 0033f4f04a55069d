"""The browser's modules, those of public/assets/scripts/: checked and tested in node.

What touches a page more than a little is tested in Chromium: tests/browser/.
"""
