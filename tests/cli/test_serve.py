"""What `bptutor serve` refuses before it listens."""

import pytest

from .conftest import Run


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "--token"),
        (["--host", "::"], "--token"),
        (["--user-header", "X-User"], "--proxy"),
        (["--proxy", "10.0.0.1"], "--user-header"),
        (["--proxy", "next door", "--user-header", "X-User"], "next door"),
        (["--token", "--proxy", "10.0.0.1", "--user-header", "X-User"], "not both"),
    ],
)
def test_what_would_admit_anybody_is_refused_in_one_sentence(
    run: Run, options: list[str], words: str
) -> None:
    pytest.importorskip("textual_serve", reason="needs the extra `web`")
    assert words in run("serve", "--port", "0", *options).sentence


def test_without_the_extra_it_says_how_to_install_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.cli.web.find_spec", lambda _: None)
    assert "pip install 'bptutor[web]'" in run("serve").sentence
