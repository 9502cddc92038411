"""The operator's file of targets: read strictly, refused with the place and the cure."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from workers.crypto.migration import targets
from workers.crypto.migration.served import Uses
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, StoredKey

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
        (WHOLE.replace('probe = "127.0.0.1:8443"', "days = 0"), "targets.web.days", "from 1 to 36525"),
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


def refused(tmp_path, text):
    with pytest.raises(BadInput) as caught:
        targets.load(write(tmp_path, text))
    return {(one.field, one.rule) for one in caught.value.all}


def table(name, **values):
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
    return f"[targets.{json.dumps(name)}]\n{lines}\n"


def pair(name, chain="/a/web.pem", key="/a/web.key", **more):
    return table(
        name, kind="certificate", certificate=str(chain), key=str(key), issuer="cert_1",
        **{"names": ["example.org"]} | more,
    )  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    text = WHOLE + table("a", kind="nothing") + table("b", kind="tls", config="x") + pair("c", names=[])
    assert {field for field, _ in refused(tmp_path, text)} == {
        "targets.a.kind", "targets.b.config", "targets.b.groups_directive", "targets.c.names",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", " ", "a/b", "../x", "a b", "key_1", "x" * 101, "\u00e9"])
def test_names_are_parts_of_file_names(tmp_path, name):
    ((field, rule),) = refused(tmp_path, pair(name))
    assert field == f"targets.{name}" and "must be a name of letters" in rule


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"names": []}, "names", "at least one name"),
        ({"names": ["ok.example", "not a host"]}, "names[1]", "must be a host name"),
        ({"names": ["ok.example", ""]}, "names", "a list of texts"),
        ({"purposes": ["serverAuth", "everything"]}, "purposes", "must be one of server_auth"),
        ({"probe": "localhost"}, "probe", "must be host:port"),
        ({"probe": "localhost:0"}, "probe", "from 1 to 65535"),
        ({"probe": "localhost:65536"}, "probe", "from 1 to 65535"),
        ({"probe": ":443"}, "probe", "must be host:port"),
        ({"probe": " :443"}, "probe", "must be host:port"),
        ({"probe": "https://localhost:443"}, "probe", "must be host:port"),
        ({"probe": "::1:443"}, "probe", "an IPv6 address in brackets"),
        ({"probe": "[::1:443"}, "probe", "an IPv6 address in brackets"),
        ({"probe": "[localhost]:443"}, "probe", "an IPv6 address in brackets"),
        ({"probe": "localhost:\uff14\uff14\uff13"}, "probe", "must be host:port"),
        ({"names": ["a.example", "A.Example"]}, "names[1]", "is there twice"),
        ({"days": 10**9}, "days", "from 1 to 36525"),
        ({"server_name": "a.example"}, "server_name", "of no use without `probe`"),
        ({"probe": "localhost:443", "server_name": "127.0.0.1:443"}, "server_name", "must be a host name"),
        ({"check": ["nginx", ""]}, "check", "a list of texts"),
    ],
)
def test_what_nobody_can_be_asked_for_is_refused(tmp_path, more, field, says):
    ((at, rule),) = refused(tmp_path, pair("web", **more))
    assert at == f"targets.web.{field}" and says in rule


def test_no_file_has_two_targets(tmp_path):
    (tmp_path / "web.pem").write_text("")
    (tmp_path / "link.pem").symlink_to(tmp_path / "web.pem")
    text = pair("one", tmp_path / "web.pem", "/a/one.key") + pair("two", tmp_path / "link.pem", "/a/two.key")
    assert refused(tmp_path, text) == {("targets.two.certificate", "is targets.one.certificate already")}
    text = pair("one", "/a/web.pem", "/a/one.key") + pair("two", "/a/x/../web.pem", "/a/two.key")
    assert refused(tmp_path, text) == {("targets.two.certificate", "is targets.one.certificate already")}
    text = "".join(table(name, kind="stored_key", key_id="key_1") for name in ("a", "b"))
    assert refused(tmp_path, text) == {("targets.b.key_id", "is targets.a.key_id already")}
    text = "".join(table(name, kind="tls", config="/a", groups_directive="curves") for name in ("a", "b"))
    assert refused(tmp_path, text) == {("targets.b.config", "is targets.a.config already")}


def test_a_file_has_one_target_whatever_it_is_called(tmp_path):
    """By a hard link, as a certificate here and a configuration there, by a directive's former name."""
    (tmp_path / "web.pem").write_text("")
    (tmp_path / "hard.pem").hardlink_to(tmp_path / "web.pem")
    first = pair("one", tmp_path / "web.pem", "/a/one.key")
    assert refused(tmp_path, first + pair("two", tmp_path / "hard.pem", "/a/two.key")) == {
        ("targets.two.certificate", "is targets.one.certificate already")
    }
    config = table("two", kind="tls", config=str(tmp_path / "web.pem"), groups_directive="curves")
    assert refused(tmp_path, first + config) == {("targets.two.config", "is targets.one.certificate already")}
    groups = [
        table(name, kind="postgresql", config="/a", groups_directive=directive)
        for name, directive in (("a", "ssl_groups"), ("b", "SSL_ECDH_Curve"))
    ]
    assert refused(tmp_path, "".join(groups)) == {("targets.b.config", "is targets.a.config already")}
    other = table("b", kind="tls", config="/a", groups_directive="another")
    assert targets.load(write(tmp_path, groups[0] + other)).keys() == {"a", "b"}


