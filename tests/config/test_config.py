"""The configuration: which value holds, and what is said of those that cannot be used."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.cli.learn import learn
from bptutor.config.read import lab_file, read, save, user_file
from bptutor.config.settings import DEFAULT, SETTINGS, Setting, Settings
from bptutor.text import UserError
from bptutor.text.printable import shown_address


class Places:
    """A user's and a lab's file, and an environment that knows of them."""

    def __init__(self, folder: Path) -> None:
        self.user = folder / "user" / "config.toml"
        self.lab = folder / "lab.toml"
        self.user.parent.mkdir()
        self.environment = {
            "BPTUTOR_CONFIG_DIR": str(self.user.parent),
            "BPTUTOR_LAB_CONFIG": str(self.lab),
        }


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def findings(places: Places) -> list[str]:
    return [str(finding) for finding in read(places.environment).findings]


def test_nothing_is_set(places: Places) -> None:
    configuration = read(places.environment)
    assert configuration.settings == Settings()
    assert configuration.findings == ()
    assert {configuration.origin(key) for key in Settings.__struct_fields__} == {"default"}


@pytest.mark.parametrize(("written", "kept"), [("4", 4), ("8", 8), ("3", 5), ("9", 5), ("6.5", 5)])
def test_precision_has_bounds(places: Places, written: str, kept: int) -> None:
    for environment in (places.environment, places.environment | {"BPTUTOR_PRECISION": written}):
        configuration = read(environment)
        assert configuration.settings.precision == (kept if len(environment) > 2 else 5)
    assert bool(configuration.findings) is (written not in ("4", "8"))
    places.user.write_text(f"precision = {written}\n")
    configuration = read(places.environment)
    assert configuration.settings.precision == kept
    expected = "`precision` must be a number from 4 to 8"
    assert [expected in str(each) for each in configuration.findings] == [True] * (kept == 5)


def test_the_nearer_one_holds(places: Places) -> None:
    places.lab.write_text('theme = "dark"\nnotation = "ascii"\nmouse = false\nprofile = "slow"\n')
    places.user.write_text('theme = "light"\nnotation = "unicode"\nmouse = true\n')
    places.environment |= {"BPTUTOR_NOTATION": "ascii", "BPTUTOR_MOUSE": "off"}
    configuration = read(places.environment).under("command line", {"mouse": True, "theme": None})
    assert configuration.settings == Settings(
        theme="light", notation="ascii", mouse=True, profile="slow"
    )
    origins = {key: configuration.origin(key) for key in ("mouse", "notation", "theme", "profile")}
    assert origins == {
        "mouse": "command line",
        "notation": "environment",
        "theme": "user",
        "profile": "lab",
    }
    assert configuration.origin("language") == "default"


def test_keys_of_several_places_stand_together(places: Places) -> None:
    places.lab.write_text('[keys]\nhelp = "f12"\nquit = "ctrl+x"\n')
    places.user.write_text('keys.help = "ctrl+g,f11"\n')
    places.environment["BPTUTOR_KEYS"] = "hint=f7 steps=ctrl+l"
    assert read(places.environment).settings.keys == {
        "help": "ctrl+g,f11",
        "quit": "ctrl+x",
        "hint": "f7",
        "steps": "ctrl+l",
    }


def test_what_is_wrong_is_named_and_the_rest_holds(places: Places) -> None:
    places.user.write_text(
        '# mine\nthem = "dark"\nzzzzz = 1\n\nmouse = "yes"\ntheme = "light"\n'
        'idle_minutes = -1\n[keys]\nhelp = "h"\nquit = "f12"\n'
    )
    assert findings(places) == [
        f"{places.user}, line 2: unknown key `them`; did you mean `theme`?",
        f"{places.user}, line 3: unknown key `zzzzz`; the keys here are {', '.join(SETTINGS)}",
        f"{places.user}, line 5: `mouse` must be true or false",
        f"{places.user}, line 7: `idle_minutes` must be a number of minutes, or 0 for never",
        f"{places.user}, line 9: `keys.help` must be action names with their keys, such as "
        'help = "f11" or quit = "ctrl+g"',
    ]
    settings = read(places.environment).settings
    assert (settings.theme, settings.mouse, settings.keys) == ("light", True, {"quit": "f12"})


def test_a_file_that_is_no_toml_is_named_and_the_other_holds(places: Places) -> None:
    places.lab.write_text('theme = "dark"\n')
    places.user.write_text("theme = \n")
    assert findings(places) == [f"{places.user}, line 1: not valid TOML: Invalid value"]
    assert read(places.environment).settings.theme == "dark"


def test_the_environment_s_values_are_read_strictly_too(places: Places) -> None:
    places.environment |= {
        "BPTUTOR_THEME": "drak",
        "BPTUTOR_MOUSE": "maybe",
        "BPTUTOR_IDLE_MINUTES": "soon",
        "BPTUTOR_KEYS": "help",
        "BPTUTOR_PROFLE": "slow",
        "BPTUTOR_PROFILE": "slow",
        "BPTUTOR_NOTATION": "",
        "BPTUTOR_DATA_DIR": "/somewhere",
    }
    assert findings(places) == [
        "BPTUTOR_THEME is “drak”; it must be one of auto, dark, light, terminal",
        "BPTUTOR_MOUSE is “maybe”; it must be true or false",
        "BPTUTOR_IDLE_MINUTES is “soon”; it must be a number of minutes, or 0 for never",
        "BPTUTOR_KEYS is “help”; it must be action names with their keys, such as: help=f11 "
        "quit=ctrl+g",
        "BPTUTOR_PROFLE is not a setting; did you mean BPTUTOR_PROFILE?",
    ]
    assert read(places.environment).settings == Settings(profile="slow")


def test_a_password_is_not_said_again(places: Places) -> None:
    places.environment["BPTUTOR_RECORD"] = "Postgres://minsu:secret@host/lab"
    places.user.write_text('record = "minsu:secret"\n')
    said = findings(places)
    assert len(said) == 2
    assert "secret" not in " ".join(said)
    assert shown_address("postgresql+psycopg://minsu:secret@host/lab") == "postgresql+psycopg://..."
    assert (
        shown_address("sqlite:////home/minsu/record.sqlite")
        == "sqlite:////home/minsu/record.sqlite"
    )
    places.environment["BPTUTOR_RECORD"] = "postgresql://minsu:secret@host/lab"
    assert read(places.environment).settings.record == "postgresql://minsu:secret@host/lab"


@pytest.mark.parametrize("word", ["1", "true", "True", "yes", "on"])
def test_words_for_true(word: str, places: Places) -> None:
    places.lab.write_text("mouse = false\n")
    places.environment["BPTUTOR_MOUSE"] = word
    assert read(places.environment).settings.mouse is True


def test_where_the_files_are_without_being_told() -> None:
    assert lab_file({}) == Path("/etc/bptutor/config.toml")
    assert user_file({}).name == "config.toml"
    assert "bptutor" in str(user_file({}).parent)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_value_that_can_be_chosen_can_be_read_back_and_shown(setting: Setting) -> None:
    if get_origin(setting.type_itself) is Literal:
        choices = get_args(setting.type_itself)
        assert tuple(setting.values) == choices
    for value in (DEFAULT.value(setting.key), *setting.values):
        assert setting.convert(value) == value
        assert all(str(setting.shown(value, symbols=symbols)) for symbols in (True, False))
    for value in setting.values:
        assert setting.parse(str(value)) == value


def test_folders_are_listed_in_the_file_and_have_a_sign_between_them_in_the_variable(
    places: Places,
) -> None:
    places.lab.write_text('lessons = ["/srv/course", "/srv/more"]\n')
    assert read(places.environment).settings.lessons == ("/srv/course", "/srv/more")
    places.environment["BPTUTOR_LESSONS"] = "/a:/b/c"
    assert read(places.environment).settings.lessons == ("/a", "/b/c")
    places.environment["BPTUTOR_LESSONS"] = "a"
    assert len(read(places.environment).findings) == 1


def test_every_option_of_the_command_line_is_taken() -> None:
    for setting in SETTINGS.values():
        taken = {name for each in learn.params for name in (*each.opts, *each.secondary_opts)}
        assert set(filter(None, setting.option.split("/"))) <= taken


# ── writing ───────────────────────────────────────────────────────────────────────────────────


def test_a_written_setting_leaves_the_rest_as_it_was(places: Places) -> None:
    places.user.write_text(
        '# my own\ntheme = "dark"   # at night\nmouse = true\n\n[keys]\n# more\nhelp = "f12"\n'
    )
    save(places.user, "theme", "light")
    save(places.user, "profile", "slow")
    save(places.user, "mouse", False)
    assert places.user.read_text() == (
        '# my own\ntheme = "light"   # at night\nmouse = false\nprofile = "slow"\n\n'
        '[keys]\n# more\nhelp = "f12"\n'
    )
    assert [path.name for path in places.user.parent.iterdir()] == ["config.toml"]


def test_the_first_setting_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "config.toml"
    save(path, "mouse", False)
    assert path.read_text() == "mouse = false\n"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfile.toml", tmp_path / "config.toml"
    real.write_text('theme = "dark"\n')
    link.symlink_to(real)
    save(link, "theme", "light")
    assert link.is_symlink()
    assert real.read_text() == 'theme = "light"\n'


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ('"theme" = "dark"\n', '"theme" = "light"\n'),
        ("theme = '''\ndark''' # mine\n", 'theme = "light" # mine\n'),
        ("\r\n# mine\r\nmouse = true\r\n", '\r\n# mine\r\nmouse = true\r\ntheme = "light"\n'),
    ],
)
def test_however_it_was_written_it_is_changed(text: str, changed: str, places: Places) -> None:
    places.user.write_bytes(text.encode())
    save(places.user, "theme", "light")
    assert places.user.read_bytes().decode() == changed


@pytest.mark.parametrize(
    "content",
    [b"theme = \n", b"theme = 1\ntheme = 2\n", b"# \xff\n", b"y = " + b"[" * 100_000],
    ids=range(4),
)
def test_a_file_that_cannot_be_changed_is_left_alone(content: bytes, places: Places) -> None:
    places.user.write_bytes(content)
    with pytest.raises(UserError, match='write `theme = "light"` there yourself'):
        save(places.user, "theme", "light")
    assert places.user.read_bytes() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(places: Places) -> None:
    places.user.parent.chmod(0o500)
    with pytest.raises(UserError, match="Permission denied"):
        save(places.user, "theme", "light")


@given(
    st.lists(
        st.sampled_from(
            [
                'theme = "dark"',
                "mouse = true # yes",
                "# theme = 1",
                "",
                'x = "a#b"',
                "y = [1,\n2]",
                "keys.help = 'f9'",
                "z.mouse.a = 1",
                "z.mouse.b = {c = 2}",
            ]
        ),
        unique=True,
    ),
    st.sampled_from(
        ["", "[t]\nmouse = 'f12'\n", "[[a]]\n", "[a]\nb = 1\n[c]\n[a.d]\n", "[a.b]\n[a]\nx = 1\n"]
    ),
)
def test_whatever_stands_there_only_the_key_changes(lines: list[str], tables: str) -> None:
    from tempfile import TemporaryDirectory

    text = "\n".join([*lines, tables])
    with TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_text(text)
        save(path, "mouse", False)
        assert tomllib.loads(path.read_text()) == {**tomllib.loads(text), "mouse": False}
        comments = [line for line in lines if line.startswith("#")]
        assert all(line in path.read_text() for line in comments)
