"""The language and the characters that a learner is given."""

import pytest

from bptutor.text.languages import language, takes_unicode


@pytest.mark.parametrize(
    ("asked", "environment", "chosen"),
    [
        (None, {}, "en"),
        ("ko", {"LANG": "en_US.UTF-8"}, "ko"),
        (None, {"LANG": "ko_KR.UTF-8"}, "ko"),
        (None, {"LANG": "ko-KR"}, "ko"),
        (None, {"LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        (None, {"LC_ALL": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "ko"),
        (None, {"LC_ALL": "", "LANG": "ko_KR"}, "ko"),
        (None, {"LANG": "kok_IN"}, "en"),
    ],
)
def test_the_language(asked: str | None, environment: dict[str, str], chosen: str) -> None:
    assert language(asked, environment) == chosen


@pytest.mark.parametrize(
    ("environment", "encoding", "unicode"),
    [
        ({}, "utf-8", True),
        ({}, "UTF8", True),
        ({}, None, True),
        ({}, "iso8859-1", False),
        ({"LANG": "ko_KR.UTF-8"}, "utf-8", True),
        ({"LANG": "C.UTF-8"}, "utf-8", True),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "ko_KR.EUC-KR"}, "utf-8", False),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "utf-8", False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.EUC-KR"}, "utf-8", True),
        ({"LC_CTYPE": "ko_KR.EUC-KR", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "ko_KR.EUC-KR"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, "utf-8", True),
        ({"LC_ALL": "C"}, "utf-8", False),
        ({"LC_ALL": "POSIX", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_ALL": "C.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "C", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C", "LC_ALL": "ko_KR.UTF-8"}, "utf-8", True),
        ({"LANG": "ko_KR.UTF-8", "TERM": "linux"}, "utf-8", False),
    ],
)
def test_unicode_where_it_can_be_written(
    environment: dict[str, str], encoding: str | None, unicode: bool
) -> None:
    assert takes_unicode(environment, encoding) is unicode
