"""Keys that cannot be had are named and ignored, so that nothing in the app is without one."""

import pytest

from bptutor.cli.tutor import with_key_findings
from bptutor.config.settings import Configuration, Settings


@pytest.mark.parametrize(
    ("keys", "left", "said"),
    [
        ({"hint": "f13"}, {"hint": "f13"}, []),
        ({"hint": "f3"}, {}, ["`keys.hint`: f3 already belongs to show; change that key first"]),
        (
            {"help": "f12,ctrl+g"},
            {"help": "ctrl+g"},
            ["`keys.help`: f12 already belongs to picture, class-preview, close-too"],
        ),
        # The app's key is looked for on every screen:
        ({"quit": "f5"}, {}, ["`keys.quit`: f5 already belongs to fill-in, question, skip"]),
        # Two that change places, and two that want the same:
        ({"hint": "f3", "show": "f2"}, {"hint": "f3", "show": "f2"}, []),
        (
            {"hint": "f13", "show": "f13"},
            {"show": "f13"},
            ["`keys.hint`: f13 already belongs to show"],
        ),
        # What is given up again is in the way of the next one:
        (
            {"help": "f2", "hint": "f1"},
            {},
            [
                "`keys.help`: f2 already belongs to class-live",
                "`keys.hint`: f1 already belongs to help",
            ],
        ),
        # What is never done at the same moment may share its key, and what does the same:
        ({"check": "f13", "go-on": "f13"}, {"check": "f13", "go-on": "f13"}, []),
        ({"close": "f1"}, {}, ["`keys.close`: f1 already belongs to help"]),
        # On different screens:
        ({"another": "f12"}, {"another": "f12"}, []),
        ({"hnit": "f13"}, {"hnit": "f13"}, ["`keys.hnit` names no action; did you mean"]),
        (
            {"nonsense": "f6"},
            {"nonsense": "f6"},
            ["`keys.nonsense` names no action; docs"],
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