def test_addresses_of_ipv6_stand_in_brackets(tmp_path):
    (web,) = targets.load(write(tmp_path, pair("web", probe="[0:0::1]:443"))).values()
    assert isinstance(web, Certificate) and web.address == ("::1", 443)


def test_a_file_of_targets_may_begin_with_a_byte_order_mark(tmp_path):
    assert targets.load(write(tmp_path, "\ufeff" + pair("web"))).keys() == {"web"}


@pytest.mark.parametrize("pattern", ["/srv/*", "../*", "a/../../*", "**", "a//b", "sub/**"])
def test_patterns_stay_within_their_folder(tmp_path, pattern):
    ((field, rule),) = refused(tmp_path, table("a", kind="envelopes", folder="/a", pattern=pattern))
    assert field == "targets.a.pattern" and rule == "must match names within the folder"


def test_folders_do_not_lie_in_each_other_unless_their_patterns_differ(tmp_path):
    def folders(one, other, **more):
        return table("a", kind="envelopes", folder=one) + table("b", kind="envelopes", folder=other, **more)

    for one, other in (("/srv", "/srv"), ("/srv", "/srv/x"), ("/srv/x", "/srv/y/..")):
        assert refused(tmp_path, folders(one, other)) == {
            ("targets.b.folder", f"holds the files of targets.a.folder, {one}")
        }
    assert targets.load(write(tmp_path, folders("/srv", "/srv", pattern="*.age"))).keys() == {"a", "b"}
    assert targets.load(write(tmp_path, folders("/srv/a", "/srv/ab", key_id="key_1"))).keys() == {"a", "b"}


@pytest.mark.parametrize(
    ("names", "more", "asked", "verified"),
    [
        (["a.example", "b.example"], {}, "a.example", "a.example"),
        (["*.example", "b.example"], {}, "b.example", "any.example"),
        (["*.example"], {}, "any.example", "any.example"),
        (["ip:127.0.0.1"], {}, None, "127.0.0.1"),
        (["uri:spiffe://a/b"], {}, None, None),
        (["a.example"], {"probe": "x:1", "server_name": "c.example"}, "c.example", "a.example"),
    ],
)
def test_a_server_is_asked_by_the_certificate_s_name(tmp_path, names, more, asked, verified):
    web = targets.load(write(tmp_path, pair("web", names=names, **more)))["web"]
    assert isinstance(web, Certificate)
    assert (web.asked_name, web.verified_name) == (asked, verified)


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
