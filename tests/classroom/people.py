"""A class to test with."""

from datetime import UTC, datetime

ROSTER = """login,name,number,email,section,time_factor
anna,Anna Kim,2026001,anna@example.org,A,
ben,Ben Lee,2026002,ben@example.org,A,1.5
chloe,"Park, Chloe",2026003,chloe@example.org,B,1
"""

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC).timestamp()
"""When the exam opens."""
MINUTE = 60.0

EXAM = """
title = "Midterm"
kind = "exam"
lessons = ["two-hidden-layers"]
items = 4
opens = 2026-12-01T09:00:00Z
closes = 2026-12-01T10:00:00Z
minutes = 45
"""

HOMEWORK = """
title = "Backward by hand"
kind = "homework"
lessons = ["two-hidden-layers"]
steps = ["dL_dW3", "two-hidden-layers:dL_db3"]
due = 2026-12-01T18:00:00+09:00
late = { until = 2026-12-02T09:00:00Z, credit = 80 }
"""
