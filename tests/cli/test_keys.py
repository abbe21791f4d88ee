"""Keys that cannot be had are named and ignored, so that nothing in the app is without one."""

import re
from pathlib import Path

import pytest

from bptutor.cli.tutor import with_key_findings
from bptutor.config.settings import Configuration, Settings
from bptutor.front.actions import TABLE
from bptutor.front.keys import names

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("keys", "left", "said"),
    [
        ({"hint": "f11"}, {"hint": "f11"}, []),
        ({"hint": "f3"}, {}, ["`keys.hint`: f3 is the key of show; give that another one first"]),
        ({"help": "f12,ctrl+g"}, {"help": "ctrl+g"}, ["`keys.help`: f12 is the key of picture"]),
        # The app's key is looked for on every screen:
        ({"quit": "f5"}, {}, ["`keys.quit`: f5 is the key of skip, forward"]),
        # Two that change places, and two that want the same:
        ({"hint": "f3", "show": "f2"}, {"hint": "f3", "show": "f2"}, []),
        ({"hint": "f11", "show": "f11"}, {"show": "f11"}, ["`keys.hint`: f11 is the key of show"]),
        # What is given up again is in the way of the next one:
        (
            {"help": "f2", "hint": "f1"},
            {},
            ["`keys.help`: f2 is the key of settings", "`keys.hint`: f1 is the key of help"],
        ),
        # What is never done at the same moment may share its key, and what does the same:
        ({"check": "f11", "go-on": "f11"}, {"check": "f11", "go-on": "f11"}, []),
        ({"close": "f1"}, {"close": "f1"}, []),
        # On different screens:
        ({"another": "f12"}, {"another": "f12"}, []),
        ({"hnit": "f11"}, {"hnit": "f11"}, ["`keys.hnit` is a key for nothing; did you mean"]),
        (
            {"nonsense": "f6"},
            {"nonsense": "f6"},
            ["`keys.nonsense` is a key for nothing; the names"],
        ),
    ],
)
def test_a_key_that_is_something_else_s_is_ignored(
    keys: dict[str, str], left: dict[str, str], said: list[str]
) -> None:
    found = with_key_findings(Configuration(Settings(keys=keys)))
    assert found.settings.keys == left
    assert len(found.findings) == len(said)
    for finding, beginning in zip(found.findings, said, strict=True):
        assert finding.to("en").startswith(beginning)


def test_the_readme_has_the_name_of_every_key_that_is_shown() -> None:
    keys = README.partition("| key | name | |")[2].partition("## ")[0]
    named = set(re.findall(r"`([a-z-]+)`", keys))
    assert named <= {*names()}
    assert {each.id for each in TABLE if each.key and each.label} <= named
