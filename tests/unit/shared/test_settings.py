"""Settings: environment over file over defaults, and refusals that name the variable."""

from dataclasses import fields

import pytest

from shared.settings import Settings, load


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No variable of the machine reaches a test."""
    for field in fields(Settings):
        monkeypatch.delenv(f"NOVACRON_{field.name.upper()}", raising=False)
    monkeypatch.delenv("NOVACRON_CONFIG", raising=False)


def test_without_anything_the_defaults_hold():
    assert load() == Settings()


def test_every_setting_has_a_variable_of_its_type(monkeypatch):
    for field in fields(Settings):
        text = {"str": "text", "int": "7", "float": "2.5", "bool": "false"}[str(field.type)]
        value = {"str": "text", "int": 7, "float": 2.5, "bool": False}[str(field.type)]
        monkeypatch.setenv(f"NOVACRON_{field.name.upper()}", text)
        assert getattr(load(), field.name) == value
        monkeypatch.delenv(f"NOVACRON_{field.name.upper()}")


def test_every_setting_is_explained():
    assert Settings.__doc__ is not None
    assert all(f"    {field.name}: " in Settings.__doc__ for field in fields(Settings))


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("True", True), ("0", False), ("false", False)]
)
def test_flags_have_two_spellings(monkeypatch, text, value):
    monkeypatch.setenv("NOVACRON_CHUNK", text)
    assert load().chunk is value


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [("PORT", "http", "int"), ("LEASE_S", "ten", "float"), ("CHUNK", "yes", "bool"), ("PORT", "80.5", "int")],
)
def test_a_bad_value_is_refused_by_name(monkeypatch, name, text, kind):
    monkeypatch.setenv(f"NOVACRON_{name}", text)
    with pytest.raises(ValueError, match=f"NOVACRON_{name}='{text}': expected {kind}"):
        load()


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("NOVACRON_PORT", "")
    assert load().port == Settings().port


def test_the_environment_comes_before_the_file(monkeypatch, tmp_path):
    file = tmp_path / "novacron.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\nlease_s = 5.0\nchunk = false\n')
    monkeypatch.setenv("NOVACRON_CONFIG", str(file))
    monkeypatch.setenv("NOVACRON_PORT", "9001")
    assert load() == Settings(port=9001, host="0.0.0.0", lease_s=5.0, chunk=False)


def test_an_unknown_key_of_the_file_is_refused_with_the_known_ones(monkeypatch, tmp_path):
    file = tmp_path / "novacron.toml"
    file.write_text("prot = 9000\n")
    monkeypatch.setenv("NOVACRON_CONFIG", str(file))
    with pytest.raises(ValueError, match=r"novacron.toml: unknown setting 'prot'; known: .*port"):
        load()


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
