"""What operators see: metrics and logs (Python), and later rules, dashboards and collectors.

Imported by every room; imports none of them.
"""
