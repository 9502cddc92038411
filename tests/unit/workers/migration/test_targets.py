"""The operator's file of targets: read strictly, refused with the place and the cure."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from workers.migration import targets
from workers.migration.served import Uses
from workers.migration.targets import Certificate, Envelopes, Groups, StoredKey

WHOLE = """
[targets.archive]
kind = "envelopes"
folder = "/var/lib/archive"

[targets.signing]
kind = "stored_key"
key_id = "key_01"

[targets.web]
kind = "certificate"
certificate = "/etc/nginx/web.pem"
key = "/etc/nginx/web.key"
issuer = "cert_01"
names = ["localhost"]
reload = ["nginx", "-s", "reload"]
probe = "127.0.0.1:8443"

[targets.edge]
kind = "tls"
config = "/etc/nginx/conf.d/groups.conf"
groups_directive = "ssl_ecdh_curve"
"""


def write(folder: Path, text: str) -> str:
    path = folder / "targets.toml"
    path.write_text(text)
    return str(path)


def test_every_kind_is_read(tmp_path):
    assert targets.load(write(tmp_path, WHOLE)) == {
        "archive": Envelopes("archive", Path("/var/lib/archive")),
        "signing": StoredKey("signing", "key_01"),
        "web": Certificate(
            "web", Path("/etc/nginx/web.pem"), Path("/etc/nginx/web.key"), "cert_01", ("localhost",),
            reload=("nginx", "-s", "reload"), probe="127.0.0.1:8443",
        ),
        "edge": Groups("edge", Path("/etc/nginx/conf.d/groups.conf"), "ssl_ecdh_curve"),
    }  # fmt: skip


@pytest.mark.parametrize("path", ["", "/nonexistent/targets.toml"])
def test_without_a_file_nothing_is_declared(path):
    assert targets.load(path) == {}


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("[targets.x]\nkind='envelope'\nfolder='/a'", "targets.x.kind", "must be one of envelopes"),
        ("[targets.x]\nkind='envelopes'", "targets.x.folder", "is required"),
        ("[targets.x]\nkind='envelopes'\nfolder='a'", "targets.x.folder", "an absolute path"),
        ("[targets.x]\nkind='envelopes'\nfolder=1", "targets.x.folder", "an absolute path"),
        ("[targets.x]\nkind='envelopes'\nfoldr='/a'", "targets.x.foldr", "did you mean 'folder'"),
        (
            "[targets.x]\nkind='tls'\nconfig='/a'\ngroups_directive='c'\nreload='nginx -s reload'",
            "targets.x.reload", "a list of texts",
        ),
        (WHOLE.replace('probe = "127.0.0.1:8443"', "days = 0"), "targets.web.days", "a whole number above 0"),
        ("[target.x]\nkind='envelopes'", None, "must hold tables [targets.NAME] only"),
        ("targets = 1", None, "must hold tables [targets.NAME] only"),
        ("[targets", None, "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, text, field, says):
    path = write(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        targets.load(path)
    assert (caught.value.file, caught.value.field) == (path, field)
    assert says in str(caught.value)


VALUES = st.one_of(
    st.text(max_size=8), st.integers(), st.booleans(), st.lists(st.text(max_size=4), max_size=2)
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["kind", "folder", "key_id", "certificate", "days", "x"]), VALUES))
def test_no_table_is_read_half(tmp_path_factory, table):
    def toml(value: object) -> str:
        if isinstance(value, list):
            return f"[{', '.join(map(toml, value))}]"
        if isinstance(value, bool):
            return str(value).lower()
        text = "".join(f"\\U{ord(character):08x}" for character in str(value))
        return str(value) if isinstance(value, int) else f'"{text}"'

    lines = [f"{key} = {toml(value)}" for key, value in table.items()]
    path = write(tmp_path_factory.mktemp("targets"), "\n".join(["[targets.x]", *lines]))
    try:
        found = targets.load(path)
    except BadInput as error:
        assert error.file == path
    else:
        assert isinstance(found["x"], Envelopes | StoredKey | Certificate | Groups)


def test_a_target_says_what_it_needs_and_holds(tmp_path):
    found = {name: target.uses for name, target in targets.load(write(tmp_path, WHOLE)).items()}
    assert found["archive"] == Uses(folders=((Path("/var/lib/archive"), "*.ncrypt"),))
    assert found["signing"] == Uses(keys=("key_01",))
    assert found["web"] == Uses(
        issuers=("cert_01",), files=(Path("/etc/nginx/web.pem"), Path("/etc/nginx/web.key"))
    )
    assert found["edge"] == Uses(files=(Path("/etc/nginx/conf.d/groups.conf"),))


def test_certificate_and_key_may_be_one_file_of_one_target_only(tmp_path):
    one = WHOLE.replace("/etc/nginx/web.key", "/etc/nginx/web.pem")
    loaded = targets.load(write(tmp_path, one))["web"]
    assert isinstance(loaded, Certificate) and loaded.certificate == loaded.key
    two = one + WHOLE[WHOLE.index("[targets.web]") : WHOLE.index("[targets.edge]")].replace("web]", "mail]")
    with pytest.raises(BadInput, match=r"is targets\.web\.certificate already"):
        targets.load(write(tmp_path, two))
