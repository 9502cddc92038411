"""Settings: environment over file over defaults, and refusals that name the variable or the line."""

import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, strategies

from novacron._variables import CLIENT, misspelt
from novacron.errors import BadInput
from shared import settings
from shared.settings import RULES, VARIABLES, Settings, load, own, unknown

BAD = {
    "bool": ("yes", "2", "on"),
    "int": ("ten", "80.5", "1e3", "-1", "１２", "99999999999999999999", "0x10", "1_000"),
    "float": ("thirty", "-5", "nan", "inf", "1e400", "30s", "1,5"),
}
GOOD = {
    "database_url": "postgresql://user:secret@a:1,b:2/name?sslmode=verify-full",
    "redis_url": "rediss://:secret@host:6380/0",
    "host": "::1",
    "queues": "crypto,gpu-sim",
    "key_prefix": "blue-2:",
    "kek_url": "https://vault.example/v1/transit/keys/novacron",
    "tls_mode": "hybrid",
    "log_format": "json",
    "metrics_beside": "9421,9422",
    "inventory_roots": "/srv:acme=/srv/acme:/etc",
    "max_body_bytes": "4096",
    "probe_allow": "web.example, 10.0.0.0/8:443",
    "priority_ceilings": "submit=0,operator=100",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No variable of the machine reaches a test."""
    for name in os.environ:
        if name.startswith("NOVACRON_"):
            monkeypatch.delenv(name)


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "novacron.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_without_anything_the_defaults_hold():
    assert load() == Settings()


def test_every_setting_has_a_rule_that_its_default_keeps():
    for field in fields(Settings):
        assert RULES[field.name].kind == str(field.type), field.name
        assert RULES[field.name].checked(field.default) == field.default


def _truth(text):
    return text == "true"


def test_every_setting_has_a_variable_of_its_type(monkeypatch, tmp_path):
    monkeypatch.setenv("NOVACRON_TLS_FOLDER", "/srv/tls")
    for field in fields(Settings):
        text = {"str": "/srv/x", "int": "7", "float": "2.5", "bool": "false"}[str(field.type)]
        text = GOOD.get(field.name, text)
        value = {"str": str, "int": int, "float": float}.get(str(field.type), _truth)(text)
        monkeypatch.setenv(f"NOVACRON_{field.name.upper()}", text)
        assert getattr(load(), field.name) == value
        monkeypatch.delenv(f"NOVACRON_{field.name.upper()}")


def test_every_setting_is_explained():
    assert Settings.__doc__ is not None
    assert all(f"    {field.name}: " in Settings.__doc__ for field in fields(Settings))


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("True", True), ("0", False), (" false ", False)]
)
def test_flags_have_two_spellings(monkeypatch, text, value):
    monkeypatch.setenv("NOVACRON_CHUNK", text)
    assert load().chunk is value


@pytest.mark.parametrize(
    ("name", "text"),
    [(field.name, text) for field in fields(Settings) for text in BAD.get(str(field.type), ())],
)
def test_a_bad_value_is_refused_by_name(monkeypatch, name, text):
    monkeypatch.setenv(f"NOVACRON_{name.upper()}", text)
    with pytest.raises(BadInput) as refused:
        load()
    assert (refused.value.field, refused.value.value) == (f"NOVACRON_{name.upper()}", text)
    assert refused.value.rule == f"must be {RULES[name].words}"


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if "absolute path" in rule.words])
@pytest.mark.parametrize("text", ["relative", "./here", "~/home", "/fine:relative"])
def test_paths_are_absolute(monkeypatch, name, text):
    if text.startswith("/") and name != "inventory_roots":
        return  # a colon is a character like any other there
    monkeypatch.setenv(f"NOVACRON_{name.upper()}", text)
    with pytest.raises(BadInput, match=r"must be (an )?absolute path"):
        load()


@pytest.mark.parametrize("name", ["database_url", "redis_url", "kek_url"])
def test_an_address_has_its_scheme_and_is_never_shown(monkeypatch, name):
    monkeypatch.setenv(f"NOVACRON_{name.upper()}", "mysql://user:secret@host/name")
    with pytest.raises(BadInput, match="must be an address that begins with") as refused:
        load()
    assert "secret" not in str(refused.value)


def test_queues_are_known_and_normal(monkeypatch):
    monkeypatch.setenv("NOVACRON_QUEUES", " crypto , cpu-sim")
    assert load().queues == "crypto,cpu-sim"
    for text in ("cpu-sym", "crypto,crypto", "cpu-sim,,crypto", ","):
        monkeypatch.setenv("NOVACRON_QUEUES", text)
        with pytest.raises(
            BadInput, match="must be some of gpu-sim, cpu-sim, qpu-ibm, qpu-ionq, crypto, each once"
        ):
            load()
    monkeypatch.setenv("NOVACRON_QUEUES", "crypto,cpu-sym")
    with pytest.raises(BadInput, match=r"did you mean cpu-sim\?"):
        load()


@pytest.mark.parametrize("text", ["a b", "{tag}", "x" * 65, "a*"])
def test_a_prefix_of_keys_is_letters_digits_and_few_signs(monkeypatch, text):
    monkeypatch.setenv("NOVACRON_KEY_PREFIX", text)
    with pytest.raises(BadInput, match="must be at most 64 letters, digits and the characters"):
        load()


def test_tls_needs_its_folder(monkeypatch):
    monkeypatch.setenv("NOVACRON_TLS_MODE", "pq-only")
    with pytest.raises(BadInput, match="NOVACRON_TLS_FOLDER"):
        load()


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("NOVACRON_PORT", "")
    assert load().port == Settings().port


def test_the_environment_comes_before_the_file(monkeypatch, tmp_path):
    text = 'port = 9000\nhost = "0.0.0.0"\nlease_s = 5\nchunk = false\n'
    monkeypatch.setenv("NOVACRON_CONFIG", written(tmp_path, text))
    monkeypatch.setenv("NOVACRON_PORT", "9001")
    assert load() == Settings(port=9001, host="0.0.0.0", lease_s=5.0, chunk=False)
    assert settings.given() == {"port": 9001, "host": "0.0.0.0", "lease_s": 5.0, "chunk": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 9000\n", r"novacron.toml:1: prot: there is no such setting \(did you mean port\?\)"),
        ("\n[database]\nurl = 1\n", r"novacron.toml:2: database: there is no such setting"),
        (
            'port = 1\nlease_s = "thirty"\n',
            r"toml:2: lease_s = 'thirty': must be a number of seconds from 2 to",
        ),
        ("lease_s = -5\n", r"lease_s = -5: must be a number of seconds"),
        ("lease_s = nan\n", r"lease_s = nan: must be"),
        ('port = "9000"\n', r"port = '9000': must be a whole number from 1 to 65535"),
        ("port = true\n", r"port = True: must be a whole number"),
        ("chunk = 1\n", r"chunk = 1: must be true or false"),
        ('queues = ["crypto"]\n', r"queues = \['crypto'\]: must be some of"),
        ('redis_url = "amqp://u:secret@h"\n', r"redis_url: must be an address"),
        ('kek_file = "kek"\n', r"kek_file = 'kek': must be an absolute path"),
        ("port = \n", r"is not TOML: .*line 1"),
    ],
)
def test_the_file_is_judged_by_the_same_rules(monkeypatch, tmp_path, text, said):
    monkeypatch.setenv("NOVACRON_CONFIG", written(tmp_path, text))
    with pytest.raises(BadInput, match=said):
        load()


def test_a_file_that_cannot_be_read(monkeypatch, tmp_path):
    monkeypatch.setenv("NOVACRON_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(BadInput, match=r"NOVACRON_CONFIG.*cannot be read: No such file"):
        load()
    (tmp_path / "none.toml").write_bytes(b"host = '\xff'")
    with pytest.raises(BadInput, match="is not TOML"):
        load()
    monkeypatch.setenv("NOVACRON_CONFIG", "novacron.toml")
    with pytest.raises(BadInput, match="must be an absolute path"):
        load()


@pytest.mark.parametrize("name", ["database_url", "redis_url", "kek_url"])
def test_what_may_be_secret_may_stand_in_a_file(monkeypatch, tmp_path, name):
    assert settings.SECRET_FILES[f"{name}_file"] == name
    file, variable = tmp_path / name, f"NOVACRON_{name.upper()}"
    monkeypatch.setenv(f"{variable}_FILE", str(file))
    with pytest.raises(BadInput, match=f"{variable}_FILE.*cannot be read: No such file"):
        load()
    for wrong in (b"mysql://user:hidden@host/name", b"postgresql://hidden\xff"):
        file.write_bytes(wrong)
        with pytest.raises(BadInput, match=f"{variable}_FILE.*must hold an address") as refused:
            load()
        assert "hidden" not in str(refused.value)
    file.write_text(f"{GOOD[name]}\n")
    assert getattr(load(), name) == GOOD[name]
    monkeypatch.setenv(variable, GOOD[name])
    with pytest.raises(BadInput, match=f"{variable}_FILE: says the same as {variable}: leave out one"):
        load()


def test_every_secret_of_a_server_has_a_file():
    assert {name for name, rule in RULES.items() if rule.secret} == set(settings.SECRET_FILES.values())


def test_unknown_variables_are_told_with_the_nearest():
    told = list(
        unknown({"NOVACRON_LEASE": "3", "NOVACRON_XYZZY": "", "LEASE_S": "", "NOVACRON_LEASE_S": "3"})
    )
    assert told == [
        "NOVACRON_LEASE is not read: did you mean NOVACRON_LEASE_S?",
        "NOVACRON_XYZZY is not read: there is no such setting",
    ]
    assert list(unknown({f"NOVACRON_{name.upper()}": "" for name in RULES | VARIABLES})) == []


def test_what_kubernetes_sets_for_services_is_not_ours(monkeypatch):
    links = {
        "NOVACRON_SERVICE_HOST": "10.0.0.1", "NOVACRON_SERVICE_PORT_API": "8420",
        "NOVACRON_SCHEDULER_PORT": "tcp://10.0.0.1:8420", "NOVACRON_PORT_8420_TCP_ADDR": "10.0.0.1",
    }  # fmt: skip
    assert list(unknown(links)) == []
    monkeypatch.setenv("NOVACRON_PORT", "tcp://10.0.0.1:8420")
    with pytest.raises(BadInput, match="enableServiceLinks"):
        load()


def test_slips_of_the_client_are_told_and_no_setting_of_a_server_is_one():
    assert list(misspelt({"NOVACRON_TOKN": "x", "PATH": "", "NOVACRON_URLS": ""})) == [
        "NOVACRON_TOKN is not read: did you mean NOVACRON_TOKEN?",
        "NOVACRON_URLS is not read: did you mean NOVACRON_URL?",
    ]
    assert list(misspelt({f"NOVACRON_{name.upper()}": "" for name in RULES | VARIABLES})) == []
    assert {name.lower() for name in CLIENT} <= RULES.keys() | VARIABLES.keys()


def test_variables_of_libraries_do_not_reach_children():
    kept = {"PATH": "/bin", "PAGER": "less", "NOVACRON_DATA": "/x", "PYTHONPATH": "/y", "LANG": "C"}
    foreign = (
        "PGHOST",
        "PGPORT",
        "PGOPTIONS",
        "REDISCLI_AUTH",
        "REDIS_URL",
        "CELERY_BROKER_URL",
        "WEB_CONCURRENCY",
    )
    assert own(kept | dict.fromkeys(foreign, "1")) == kept


@given(strategies.sampled_from(sorted(RULES)), strategies.text(max_size=20))
def test_any_text_is_taken_or_refused(name, text):
    try:
        value = RULES[name].of_text(text)
    except ValueError as error:
        assert str(error) == RULES[name].words
    else:
        assert type(value).__name__ == RULES[name].kind
        assert RULES[name].checked(value) == value


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
